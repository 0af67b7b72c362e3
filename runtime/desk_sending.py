"""Sending a decision: to a case that runs, one that has ended, or one that Temporal has lost.

Whatever became of the case, the answer is a receipt that the trail holds, or Unavailable.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.client import (
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.ledger import LedgerConflict
from models.case import Decision, Receipt
from models.errors import Misconfigured, Unavailable
from runtime import recovery
from runtime.audit import refold
from runtime.desk_reading import ANSWER, ReadingDesk, unavailable
from workflows.messages import DECIDE, Carried

TRIES = 5
"""How often a closed case's refusal is tried when others write to it at the same moment."""


class SendingDesk(ReadingDesk):
    """A desk that sends decisions on, as they are, and brings back what became of them."""

    async def signal(self, case_id: str, decision: Decision) -> None:
        """Send a decision without waiting for its receipt; the trail will hold what became of it."""
        client = await self._client()
        try:
            await client.get_workflow_handle(case_id).signal(DECIDE, decision)
        except RPCError as error:
            raise unavailable(error, _unsure(decision)) from None

    async def _send(self, case_id: str, decision: Decision) -> Receipt:
        try:
            return await self._sent(case_id, decision)
        except WorkflowUpdateFailedError:
            # The case ended while it was on its way.
            return await self._closed(case_id, decision)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise unavailable(error, _unsure(decision)) from None
        if self._row(case_id).closed:
            return await self.closed_case(case_id, decision)
        # Open in the ledger, gone from Temporal: the record goes on, and the case with it.
        await recovery.start_again(await self._client(), self.ledger, case_id, self._task_queue)
        return await self._sent(case_id, decision)

    async def _sent(self, case_id: str, decision: Decision) -> Receipt:
        handle = (await self._client()).get_workflow_handle(case_id)
        try:
            # Round the whole wait: the client's own limit counts afresh with every poll.
            async with asyncio.timeout(ANSWER.total_seconds()):
                receipt: object = await handle.execute_update(
                    DECIDE, decision, id=decision.id, result_type=Receipt
                )
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            _let_through_who_gave_up()
            raise _no_answer(decision) from None
        except RPCError as error:
            if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
                _let_through_who_gave_up()
                raise _no_answer(decision) from None
            raise
        if not isinstance(receipt, Receipt):
            # What could not be opened comes back marked, and is never raised by the codec.
            raise Misconfigured(
                "The case and this command use different keys, so what was sent could not be read"
                " and nothing was applied. Set CASEWORK_KEY_RING to the key file of the service."
            )
        return receipt

    async def _closed(self, case_id: str, decision: Decision) -> Receipt:
        if not self._row(case_id).closed:
            raise _no_answer(decision)
        return await self.closed_case(case_id, decision)

    async def closed_case(
        self, case_id: str, decision: Decision, ahead: timedelta = timedelta(0)
    ) -> Receipt:
        """A closed case goes on in a new run when the act opens it again; else it is refused.

        `ahead` is how far the case's time is ahead of the server's: nothing, but in a rehearsal.
        """
        case = refold(self.ledger.trail(case_id))
        state = case.case.model_dump(mode="json")
        case.fold(decision)
        if case.closed:
            return self.after_the_end(case_id, decision)
        carried = Carried(
            state=state, waiting=(decision,), posted=len(state["letters"]), ahead=ahead
        )
        await recovery.start_run(await self._client(), case.key, case_id, carried, self._task_queue)
        receipt = await self._sent(case_id, decision)
        return receipt.model_copy(update={"repeated": False})

    def after_the_end(self, case_id: str, decision: Decision) -> Receipt:
        """A closed case still answers: the refusal is recorded behind its last entry (INV-4)."""
        for _ in range(TRIES):
            case = refold(self.ledger.trail(case_id))
            turned = case.fold(decision)
            batch = case.batch(turned.lines, case.case.opened.token)
            try:
                filed = not turned.lines or self.ledger.append(batch, self._clock())
            except LedgerConflict:
                # Somebody else's last word came in between; look again and say ours after it.
                continue
            if filed and turned.receipt is not None:
                return turned.receipt
        raise Unavailable("The case did not answer; nothing was changed. Try again.")


def _let_through_who_gave_up() -> None:
    """The SDK says the same of a time-out and of a caller who gave up: let the latter through."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _no_answer(decision: Decision) -> Unavailable:
    return Unavailable(f"No worker answered in time. {_unsure(decision)}")


def _unsure(decision: Decision) -> str:
    return (
        "It may still be applied: look at the trail, or send it again"
        f" with --id {decision.id}, which never counts twice."
    )
