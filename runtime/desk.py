"""The desk: the one door to a case. Command line, pages and API speak to it, never to Temporal.

It knows who the sender is and stamps when a decision was received; it decides nothing itself. What
it reads comes from the ledger, never from Temporal's own lists, which lag (S8).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

import policy
from activities.evidence_store import EvidenceStore
from activities.ledger import Ledger, LedgerConflict
from activities.links import About
from activities.register import CaseFilter, CaseRow, DutyRow, InboxRow
from models.base import Value
from models.case import Decision, Line, Opened, Receipt
from models.directory import Directory
from models.errors import BadInput, Misconfigured, Refused, Unavailable
from models.evidence import Deed, Part, Purpose
from models.forms import problems
from models.people import Role
from procedures.opening import pins
from procedures.procedure import Procedure
from procedures.registry import by_name, kept_apart
from runtime import evidence, recovery
from runtime.audit import refold
from runtime.clock import Clock
from workflows.messages import DECIDE, MOST, Carried, CaseStart

ANOTHER = "another-case"
"""What a dry run calls an open case that it would join: whoever asks may not know which it is."""

TRIES = 5
"""How often a closed case's refusal is tried when others write to it at the same moment."""

ANSWER = timedelta(seconds=30)
"""How long somebody waits for a receipt, in real time, before they are told to ask again."""


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


class CaseView(Value):
    """What the register says of a case, and its open work."""

    case: CaseRow
    duties: tuple[DutyRow, ...]


