"""Opening a case: a form is judged, its matter claimed, its workflow started, the ledger awaited."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import uuid4

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

import policy
from activities.links import About
from activities.register import CaseRow, DutyRow
from models.base import Value
from models.case import Opened
from models.errors import BadInput, Refused, Unavailable
from models.people import Role
from models.working_time import CalendarSnapshot
from procedures.opening import pins
from procedures.procedure import Procedure
from procedures.registry import by_name, kept_apart
from runtime.desk_reading import ANSWER, ReadingDesk, unavailable
from runtime.narrowing import Roles, kept
from workflows.messages import CaseStart

ANOTHER = "another-case"
"""What a dry run calls an open case that it would join: whoever asks may not know which it is."""


class Opening(Value):
    """The answer to a form: the case's reference, and where it stands."""

    case_id: str
    procedure: str
    state: str
    label: str
    repeated: bool = False
    """The form had been sent before; this is the case it made then."""
    refused: bool = False
    message: str = ""
    warnings: tuple[str, ...] = ()
    """What looked like a slip in the form and was taken as it is (9.7)."""
    duties: tuple[DutyRow, ...] = ()


class OpeningDesk(ReadingDesk):
    """A desk that takes forms. One submission token makes one case, however often it is sent."""

    def prepare(  # noqa: PLR0913  # what a case opens with, each named at the call
        self,
        procedure: str,
        form: dict[str, Any],
        by: str,
        case_id: str,
        at: datetime,
        *,
        calendar: CalendarSnapshot | None = None,
        only: Roles = None,
    ) -> Opened:
        """The opening fact of a form, or BadInput with every fault, or Refused.

        Also the first half of a dry run: folding it shows the path and the dates.
        """
        kind = by_name(procedure)
        person = self.directory.find(by).id
        known = self.directory.sender(person, at)
        sender = known.model_copy(update={"roles": kept(known.roles, only)})
        if Role.AUD in known.roles:
            raise Refused("auditor", "Auditors read; they never open a case.", "SD14")
        if not sender.active or not set(kind.starters) & set(sender.roles):
            raise Refused(
                "not_a_starter", "Your role cannot open this procedure; nothing was opened.", "4.1"
            )
        intake = kind.read(form)
        faults = kind.faults_at(intake, at)
        if faults:
            raise BadInput("The form cannot be used yet.", faults)
        self._are_colleagues(kind.people_in(intake), at)
        return Opened(
            case_id=case_id,
            procedure=kind.key,
            at=at,
            by=person,
            token=str(intake.submission_token),
            pins=pins(kind, policy.book(), calendar or self.calendar, at),
            roster=self.directory.roster(kind.subject(intake, person), at),
            sender=sender,
            intake=intake.model_dump(mode="json"),
        )

    def _are_colleagues(self, named: dict[str, str], at: datetime) -> None:
        faults = tuple(
            f"{field}: nobody with that id is in post; look the person up in the directory"
            for field, person in named.items()
            if not self.directory.sender(person, at).active
        )
        if faults:
            raise BadInput("The form cannot be used yet.", faults)

    def dry_run(
        self, procedure: str, form: dict[str, Any], by: str, *, only: Roles = None
    ) -> Procedure:
        """What would happen if the form were sent now; nothing is opened or recorded.

        Whether the same matter is open already is asked of the ledger; without one, it is not.
        """
        at, calendar = self._clock(), self._calendar_if_known()
        opened = self.prepare(procedure, form, by, "dry-run", at, calendar=calendar, only=only)
        if self._is_open(opened):
            opened = opened.model_copy(update={"same_as": ANOTHER})
        case = by_name(procedure).begin(opened)
        case.fold(opened)
        return case

    def _calendar_if_known(self) -> CalendarSnapshot:
        try:
            return self.calendar
        except Unavailable:
            # A dry run shows what it can; a case that is really opened needs the ledger anyway.
            return policy.calendar()

    def _is_open(self, opened: Opened) -> bool:
        kind = by_name(opened.procedure)
        key = kind.identity(kind.read(opened.intake))
        try:
            return key is not None and self.ledger.is_open(key, kind.key)
        except Unavailable:
            # A dry run shows what it can; the claim asks again when the form is really sent.
            return False

    async def open(  # noqa: PLR0913  # a form and its sender; the rest is for rehearsals and tests
        self,
        procedure: str,
        form: dict[str, Any],
        by: str,
        *,
        case_id: str | None = None,
        at: datetime | None = None,
        only: Roles = None,
    ) -> Opening:
        """Open a case. One submission token makes one case, however often the form is sent.

        `only` are the roles its sender may use, None all they hold.
        """
        at = at or self._clock()
        opened = self.prepare(procedure, form, by, case_id or new_case_id(), at, only=only)
        kind = by_name(procedure)
        # Played once before anything is claimed: a calendar that is too short says so here.
        kind.begin(opened).fold(opened)
        intake = kind.read(opened.intake)
        claim = self.ledger.claim(
            opened.token, opened.case_id, kind.identity(intake), _about(kind, intake, at)
        )
        repeated = claim.case_id != opened.case_id
        if repeated:
            known = self.ledger.register(claim.case_id)
            if known is not None:
                return self._opening(known, repeated=True)
        opened = opened.model_copy(update=claim.model_dump())
        await self._start(opened)
        opening = self._opening(await self._recorded(opened.case_id), repeated=repeated)
        return opening.model_copy(update={"warnings": intake.warnings_at(at)})

    def opened_with(self, token: str) -> Opening | None:
        """The case that a submission token made; None while there is none."""
        row = self.ledger.of_token(token)
        return None if row is None else self._opening(row, repeated=True)

    async def _start(self, opened: Opened) -> None:
        client = await self._client()
        try:
            await client.start_workflow(
                opened.procedure,
                CaseStart(opened=opened),
                id=opened.case_id,
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            )
        except WorkflowAlreadyStartedError:
            # An earlier try got this far: the case is there, or is on its way into the ledger.
            return
        except RPCError as error:
            raise unavailable(
                error,
                "The case may still be opened: sending the same form again makes no second case.",
            ) from None

    async def _recorded(self, case_id: str) -> CaseRow:
        """Wait until the ledger holds the case: only then is it acknowledged."""
        # An opening takes some fifteen milliseconds; looking sooner would only slow it down.
        wait = 0.015
        waited = 0.0
        while waited < ANSWER.total_seconds():
            row = self.ledger.register(case_id)
            if row is not None:
                return row
            await asyncio.sleep(wait)
            waited += wait
            wait = min(wait * 1.5, 0.2)
        raise Unavailable(
            f"The form was handed in safely as {case_id}, but no worker has opened it yet. It will"
            " be opened as soon as one runs; sending the same form again makes no second case."
        )

    def _opening(self, row: CaseRow, *, repeated: bool) -> Opening:
        message = ""
        refused = row.closed and row.seq == 1
        if refused:
            message = self.ledger.trail(row.case_id)[0].entry.message
        return Opening(
            case_id=row.case_id,
            procedure=row.procedure,
            state=row.state,
            label=row.label,
            repeated=repeated,
            refused=refused,
            message=message,
            duties=tuple(self.ledger.duties(row.case_id)),
        )


def _about(kind: type[Procedure], intake: Any, at: datetime) -> About:
    return About(
        procedure=kind.key,
        at=at,
        posts=kind.posts(intake),
        author=kind.author(intake),
        apart_from=kept_apart(kind),
    )


def new_case_id() -> str:
    """A reference that says nothing about the case."""
    return f"case-{uuid4().hex[:12]}"
