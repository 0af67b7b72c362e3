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
from models.forms import YesNoUnsure
from models.people import Holder, Role
from models.policy import Mark
from models.working_time import CalendarTooShort
from procedures import clocks, common, instants, links
from procedures.answering import NOT_OPENED
from procedures.turn import Turn, tell_person, write
from procedures.words import Act, Alarm, Apart, Ask, Outcome, Start, Step, Task
from procedures.written_to import WrittenTo

CALENDAR_TOO_SHORT = "calendar_too_short"
"""The flag, the code and the notice of a case whose calendar has run out."""

__all__ = ["Act", "Alarm", "Apart", "Ask", "Outcome", "Procedure", "Start", "Step", "Task"]


@dataclass(frozen=True)
class Turned:
    """What a fact made: lines for the trail, and the answer to a decision."""

    lines: tuple[Line, ...]
    receipt: Receipt | None


class Procedure(WrittenTo):
    """Strict by inheritance: an unknown event or a broken action raises, and the fold undoes it."""

    def fold(self, fact: Fact) -> Turned:
        """Let one fact happen. Returns the trail lines it made and, for a decision, the receipt."""
        saved = self.snapshot()
        self._turn = Turn(fact)
        try:
            if isinstance(fact, Ticked):
                self._ticked(fact, saved)
                receipt = None
            elif isinstance(fact, Opened):
                self._begin(fact, saved)
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
        if isinstance(fact, PeopleChanged):
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

    def _begin(self, fact: Opened, saved: dict[str, Any]) -> None:
        """Open the case; on a calendar too short for its first step it ends before it began."""
        try:
            self._opened(fact)
        except CalendarTooShort:
            self.restore(saved)
            self._turn = Turn(fact)
            self._not_opened(fact)

    def _not_opened(self, fact: Opened) -> None:
        """Refused, and danger and safeguarding are told all the same (INV-11).

        Left in its draft, a case would have nobody to hold it and no instant to wake at.
        """
        act, intake = self.acts[self.opening], self.case.intake
        reporter = Holder(person=fact.by, role=act.who[0])
        ask = Ask(act, fact.at, intake, reporter, act.who[0])
        if intake.immediate_danger:
            common.raise_emergency(self, ask, task=False)
        if intake.safeguarding_concern is not YesNoUnsure.NO:
            common.raise_safeguarding(self, ask, task=False)
        self.flag(CALENDAR_TOO_SHORT)
        self.tell(Role.ADM, "calendar_too_short", NOT_OPENED, "3.1")
        tell_person(self, fact.by, ask.base, "refused", self.title, act.clause)
        self.case.not_opened, self.case.closed_at = True, fact.at
        write(
            self, Kind.REFUSED, NOT_OPENED, fact.at, before=self._start, act=act.code, no=No.REFUSED,
            code=CALENDAR_TOO_SHORT, fields=fact.intake, clauses=("3.1",),
            message="No case was opened and nobody has work from it. An administrator must bring a"
            " longer calendar; then send the form again.",
        )  # fmt: skip

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
        joins = fact.same_as is not None and self._can_join()
        if joins:
            # Its work is in the case that it joins: nobody is sent to what ends the same moment.
            tells = self.turn.tells
            self.turn.tells = {key: one for key, one in tells.items() if one.what != "to_do"}
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
        if joins:
            assert self.joining is not None
            assert fact.same_as is not None
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
        return instants.after(self, received, self.deadline(self.registers_by).normal)

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
