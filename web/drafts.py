"""A form that is being filled in: its pages, what was answered, and what is still wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from models.errors import BadInput
from models.forms import SAID, CommonIntake
from models.london import HOW
from models.report import Report
from models.together import faults_of_form, known, readable
from procedures.procedure import Procedure
from procedures.registry import by_name
from runtime.desk_drafts import Begun
from web.language import bare, counting, later
from web.questions import Answers, Find, Kind, Question, compose, questions, twofold

FIRST = ("immediate_danger", "safeguarding_concern", "used_personal_account")
LAST = ("childfirst_ref", "declaration")
NOT_ASKED = ("submission_token", "screenshots")
"""The token is the draft's own; files are added once there is a case (6.7)."""

BOTH = later("Give an answer, or tick the box below it, not both")

TITLES = {
    "safety": later("Safety first"),
    "post": later("The post"),
    "more": later("More about it"),
}


@dataclass(frozen=True)
class Page:
    """Some questions that are asked together."""

    key: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one answer, or, without a field, with several together."""

    name: str
    said: str


@dataclass(frozen=True)
class Draft:
    """One form on its way, as its pages see it. The desk keeps it; what is sent is in the ledger."""

    begun: Begun

    @property
    def id(self) -> str:
        """Its id in addresses; it says nothing of what is in it."""
        return self.begun.id

    @property
    def procedure(self) -> str:
        """The procedure it opens, by its letter."""
        return self.begun.procedure

    @property
    def answers(self) -> Answers:
        """What was typed or ticked so far."""
        return self.begun.answers

    @property
    def next_page(self) -> str:
        """Where its owner goes on: the first page they have not been through, or the check."""
        untouched = (one.key for one in self.pages if one.key not in self.begun.changes)
        return next(untouched, "check")

    @property
    def kind(self) -> type[Procedure]:
        """The procedure it opens."""
        return by_name(self.procedure)

    @property
    def pages(self) -> tuple[Page, ...]:
        """Its pages in order."""
        return pages(self.kind)

    def page(self, key: str) -> Page:
        """One page. Raises BadInput when there is none."""
        for one in self.pages:
            if one.key == key:
                return one
        raise BadInput("There is no such page of this form.")

    @property
    def danger(self) -> bool:
        """Whether the form says that somebody is in danger."""
        asked = ("immediate_danger", "danger_asked_again")
        return any(self.answers.get(name) == ("yes",) for name in asked)

    def form(self, find: Find) -> dict[str, Any]:
        """The form as the desk takes it."""
        asked = [one for page in self.pages for one in page.questions]
        return {**compose(asked, self.answers, find), "submission_token": self.begun.token}

    def faults(self, find: Find, at: datetime) -> tuple[Fault, ...]:
        """Everything that is wrong with it as it stands, were it sent at `at`."""
        form, asked = self.form(find), [one for page in self.pages for one in page.questions]
        both = tuple(Fault(one.name, BOTH) for one in twofold(asked, self.answers))
        kind = self.kind.intake_form
        dates = known(lambda read: self.kind.faults_at(read, at), readable(kind, form), kind)
        return (*both, *faults_of((*faults_of_form(kind, form), *dates), asked))


@cache
def pages(kind: type[Procedure]) -> tuple[Page, ...]:
    """The pages of a procedure's form: safety, the post if there is one, and all the rest."""
    every = {one.name: one for one in questions(kind.intake_form) if one.name not in NOT_ASKED}
    of_post = [name for name in Report.model_fields if name not in CommonIntake.model_fields]
    own = [name for name in every if name not in {*FIRST, *of_post, *LAST}]
    groups = {
        "safety": FIRST,
        "post": of_post if issubclass(kind.intake_form, Report) else [],
        "more": (*own, *LAST),
    }
    return tuple(
        Page(key, TITLES[key], tuple(every[name] for name in names if name in every))
        for key, names in groups.items()
        if names
    )


# --- what is wrong ------------------------------------------------------------------------------

_PLACE = re.compile(r"([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)(:? )")
_SAID = (
    (re.compile(r"^is missing$"), "answer this question"),
    (re.compile(r"^must be one of .*"), "choose one of the answers"),
    (re.compile(r'^must be a (date|time) like ".*"$'), r"enter a \1 that there is"),
    (re.compile(r"^needs at least 1$"), "give at least one"),
    # A page has boxes for it.
    (re.compile(re.escape(HOW)), "Write day, month and year as numbers, and the time like 15:30."),
)


def faults_of(problems: Iterable[str], asked: Iterable[Question]) -> tuple[Fault, ...]:
    """Problems as the desk says them, each at the question it is about."""
    known = {one.root: one for one in asked}
    return tuple(_fault(problem, known) for problem in problems)


def _fault(problem: str, known: dict[str, Question]) -> Fault:
    found = _PLACE.match(problem)
    question = known.get(found[1].partition(".")[0]) if found else None
    if found is None or question is None:
        return Fault("", problem)
    place, rest = found[1], problem[found.end() :]
    inner = _inner(question, place)
    if inner.kind is Kind.GROUP and place.endswith(".kind"):
        # The page does not ask for it: it was seen from the document.
        wrong = bare("must be a PDF, or a PNG or JPEG picture")
        return Fault(inner.name, f"{bare(inner.label)}: {wrong}")
    label = bare(inner.label)
    # Without a colon the name is part of the sentence: "order_date is after received_at".
    if found[2] == " ":
        whole = bare("%(question)s %(said)s") % {"question": label, "said": counting(rest)}
    else:
        whole = _behind(label, inner, rest)
    return Fault(inner.name, _with_labels(whole, known))


def _behind(label: str, question: Question, said: str) -> str:
    """What is wrong behind the question: what is to be done is a sentence of its own."""
    to_do = plainly(said)
    if question.kind is Kind.PEOPLE and said == SAID["string_pattern_mismatch"]:
        to_do = later(
            "nobody here is called that; write the name in full, or the work e-mail address"
        )
    told = counting(to_do)
    if to_do != said and label.endswith("?"):
        return f"{label} {told[:1].upper()}{told[1:]}"
    return f"{label}: {told}"


def _with_labels(text: str, known: dict[str, Question]) -> str:
    """Names of fields in a sentence, said as the page asks for them."""
    for name, other in known.items():
        if "_" in name:
            text = re.sub(rf"\b{name}\b", f"\u201c{bare(other.label)}\u201d", text)
    return text


def plainly(said: str) -> str:
    """What is wrong, in the words of a page."""
    for pattern, plain in _SAID:
        said = pattern.sub(plain, said)
    return said


def _inner(question: Question, place: str) -> Question:
    """The part of a question that a place like `targets.0.account` names."""
    for part in place.split(".")[1:]:
        if question.kind is Kind.ROWS and part.isdigit():
            question = replace(question, kind=Kind.GROUP, inner=question.row(int(part)))
            continue
        found = (one for one in question.inner if one.name.rpartition(".")[2] == part)
        question = next(found, question)
    return question
