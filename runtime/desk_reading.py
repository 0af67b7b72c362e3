"""What the desk reads: cases, trails and inboxes, from the ledger and never from Temporal.

Temporal's own lists lag (S8). What opens and decides is built on this.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from temporalio.client import (
    Client,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.evidence_store import EvidenceStore
from activities.ledger import Ledger
from activities.register import CaseFilter, CaseRow, DutyRow, InboxRow, Share
from models.base import Value
from models.case import Line
from models.directory import Directory
from models.errors import BadInput, Misconfigured, Unavailable
from models.london import london, london_date
from models.looked import LISTS, Door, Look, Seen
from models.people import PERSON_ID, Role
from models.working_time import CalendarSnapshot
from runtime import calendar_changes
from runtime.clock import Clock
from runtime.deeds import Deeds

if TYPE_CHECKING:
    from runtime.replay import Replayed

ANSWER = timedelta(seconds=30)
"""How long somebody waits for a receipt, in real time, before they are told to ask again."""

TURNED_AWAY = frozenset(
    {
        RPCStatusCode.INVALID_ARGUMENT,
        RPCStatusCode.NOT_FOUND,
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.OUT_OF_RANGE,
        RPCStatusCode.UNIMPLEMENTED,
        RPCStatusCode.UNAUTHENTICATED,
    }
)
"""Answers of a server that took nothing. A connection that breaks may break after it was taken."""


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
        replays: Callable[[str], Awaitable[Replayed]] | None = None,
        keeps_forms: timedelta = timedelta(days=14),
    ) -> None:
        self.ledger = ledger
        self._directory = directory
        self._temporal = temporal
        self._task_queue = task_queue
        self._clock = clock
        self._store = store
        self._replays = replays
        self.keeps_forms = keeps_forms
        """Real time for which a form that was begun and not sent is kept untouched (R)."""
        self._deeds = Deeds(ledger)
        self._today: dict[tuple[str, Seen, Door], date] = {}
        """The last London day on which somebody's look at their own work was recorded here."""

    def now(self) -> datetime:
        """The instant at which the desk receives something, UTC."""
        return self._clock()

    @property
    def keeps_files(self) -> bool:
        """Whether this desk has an evidence store; one of a rehearsal has none."""
        return self._store is not None

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

    @property
    def calendar(self) -> CalendarSnapshot:
        """The calendar that new cases pin: the policy's, and every closed day that was confirmed."""
        return calendar_changes.calendar(self._deeds)

    def show(self, case_id: str) -> CaseView:
        """Where a case stands and what is open in it. Raises BadInput when there is none."""
        open_work = sorted(self.ledger.duties(case_id), key=_by_when)
        return CaseView(case=self._row(case_id), duties=tuple(open_work))

    def trail(self, case_id: str) -> list[Line]:
        """Everything that happened to a case, in order. Raises BadInput when there is none."""
        self._row(case_id)
        return self.ledger.trail(case_id)

    def inbox(
        self, person: str, share: Share | None = None, limit: int | None = None, offset: int = 0
    ) -> list[InboxRow]:
        """What a person may do now, or that share of it: overdue first, then by due instant."""
        return self.ledger.inbox(self.directory.find(person).id, share, limit, offset)

    def waiting(self, person: str) -> dict[Share, int]:
        """How much waits for a person, by whose work it is."""
        return self.ledger.waiting(self.directory.find(person).id)

    def cases(
        self, wanted: CaseFilter | None = None, limit: int = 100, offset: int = 0
    ) -> list[CaseRow]:
        """Cases, the newest first."""
        return self.ledger.cases(wanted, limit, offset)

    async def replay(self, case_id: str) -> Replayed:
        """Let Temporal read a case's history again with today's program.

        Raises BadInput when it knows of none, Unavailable when it does not answer, Misconfigured
        at a desk that was built without it.
        """
        if self._replays is None:
            raise Misconfigured("This desk cannot ask Temporal to replay a case.")
        return await self._replays(case_id)

    def note_look(  # noqa: PLR0913  # who, at what, by which way
        self,
        cases: str | Iterable[str],
        person: str | None,
        seen: Seen,
        door: Door,
        *,
        role: Role | None = None,
        account: str = "",
    ) -> None:
        """Record that somebody looks at a case, or at several, before they are shown it (SD14).

        Every door calls this, once for each look; nothing is shown when it cannot be recorded.
        `account` is for the command line, which need not be told who sits there. Raises BadInput
        when nobody is known by that name, Unavailable when it could not be recorded.
        """
        named = [cases] if isinstance(cases, str) else cases
        who = self._who_looks(person, role, account)
        looks = (Look(case_id=one, seen=seen, door=door, **who) for one in named)
        self.ledger.looks.note(*looks)

    def note_list(  # noqa: PLR0913  # who, at what, how narrowed, by which way
        self,
        person: str | None,
        seen: Seen,
        door: Door,
        rows: int,
        asked: Mapping[str, str] | None = None,
        *,
        role: Role | None = None,
        account: str = "",
    ) -> None:
        """Record that somebody looks at a list, before they are shown it; errors as `note_look`.

        `asked` says how it was narrowed: ids and codes only (`lists_asked`).
        """
        who, how = self._who_looks(person, role, account), dict(asked or {})
        self.ledger.looks.note(
            Look(case_id=LISTS, seen=seen, door=door, asked=how, rows=rows, **who)
        )

    def _who_looks(self, person: str | None, role: Role | None, account: str) -> dict[str, Any]:
        """Who looks, in which role, and when; raises BadInput when nobody is known by that name."""
        at = self.now()
        who = self.directory.find(person).id if person else None
        return {"person": who, "account": account, "role": role, "at": at, "london": london(at)}

    def note_own_list(self, person: str, seen: Seen, door: Door, rows: int) -> None:
        """As `note_list`, once a London day, for what shows people their own work and no other.

        The trail of each case says who held it when; this says that somebody opened their work.
        The day is remembered by this process: another one, or a restart, records it again.
        """
        place, today = (person, seen, door), london_date(self.now())
        if self._today.get(place) != today:
            self.note_list(person, seen, door, rows)
            self._today[place] = today

    def looks(self, case_id: str) -> list[Look]:
        """Who looked at a case, in order. Raises BadInput when there is no such case."""
        self._row(case_id)
        return self.ledger.looks.of(case_id)

    def who_looked(self, text: str) -> str:
        """The id of whose looks are asked for: somebody of the directory, or gone from it since.

        Raises BadInput for whoever is in neither.
        """
        try:
            return self.directory.find(text).id
        except BadInput:
            if re.fullmatch(PERSON_ID, text) and self.ledger.looks.of_person(text):
                return text
            raise

    def _row(self, case_id: str) -> CaseRow:
        row = self.ledger.register(case_id)
        if row is None:
            raise BadInput("There is no case with that reference. `casework list` shows them.")
        return row

    async def _client(self) -> Client:
        return await self._temporal()


def _by_when(duty: DutyRow) -> tuple[bool, float]:
    """What is due first comes first, and what has no date last."""
    return duty.due is None, duty.due.timestamp() if duty.due else 0


def unavailable(error: RPCError, unsure: str) -> Unavailable:
    """Temporal's answer in plain words: nothing happened, or `unsure`, where that is not known."""
    how = error.status.name.lower().replace("_", " ")
    if error.status in TURNED_AWAY:
        return Unavailable(
            f"The Temporal server did not take it ({how}). Nothing was changed; try again."
        )
    if error.status is RPCStatusCode.FAILED_PRECONDITION:
        unsure += " If it is the same again, the case is stuck: tell an administrator."
    return Unavailable(f"The Temporal server did not answer ({how}). {unsure}")