class Desk:
    """Everything people do to cases. `temporal` is asked for only when something is sent."""

    def __init__(  # noqa: PLR0913  # what it is built of, each named at the call
        self,
        *,
        ledger: Ledger,
        directory: Callable[[], Directory],
        temporal: Callable[[], Awaitable[Client]],
        task_queue: str,
        clock: Clock,
        store: Callable[[], EvidenceStore] | None = None,
    ) -> None:
        self.ledger = ledger
        self._directory = directory
        self._temporal = temporal
        self._task_queue = task_queue
        self._clock = clock
        self._store = store

    def now(self) -> datetime:
        """The instant at which the desk receives something, UTC."""
        return self._clock()

    @property
    def store(self) -> EvidenceStore:
        """Where files lie. Raises Misconfigured at a desk without a store, as in rehearsals."""
        if self._store is None:
            raise Misconfigured("This desk has no evidence store; nothing was kept or given out.")
        return self._store()

    @property
    def directory(self) -> Directory:
        """The newest good directory."""
        return self._directory()

    # --- opening --------------------------------------------------------------------------------

    def prepare(
        self, procedure: str, form: dict[str, Any], by: str, case_id: str, at: datetime
    ) -> Opened:
        """The opening fact of a form, or BadInput with every fault, or Refused.

        Also the first half of a dry run: folding it shows the path and the dates.
        """
        kind = by_name(procedure)
        person = self.directory.find(by).id
        sender = self.directory.sender(person, at)
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
            pins=pins(kind, policy.book(), policy.calendar(), at),
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

    def dry_run(self, procedure: str, form: dict[str, Any], by: str) -> Procedure:
        """What would happen if the form were sent now; nothing is opened or recorded.

        Whether the same matter is open already is asked of the ledger; without one, it is not.
        """
        opened = self.prepare(procedure, form, by, "dry-run", self._clock())
        if self._is_open(opened):
            opened = opened.model_copy(update={"same_as": ANOTHER})
        case = by_name(procedure).begin(opened)
        case.fold(opened)
        return case

    def _is_open(self, opened: Opened) -> bool:
        kind = by_name(opened.procedure)
        key = kind.identity(kind.read(opened.intake))
        try:
            return key is not None and self.ledger.is_open(key, kind.key)
        except Unavailable:
            # A dry run shows what it can; the claim asks again when the form is really sent.
            return False

    async def open(  # a form and its sender; the rest is for rehearsals and tests
        self,
        procedure: str,
        form: dict[str, Any],
        by: str,
        *,
        case_id: str | None = None,
        at: datetime | None = None,
    ) -> Opening:
        """Open a case. One submission token makes one case, however often the form is sent."""
        at = at or self._clock()
        opened = self.prepare(procedure, form, by, case_id or new_case_id(), at)
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
            raise _unavailable(error) from None

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

    # --- deciding -------------------------------------------------------------------------------

    async def decide(  # noqa: PLR0913  # the parts of a decision, each named at the call
        self,
        case_id: str,
        act: str,
        person: str,
        *,
        reason: str = "",
        fields: dict[str, Any] | None = None,
        role: Role | None = None,
        on_behalf_of: str | None = None,
        saw: int | None = None,
        saw_hash: str | None = None,
        id: str | None = None,
        at: datetime | None = None,
        meant_for: str | None = None,
    ) -> Receipt:
        """Send one act and wait for its receipt: applied, refused with the reason, or held.

        `saw` is the last entry the person was shown; left out, it is the newest there is. The same
        `id` sent again is answered again and nothing happens twice. Raises BadInput when there is
        no such case or the decision cannot be read, Unavailable when nobody answered in time.
        """
        row = self._row(case_id)
        decision = self.decision(
            row,
            act,
            person,
            reason=reason,
            fields=fields or {},
            role=role,
            on_behalf_of=on_behalf_of,
            saw=saw,
            saw_hash=saw_hash,
            id=id,
            at=at,
            meant_for=meant_for,
        )
        self._other_case_is_there(row, decision)
        if row.closed:
            return await self.closed_case(row.case_id, decision)
        return await self._send(case_id, decision)

    def decision(  # noqa: PLR0913  # see decide
        self,
        row: CaseRow,
        act: str,
        person: str,
        *,
        reason: str,
        fields: dict[str, Any],
        role: Role | None = None,
        on_behalf_of: str | None = None,
        saw: int | None = None,
        saw_hash: str | None = None,
        id: str | None = None,
        at: datetime | None = None,
        meant_for: str | None = None,
    ) -> Decision:
        """The decision as it is sent: stamped with the instant and with who is who."""
        at = at or self._clock()
        directory = self.directory
        who = directory.find(person).id
        self._was_shown(row.case_id, saw, saw_hash)
        if fields.get("in_store"):
            evidence.refuse_what_is_not_kept(self.store, row.case_id, fields)
        try:
            decision = Decision(
                id=id or str(uuid4()),
                case_id=meant_for or row.case_id,
                act=act,
                person=who,
                role=role,
                on_behalf_of=on_behalf_of,
                reason=reason,
                fields=fields,
                saw=row.seq if saw is None else saw,
                saw_hash=saw_hash,
                at=at,
                roster=directory.roster(row.subject, at, row.assigned),
                sender=directory.sender(who, at),
            )
        except ValidationError as error:
            raise BadInput("The decision cannot be read.", problems(error)) from None
        if len(decision.model_dump_json()) > MOST:
            raise BadInput("The decision is too large; files are added as evidence, by their hash.")
        return decision

    def _was_shown(self, case_id: str, saw: int | None, saw_hash: str | None) -> None:
        if saw is None or saw_hash is None:
            return
        lines = self.ledger.lines_of(case_id)
        if not 0 < saw <= len(lines) or lines[saw - 1].hash != saw_hash:
            raise Refused(
                "not_what_was_shown",
                "What you were shown is not what the ledger holds. Nothing was sent; look again.",
            )

    async def signal(self, case_id: str, decision: Decision) -> None:
        """Send a decision without waiting for its receipt; the trail will hold what became of it."""
        client = await self._client()
        try:
            await client.get_workflow_handle(case_id).signal(DECIDE, decision)
        except RPCError as error:
            raise _unavailable(error) from None

    async def _send(self, case_id: str, decision: Decision) -> Receipt:
        try:
            return await self._sent(case_id, decision)
        except WorkflowUpdateFailedError:
            # The case ended while it was on its way.
            return await self._closed(case_id, decision)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise _unavailable(error) from None
        if self._row(case_id).closed:
            return await self.closed_case(case_id, decision)
        # Open in the ledger, gone from Temporal: the record goes on, and the case with it.
        await recovery.start_again(await self._client(), self.ledger, case_id, self._task_queue)
        return await self._sent(case_id, decision)

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

    def _other_case_is_there(self, row: CaseRow, decision: Decision) -> None:
        """A report is joined by hand only to an open case of the same procedure (6.4)."""
        kind = by_name(row.procedure)
        act = kind.acts.get(decision.act) or kind.acts_by_code.get(decision.act)
        if act is None or not act.joins:
            return
        other = self.ledger.register(str(decision.fields.get("other", "")))
        if other is None or other.closed or other.procedure != row.procedure:
            raise BadInput("Name an open case of the same procedure; nothing was sent.")
        if other.case_id == row.case_id:
            raise BadInput("A case is not joined to itself; nothing was sent.")
        if kind.seat is Role.AFF and other.subject != row.subject:
            raise BadInput("That case is about somebody else; link it instead. Nothing was sent.")

    async def _sent(self, case_id: str, decision: Decision) -> Receipt:
        handle = (await self._client()).get_workflow_handle(case_id)
        try:
            # Round the whole wait: the client's own limit counts afresh with every poll.
            async with asyncio.timeout(ANSWER.total_seconds()):
                receipt: Receipt = await handle.execute_update(
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
        return receipt

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

    # --- evidence -------------------------------------------------------------------------------

    async def add_evidence(  # noqa: PLR0913  # the parts of a decision, each named at the call
        self,
        case_id: str,
        person: str,
        file: bytes | Path,
        title: str,
        *,
        reason: str = "",
        fields: dict[str, Any] | None = None,
        role: Role | None = None,
        id: str | None = None,
    ) -> evidence.Added:
        """Keep a file and add it to a case as evidence (6.7). `fields` say more of the post.

        Somebody who may not add it gets the refusal, recorded as any, and no file is kept. When the
        case moves on in between and refuses then, the file stays and its custody list says that no
        case names it. Raises BadInput when the file is not one that is taken, or as `decide`.
        """
        return await evidence.add(
            self,
            case_id,
            person,
            file,
            reason=reason,
            fields={**(fields or {}), "title": title},
            role=role,
            id=id,
        )

    def evidence_of(self, case_id: str, person: str) -> list[evidence.Item]:
        """The files a case names, with their custody lists. Raises Refused to whom it is not for."""
        return evidence.listed(self, case_id, person)

    def read_evidence(  # noqa: PLR0913  # what is wanted, by whom, why
        self,
        case_id: str,
        sha256: str,
        person: str,
        *,
        part: Part = Part.WORKING_COPY,
        purpose: Purpose = Purpose.CASE_WORK,
        did: Deed = Deed.READ,
    ) -> bytes:
        """A file of a case; the custody line is written first. Raises Refused, BadInput, Damaged."""
        return evidence.read(self, case_id, sha256, person, part=part, purpose=purpose, did=did)

    # --- reading --------------------------------------------------------------------------------

    def _row(self, case_id: str) -> CaseRow:
        row = self.ledger.register(case_id)
        if row is None:
            raise BadInput("There is no case with that reference. `casework list` shows them.")
        return row

    def show(self, case_id: str) -> CaseView:
        """Where a case stands and what is open in it. Raises BadInput when there is none."""
        return CaseView(case=self._row(case_id), duties=tuple(self.ledger.duties(case_id)))

    def trail(self, case_id: str) -> list[Line]:
        """Everything that happened to a case, in order. Raises BadInput when there is none."""
        self._row(case_id)
        return self.ledger.trail(case_id)

    def inbox(self, person: str) -> list[InboxRow]:
        """What a person may do now: overdue first, then by due instant."""
        return self.ledger.inbox(self.directory.find(person).id)

    def cases(self, wanted: CaseFilter | None = None, limit: int = 100) -> list[CaseRow]:
        """Cases, the newest first."""
        return self.ledger.cases(wanted, limit)

    async def _client(self) -> Client:
        return await self._temporal()


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


def _unavailable(error: RPCError) -> Unavailable:
    return Unavailable(
        "The Temporal server did not take it"
        f" ({error.status.name.lower().replace('_', ' ')}). Nothing was changed; try again."
    )


def _let_through_who_gave_up() -> None:
    """The SDK says the same of a time-out and of a caller who gave up: let the latter through."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _no_answer(decision: Decision) -> Unavailable:
    return Unavailable(
        "No worker answered in time. It may still be applied: look at the trail, or send it again"
        f" with --id {decision.id}, which never counts twice."
    )
