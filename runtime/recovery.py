"""Cases that the ledger holds open and Temporal no longer runs: they go on from the record (S7).

A restored or lost server file, or a workflow ended by somebody's hand, must not end a case: its
timers would never ring again. The ledger is the record, so the case is worked out of it again and
started anew, where it stood.
"""

from __future__ import annotations

import structlog
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.ledger import Ledger
from activities.register import CaseFilter
from runtime.audit import refold
from workflows.messages import Carried, CaseStart

log = structlog.get_logger(__name__)

PAGE = 500


async def start_missing(client: Client, ledger: Ledger, task_queue: str) -> int:
    """Start every open case again that Temporal does not run; how many there were."""
    offset, started = 0, 0
    while rows := ledger.cases(CaseFilter(closed=False), PAGE, offset):
        for row in rows:
            if not await _runs(client, row.case_id):
                await start_again(client, ledger, row.case_id, task_queue)
                started += 1
        offset += PAGE
    return started


async def start_again(client: Client, ledger: Ledger, case_id: str, task_queue: str) -> None:
    """Start one case from its trail. Raises CaseworkError when the trail does not hold."""
    case = refold(ledger.trail(case_id))
    carried = Carried(state=case.case.model_dump(mode="json"))
    await start_run(client, case.key, case_id, carried, task_queue)
    log.warning("case_started_again", case_id=case_id)


async def start_run(
    client: Client, procedure: str, case_id: str, carried: Carried, task_queue: str
) -> None:
    """Start a further run of a case; one that runs already is left as it is."""
    await client.start_workflow(
        procedure,
        CaseStart(carried=carried),
        id=case_id,
        task_queue=task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )


async def _runs(client: Client, case_id: str) -> bool:
    try:
        described = await client.get_workflow_handle(case_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return described.status in (
        WorkflowExecutionStatus.RUNNING,
        WorkflowExecutionStatus.CONTINUED_AS_NEW,
    )
