"""A trail as an auditor reads it: entry by entry, with everything that belongs to each.

Its clauses in words, its dates explained, who was told, what was asked, and its place in the chain.
Of privileged entries only who, when and the conclusion are told (4.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

import policy
from activities.chain import KeptLine, UnreadableLine
from activities.outbox import Notice
from models.case import DutyLine, Entry, GuardResult, Kind, Line
from models.errors import CaseworkError
from models.people import Why
from procedures.procedure import Procedure
from procedures.registry import by_name
from runtime import showing
from runtime.notices import WORDS
from runtime.past import walk
from runtime.path_ahead import explained
from runtime.showing_trail import flat, other_case, told

CAME = {
    Kind.OPENED: "opened",
    Kind.APPLIED: "applied",
    Kind.FIRST_OF_TWO: "said by the first of two people",
    Kind.REFUSED: "refused; nothing changed",
    Kind.HELD: "late, and not applied",
    Kind.REMINDED: "reminded",
    Kind.ESCALATED: "handed to the next person, the time being over",
    Kind.FLAGGED: "marked",
    Kind.EXPIRED: "a permission ended",
    Kind.HOLDER_CHANGED: "passed to somebody else",
    Kind.RECALCULATED: "due instants worked out again",
}


@dataclass(frozen=True)
class ClauseTold:
    """A clause or rule that an entry names. `text` is empty for one that nothing here knows."""

    id: str
    text: str
    source: str


@dataclass(frozen=True)
class DueTold:
    """Work that an entry opened or moved, and how its due instant came about."""

    label: str
    role: str
    clock: str
    due: datetime | None
    was: datetime | None
    explained: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """One rule that was asked before an act."""

    says: str
    passed: bool
    clause: str


@dataclass(frozen=True)
class PersonTold:
    """One person who was told one thing, and whether it reached them."""

    who: str
    role: str
    subject: str
    about: str
    clause: str
    due: datetime | None
    delivery: str


class Said(NamedTuple):
    """The reason or one field of an entry."""

    name: str
    words: str
    recorded: str = ""
    """As it lies in the record, where `name` and `words` say it otherwise."""


@dataclass(frozen=True)
class EntryTold:
    """One entry. `kept` is the row as it lies in the ledger."""

    entry: Entry
    kept: KeptLine
    who: str
    label: str
    came: str
    before: str
    after: str
    said: tuple[Said, ...]
    withheld: str
    """Why there is text that is not shown; empty when there is none."""
    other: str
    """The other case, of a report that was joined."""
    asked: tuple[Asked, ...]
    clauses: tuple[ClauseTold, ...]
    dues: tuple[DueTold, ...]
    ended: tuple[str, ...]
    """Plain names of the work that ended with it."""
    tells: tuple[PersonTold, ...]

    @property
    def refused(self) -> bool:
        """Whether it changed nothing: refused, or late."""
        return self.entry.kind in (Kind.REFUSED, Kind.HELD)


def trail_told(
    lines: Sequence[Line],
    kept: Sequence[KeptLine],
    notices: Iterable[Notice],
    people: showing.People,
) -> tuple[EntryTold, ...]:
    """Every entry of a trail. Dates are explained as far as the facts can be worked through."""
    delivered = {one.id: one for one in notices}
    dues = _dues(lines)
    labels = {duty.duty: duty.label for line in lines for duty in line.entry.opened}
    return tuple(
        _told(
            line,
            row,
            dues.get(line.entry.seq, ()),
            tuple(labels.get(id_, id_.replace("_", " ")) for id_ in line.entry.closed),
            tuple(_tells(line.entry, delivered, people)),
            people,
        )
        for line, row in zip(lines, kept, strict=True)
    )


def clause_told(procedure: str, id: str) -> ClauseTold:
    """A clause or rule by its id, in our own words."""
    known = policy.book().clauses.get(id)
    if known is not None:
        return ClauseTold(id, known.text, known.source)
    rule = policy.rules().get(id)
    if rule is not None:
        return ClauseTold(id, f"{rule.text}{showing.marked(rule.mark)}", rule.source)
    return ClauseTold(id, _apart(procedure).get(id, ""), "the procedure's own rule")


@cache
def _apart(procedure: str) -> dict[str, str]:
    """Rules of a procedure about who may not, which refusals name by the act they follow from."""
    kind = by_name(procedure)
    return {rule.id: rule.says for act in kind.acts.values() for rule in Procedure.apart(act)}


def _told(  # noqa: PLR0913  # the parts of an entry, worked out for the whole trail
    line: Line,
    kept: KeptLine,
    dues: tuple[DueTold, ...],
    ended: tuple[str, ...],
    tells: tuple[PersonTold, ...],
    people: showing.People,
) -> EntryTold:
    entry = line.entry
    done = entry.kind not in (Kind.REFUSED, Kind.HELD)
    code = f" ({entry.act})" if entry.act and entry.act != entry.label else ""
    named = dict.fromkeys(entry.clauses)
    return EntryTold(
        entry=entry,
        kept=kept,
        who=_who(entry, people),
        label=f"{entry.label}{code}{showing.marked(entry.mark) if done else ''}",
        came=_came(entry),
        before=showing.state_then(entry, entry.before),
        after=showing.state_then(entry, entry.after),
        said=tuple(_said(line)),
        withheld=_withheld(line),
        other=other_case(line) or "",
        asked=tuple(_asked(entry, one) for one in entry.guards),
        clauses=tuple(clause_told(entry.procedure, one) for one in named),
        dues=dues,
        ended=ended,
        tells=tells,
    )


def _who(entry: Entry, people: showing.People) -> str:
    who = people.who(entry.actor) + (f", {showing.role(entry.role)}" if entry.role else "")
    if entry.on_behalf_of:
        return f"{who}, for {people.who(entry.on_behalf_of)}"
    return f"{who}, as nobody below can" if entry.why is Why.UP else who


def _came(entry: Entry) -> str:
    late = {True: ", in time", False: ", late", None: ""}[entry.in_time]
    no = f" ({str(entry.no).replace('_', ' ')})" if entry.no and str(entry.no) != entry.kind else ""
    return f"{CAME[entry.kind]}{no}{late}"


def _said(line: Line) -> Iterator[Said]:
    reason, fields = told(line)
    if reason:
        yield Said("Reason", showing.plain(reason))
    for name, value in flat(fields):
        words = showing.plain(name.replace("_", " ").replace(".", ", "))
        yield Said(words[:1].upper() + words[1:], showing.plain(value))


def _withheld(line: Line) -> str:
    if line.entry.sealed:
        return "Privileged: only when, by whom and the conclusion are shown (4.3)."
    if isinstance(line, UnreadableLine):
        return f"Its text cannot be opened here ({str(line.fault).replace('_', ' ')})."
    return ""


def _asked(entry: Entry, result: GuardResult) -> Asked:
    says, clause = _guards(entry.procedure).get(result.id, (result.id.replace("_", " "), ""))
    return Asked(says, result.passed, clause)


@cache
def _guards(procedure: str) -> dict[str, tuple[str, str]]:
    acts = by_name(procedure).acts.values()
    return {rule.id: (rule.says, rule.clause) for act in acts for rule in act.guards}


def _tells(
    entry: Entry, delivered: dict[str, Notice], people: showing.People
) -> Iterator[PersonTold]:
    for n, tell in enumerate(entry.tells, start=1):
        notice = delivered.get(f"{entry.case_id}:{entry.seq}:{n}")
        words = WORDS.get(tell.what)
        yield PersonTold(
            who=people.who(tell.person),
            role=showing.role(tell.role),
            subject=words.subject if words else tell.what.replace("_", " "),
            about=tell.about,
            clause=tell.clause,
            due=tell.due,
            delivery=showing.delivery(notice) if notice else "not in the outbox",
        )


def _dues(lines: Sequence[Line]) -> dict[int, tuple[DueTold, ...]]:
    """How each due instant came about, on the calendar the case had then."""
    found: dict[int, tuple[DueTold, ...]] = {}
    try:
        for case, group in walk(lines):
            found |= {one.entry.seq: tuple(_dues_of(one.entry, case)) for one in group}
    except (CaseworkError, KeyError, ValueError):
        # From there on it is not what the facts make: told without an explanation.
        pass
    bare = {one.entry.seq: tuple(_dues_of(one.entry, None)) for one in lines}
    return bare | found


def _dues_of(entry: Entry, case: Procedure | None) -> Iterator[DueTold]:
    for line in (*entry.opened, *entry.moved):
        yield DueTold(
            label=line.label,
            role=showing.role(line.role),
            clock=line.clock or "",
            due=line.due,
            was=line.was_due,
            explained=_how(case, line) if case else (),
        )


def _how(case: Procedure, line: DutyLine) -> tuple[str, ...]:
    return explained(case, line.started, line.length, line.due, line.backstop)
