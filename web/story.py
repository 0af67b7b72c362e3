"""The story of a case in plain sentences, as far as somebody may see it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.case import Entry, Kind, Line
from models.london import london
from models.people import Why
from runtime import showing
from runtime.showing_trail import flat, told
from runtime.trail_told import Said
from web.drafts import pages
from web.questions import Question, every, in_words, questions_of_act

_CAME = {
    Kind.OPENED: "opened the case",
    Kind.APPLIED: "done",
    Kind.FIRST_OF_TWO: "said by the first of two people; it waits for the second",
    Kind.REFUSED: "refused, nothing changed",
    Kind.HELD: "came late and was not applied; it is kept for whoever has it now",
    Kind.REMINDED: "reminded",
    Kind.ESCALATED: "passed up, because the time was over",
    Kind.FLAGGED: "marked",
    Kind.EXPIRED: "a permission ended",
    Kind.HOLDER_CHANGED: "passed to somebody else",
    Kind.RECALCULATED: "dates worked out again",
}


@dataclass(frozen=True)
class Happened:
    """One thing that happened."""

    seq: int
    when: str
    who: str
    what: str
    mark: str
    came: str
    said: tuple[tuple[str, str], ...]
    """Reason and fields, where the reader may see them."""
    then: tuple[str, ...]
    applied: bool = False
    """Somebody decided it, and it holds."""
    sealed: bool = False
    """Privileged: its text is read on a page of its own, by those who may."""
    asked: tuple[Question, ...] = ()
    """What was asked of whoever did it."""


def story(lines: Iterable[Line], people: showing.People, *, with_text: bool) -> list[Happened]:
    """Everything that happened, in order; without the case's text where it is not for the reader."""
    return [_happened(line, people, with_text=with_text) for line in lines]


def _happened(line: Line, people: showing.People, *, with_text: bool) -> Happened:
    entry = line.entry
    done = entry.kind not in (Kind.REFUSED, Kind.HELD)
    return Happened(
        seq=entry.seq,
        when=entry.london,
        who=_who(entry, people),
        what=entry.label,
        mark=showing.marked(entry.mark) if done else "",
        came=_came(entry),
        said=tuple(_said(line, people)) if with_text else (),
        then=tuple(_then(entry, people)),
        applied=entry.kind is Kind.APPLIED,
        sealed=entry.sealed,
        asked=asked_of(entry),
    )


def _who(entry: Entry, people: showing.People) -> str:
    who = people.who(entry.actor) + (f", {showing.role(entry.role)}" if entry.role else "")
    if entry.why is Why.DELEGATE and entry.on_behalf_of:
        return f"{who}, for {people.who(entry.on_behalf_of)}"
    return who


def _came(entry: Entry) -> str:
    late = {True: ", in time", False: ", late", None: ""}[entry.in_time]
    why = entry.kind in (Kind.REFUSED, Kind.HELD, Kind.FIRST_OF_TWO) and entry.message
    return f"{_CAME[entry.kind]}{late}" + (f": {showing.plain(entry.message)}" if why else "")


def _said(line: Line, people: showing.People) -> Iterator[tuple[str, str]]:
    reason, fields = told(line)
    if line.entry.sealed:
        yield "Privileged", "only when, by whom and the conclusion are shown"
    if reason:
        yield "Reason", showing.plain(reason)
    yield from fields_in_words(fields, asked_of(line.entry), people)


def asked_of(entry: Entry) -> tuple[Question, ...]:
    """The questions of the form behind an entry, as they are asked today; none when it has none."""
    kind = showing.procedure_of(entry.procedure)
    if kind is None:
        return ()
    if entry.kind is Kind.OPENED:
        return tuple(one for page in pages(kind) for one in page.questions)
    act = next((act for act in kind.acts.values() if act.code == entry.act), None)
    return questions_of_act(act.form) if act else ()


_ROW = re.compile(r"\.(\d+)")


def fields_in_words(
    fields: dict[str, Any], asked: Iterable[Question], people: showing.People
) -> Iterator[tuple[str, str]]:
    """Every field of an act or a form with its value, in the words it was asked and answered in.

    A field that is not asked for any more keeps its name.
    """
    known = {one.name: one for one in every(asked)}
    for name, value in flat(fields):
        if name != "submission_token":
            yield _in_words(known.get(_ROW.sub("", name)), name, value, people)


def recorded(line: Line, people: showing.People) -> Iterator[Said]:
    """The reason and every field of an entry in words, each with how the record has it."""
    reason, fields = told(line)
    if reason:
        yield Said("Reason", showing.plain(reason))
    known = {one.name: one for one in every(asked_of(line.entry))}
    for name, value in flat(fields):
        label, words = _in_words(known.get(_ROW.sub("", name)), name, value, people)
        code = "" if showing.plain(value) == words else f": {showing.plain(value)}"
        yield Said(label, words, f"{showing.plain(name)}{code}")


def _in_words(
    question: Question | None, name: str, value: str, people: showing.People
) -> tuple[str, str]:
    if question is None:
        words = showing.plain(name.replace("_", " ").replace(".", ", "))
        return words[:1].upper() + words[1:], showing.plain(value)
    row = "".join(f" {number}" for number in _ROW.findall(name))
    return question.label + row, showing.plain(in_words(question, value, people.who))


def _then(entry: Entry, people: showing.People) -> Iterator[str]:
    if entry.before != entry.after:
        yield f"The case is now at: {showing.state_then(entry, entry.after)}."
    for duty in entry.opened:
        yield f"Now open: {duty.label}{_by(duty.due)}."
    for duty in entry.moved:
        was = f", was {london(duty.was_due)}" if duty.was_due else ""
        yield f"Moved to {showing.role(duty.role)}: {duty.label}{_by(duty.due)}{was}."
    if entry.tells:
        yield f"Told: {people.names(tell.person for tell in entry.tells)}."


def _by(due: datetime | None) -> str:
    return f", by {london(due)}" if due else ""
