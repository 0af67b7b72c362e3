"""Temporal's own replay of a case.

Does today's code still read its history in the same order? It compares the order of commands only; `verify` compares every value with the ledger. Both are
needed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from models.base import Value
from models.errors import BadInput, Unavailable
from runtime import temporal
from runtime.building import WORKFLOWS
from runtime.settings import Settings


class Replayed(Value):
    """What the replay of a case found. A long case has several runs, each with its own history."""

    case_id: str
    runs: int
    events: int
    fault: str = ""
    """Class of the failure; its text may be case text."""

    @property
    def ok(self) -> bool:
        """Whether every run was read again to its end."""
        return not self.fault


async def replay(case_id: str, settings: Settings, client: Client | None = None) -> Replayed:
    """Replay every run of a case. Raises BadInput when Temporal knows of none, Unavailable."""
    client = client or await temporal.connect(settings, identity="replay")
    replayer = temporal.replayer(WORKFLOWS, settings)
    runs = events = 0
    async for history in _runs(client, case_id):
        runs, events = runs + 1, events + len(history.events)
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            fault = type(result.replay_failure).__name__
            return Replayed(case_id=case_id, runs=runs, events=events, fault=fault)
    return Replayed(case_id=case_id, runs=runs, events=events)


async def _runs(client: Client, case_id: str) -> AsyncIterator[WorkflowHistory]:
    """The histories of a case, its newest run first."""
    run_id: str | None = None
    while run_id != "":
        history = await _fetched(client, case_id, run_id)
        yield history
        started = history.events[0].workflow_execution_started_event_attributes
        run_id = started.continued_execution_run_id


async def _fetched(client: Client, case_id: str, run_id: str | None) -> WorkflowHistory:
    try:
        return await client.get_workflow_handle(case_id, run_id=run_id).fetch_history()
    except RPCError as error:
        if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
            raise BadInput(
                "Temporal has no history of that case: there is none of that reference, or it was "
                "removed there. Its trail is in the ledger: `casework verify` checks it."
            ) from None
        raise Unavailable(
            "The Temporal server did not give the history. Nothing was changed; try again."
        ) from None
