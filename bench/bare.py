"""What we compare with: a bare hand-written workflow of the same acts, timers and activities.

No policy, no trail, no ledger, no encryption: one ordinary activity an act, one timer between acts.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow

ONE_ACTIVITY = timedelta(seconds=30)


@activity.defn
async def note(act: str) -> str:
    """An ordinary activity that does nothing."""
    return act


@workflow.defn
class BareCase:
    """Takes a given number of acts, each noted by one activity, then ends."""

    def __init__(self) -> None:
        self._acts: list[str] = []
        self._noted = 0

    @workflow.update
    async def act(self, act: str) -> str:
        """One act, answered when it is noted."""
        self._acts.append(act)
        mine = len(self._acts)
        await workflow.wait_condition(lambda: self._noted >= mine)
        return act

    @workflow.update
    async def ping(self, text: str) -> str:
        """A bare update: answered at once."""
        return text

    @workflow.run
    async def run(self, acts: int) -> int:
        """Until the last act is noted."""
        await workflow.execute_activity(note, "open", start_to_close_timeout=ONE_ACTIVITY)
        while self._noted < acts:
            try:
                await workflow.wait_condition(
                    lambda: len(self._acts) > self._noted, timeout=timedelta(hours=8)
                )
            except TimeoutError:
                continue
            act = self._acts[self._noted]
            await workflow.execute_activity(note, act, start_to_close_timeout=ONE_ACTIVITY)
            self._noted += 1
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._noted
