"""The ledger: the record of every case, and the one place that lists are read from.

    append   trail + register + open work + notices, one transaction, idempotent on (case, seq)
    trail, register, cases, duties, inbox, outbox   reading
    claim    one case per submission token, one open case per matter, and its links (6.4)
    custody  who had an evidence file in hand (6.7), a chain of its own for each file
    looks    who looked at a case (SD14), a chain for each; at lists, one chain more
    deeds    what administrators did, one chain for all, and what it led to (`ledger_of_deeds`)
    verify   the hash chain of each case, link by link

Temporal's history is not the record: it can be reset, deleted and runs out. This is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc

from activities import chain, claims, custody, figures, filing, outbox, register
from activities.database import Database
from activities.drafts import Drafts
from activities.evidence_blobs import Damaged
from activities.filing import KEPT, LedgerConflict
from activities.ledger_of_deeds import LedgerOfDeeds
from activities.looks import LookBook
from activities.outbox import LEASE
from activities.tables import entry
from activities.tables import register as register_table
from models.case import Filed
from models.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta
    from types import TracebackType
    from typing import Self

    from sqlalchemy.engine import Connection

    from activities.chain import Cipher, Fault, KeptLine, Ready, Salted, Verdict
    from activities.claims import Claim
    from activities.figures import Sums, Wanted
    from activities.links import About
    from activities.outbox import Notice, NoticeStatus
    from activities.register import CaseFilter, CaseRow, DutyRow, InboxRow, Share
    from models.case import Batch, Entry, Line
    from models.evidence import CustodyLine
    from models.working_time import CalendarSnapshot

__all__ = ["Ledger", "LedgerConflict"]

TRIES = 50
"""How often a custody line looks for a free place behind the last; each loser had a winner."""


_KEPT_OF_CASE = KEPT.where(entry.c.case_id == sa.bindparam("of"))


class Checked(NamedTuple):
    """What a check found, and all it looked at."""

    verdict: Verdict
    lines: list[KeptLine]
    texts: list[bytes | Fault]
    """The case text of each line as canonical JSON, or why it cannot be had."""
    row: CaseRow | None


class Ledger(LedgerOfDeeds):
    """One ledger, usable from several threads and processes. All instants are UTC.

    `cipher` encrypts case text; without one the ledger can be read, its case text cannot, and
    nothing can be appended. Every method raises Unavailable while the database cannot be reached.
    """

    def __init__(self, url: str, cipher: Cipher | None) -> None:
        self._database = Database(url)
        self._cipher = cipher
        self.looks = LookBook(self._database)
        self.drafts = Drafts(self._database, cipher)
        """Forms begun and not sent: no part of the record."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give every connection back."""
        self._database.close()

    def migrate(self) -> None:
        """Make or bring up to date the tables.

        Raises Misconfigured when they belong to a newer program, or the file cannot be opened.
        """
        self._database.migrate()

    # --- writing ------------------------------------------------------------------------------

    def append(self, batch: Batch, at: datetime) -> Filed:
        """Record what one fact made of a case, all or nothing; on disk when it returns.

        Idempotent: lines already there with the same content are skipped. `at` is the instant of
        recording. Raises LedgerConflict when the ledger holds other content in the same place or a
        line before is missing, BadInput when the case text cannot be kept exactly, Misconfigured
        without a cipher.
        """
        if self._cipher is None:
            raise Misconfigured("The ledger has no key to encrypt case text with, so it is closed.")
        # Written out and sealed before the transaction, which others may be waiting for.
        lines = [chain.ready(line, self._cipher) for line in batch.lines]
        try:
            return self._file(batch, lines, at, self._cipher)
        except exc.IntegrityError:
            # Somebody else wrote in the same place at the same moment: now it can be compared.
            return self._file_again(batch, lines, at, self._cipher)

    def _file(self, batch: Batch, lines: list[Ready], at: datetime, cipher: Cipher) -> Filed:
        with self._database.write() as connection:
            return filing.file(connection, batch, lines, cipher, at)

    def _file_again(self, batch: Batch, lines: list[Ready], at: datetime, cipher: Cipher) -> Filed:
        try:
            return self._file(batch, lines, at, cipher)
        except exc.IntegrityError:
            # Not chained: the driver's words repeat the row.
            raise LedgerConflict(
                f"What {batch.case_id} wants recorded clashes with another record, such as a case "
                "of the same token. Nothing was recorded."
            ) from None

    def claim(
        self,
        token: str,
        case_id: str,
        identity_key: str | None = None,
        about: About | None = None,
    ) -> Claim:
        """Claim a submission token, and the matter, for a case that is about to open (6.4).

        Two at the same moment get one answer: a token has one case for ever, a matter has one
        open case at a time. `about` is what other cases may be linked by. Only digests are kept.
        """
        with self._database.write() as connection:
            return claims.claim(connection, token, case_id, identity_key, about)

    def is_open(self, identity_key: str, procedure: str) -> bool:
        """Whether an open case of a procedure stands for a matter; nothing is claimed or made."""
        if not self._database.is_there:
            return False
        with self._database.read() as connection:
            return claims.is_open(connection, identity_key, procedure)

    def release(self, case_id: str) -> None:
        """Let go of the matter claimed for a case that then could not be opened at all."""
        with self._database.write() as connection:
            claims.release(connection, case_id)

    # --- reading ------------------------------------------------------------------------------

    def trail(self, case_id: str) -> list[Line]:
        """The trail of a case in order; a line that cannot be opened is an UnreadableLine."""
        return self.opened(self.lines_of(case_id))

    def lines_of(self, case_id: str) -> list[KeptLine]:
        """The rows of a case's trail in order, as they lie in the ledger."""
        with self._database.read() as connection:
            return _lines(connection, case_id)

    def opened(self, kept: Sequence[KeptLine]) -> list[Line]:
        """These rows as lines, as `trail` gives them."""
        return [chain.read(one, self._cipher) for one in kept]

    def salted(self, kept: Sequence[KeptLine]) -> list[Salted | Fault]:
        """The case text of these rows with its salt, for whoever is to check the commitments."""
        return [chain.salted(one, self._cipher) for one in kept]

    def register(self, case_id: str) -> CaseRow | None:
        """What the register says of a case; None when there is no such case."""
        with self._database.read() as connection:
            return register.row(connection, case_id)

    def of_token(self, token: str) -> CaseRow | None:
        """The case that a submission token made; None while there is none."""
        with self._database.read() as connection:
            return register.of_token(connection, token)

    def cases(
        self, wanted: CaseFilter | None = None, limit: int = 100, offset: int = 0
    ) -> list[CaseRow]:
        """Cases, the newest first."""
        with self._database.read() as connection:
            return register.cases(connection, wanted or register.CaseFilter(), limit, offset)

    def count(self, wanted: CaseFilter) -> int:
        """How many cases there are of those wanted."""
        with self._database.read() as connection:
            return register.count(connection, wanted)

    def duties(self, case_id: str) -> list[DutyRow]:
        """The open work of one case and who may do it."""
        with self._database.read() as connection:
            return register.duties(connection, case_id)

    def inbox(
        self, person: str, share: Share | None = None, limit: int | None = None, offset: int = 0
    ) -> list[InboxRow]:
        """What a person may do now in any case: overdue first, then by due instant."""
        with self._database.read() as connection:
            return register.inbox(connection, person, share, limit, offset)

    def waiting(self, person: str) -> dict[Share, int]:
        """How much waits for a person, by whose work it is."""
        with self._database.read() as connection:
            return register.waiting(connection, person)

    def last_entries(self, case_ids: Sequence[str]) -> dict[str, Entry]:
        """The newest entry of each of these cases."""
        with self._database.read() as connection:
            return register.last_entries(connection, case_ids)

    def sums(self, wanted: Wanted, now: datetime, today: CalendarSnapshot) -> Sums:
        """What dashboards show of these cases; `today` counts stays that kept no calendar."""
        with self._database.read() as connection:
            return figures.sums(connection, wanted, now, today)

    def subjects(self) -> list[str]:
        """Everybody a case is about."""
        with self._database.read() as connection:
            return figures.subjects(connection)

    # --- notices ------------------------------------------------------------------------------

    def outbox(
        self,
        *,
        person: str | None = None,
        case_id: str | None = None,
        status: NoticeStatus | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Notice]:
        """Notices, the newest first; each argument given narrows the list."""
        with self._database.read() as connection:
            return outbox.listed(
                connection, limit, offset, person=person, case_id=case_id, status=status
            )

    def claim_notices(
        self, now: datetime, limit: int = 20, lease: timedelta = LEASE
    ) -> list[Notice]:
        """Take notices to deliver. Not reported back within `lease` (real time), they return."""
        with self._database.write() as connection:
            return outbox.claim(connection, now, limit, lease)

    def notice_sent(self, notice_id: str, at: datetime) -> None:
        """Record that a notice was delivered."""
        with self._database.write() as connection:
            outbox.sent(connection, notice_id, at)

    def notice_failed(
        self, notice_id: str, at: datetime, code: str, next_try: datetime | None
    ) -> None:
        """Record that a try at `at` failed; None for `next_try` gives the notice up."""
        del at
        with self._database.write() as connection:
            outbox.failed(connection, notice_id, code, next_try)

    # --- custody of files -----------------------------------------------------------------------

    def note_custody(self, line: CustodyLine) -> CustodyLine:
        """Put a custody line behind the last of its file; its `seq` is given here."""
        for _ in range(TRIES):
            try:
                with self._database.write() as connection:
                    return custody.add(connection, line)
            except exc.IntegrityError:
                # Somebody else took that place at the same moment: the next one is free.
                continue
        raise Unavailable("Many have this file in hand at once; nothing was done. Try again.")

    def custody(self, sha256: str) -> list[CustodyLine]:
        """Who had a file in hand, in order. Raises Damaged when the list was tampered with."""
        with self._database.read() as connection:
            kept = custody.rows(connection, sha256=sha256)
        if not custody.holds(kept):
            raise Damaged(
                f"The custody list of {sha256} was changed after it was written. Keep a copy of the "
                "ledger as it is, and find out who could write to it."
            )
        return [custody.line_of(one) for one in kept]

    # --- proof --------------------------------------------------------------------------------

    def heads(self) -> dict[str, Filed]:
        """Last sequence number and hash of every case: what an anchor outside would keep."""
        table = register_table.c
        query = sa.select(table.case_id, table.seq, table.head).order_by(table.case_id)
        with self._database.read() as connection:
            return {
                one.case_id: Filed(seq=one.seq, head=one.head) for one in connection.execute(query)
            }

    def verify(self, case_id: str | None = None) -> Iterator[Verdict]:
        """Check the chain of one case or of all; one verdict a case.

        It finds what was edited, deleted, swapped, moved or cut off, as long as the register was
        not rewritten to match: against that only `heads` kept elsewhere help.
        """
        for each in self.checked(case_id):
            yield each.verdict

    def checked(self, case_id: str | None = None) -> Iterator[Checked]:
        """As `verify`, each verdict with the rows it speaks of."""
        heads = self.heads() if case_id is None else {}
        for one in self._known(heads) if case_id is None else [case_id]:
            # Row and lines in one look, so that a case under way is never caught half-written.
            with self._database.read() as connection:
                lines = _lines(connection, one)
                row = register.row(connection, one)
            if lines or row is not None:
                registered = None if row is None else Filed(seq=row.seq, head=row.head)
                texts = [chain.opened(kept, self._cipher) for kept in lines]
                yield Checked(chain.check(one, lines, texts, registered), lines, texts, row)

    def _known(self, heads: dict[str, Filed]) -> list[str]:
        with self._database.read() as connection:
            traced = connection.execute(sa.select(entry.c.case_id).distinct()).scalars()
            return sorted({*heads, *traced})


def _lines(connection: Connection, case_id: str) -> list[KeptLine]:
    found = connection.execute(_KEPT_OF_CASE, {"of": case_id}).all()
    return [chain.KeptLine(*one) for one in found]
