"""A closed day that administrators add: what it would move, and the news to every open case (3.1).

    proposed > worked out on a copy of each case > confirmed by a second person > sent to each case

Working out and sending go on in the worker, a few cases at a time, and start again where they were
after a restart: how far it got lies in the ledger.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from hashlib import sha256

import rfc8785
import structlog
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

import policy
from activities.ledger import Ledger
from activities.recalculations import Move, Recalculation
from models.administration import CalendarChange, proposals, with_closed_days
from models.case import CalendarChanged, Receipt
from models.errors import CaseworkError, Unavailable
from models.working_time import CalendarSnapshot
from procedures.opening import part_of
from procedures.procedure import Procedure
from runtime import recovery
from runtime.audit import refold
from runtime.clock import Clock, utc_now
from runtime.deeds import Deeds
from workflows.messages import CALENDAR_CHANGED

log = structlog.get_logger(__name__)

EVERY = 2.0
"""Seconds of real time between two looks for something to do."""

SLICE = 20
"""Cases worked out, or told, at a time."""

ANSWER = 30.0
"""Seconds of real time in which a case has to answer."""

LATECOMERS = timedelta(minutes=10)
"""Real time after a confirmation in which a case may still have been opened without the day."""

AGAIN = timedelta(seconds=30)
"""Real time after which a case that could not be told is tried again."""


def calendar(deeds: Deeds, *, also: CalendarChange | None = None) -> CalendarSnapshot:
    """The calendar that holds now: the policy's file and every day that was confirmed.

    `also` adds a proposal, to see what it would make. Raises Unavailable without the ledger.
    """
    confirmed = [one for one in proposals(deeds.all()).values() if one.confirmed_at]
    return with_closed_days(policy.calendar(), [*confirmed, *([also] if also else [])])


def shown(ledger: Ledger, deeds: Deeds, day: CalendarChange) -> str:
    """What a confirmation is bound to: the day, the calendar it makes, and every deadline shown."""
    plain = [str(day.day), calendar(deeds, also=day).digest, ledger.tally(day.seq).digest]
    return sha256(rfc8785.dumps(plain)).hexdigest()


# --- working out --------------------------------------------------------------------------------


def work_out(
    ledger: Ledger, deeds: Deeds, day: CalendarChange, at: datetime, most: int = SLICE
) -> int:
    """Work out what a proposal would move in cases it was not worked out for; how many they were.

    Only cases opened before it was proposed: a list that grew by itself could never be confirmed.
    """
    ids = ledger.to_work_out(day.seq, day.proposed_at, most)
    if ids:
        new = calendar(deeds, also=day)
        ledger.worked_out(day.seq, [_worked_out(ledger, one, day, new, at) for one in ids])
    return len(ids)


def _worked_out(
    ledger: Ledger, case_id: str, day: CalendarChange, new: CalendarSnapshot, at: datetime
) -> Recalculation:
    lines = ledger.trail(case_id)
    seq = lines[-1].entry.seq
    try:
        case = refold(lines)
        return Recalculation(case_id=case_id, seq=seq, moves=_moves(case, day, new, at))
    except CaseworkError as error:
        # It hears of the day all the same; only what it will make of it cannot be shown.
        return Recalculation(case_id=case_id, seq=seq, code=type(error).__name__)


def _moves(
    case: Procedure, day: CalendarChange, new: CalendarSnapshot, at: datetime
) -> tuple[Move, ...]:
    """What folding the news into a copy of the case moves: work, and what the procedure times."""
    before = {alarm.act: alarm.at for alarm in case.alarms()}
    opened = case.case.opened.at
    fact = CalendarChanged(id=day.id, at=at, by=day.proposed_by, calendar=part_of(new, opened, at))
    turned = case.fold(fact)
    moved = [
        Move(duty=one.duty, label=one.label, clock=one.clock, old=one.was_due, new=one.due)
        for line in turned.lines
        for one in line.entry.moved
        if one.due and one.was_due and one.due != one.was_due
    ]
    timed = [
        Move(
            duty=f"timed:{alarm.act}", label=case.acts_by_code[alarm.act].label, clock=None,
            old=before[alarm.act], new=alarm.at,
        )
        for alarm in case.alarms()
        if alarm.at > before.get(alarm.act, alarm.at)
    ]  # fmt: skip
    return (*moved, *timed)


# --- sending ------------------------------------------------------------------------------------


async def run(client: Client, ledger: Ledger, task_queue: str, clock: Clock = utc_now) -> None:
    """Work out proposals and tell cases of confirmed days, for ever, until cancelled."""
    news = News(client, ledger, task_queue, clock)
    while True:
        busy = 0
        try:
            busy = await news.once()
        except (Unavailable, RPCError) as error:
            log.warning("calendar_news_wait", error=type(error).__name__)
        await asyncio.sleep(0.05 if busy else EVERY)


class News:
    """Brings a closed day to every case it concerns, and notes what came of it in each."""

    def __init__(
        self, client: Client, ledger: Ledger, task_queue: str, clock: Clock = utc_now
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._task_queue = task_queue
        self._clock = clock
        self._deeds = Deeds(ledger)
        self._through: set[int] = set()

    async def once(self) -> int:
        """One slice of work for every change; how many cases it touched."""
        days = await asyncio.to_thread(lambda: proposals(self._deeds.all()))
        touched = 0
        for day in days.values():
            if day.waiting:
                touched += await asyncio.to_thread(
                    work_out, self._ledger, self._deeds, day, self._clock()
                )
            elif day.confirmed_at and day.seq not in self._through:
                touched += await self._send(day, day.confirmed_at)
        return touched

    async def _send(self, day: CalendarChange, confirmed: datetime) -> int:
        now, until = self._clock(), confirmed + LATECOMERS
        ids = await asyncio.to_thread(self._ledger.to_send, day.seq, now, until, SLICE)
        await asyncio.gather(*(self._tell(day, one) for one in ids))
        if not ids and now > until:
            tally = await asyncio.to_thread(self._ledger.tally, day.seq)
            if tally.done == tally.cases:
                self._through.add(day.seq)
        return len(ids)

    async def _tell(self, day: CalendarChange, case_id: str) -> None:
        try:
            code, done = await self._told(day, case_id)
        except (Unavailable, RPCError, CaseworkError) as error:
            code, done = type(error).__name__, False
        next_try = None if done else self._clock() + AGAIN
        await asyncio.to_thread(self._ledger.sent_to, day.seq, case_id, code, next_try)
        log.info("calendar_news", case_id=case_id, change=day.id, code=code)

    async def _told(self, day: CalendarChange, case_id: str) -> tuple[str, bool]:
        """What came of it, and whether that is the end of it."""
        row = await asyncio.to_thread(self._ledger.register, case_id)
        if row is None or row.closed:
            return "closed", True
        now = self._clock()
        part = part_of(calendar(self._deeds), row.opened_at, now)
        fact = CalendarChanged(
            id=day.id, at=now, by=day.confirmed_by or day.proposed_by, calendar=part
        )
        code = await self._sent(case_id, fact)
        if code != "noted":
            return code, False
        return await asyncio.to_thread(self._compare, day, case_id), True

    async def _sent(self, case_id: str, fact: CalendarChanged) -> str:
        handle = self._client.get_workflow_handle(case_id)
        try:
            async with asyncio.timeout(ANSWER):
                receipt: Receipt = await handle.execute_update(
                    CALENDAR_CHANGED, fact, id=fact.id, result_type=Receipt
                )
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            return "no_answer"
        except WorkflowUpdateFailedError:
            # It ended while the news was on its way; the next look says so.
            return "ended_meanwhile"
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                return f"server_{error.status.name.lower()}"
            await recovery.start_again(self._client, self._ledger, case_id, self._task_queue)
            return "started_again"
        return receipt.code or "noted"

    def _compare(self, day: CalendarChange, case_id: str) -> str:
        """Whether the case made of it what was shown; it may have gone on in between."""
        kept = self._ledger.recalculations(day.seq, only=case_id)
        if not any(one.seq for one in kept):
            return "told"
        wanted = {move.duty: move.new for one in kept for move in one.moves}
        found = {one.duty: one.due for one in self._ledger.duties(case_id)}
        shown_ones = {duty: new for duty, new in wanted.items() if not duty.startswith("timed:")}
        same = all(found.get(duty) == new for duty, new in shown_ones.items())
        return "as_shown" if same else "otherwise"
