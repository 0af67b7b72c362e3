"""The part of the ledger that administrators write and search: their deeds, and what these led to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import exc

from activities import administered, outbox, recalculations, register, troubles
from activities.evidence_blobs import Damaged
from models.administration import NoticesRetried
from models.errors import BadInput, Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from activities.chain import Cipher
    from activities.database import Database
    from activities.recalculations import Recalculation, Tally
    from activities.register import CaseFilter, CaseRow, Order
    from activities.troubles import Refusals, Unheld
    from models.administration import Deed, What

TRIES = 50
"""How often a deed looks for a free place behind the last; each loser had a winner."""


class Found(NamedTuple):
    """A page of a search, and how many cases there are in all."""

    rows: list[CaseRow]
    total: int


class LedgerOfDeeds:
    """What administrators may do with the ledger. Every method raises Unavailable as the ledger's."""

    _database: Database
    _cipher: Cipher | None

    # --- deeds --------------------------------------------------------------------------------

    def note(
        self,
        what: What,
        by: str,
        at: datetime,
        *,
        reason: str = "",
        if_so: Callable[[list[Deed]], None] | None = None,
    ) -> Deed:
        """Put a deed behind the last one; on disk when it returns.

        `if_so` is given every deed before it, in the same transaction, and raises when this one
        may not follow. A reason is sealed; Misconfigured without a key to seal it with.
        """
        if reason and self._cipher is None:
            raise Misconfigured("The ledger has no key to encrypt a reason with, so it is closed.")
        for _ in range(TRIES):
            try:
                with self._database.write() as connection:
                    if if_so is not None:
                        if_so([administered.deed_of(one) for one in administered.rows(connection)])
                    return administered.add(connection, what, by, at, reason, self._cipher)
            except exc.IntegrityError:
                # Somebody else took that place at the same moment: the next one is free.
                continue
        raise Unavailable("Many administrators write at once; nothing was done. Try again.")

    def deeds(self, after: int = 0) -> list[Deed]:
        """What administrators did, in order; none where there is no ledger yet."""
        if not self._database.is_there:
            return []
        with self._database.read() as connection:
            return [administered.deed_of(one) for one in administered.rows(connection, after)]

    def reason_of(self, seq: int) -> str:
        """The reason somebody gave for a deed; empty when none was. Raises as the cipher does."""
        with self._database.read() as connection:
            kept = next(iter(administered.rows(connection, seq - 1)), None)
        if kept is None or kept.sealed is None or self._cipher is None:
            return ""
        return self._cipher.open(kept.sealed, administered.place(seq)).decode()

    def check_deeds(self) -> int:
        """How many deeds there are. Raises Damaged when the list was tampered with."""
        if not self._database.is_there:
            return 0
        with self._database.read() as connection:
            kept = administered.rows(connection)
        if not administered.holds(kept):
            raise Damaged(
                "The list of what administrators did was changed after it was written. Keep a copy"
                " of the ledger as it is, and find out who could write to it."
            )
        return len(kept)

    # --- notices ------------------------------------------------------------------------------

    def retry_notices(self, ids: Sequence[str], by: str, at: datetime) -> tuple[str, ...]:
        """Let notices that were given up be tried again from `at` on; those that were, are named.

        Raises BadInput when none of them had been given up.
        """
        with self._database.write() as connection:
            again = outbox.retry(connection, ids, at)
            if not again:
                raise BadInput("None of these notices had been given up; nothing was changed.")
            administered.add(connection, NoticesRetried(notices=again), by, at, "", None)
        return again

    # --- a changed calendar, case by case -----------------------------------------------------

    def worked_out(self, change: int, rows: Sequence[Recalculation]) -> None:
        """Keep what a closed day would move in these cases, in place of what was kept before."""
        with self._database.write() as connection:
            recalculations.keep(connection, change, rows)

    def to_work_out(self, change: int, before: datetime, limit: int) -> list[str]:
        """Cases opened before an instant and still open that nothing is kept of yet."""
        with self._database.read() as connection:
            return recalculations.open_without(connection, change, before, limit)

    def work_out_again(self, change: int) -> None:
        """Forget what a closed day would move, so that it is worked out anew."""
        with self._database.write() as connection:
            recalculations.forget(connection, change)

    def moved_on(self, change: int) -> int:
        """How many cases have gone on since it was worked out what the day would move in them."""
        with self._database.read() as connection:
            return recalculations.moved_on(connection, change)

    def recalculations(
        self, change: int, limit: int | None = None, offset: int = 0, only: str | None = None
    ) -> list[Recalculation]:
        """What is kept for a closed day, of all cases or one: where something moves comes first."""
        with self._database.read() as connection:
            return recalculations.listed(connection, change, limit, offset, only)

    def tally(self, change: int) -> Tally:
        """How far a closed day has got."""
        with self._database.read() as connection:
            return recalculations.tally(connection, change)

    def to_send(self, change: int, at: datetime, since: datetime, limit: int) -> list[str]:
        """Cases that are to hear of a confirmed day now; those opened meanwhile are added first."""
        with self._database.write() as connection:
            recalculations.add_missing(connection, change, since)
            return recalculations.due(connection, change, at, limit)

    def sent_to(self, change: int, case_id: str, code: str, next_try: datetime | None) -> None:
        """What became of it in one case; with `next_try` it is tried again then."""
        with self._database.write() as connection:
            recalculations.settle(connection, change, case_id, code, next_try)

    # --- searching ----------------------------------------------------------------------------

    def search(self, wanted: CaseFilter, order: Order, limit: int, offset: int) -> Found:
        """One page of the cases that a filter lets through, and how many there are."""
        with self._database.read() as connection:
            total = register.count(connection, wanted)
            rows = register.cases(connection, wanted, limit, offset, order)
        return Found(rows, total)

    def open_ids(self, before: datetime) -> list[str]:
        """The references of cases opened before an instant and still open."""
        with self._database.read() as connection:
            return register.open_ids(connection, before)

    def standing_still(self, before: datetime, limit: int) -> list[str]:
        """Open cases whose clock ran out before an instant without anything coming of it."""
        with self._database.read() as connection:
            return troubles.late(connection, before, limit)

    def unheld(self, limit: int) -> list[Unheld]:
        """Open work that nobody holds, the earliest due first."""
        with self._database.read() as connection:
            return troubles.unheld(connection, limit)

    def refusals(self, since: datetime) -> list[Refusals]:
        """How often acts were refused since an instant, by procedure, act and reason's code."""
        with self._database.read() as connection:
            return troubles.refusals(connection, since)
