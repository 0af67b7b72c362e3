"""Cases that do not go on by themselves, why, and what to do: from the ledger and from Temporal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.ledger import Ledger
from activities.register import CaseFilter
from models.base import Value
from models.errors import CaseworkError
from procedures.procedure import CALENDAR_TOO_SHORT

PATIENCE = timedelta(minutes=5)
"""Real time after which a clock that ran out without anything happening is out of order."""

NEW = timedelta(minutes=1)
"""Real time for which a case may be missing from Temporal's list, which lags behind (S8)."""

ASKED = 15.0
"""Seconds of real time that Temporal is given to answer in."""

MOST = 200
"""Cases looked at one by one."""

TO_DO = {
    "not_running": "Temporal does not run it. Start it again; it goes on from the ledger.",
    "failing": "Its steps fail in the program. Look at the log; put the earlier version back, or"
    " the corrected one in.",
    "waits_for_ledger": "It waits for the ledger. If the log says LedgerConflict, see operating:"
    " a case is in conflict with the ledger.",
    "stands_still": "Its clock ran out and nothing came of it. Look whether a worker runs"
    " (casework doctor).",
    "calendar_too_short": "Its calendar has ended. Bring a longer calendar and propose a closed"
    " day, so that every case gets the new one.",
    "nobody_holds": "Nobody holds this work. Reassign the role, or record who covers.",
    "overdue_unheld": "It is overdue and nobody holds it. Reassign the role at once.",
}
"""What each kind of trouble asks of an administrator."""

WORDS = {
    "not_running": "It does not run",
    "failing": "Its steps fail",
    "waits_for_ledger": "It waits for the ledger",
    "stands_still": "Its clock ran out and nothing happened",
    "calendar_too_short": "Its calendar has ended",
    "nobody_holds": "Nobody holds this work",
    "overdue_unheld": "Overdue, and nobody holds it",
}
"""What each kind of trouble is called."""


OF_PEOPLE = frozenset({"nobody_holds", "overdue_unheld"})
"""What is no fault of the service's: work waits for somebody who may do it."""


class Trouble(Value):
    """One thing that is wrong with one case: codes and ids, no case text."""

    case_id: str
    code: str
    about: str = ""
    """Plain name of the work, or the class of the fault."""
    clause: str = ""

    @property
    def words(self) -> str:
        """What it is called."""
        return WORDS[self.code]

    @property
    def to_do(self) -> str:
        """What to do about it."""
        return TO_DO[self.code]


class Stuck(Value):
    """All of it, and whether Temporal could be asked."""

    troubles: tuple[Trouble, ...]
    asked_temporal: bool


async def look(client: Client | None, ledger: Ledger, now: datetime) -> Stuck:
    """Everything that is known to be stuck at an instant, the ledger's part first."""
    found = await asyncio.to_thread(lambda: list(_from_ledger(ledger, now)))
    if client is None:
        return Stuck(troubles=tuple(found), asked_temporal=False)
    try:
        async with asyncio.timeout(ASKED):
            found += await _from_temporal(client, ledger, now)
    except (TimeoutError, RPCError, CaseworkError):
        return Stuck(troubles=tuple(found), asked_temporal=False)
    return Stuck(troubles=tuple(found), asked_temporal=True)


def _from_ledger(ledger: Ledger, now: datetime) -> Iterable[Trouble]:
    for row in ledger.cases(CaseFilter(closed=False, flag=CALENDAR_TOO_SHORT), MOST):
        yield Trouble(case_id=row.case_id, code=CALENDAR_TOO_SHORT, clause="3.1")
    for one in ledger.unheld(MOST):
        late = one.due is not None and one.due < now
        code = "overdue_unheld" if late else "nobody_holds"
        yield Trouble(case_id=one.case_id, code=code, about=one.label, clause=one.clause)


async def _from_temporal(client: Client, ledger: Ledger, now: datetime) -> list[Trouble]:
    before = now - NEW
    known = await asyncio.to_thread(ledger.open_ids, before)
    running = {one.id async for one in client.list_workflows('ExecutionStatus="Running"')}
    found = [
        Trouble(case_id=one, code="not_running")
        for one in known
        # Asked again one by one: the list may lag, and a case must not be called lost for that.
        if one not in running and not await _runs(client, one)
    ][:MOST]
    lost = {one.case_id for one in found}
    still = await asyncio.to_thread(ledger.standing_still, now - PATIENCE, MOST)
    failing = {one.id async for one in client.list_workflows(_FAILING)} & set(known)
    for case_id in dict.fromkeys((*sorted(failing)[:MOST], *still)):
        if case_id not in lost:
            found.append(await _why(client, case_id))
    return found


_FAILING = 'ExecutionStatus="Running" AND TemporalReportedProblems IS NOT NULL'


async def _runs(client: Client, case_id: str) -> bool:
    try:
        described = await client.get_workflow_handle(case_id).describe()
    except RPCError:
        return False
    return described.close_time is None


async def _why(client: Client, case_id: str) -> Trouble:
    described = await client.get_workflow_handle(case_id).describe()
    pending = described.raw_description.pending_workflow_task
    if pending.attempt > 1:
        return Trouble(case_id=case_id, code="failing", about=await _cause(client, case_id))
    if pending.ByteSize():
        return Trouble(case_id=case_id, code="waits_for_ledger")
    return Trouble(case_id=case_id, code="stands_still")


async def _cause(client: Client, case_id: str) -> str:
    """The class of the last fault; its words may be case text, and stay where they are."""
    asked = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace, maximum_page_size=10
    )
    asked.execution.workflow_id = case_id
    page = await client.workflow_service.get_workflow_execution_history_reverse(asked, retry=True)
    for event in page.history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            told = event.workflow_task_failed_event_attributes
            named = told.failure.application_failure_info.type
            return (
                named
                or WorkflowTaskFailedCause.Name(told.cause)
                .removeprefix("WORKFLOW_TASK_FAILED_CAUSE_")
                .lower()
            )
    return ""
