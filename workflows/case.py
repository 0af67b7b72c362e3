"""The one durable shell around every procedure.

    message or timer --> fact --> core.fold --> one local activity writes the trail --> answer

The shell decides nothing. It reads messages without ever failing on one, keeps one timer for the
next instant that matters, has every line written before anybody is answered, and carries everything
over when its history grows long.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.names import FILE_TRAIL, WHO_IS_WHO, WhoQuestion
    from models.case import Fact, Filed, Letter, Line, Receipt, Returned, Ticked, Unreadable
    from models.people import Roster
    from models.working_time import CalendarTooShort
    from procedures.procedure import Procedure
    from workflows.messages import (
        JOINED,
        REHEARSALS,
        Carried,
        CaseEnd,
        CaseStart,
        read,
        turned_away,
    )

AFTER_THE_INSTANT = timedelta(seconds=1)
"""A deadline's own instant still counts in time, so the timer rings just after it."""

_PATIENT = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30)
)


def _ahead_of_the_clock(start: CaseStart) -> timedelta:
    """How far the case's time is ahead of the server's: nothing, except in a rehearsal."""
    if start.carried is not None:
        return start.carried.ahead
    if not start.rehearsal or start.opened is None:
        return timedelta(0)
    if not start.opened.case_id.startswith(REHEARSALS):
        raise ApplicationError("Only a rehearsal lives in a time of its own.", type="Rehearsal")
    return start.opened.at - workflow.info().start_time


@dataclass
class _Message:
    """A fact waiting its turn, and its answer once the trail holds it."""

    fact: Fact
    answer: Receipt | None = None
    """What became of it in the core."""
    receipt: Receipt | None = None
    """The same, given out: set once the trail holds it."""


