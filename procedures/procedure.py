"""Procedure: the strict base every procedure is a class body of, and the fold that runs them all.

    facts --fold--> trail lines + open duties + the next instant that matters

Nothing here knows a clock, a network, a database or Temporal. A fact that fails half-way leaves the
case exactly as it was; a decision the policy refuses is written down and changes nothing (INV-4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from models.base import Instant
from models.case import (
    SYSTEM,
    CalendarChanged,
    Decision,
    Fact,
    Joined,
    Kind,
    Line,
    No,
    Opened,
    PeopleChanged,
    Receipt,
    Returned,
    Ticked,
    Unreadable,
)
from models.forms import CommonIntake, YesNoUnsure
from models.people import Holder, Role
from models.policy import Mark
from models.state import Joining
from models.working_time import CalendarTooShort
from procedures import clocks, links
from procedures.deciding import Deciding
from procedures.turn import Turn, tell_person, write
from procedures.words import Act, Alarm, Apart, Ask, Outcome, Start, Step, Task

CALENDAR_TOO_SHORT = "calendar_too_short"
"""The flag, the code and the notice of a case whose calendar has run out."""

__all__ = ["Act", "Alarm", "Apart", "Ask", "Outcome", "Procedure", "Start", "Step", "Task"]


@dataclass(frozen=True)
class Turned:
    """What a fact made: lines for the trail, and the answer to a decision."""

    lines: tuple[Line, ...]
    receipt: Receipt | None


class Procedure(Deciding):
    """Strict by inheritance: an unknown event or a broken action raises, and the fold undoes it."""

    def fold(self, fact: Fact) -> Turned:
        """Let one fact happen. Returns the trail lines it made and, for a decision, the receipt."""
        saved = self.snapshot()
        self._turn = Turn(fact)
        try:
            if isinstance(fact, Ticked):
                self._ticked(fact, saved)
                receipt = None
            else:
                # Whatever it brings, the instants are worked out again after it.
                self.case.calendar_ended = False
                receipt = self._happen(fact)
        except BaseException:
            self.restore(saved)
            raise
        return Turned(tuple(self._turn.lines), receipt)

    def _happen(self, fact: Fact) -> Receipt | None:
        if isinstance(fact, Decision):
            return self._decided(fact)
        if isinstance(fact, Opened):
            self._opened(fact)
        elif isinstance(fact, PeopleChanged):
            if self._is_of_this_case(fact.roster):
                self._new_roster(fact.roster, fact.at)
        elif isinstance(fact, CalendarChanged):
            self._new_calendar(fact)
        elif isinstance(fact, Joined):
            self._joined(fact)
        elif isinstance(fact, Returned):
            self._returned(fact)
        elif isinstance(fact, Unreadable):
            self._unreadable(fact)
        return None

    def _opened(self, fact: Opened) -> None:
        act = self.acts[self.opening]
        role = next((one for one in act.who if one in fact.sender.roles), act.who[0])
        holder = Holder(person=fact.by, role=role)
        ask = Ask(act, fact.at, self.case.intake, holder, role)
        refusal = self.intake_refusal()
        if refusal is not None:
            self._refuse_intake(ask, *refusal)
            return
        due = self._register_due()
        for role in self.copied():
            self.tell(role, "told", act.label, act.clause)
        self._perform(ask)
        self._first_questions(ask, self.case.intake, tasks=True)
        tell_person(self, fact.by, ask.base, "receipt", self.title, act.clause)
        write(
            self,
            Kind.OPENED,
            act.label,
            fact.at,
            before=self._start,
            act=act.code,
            holder=holder,
            clauses=(act.clause,),
            mark=act.mark.value,
            in_time=fact.at <= due if due else None,
            due=due,
            fields=fact.intake,
        )
        links.note(self, fact)
        if fact.same_as is not None and self._can_join():
            assert self.joining is not None
            self.system(self.acts[self.joining].code, fact.at)
            self.joined_to(fact.same_as, ask)

    def _can_join(self) -> bool:
        """Whether nothing of its own keeps a new report: no danger, no concern, no referral."""
        if self.joining is None or self.here not in self.acts[self.joining].sources:
            return False
        # The procedure's own tasks are owed once, in the case that is joined.
        own = {task.id for task in self.tasks}
        return not any(duty.mandatory and duty.id not in own for duty in self.case.duties)

    @property
    def _start(self) -> str:
        start: str = type(self).initial_state.id
        return start

    def _register_due(self) -> Instant | None:
        received = self.received()
        if self.registers_by is None or received is None:
            return None
        return clocks.after(self, received, self.deadline(self.registers_by).normal)

    def _refuse_intake(self, ask: Ask, code: str, message: str) -> None:
        """The case ends before it began; danger and safeguarding are still told at once (INV-11)."""
        assert self.refusing is not None
        act = self.acts[self.refusing]
        self._first_questions(ask, self.case.intake, tasks=False)
        for role in self.copied():
            self.tell(role, "told", act.label, act.clause)
        tell_person(self, ask.person, ask.base, "refused", self.title, act.clause)
        self._perform(replace(ask, act=act, holder=Holder(person=SYSTEM, role=Role.SYS)))
        write(
            self,
            Kind.REFUSED,
            act.label,
            ask.at,
            before=self._start,
            act=act.code,
            clauses=(act.clause,),
            mark=act.mark.value,
            no=act.no,
            code=code,
            message=message,
            fields=self.case.opened.intake,
        )

    def _first_questions(self, ask: Ask, intake: CommonIntake, *, tasks: bool) -> None:
        """Danger, safeguarding and a personal account, asked first on every form (6.2, 6.3, 2.1)."""
        if intake.immediate_danger:
            self.danger(ask, task=tasks)
        if intake.safeguarding_concern is not YesNoUnsure.NO:
            self.concern(ask, task=tasks)
        if intake.used_personal_account:
            self.flag("conduct")

    # --- one matter, several reports (6.4) ------------------------------------------------------

    def _joined(self, fact: Joined) -> None:
        """A further report of the same matter: it counts here, and its reporter is remembered."""
        state = self.case
        if fact.id in state.heard:
            return
        state.heard = (*state.heard, fact.id)
        state.joined = tuple(one for one in state.joined if one.case != fact.report)
        if fact.separated:
            self._note(fact.at, "separated", "A joined report goes on as a case of its own again")
            return
        state.joined = (*state.joined, Joining(case=fact.report, by=fact.by))
        if self.closed:
            self._note(fact.at, "joined_late", "A further report came when the case had closed")
            return
        # What is restored by a correction would not know of this report.
        state.undo = None
        act = self.acts[self.joining or self.opening]
        ask = Ask(act, fact.at, None, Holder(person=SYSTEM, role=Role.SYS), Role.SYS)
        other = self.read(fact.intake)
        self._first_questions(ask, other, tasks=True)
        self.joined_by(other, ask)
        self._from_the_earliest(fact.opened_at)
        self._settle(ask)
        self._note(fact.at, "joined", "A further report of the same matter was joined")

    def _from_the_earliest(self, opened_at: Instant) -> None:
        """The earliest report counts for the first deadline, while its first owner has it (6.4)."""
        for duty in self.case.duties if opened_at < self.case.opened.at else ():
            if duty.step and duty.started == self.case.opened.at and not duty.missed:
                clocks.count_from(self, duty, opened_at)

    def _note(self, at: Instant, code: str, label: str) -> None:
        for holder in (one for duty in self.case.duties if duty.step for one in duty.holders):
            tell_person(self, holder.person, holder.role, "told", label, "6.4")
        if self.closed:
            self.tell(Role.LM, "told", label, "6.4")
        write(
            self, Kind.FLAGGED, label, at, before=self.here, code=code, clauses=("6.4",),
            mark=Mark.RECONSTRUCTED.value,
        )  # fmt: skip

    def _returned(self, fact: Returned) -> None:
        """Nobody heard of this report: it is a case of its own again, whatever it was joined to."""
        state, before = self.case, self.here
        again = (act for act in self.acts.values() if act.opens_again(before))
        act = next(again, None)
        if state.joined_to != fact.to or act is None:
            return
        state.joined_to = None
        ask = Ask(act, fact.at, None, Holder(person=SYSTEM, role=Role.SYS), Role.SYS)
        self.open_again(str(act.opens_again(before)), ask)
        label = "The case it was joined to has ended; this report goes on by itself"
        write(
            self, Kind.FLAGGED, label, fact.at, before=before, code="not_joined",
            clauses=("6.4",), mark=Mark.RECONSTRUCTED.value,
        )  # fmt: skip

    # --- time -----------------------------------------------------------------------------------

    def _ticked(self, fact: Ticked, saved: dict[str, Any]) -> None:
        """The clock rings; on a calendar that has run out the case says so once, and rests.

        It would ring for ever otherwise: the instant stays due, and can never be dealt with.
        """
        try:
            self._new_roster(fact.roster, fact.at)
            self._tick(fact.at)
        except CalendarTooShort:
            self.restore(saved)
            self._turn = Turn(fact)
            self.case.calendar_ended = True
            if CALENDAR_TOO_SHORT not in self.case.flags:
                self._calendar_ended(fact.at)

    def _calendar_ended(self, at: Instant) -> None:
        self.flag(CALENDAR_TOO_SHORT)
        label = "The calendar is too short: an administrator must bring a longer calendar"
        self.tell(Role.ADM, "calendar_too_short", label, "3.1")
        write(
            self, Kind.FLAGGED, label, at, before=self.here, code=CALENDAR_TOO_SHORT,
            message="No deadline of this case runs until then. Nothing else was changed.",
            clauses=("3.1",),
        )  # fmt: skip

    def _tick(self, at: Instant) -> None:
        for alarm in tuple(self.alarms()):
            if alarm.id not in self.case.fired and alarm.at <= at and not self.closed:
                self.case.fired = (*self.case.fired, alarm.id)
                self.system(alarm.act, at)
        for known in self.case.duties:
            duty = self.duty(known.id)
            instant = clocks.next_instant(duty) if duty else None
            if duty and instant and instant <= at:
                clocks.ring(self, duty, at)

    def _new_calendar(self, fact: CalendarChanged) -> None:
        if fact.calendar == self.case.calendar:
            return
        self.case.calendar = fact.calendar
        self.unflag(CALENDAR_TOO_SHORT)
        for duty in self.case.duties:
            clocks.recalculate(self, duty)
        self.calendar_changed(fact.at)
        label = "A holiday was proclaimed: running deadlines were worked out again"
        write(
            self,
            Kind.RECALCULATED,
            label,
            fact.at,
            before=self.here,
            actor=fact.by,
            clauses=("G-10",),
            mark=Mark.RECONSTRUCTED.value,
        )

    def _unreadable(self, fact: Unreadable) -> None:
        message = "A message that could not be read was refused; nothing in the case changed."
        write(
            self,
            Kind.REFUSED,
            "Unreadable message refused",
            fact.at,
            before=self.here,
            no=No.REFUSED,
            code=fact.code,
            message=message,
            clauses=("INV-4",),
        )
