"""R: posts or comments about Cafcass, corporate reputation, as a workflow type."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from procedures.corporate_reputation import CorporateReputation
    from workflows.case import Case
    from workflows.messages import CaseEnd, CaseStart


@workflow.defn(name="corporate_reputation")
class CorporateReputationCase(Case):
    """One report of a post about Cafcass, from the report to its outcome."""

    procedure = CorporateReputation

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        """Temporal wants it on the decorated class."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart) -> CaseEnd:
        """See `Case.live`."""
        return await self.live(start)
