"""The trail in words: each entry's when, who, what, and what came of it.

Privileged entries show when, by whom and the conclusion, nothing else (4.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from activities.chain import UnreadableLine
from models.case import Entry, Joined, Kind, Line, Opened
from models.london import london, london_day
from runtime.showing import People, marked, plain, procedure_of, role

CONCLUSIONS = ("conclusion", "captures")
"""The fields of a privileged act that may be shown."""

_NOT_DONE = (Kind.REFUSED, Kind.HELD)
# As a form writes an instant back, in UTC.
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def told(line: Line) -> tuple[str, dict[str, Any]]:
    """The reason and the fields of an entry that may be shown."""
    if line.entry.sealed:
        fields = line.private.fields
        return "", {name: fields[name] for name in CONCLUSIONS if name in fields}
    return line.private.reason, line.private.fields


def other_case(line: Line) -> str | None:
    """Reference of the case that this one was joined to, or whose report was joined to it (6.4)."""
    fact = line.private.fact
    if isinstance(fact, Joined):
        return fact.report
    return fact.same_as if isinstance(fact, Opened) else None


def trail_document(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The trail as plain data; the facts behind it stay in the ledger."""
    found = []
    for line in lines:
        reason, fields = told(line)
        document = line.entry.model_dump(mode="json") | {"reason": reason, "fields": fields}
        if other := other_case(line):
            document["other_case"] = other
        if isinstance(line, UnreadableLine):
            document["case_text"] = str(line.fault)
        found.append(document)
    return found


def trail(lines: Iterable[Line], people: People) -> Iterator[str]:
    """Every entry: when, who, what, and what came of it."""
    for line in lines:
        yield from _entry(line, people)


def unsealed(entry: Entry, reason: str, fields: dict[str, Any], people: People) -> Iterator[str]:
    """Privileged text, for somebody who may read it."""
    yield f"{entry.label} ({entry.act}), {entry.london}, by {people.who(entry.actor)}"
    if reason:
        yield from _folded("reason", reason)
    for name, value in flat(fields):
        yield from _folded(name, value)
    yield "Privileged. That you read it is in the custody list of this entry."


def _entry(line: Line, people: People) -> Iterator[str]:
    entry = line.entry
    who = people.who(entry.actor) + (f", {role(entry.role)}" if entry.role else "")
    behalf = f", for {people.who(entry.on_behalf_of)}" if entry.on_behalf_of else ""
    yield f"{entry.seq:>3}  {entry.london}  {who}{behalf}"
    code = f" ({entry.act})" if entry.act and entry.act != entry.label else ""
    late = {True: ", in time", False: ", late", None: ""}[entry.in_time]
    # The mark is that of the act; of an act that did not happen it would say nothing.
    mark = "" if entry.kind in _NOT_DONE else marked(entry.mark)
    yield f"     {entry.label}{code}{mark}: {_kind(entry.kind, entry.no)}{late}"
    if entry.before != entry.after:
        yield f"     from {_label(entry.procedure, entry.before)} to {_label(entry.procedure, entry.after)}"
    if entry.message and entry.kind in (*_NOT_DONE, Kind.FIRST_OF_TWO):
        yield f"     {plain(entry.message)}"
    if entry.kind is Kind.HELD:
        yield f"     to make it one's own: adopt, with decision={entry.decision}"
    if other := other_case(line):
        yield f"     the other report: {other}"
    yield from (f"     {words}" for words in _text(line))
    for duty in entry.opened:
        yield f"     now open: {duty.label}" + (f", by {london(duty.due)}" if duty.due else "")
    for duty in entry.moved:
        was = f", was {london(duty.was_due)}" if duty.was_due else ""
        due = f", by {london(duty.due)}" if duty.due else ""
        yield f"     moved: {duty.label}: {role(duty.role)}{due}{was}"
    if entry.tells:
        yield f"     told: {people.names(tell.person for tell in entry.tells)}"


def _kind(kind: Kind, no: object) -> str:
    words = kind.replace("_", " ")
    return words if no is None or str(no) == kind else f"{words} ({str(no).replace('_', ' ')})"


def _label(procedure: str, state_id: str) -> str:
    kind = procedure_of(procedure)
    found: Any = kind.states_map.get(state_id) if kind else None
    return f'"{found.label}"' if found else f'"{state_id}"'


def _text(line: Line) -> Iterator[str]:
    reason, fields = told(line)
    if isinstance(line, UnreadableLine):
        yield f"its text cannot be opened ({str(line.fault).replace('_', ' ')})"
    if line.entry.sealed:
        yield "privileged: only when, by whom and the conclusion are shown"
    if reason:
        yield from _folded("reason", reason)
    for name, value in flat(fields):
        yield from _folded(name, value)


def _folded(name: str, text: str) -> Iterator[str]:
    first, *rest = plain(text).split("\n")
    yield f"{plain(name)}: {first}"
    yield from (f"  {line}" for line in rest)


def flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every field of a form with its value in plain words; a group's under "group.field"."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(one, dict | list) for one in value):
        for number, inner in enumerate(value, start=1):
            yield from flat(inner, f"{name}.{number}")
    elif isinstance(value, list | tuple):
        yield name, ", ".join(map(str, value)) or "none"
    elif isinstance(value, bool):
        yield name, "yes" if value else "no"
    elif value is not None:
        yield name, _in_london(str(value))


def _in_london(text: str) -> str:
    try:
        if _DAY.fullmatch(text):
            return london_day(date.fromisoformat(text))
        return london(datetime.fromisoformat(text)) if _INSTANT.fullmatch(text) else text
    except (ValueError, OverflowError):
        # A refused decision may say anything, a 31 February too.
        return text
