"""Deciding: an act as a person sends it becomes a decision, stamped with instant and who is who."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from activities.register import CaseRow
from models.case import Decision, Receipt
from models.errors import BadInput, Refused
from models.forms import problems
from models.people import Role
from procedures.registry import by_name
from runtime import evidence
from runtime.desk_sending import SendingDesk
from workflows.messages import MOST


class DecidingDesk(SendingDesk):
    """A desk that takes decisions. It checks what only it can know, and decides nothing."""

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
        return await self._send_to(row, decision)

    async def send(self, case_id: str, decision: Decision) -> Receipt:
        """Send a decision as `decision` made it and wait for its receipt; raises as `decide`."""
        return await self._send_to(self._row(case_id), decision)

    async def _send_to(self, row: CaseRow, decision: Decision) -> Receipt:
        receipt = (
            await self.closed_case(row.case_id, decision)
            if row.closed
            else await self._send(row.case_id, decision)
        )
        # What was there before it was sent cannot come of this sending: Temporal gives the answer
        # of an update that it has seen before again, and does not say so.
        return receipt.model_copy(update={"repeated": receipt.repeated or receipt.seq <= row.seq})

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
        """The decision as it is sent, whichever way: stamped with the instant and with who is who.

        What only the ledger knows is asked here: was it shown, is the file kept, is the other case
        there. Raises BadInput, or Refused when what was shown is not what the ledger holds.
        """
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
        self._other_case_is_there(row, decision)
        self._taken_up_in_a_case_of_ours(row, decision)
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

    def _taken_up_in_a_case_of_ours(self, row: CaseRow, decision: Decision) -> None:
        """A referral is taken up by a case that is there, so that nothing falls through (APPX)."""
        named = decision.fields.get("case")
        if decision.act != "take_referral" or not named:
            return
        other = self.ledger.register(str(named))
        if other is None or other.case_id == row.case_id:
            raise BadInput(
                "Name the case that was opened for it; nothing was sent. If it is dealt with"
                " elsewhere, say so under `outside`."
            )
        if by_name(other.procedure).code != decision.fields.get("to"):
            raise BadInput("That case is of another process; nothing was sent.")

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
