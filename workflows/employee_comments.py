"""E: comments or posts about a colleague (2.4, 2.5) as a workflow type."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from procedures.employee_comments import EmployeeComments
    from workflows.case import Case
    from workflows.messages import CaseEnd, CaseStart


@workflow.defn(name="employee_comments")
class EmployeeCommentsCase(Case):
    """One case about a comment on a colleague, from the report to the joint closing."""

    procedure = EmployeeComments

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        """Temporal wants it on the decorated class."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart) -> CaseEnd:
        """See `Case.live`."""
        return await self.live(start)
