"""The checks of what must be running besides this process: a server, a worker, the cases."""

from __future__ import annotations

from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError

from activities.ledger import Ledger
from models.errors import Unavailable
from runtime import stuck, temporal
from runtime.checks_here import Ask, NotAsked, has_tables
from runtime.clock import utc_now
from runtime.settings import Settings

SHOWN = 5
"""Cases named; `/administer/stuck` names them all."""

POLLED = timedelta(seconds=100)
"""A worker asks for work at least once a minute; longer ago, it is gone."""


async def _server(settings: Settings) -> str:
    await temporal.connect(settings, identity="doctor")
    return f"answers at {temporal.server_of(settings)['target_host']}"


async def _worker(settings: Settings) -> str:
    client = await temporal.connect(settings, identity="doctor")
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=settings.task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        found = await client.workflow_service.describe_task_queue(asked, retry=True)
    except RPCError:
        raise Unavailable("The Temporal server does not say who works for it.") from None
    since = utc_now().replace(tzinfo=None) - POLLED
    count = sum(one.last_access_time.ToDatetime() > since for one in found.pollers)
    if not count:
        raise Unavailable(
            "No worker takes work, so decisions wait. Nothing is lost. Start one with `make run`."
        )
    return f"{count} {'takes' if count == 1 else 'take'} work"


async def _cases(settings: Settings) -> str:
    """No case may stand still for a fault of the service's; work that nobody holds is none."""
    if not has_tables(settings):
        raise NotAsked("there is no ledger to ask, or not one of this program")
    client = await temporal.connect(settings, identity="doctor")
    with Ledger(settings.database_url, cipher=None) as ledger:
        found = await stuck.look(client, ledger, utc_now())
    if not found.asked_temporal:
        raise Unavailable("The Temporal server does not say how its cases are.")
    wrong = [one for one in found.troubles if one.code not in stuck.OF_PEOPLE]
    if not wrong:
        return "none stands still"
    more = (f"and {len(wrong) - SHOWN} more",) if len(wrong) > SHOWN else ()
    said = [f"{one.case_id}: {one.words}. {one.to_do}" for one in wrong[:SHOWN]]
    raise Unavailable("\n".join(("Some do not go on:", *said, *more)))


RUNNING: dict[str, Ask] = {"Temporal server": _server, "Worker": _worker, "Cases": _cases}
