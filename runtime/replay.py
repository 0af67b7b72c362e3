"""Temporal's own replay of a case.

Does today's code still read its history in the same order? It compares the order of commands only; `verify` compares every value with the ledger. Both are
needed.
"""

from __future__ import annotations

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
    for run in await runs_of(client, case_id):
        history = await _fetched(client, case_id, run)
        runs, events = runs + 1, events + len(history.events)
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            fault = type(result.replay_failure).__name__
            return Replayed(case_id=case_id, runs=runs, events=events, fault=fault)
    return Replayed(case_id=case_id, runs=runs, events=events)


async def runs_of(client: Client, case_id: str) -> list[str]:
    """Ids of the runs of a case, the first one first. Raises BadInput when there is none."""
    try:
        newest = (await client.get_workflow_handle(case_id).describe()).run_id
        # Nothing in a run says which came before it when the case was opened or started again.
        listed = [one async for one in client.list_workflows(f"WorkflowId = '{case_id}'")]
    except RPCError as error:
        raise _said(error) from None
    listed.sort(key=lambda one: one.start_time)
    # The list lags a little: the newest run may not be on it yet.
    return [*(one.run_id for one in listed if one.run_id != newest), newest]


async def _fetched(client: Client, case_id: str, run_id: str) -> WorkflowHistory:
    try:
        return await client.get_workflow_handle(case_id, run_id=run_id).fetch_history()
    except RPCError as error:
        raise _said(error) from None


def _said(error: RPCError) -> BadInput | Unavailable:
    if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
        return BadInput(
            "Temporal has no history of that case: there is none of that reference, or it was "
            "removed there. Its trail is in the ledger: `casework verify` checks it."
        )
    return Unavailable(
        "The Temporal server did not give the history. Nothing was changed; try again."
    )
