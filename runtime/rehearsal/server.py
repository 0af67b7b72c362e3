"""A story played on a real Temporal server, in its own time: minutes of virtual weeks.

The same facts as on the core, sent as messages to a real workflow with a real ledger. Each case has
its own virtual clock that is moved forward to just before each step; the two trails must be equal,
entry for entry.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from activities.ledger import Ledger
from activities.register import CaseRow
from models.case import CalendarChanged, Decision, Joined, PeopleChanged, Receipt
from procedures.procedure import Outcome
from procedures.registry import by_name
from runtime import building, temporal
from runtime.clock import utc_now
from runtime.instance import two_free_ports
from runtime.keyring import KeyRing
from runtime.rehearsal.facts import Facts
from runtime.rehearsal.played import Played, Result
from runtime.rehearsal.story import Story
from runtime.server import EmbeddedServer
from runtime.settings import Settings
from workflows.messages import CALENDAR_CHANGED, DECIDE, JOINED, PEOPLE_CHANGED, CaseStart

TIME_SKIPPING = ("--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true")

_NAMES = {PeopleChanged: PEOPLE_CHANGED, CalendarChanged: CALENDAR_CHANGED, Joined: JOINED}

EARLY = timedelta(seconds=30)
"""A step is sent this long before its instant: nothing that lies after it can come in between."""

JUST_AFTER = timedelta(milliseconds=900)
"""How far past `until` the clock goes: what rings before it has rung, what rings at it has not."""


class Stage:
    """A server with time skipping, and a ledger, on which stories are played."""

    def __init__(self, client: Client, ledger: Ledger, settings: Settings) -> None:
        self._skipper = TimeSkipper(client)
        self._ledger = ledger
        self._settings = settings

    async def play(self, story: Story) -> Played:
        """Play one story; several may be played at once, each in its own time."""
        facts = Facts(story)
        queue = f"queue-{story.case_id}"
        settings = self._settings.model_copy(update={"task_queue": queue})
        worker = building.build_worker(
            self._skipper.client, settings, self._ledger, lambda: facts.directory
        )
        async with worker:
            return await _Play(story, facts, self._skipper, self._ledger, queue).run()


class _Play:
    """One story on its way."""

    def __init__(
        self, story: Story, facts: Facts, skipper: TimeSkipper, ledger: Ledger, queue: str
    ) -> None:
        self.story = story
        self.facts = facts
        self.skipper = skipper
        self.ledger = ledger
        self.queue = queue
        self.ahead = timedelta(0)

    async def run(self) -> Played:
        opened = self.facts.opened()
        self.ledger.claim(opened.token, opened.case_id)
        with self.skipper.with_time_skipping_disabled():
            await self.skipper.client.start_workflow(
                opened.procedure,
                CaseStart(opened=opened, rehearsal=True),
                id=opened.case_id,
                task_queue=self.queue,
            )
        # Not the handle of the start: that one would stay with the first run of the case.
        handle = self.skipper.client.get_workflow_handle(opened.case_id)
        await handle.query("standing")
        started = (await handle.describe()).start_time
        self.ahead = opened.at - started
        results = [await self._step(handle, n) for n in range(1, len(self.story.steps) + 1)]
        if self.story.until is not None:
            await self._wait(handle, self.story.until + JUST_AFTER)
        await handle.query("standing")
        return self._played(tuple(results))

    async def _step(self, handle: WorkflowHandle[Any, Any], number: int) -> Result:
        step = self.story.steps[number - 1]
        await self._wait(handle, step.at - EARLY)
        await handle.query("standing")
        row = self.ledger.register(self.story.case_id)
        assert row is not None
        fact = self.facts.of(number, row.subject, row.assigned)
        if isinstance(fact, Decision) and not row.closed:
            receipt = await handle.execute_update(DECIDE, fact, id=f"{number}", result_type=Receipt)
            return Result(step=number, at=step.at, receipt=receipt)
        if isinstance(fact, Decision):
            return Result(step=number, at=step.at, receipt=await self._closed(row, fact))
        name = _NAMES[type(fact)]
        await handle.execute_update(name, fact, result_type=Receipt)
        return Result(step=number, at=step.at)

    async def _closed(self, row: CaseRow, decision: Decision) -> Receipt | None:
        """The end of the case is the desk's to judge: it may be opened again."""
        desk = building.build_desk(
            Settings(task_queue=self.queue),
            ledger=self.ledger,
            directory=lambda: self.facts.directory,
            client=self.skipper.client,
        )
        # The new run has a clock of its own, which has skipped nothing yet.
        ahead = decision.at - EARLY - utc_now()
        with self.skipper.with_time_skipping_disabled():
            receipt = await desk.closed_case(row.case_id, decision, ahead)
        if receipt.outcome == "applied" and not receipt.repeated:
            self.ahead = ahead
        return receipt

    async def _wait(self, handle: WorkflowHandle[Any, Any], until: datetime) -> None:
        row = self.ledger.register(self.story.case_id)
        if row is not None and row.closed:
            return
        now = await self.skipper.get_current_time(handle) + self.ahead
        if until > now:
            try:
                await self.skipper.fast_forward(handle, until - now)
            except RPCError as error:
                # A case that was refused may end after the look at the register: no time is left.
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise

    def _played(self, results: tuple[Result, ...]) -> Played:
        row = self.ledger.register(self.story.case_id)
        assert row is not None
        step = by_name(row.procedure).states_map[row.state]
        return Played(
            story=self.story.name,
            title=self.story.title,
            on="server",
            case_id=row.case_id,
            state=row.state,
            label=row.label,
            closed=row.closed,
            no=step.no if isinstance(step, Outcome) else None,
            flags=row.flags,
            trail=tuple(line.entry for line in self.ledger.trail(row.case_id)),
            results=results,
        )


@contextlib.asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """A stage of its own, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        settings = Settings(
            home=Path(folder),
            port=two_free_ports()[0],
            ui=False,
            key_ring=Path(folder) / "keys.json",
        )
        KeyRing.create(settings.key_ring_file)
        async with EmbeddedServer(settings, TIME_SKIPPING):
            client = await temporal.connect(settings, identity="rehearsal")
            with building.open_ledger(settings) as ledger:
                yield Stage(client, ledger, settings)


async def play_on_server(story: Story) -> Played:
    """Play one story on a server started for it."""
    async with stage() as here:
        return await here.play(story)
