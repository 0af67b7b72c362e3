"""A workflow type that goes on in a new run after a handful of messages."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from procedures.court_directed_access import CourtDirectedAccess
    from workflows.messages import CaseEnd, CaseStart

from workflows.case import Case


@workflow.defn(name="hasty")
class HastyCase(Case):
    procedure = CourtDirectedAccess
    most_answers = 5

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart) -> CaseEnd:
        return await self.live(start)
