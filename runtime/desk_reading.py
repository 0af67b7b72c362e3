"""What the desk reads: cases, trails and inboxes, from the ledger and never from Temporal.

Temporal's own lists lag (S8). What opens and decides is built on this.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio.client import (
    Client,
)
from temporalio.service import RPCError

from activities.evidence_store import EvidenceStore
from activities.ledger import Ledger
from activities.register import CaseFilter, CaseRow, DutyRow, InboxRow
from models.base import Value
from models.case import Line
from models.directory import Directory
from models.errors import BadInput, Misconfigured, Unavailable
from runtime.clock import Clock

ANSWER = timedelta(seconds=30)
"""How long somebody waits for a receipt, in real time, before they are told to ask again."""


class CaseView(Value):
    """What the register says of a case, and its open work."""

    case: CaseRow
    duties: tuple[DutyRow, ...]


class ReadingDesk:
    """What a desk is built of, and what it can be asked."""

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

    def _row(self, case_id: str) -> CaseRow:
        row = self.ledger.register(case_id)
        if row is None:
            raise BadInput("There is no case with that reference. `casework list` shows them.")
        return row

    async def _client(self) -> Client:
        return await self._temporal()


def unavailable(error: RPCError) -> Unavailable:
    """Temporal's answer in plain words: nothing happened, and it may be tried again."""
    return Unavailable(
        "The Temporal server did not take it"
        f" ({error.status.name.lower().replace('_', ' ')}). Nothing was changed; try again."
    )
