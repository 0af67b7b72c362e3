"""A letter means one thing: R is a procedure, and what is reconstructed says so in a word."""

from __future__ import annotations

import re

import pytest

from models.people import Role
from models.policy import Mark
from procedures.registry import PROCEDURES
from runtime import showing
from runtime.settings import PROJECT
from web.language import Language, marked, role, speaking

TEMPLATES = sorted(
    [*(PROJECT / "web/templates").glob("*.html"), *(PROJECT / "runtime/bundle").rglob("*.html")]
)


@pytest.mark.parametrize(
    ("mark", "shown", "why"),
    [
        (Mark.SEED, "", "what the policy says needs no mark"),
        (Mark.LAW, " (L)", "no procedure has that letter"),
        (Mark.RECONSTRUCTED, " (reconstructed)", "R is the letter of a procedure"),
    ],
)
def test_a_mark_is_a_letter_only_where_no_procedure_has_it(
    mark: Mark, shown: str, why: str
) -> None:
    assert showing.marked(mark) == shown, why
    assert not set(re.findall(r"[A-Z]", shown)) & {kind.code for kind in PROCEDURES.values()}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_page_marks_anything_with_the_letter_of_a_procedure(template: object) -> None:
    assert not re.search(r"\(R\)|, R\)", template.read_text("utf-8"))  # type: ignore[attr-defined]


def test_a_state_shows_its_code_and_the_word() -> None:
    kind = PROCEDURES["corporate_reputation"]
    state = next(one for one in kind.states if one.mark is Mark.RECONSTRUCTED)
    shown = showing.state(kind.key, str(state.id), state.label)

    assert shown.endswith(f"({state.code}) (reconstructed)")


def test_the_word_is_welsh_on_a_welsh_page() -> None:
    with speaking(Language.WELSH):
        assert marked(Mark.RECONSTRUCTED) == " (wedi\u2019i ail-greu)"
        assert role(Role.AUD).endswith(" (wedi\u2019i ail-greu)")
