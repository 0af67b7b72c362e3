"""The whole service inside the tests: real server, real worker, real ledger, one desk."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from activities.ledger import Ledger
from models.case import Line, Receipt
from runtime import building
from runtime.clock import utc_now
from runtime.desk import Desk
from runtime.settings import Settings

REASON = "The direction is clear, the scope is narrow and no safer source exists."

INTAKE: dict[str, Any] = {
    "immediate_danger": False,
    "safeguarding_concern": "no",
    "used_personal_account": False,
    "declaration": True,
    "asked_by": "court",
    "practitioner_holds_case": True,
    "order_status": "sealed",
    "order_document": {"sha256": "a" * 64, "pages": 3, "pages_received": 3},
    "judge_or_court": "Family Court at Exampleton",
    "direction_type": "access",
    "directed_to": "cafcass",
    "compliance_date": "none given",
    "law_type": "private",
    "targets": [
        {"person_label": "A", "platform": "facebook", "account": "some.body", "child": False}
    ],
    "scope": {"content": ["posts"], "first": "2026-01-01", "last": "2026-06-30", "note": "public"},
    "purpose": "to see whether contact took place as alleged",
    "interaction_ordered": False,
    "notice_to_person": "given",
    "alternatives": "ask the party to produce it",
}

ARRANGE: dict[str, Any] = {
    "account_id": "official-facebook-1",
    "second_factor": True,
    "tied_to_a_person": False,
    "mode": "supervised",
    "footprint": "The platform does not show who viewed a page.",
}
CLOSE: dict[str, Any] = {"signed_out": True, "sessions_ended": True, "password_rotated": True}


def intake(**changes: Any) -> dict[str, Any]:
    """A form that opens, with a token and an order of its own."""
    received = utc_now() - timedelta(hours=1)
    form = deepcopy(INTAKE) | {
        "submission_token": str(uuid4()),
        "order_reference": f"ORD-{uuid4().hex[:8]}",
        "order_date": (received - timedelta(days=1)).date().isoformat(),
        "received_at": received.isoformat(),
    }
    return form | changes


@dataclass
class Service:
    """What a test needs of a running service."""

    settings: Settings
    client: Client
    ledger: Ledger
    desk: Desk
    sent: list[Receipt] = field(default_factory=list)

    async def open(self, by: str = "fca-1", **changes: Any) -> str:
        """A new case; its reference."""
        return (await self.desk.open("D", intake(**changes), by)).case_id

    async def act(self, case_id: str, person: str, act: str, /, **fields: Any) -> Receipt:
        """One act with a good reason."""
        receipt = await self.desk.decide(case_id, act, person, reason=REASON, fields=fields)
        self.sent.append(receipt)
        return receipt

    async def entry(self, case_id: str, *, code: str) -> Line:
        """The newest trail line with a code, once it is there."""
        for _ in range(200):
            for line in reversed(self.ledger.trail(case_id)):
                if line.entry.code == code:
                    return line
            await asyncio.sleep(0.05)
        said = [(one.entry.kind, one.entry.code) for one in self.ledger.trail(case_id)]
        raise AssertionError(f"no entry says {code}: {said}")

    def custodian(self) -> str:
        """A custodian of the official account."""
        accounts = self.desk.directory.accounts
        return next(a for a in accounts if a.id == ARRANGE["account_id"]).custodians[0]

    async def complete(self, case_id: str) -> list[Receipt]:
        """The shortest road from the direction to the filed report."""
        filed_at = (utc_now() - timedelta(minutes=1)).isoformat()
        receipts = [
            await self.act(case_id, "lm-1", "start_considering"),
            await self.act(case_id, "lm-1", "agree", targets_match_order=True),
            await self.act(
                case_id, "com-3", "arrange_account", custodian=self.custodian(), **ARRANGE
            ),
            await self.act(case_id, "fca-1", "complete", report_prepared=True),
            await self.act(case_id, "fca-1", "file_report", filed_at=filed_at, proof="c" * 64),
            await self.act(case_id, "com-3", "close_access", **CLOSE),
        ]
        assert [receipt.outcome for receipt in receipts] == ["applied"] * 6, receipts
        return receipts

    def handle(self, case_id: str) -> WorkflowHandle[Any, Any]:
        """The case's workflow, for tests that speak past the desk."""
        return self.client.get_workflow_handle(case_id)


@contextlib.asynccontextmanager
async def running(settings: Settings, client: Client) -> AsyncIterator[Service]:
    """A worker and a desk on an existing server, with a ledger below the settings' home."""
    ledger = building.open_ledger(settings)
    directory = building.open_directory(settings, ledger)
    async with building.build_worker(client, settings, ledger, directory):
        desk = building.build_desk(settings, ledger=ledger, directory=directory, client=client)
        yield Service(settings, client, ledger, desk)
    ledger.close()