class Case:
    """Base of every workflow type; a subclass names its procedure and declares `run`."""

    procedure: ClassVar[type[Procedure]]
    most_answers: ClassVar[int] = 1500
    """Messages answered in one run; Temporal refuses a run its two thousandth update (M12)."""

    def __init__(self, start: CaseStart) -> None:
        """Stand ready before the first message: handlers may run before `run` does."""
        self._waiting: list[_Message] = []
        self._unfiled: list[Line] = []
        self._folded: list[_Message] = []
        self._answered = 0
        self._posted = 0
        self._ahead = _ahead_of_the_clock(start)
        if start.carried is not None:
            self._core = self._begun_as(start.carried.version).resume(start.carried.state)
            self._waiting = [_Message(fact) for fact in start.carried.waiting]
            self._posted = start.carried.posted
        elif start.opened is not None:
            self._core = self._begun_as(start.opened.pins.procedure).begin(start.opened)
        self._filed = self._core.snapshot()

    def _begun_as(self, version: int) -> type[Procedure]:
        """The class body the case began with, whatever is newest by now (INV-17)."""
        return self.procedure.of_version(version)

    def _now(self) -> datetime:
        return workflow.now() + self._ahead

    # --- messages: append, never raise ----------------------------------------------------------

    @workflow.signal(dynamic=True)
    def on_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """Any signal: `decide` is the contract for people, everything else is recorded."""
        self._waiting.append(_Message(read(name, args, self._now())))

    @workflow.update(dynamic=True)
    async def on_update(self, name: str, args: Sequence[RawValue]) -> Receipt:
        """The same act as an update: answered once the trail holds what became of it."""
        message = _Message(read(name, args, self._now()))
        self._waiting.append(message)
        await workflow.wait_condition(lambda: message.receipt is not None)
        assert message.receipt is not None
        return message.receipt

    @workflow.query(name="standing")
    def standing(self) -> str:
        """Where the case is, for an administrator: ids and sequence number, no case text."""
        return f"{self._core.here} {self._core.case.seq}"

    # --- life -----------------------------------------------------------------------------------

    async def live(self, start: CaseStart) -> CaseEnd:
        """Run the case to its end, or to its next run."""
        if start.opened is not None:
            self._fold(_Message(start.opened))
            await self._file()
            await self._post()
        while not self._core.closed or self._waiting:
            if self._waiting:
                await self._take_messages()
            elif self._is_due():
                await self._catch_up()
                await self._file()
            elif self._history_is_long():
                await self._go_on_in_a_new_run()
            else:
                await self._rest()
        await workflow.wait_condition(workflow.all_handlers_finished)
        case = self._core.case
        return CaseEnd(case_id=case.opened.case_id, state=self._core.here, seq=case.seq)

    async def _take_messages(self) -> None:
        """Fold everything that waits, in the order it was received, then file it in one go."""
        taken, self._waiting = self._waiting, []
        taken.sort(key=lambda message: message.fact.at)
        for message in taken:
            await self._catch_up(message.fact)
            self._fold(message)
        await self._file()
        for message in taken:
            message.receipt = message.answer
        self._answered += len(taken)
        await self._post()

    def _fold(self, message: _Message) -> None:
        core, fact = self._core, message.fact
        try:
            turned = core.fold(fact)
        except CalendarTooShort:
            # Refused rather than retried for ever: a longer calendar is an administrator's act.
            fact = Unreadable(at=fact.at, name="decide", code="calendar_too_short", digest="")
            turned = core.fold(fact)
        self._folded.append(message)
        self._unfiled.extend(turned.lines)
        if not isinstance(fact, Unreadable):
            fact = Unreadable(at=fact.at, name=fact.kind, code="noted", digest="")
        noted = turned_away(fact, core.case.opened.case_id, core.case.seq, core.here)
        message.answer = turned.receipt or noted

    # --- time -----------------------------------------------------------------------------------

    def _is_due(self) -> bool:
        wake = self._core.wake_at
        return wake is not None and wake < self._now()

    async def _catch_up(self, fact: Fact | None = None) -> None:
        """Let every instant before the fact happen first: order is by instant, not by arrival."""
        until = self._now() if fact is None else fact.at
        while (wake := self._core.wake_at) is not None and wake < until:
            roster = await self._who_is_who(wake)
            self._fold(_Message(Ticked(at=wake, roster=roster)))

    async def _rest(self) -> None:
        wake = self._core.wake_at
        rest = None if wake is None else max(wake - self._now(), timedelta(0)) + AFTER_THE_INSTANT
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: bool(self._waiting), timeout=rest)

    # --- the only I/O a case does ---------------------------------------------------------------

    async def _who_is_who(self, at: datetime) -> Roster:
        case = self._core.case
        question = WhoQuestion(subject=case.practitioner, assigned=case.assigned, at=at)
        roster: Roster = await workflow.execute_local_activity(
            WHO_IS_WHO,
            question,
            result_type=Roster,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=_PATIENT,
        )
        return roster

    async def _file(self) -> None:
        """Have the trail written; the case goes on from there."""
        while self._unfiled:
            filed = await self._write()
            if not filed.recorded:
                break
            self._catch_up_with_the_ledger(filed.recorded)
        self._unfiled, self._folded = [], []
        self._filed = self._core.snapshot()

    async def _write(self) -> Filed:
        batch = self._core.batch(tuple(self._unfiled), self._core.case.opened.token)
        filed: Filed = await workflow.execute_local_activity(
            FILE_TRAIL,
            batch,
            result_type=Filed,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_PATIENT,
        )
        return filed

    def _catch_up_with_the_ledger(self, recorded: Sequence[Fact]) -> None:
        """What the ledger holds has happened, whoever was killed before saying so: go on from it."""
        self._core.restore(self._filed)
        for fact in recorded:
            self._core.fold(fact)
        self._filed = self._core.snapshot()
        again, self._folded, self._unfiled = self._folded, [], []
        for message in again:
            self._fold(message)

    async def _post(self) -> None:
        """Say to other cases what the trail now holds; what cannot be delivered comes back."""
        letters = self._core.case.letters
        rehearsed = self._core.case.opened.case_id.startswith(REHEARSALS)
        while self._posted < len(letters):
            letter = letters[self._posted]
            self._posted += 1
            # A rehearsal plays one case: the other one of its story runs nowhere.
            if not rehearsed and not await self._delivered(letter):
                self._fold(_Message(Returned(at=self._now(), to=letter.to)))
                await self._file()

    async def _delivered(self, letter: Letter) -> bool:
        try:
            await workflow.get_external_workflow_handle(letter.to).signal(JOINED, letter.fact)
        except ApplicationError:
            # It has ended: the report must not end with it.
            return letter.fact.separated
        return True

    # --- long lives -----------------------------------------------------------------------------

    def _history_is_long(self) -> bool:
        info = workflow.info()
        return info.is_continue_as_new_suggested() or self._answered >= self.most_answers

    async def _go_on_in_a_new_run(self) -> None:
        await workflow.wait_condition(workflow.all_handlers_finished)
        waiting = tuple(message.fact for message in self._waiting)
        state = self._core.case.model_dump(mode="json")
        carried = Carried(state=state, waiting=waiting, ahead=self._ahead, posted=self._posted)
        workflow.continue_as_new(CaseStart(carried=carried))
