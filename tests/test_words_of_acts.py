"""What the pages of acts ask: in words of their own, and told in the same words afterwards."""

from __future__ import annotations

import pytest

from models.directory import Directory
from models.london import HOW
from procedures.registry import PROCEDURES, by_name
from runtime import showing
from web.act_words import _WORDS, words_of
from web.drafts import faults_of
from web.questions import every, questions, questions_of_act
from web.story import fields_in_words
from web.words import known

NOBODY = showing.People(Directory([]))
FORMS = {
    (kind.code, act.form.__name__): act.form
    for kind in PROCEDURES.values()
    for name, act in kind.acts.items()
    if act.by_people and name != kind.opening and act.code != "add_evidence"
}


@pytest.mark.parametrize(("code", "name"), FORMS, ids=lambda one: one)
def test_every_question_of_an_act_has_words_of_its_own(code: str, name: str) -> None:
    asked = every(questions_of_act(FORMS[code, name]))

    assert [one.name for one in asked if not words_of(name, one.name) and not known(one.name)] == []


def test_no_words_are_kept_for_what_nobody_asks() -> None:
    asked = {
        (name, one.name)
        for (_, name), form in FORMS.items()
        for one in every(questions_of_act(form))
    }
    used = {id(words_of(*one)) for one in asked}

    assert [key for key, words in _WORDS.items() if id(words) not in used] == []


def test_what_was_answered_is_told_in_the_words_it_was_asked_in() -> None:
    said = dict(
        fields_in_words(
            {"route": "legal", "question": "Is it a breach?", "gone": "not_asked_any_more"},
            questions_of_act(by_name("C").acts["choose_route"].form),
            NOBODY,
        )
    )

    assert said == {
        "Who advises?": "Legal",
        "What do you ask them?": "Is it a breach?",
        "Gone": "not_asked_any_more",
    }


WRONG = [
    (
        "discovered_at: The time cannot be read. " + HOW,
        "When did you see it, or were you told of it?",
    ),
    ("visibility: is missing", "Who can see it? Answer this question"),
    ("description: is too short", "What does it say or show?: is too short"),
    ("named_colleagues.0: is not written as it should be", "Colleagues it names: nobody here"),
]


@pytest.mark.parametrize(("problem", "begins"), WRONG)
def test_what_is_wrong_reads_on_from_its_question(problem: str, begins: str) -> None:
    said = faults_of([problem], questions(by_name("R").intake_form))[0].said

    assert said.startswith(begins)
    assert "2026-12-24" not in said
