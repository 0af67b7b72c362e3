"""D: court-directed access (2.13) as a workflow type."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from procedures.court_directed_access import CourtDirectedAccess
    from workflows.case import Case
    from workflows.messages import CaseEnd, CaseStart


@workflow.defn(name="court_directed_access")
class CourtDirectedAccessCase(Case):
    """One court-directed access case, from the direction to the filed report."""

    procedure = CourtDirectedAccess

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        """Temporal wants it on the decorated class."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart) -> CaseEnd:
        """See `Case.live`."""
        return await self.live(start)
