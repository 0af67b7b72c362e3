"""A case goes on in new runs for as long as it lives; nothing acknowledged is left behind (M8)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from temporalio.client import WorkflowExecutionStatus
from temporalio.worker import Worker

from activities.casework import CaseworkActivities
from models.case import Decision, Kind, Receipt
from runtime import audit, temporal
from runtime.clock import utc_now
from runtime.desk_opening import new_case_id
from tests.hasty import HastyCase
from tests.service import REASON, Service, intake
from workflows.messages import DECIDE, CaseStart

MESSAGES = 60


def _evidence(service: Service, case_id: str, number: int) -> Decision:
    row = service.ledger.register(case_id)
    assert row is not None
    fields = {"sha256": f"{number:064x}", "kind": "pdf", "title": "an invented document"}
    return service.desk.decision(
        row, "add_evidence", "fca-1", reason=REASON, fields=fields, id=f"{case_id}:{number}"
    )


async def test_signals_and_updates_survive_many_new_runs(service: Service) -> None:
    case_id = new_case_id()
    opened = service.desk.prepare("D", intake(), "fca-1", case_id, utc_now())
    does = CaseworkActivities(service.ledger, lambda: service.desk.directory, utc_now)
    queue = f"hasty-{uuid4().hex}"
    worker = Worker(
        service.client,
        task_queue=queue,
        workflows=[HastyCase],
        activities=does.all,
        activity_executor=ThreadPoolExecutor(4),
        workflow_runner=temporal.sandbox(),
    )
    async with worker:
        handle = await service.client.start_workflow(
            "hasty", CaseStart(opened=opened), id=case_id, task_queue=queue
        )
        first = handle.first_execution_run_id
        await service.desk._recorded(case_id)
        sent = [_evidence(service, case_id, number) for number in range(MESSAGES)]
        free = service.client.get_workflow_handle(case_id)

        async def update(decision: Decision) -> Receipt:
            return await service.desk._send(case_id, decision)

        answers = await asyncio.gather(
            *(free.signal(DECIDE, each) for each in sent[::2]),
            *(update(each) for each in sent[1::2]),
        )
        # Sent again in a later run: a decision id is remembered across runs, an update id is not.
        again = await update(sent[1].model_copy(update={"act": "add_evidence"}))
        described = await free.describe()

    trail = [line.entry for line in service.ledger.trail(case_id)]
    applied = [entry.decision for entry in trail if entry.kind is Kind.APPLIED]
    assert sorted(applied, key=str) == sorted((each.id for each in sent), key=str)
    assert {each.outcome for each in answers if each is not None} == {"applied"}
    assert again.outcome == "applied"
    assert described.status is WorkflowExecutionStatus.RUNNING
    assert described.run_id != first, "it never went on in a new run"
    assert [each.ok for each in audit.audit(service.ledger, case_id)] == [True]
    await free.terminate()
