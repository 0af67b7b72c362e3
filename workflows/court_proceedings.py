"""C: posts or comments about court proceedings (2.3) as a workflow type."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from procedures.court_proceedings import CourtProceedings
    from workflows.case import Case
    from workflows.messages import CaseEnd, CaseStart


@workflow.defn(name="court_proceedings")
class CourtProceedingsCase(Case):
    """One post about court proceedings, from the report to what came of it."""

    procedure = CourtProceedings

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        """Temporal wants it on the decorated class."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart) -> CaseEnd:
        """See `Case.live`."""
        return await self.live(start)
