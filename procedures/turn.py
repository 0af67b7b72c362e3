"""Writing the trail: one entry at a time, in the one shape of the analysis (6.8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.base import Instant
from models.case import (
    SYSTEM,
    Duty,
    DutyLine,
    Entry,
    Fact,
    GuardResult,
    Kind,
    Line,
    No,
    Private,
    Tell,
)
from models.london import london
from models.people import Holder, PersonId, Role, holders

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure


@dataclass
class Turn:
    """What one fact has done so far: finished lines, and what the next entry will say."""

    fact: Fact
    lines: list[Line] = field(default_factory=list)
    opened: list[Duty] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    moved: list[DutyLine] = field(default_factory=list)
    tells: dict[tuple[PersonId, str, str], Tell] = field(default_factory=dict)
    """By whom, what and about what: nobody is told the same thing twice."""
    guards: list[GuardResult] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Drop what was gathered for an entry that will not be written."""
        for gathered in (self.opened, self.closed, self.moved, self.guards, self.evidence):
            gathered.clear()
        self.tells.clear()


def line_of(duty: Duty, calendar: str, was_due: Instant | None = None) -> DutyLine:
    """A duty as the trail shows it."""
    return DutyLine.made(
        duty=duty.id,
        label=duty.label,
        role=duty.role,
        clock=duty.clock,
        started=duty.started,
        length=duty.length,
        due=duty.due,
        backstop=duty.backstop,
        calendar=calendar if duty.due else None,
        was_due=was_due,
    )


def tell(  # noqa: PLR0913  # what a notice is made of
    case: Procedure,
    role: Role,
    what: str,
    about: str,
    clause: str,
    due: Instant | None = None,
) -> None:
    """Tell everybody who holds a role today."""
    state = case.case
    if role is Role.REP:
        for person in (state.opened.by, *(one.by for one in state.joined)):
            tell_person(case, person, role, what, about, clause, due)
        return
    if not case.hears(role):
        return
    for holder in holders(state.roster, role, frozenset(state.conflicted)):
        tell_person(case, holder.person, role, what, about, clause, due)


def tell_person(  # noqa: PLR0913  # the six facts a notice is made of
    case: Procedure,
    person: PersonId,
    role: Role,
    what: str,
    about: str,
    clause: str,
    due: Instant | None = None,
) -> None:
    """Tell one person one thing; once, though they may hold several of the roles that hear it."""
    tells, one = case.turn.tells, (person, what, about)
    if one not in tells:
        tells[one] = Tell.made(
            person=person, role=role, what=what, about=about, due=due, clause=clause
        )


def _told(turn: Turn) -> tuple[Tell, ...]:
    """Who is told what: whoever has work from this entry needs no word that it happened."""
    tells = turn.tells.values()
    busy = {each.person for each in tells if each.what == "to_do"}
    return tuple(each for each in tells if each.what != "told" or each.person not in busy)


def write(  # noqa: PLR0913  # an entry says many things; each is named at the call
    case: Procedure,
    kind: Kind,
    label: str,
    at: Instant,
    *,
    before: str,
    act: str | None = None,
    holder: Holder | None = None,
    actor: PersonId = SYSTEM,
    clauses: tuple[str, ...] = (),
    mark: str = "R",
    in_time: bool | None = None,
    due: Instant | None = None,
    no: No | None = None,
    code: str | None = None,
    message: str = "",
    reason: str = "",
    fields: dict[str, Any] | None = None,
    decision: str | None = None,
    saw: int | None = None,
    sealed: bool = False,
) -> Entry:
    """Append one entry from what the turn has gathered; the fact goes with the turn's first."""
    state, turn = case.case, case.turn
    state.seq += 1
    state.last_at = max(state.last_at, at)
    entry = Entry.made(
        seq=state.seq,
        case_id=state.opened.case_id,
        procedure=case.key,
        kind=kind,
        act=act,
        label=label,
        before=before,
        after=state.state or "",
        actor=holder.person if holder else actor,
        role=holder.role if holder else None,
        why=holder.why if holder else None,
        on_behalf_of=holder.on_behalf_of if holder else None,
        at=at,
        london=london(at),
        in_time=in_time,
        due=due,
        no=no,
        code=code,
        message=message.strip(),
        guards=tuple(turn.guards),
        clauses=tuple(clause for clause in clauses if clause),
        mark=mark,
        policy=state.opened.pins.policy,
        opened=tuple(line_of(duty, state.calendar.version) for duty in turn.opened),
        closed=tuple(turn.closed),
        moved=tuple(turn.moved),
        tells=_told(turn),
        evidence=tuple(turn.evidence),
        decision=decision,
        saw=saw,
        sealed=sealed,
    )
    private = Private.made(
        reason=reason, fields=fields or {}, fact=None if turn.lines else turn.fact
    )
    turn.lines.append(Line.made(entry=entry, private=private))
    if kind not in (Kind.REFUSED, Kind.REMINDED):
        state.moved = (*state.moved, (state.seq, at))[-50:]
    turn.forget()
    return entry
