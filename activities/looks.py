"""The record of who looked at which case, in the ledger's database: append-only, one chain a case.

Looks at lists make one chain more (`LISTS`). A line holds ids, codes and instants only, so it is
kept in the open.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc

from activities.tables import looked, looked_head
from models.base import Value
from models.chain import GENESIS, canonical
from models.errors import Unavailable
from models.looked import Look, look_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from activities.database import Database

TRIES = 50
"""How often a look tries for the place behind the last; each loser had a winner."""


class KeptLook(NamedTuple):
    """One row as it lies in the ledger."""

    case_id: str
    seq: int
    body: str
    prev: str
    hash: str


class LooksVerdict(Value):
    """What a check of the looks at one case found, or of those at lists."""

    case_id: str
    """The case, or LISTS."""
    looks: int
    head: str
    broken_seq: int | None = None
    """The first place at which the chain does not hold."""

    @property
    def ok(self) -> bool:
        """Whether every line is as it was written, and none is missing."""
        return self.broken_seq is None


class SomeLooks(NamedTuple):
    """Some of the looks of one chain, the newest first."""

    looks: tuple[Look, ...]
    total: int
    """How many there are in all."""
    broken_seq: int | None
    """The first place among these at which the chain does not hold."""


_HEAD = sa.select(looked_head.c.seq, looked_head.c.hash).where(
    looked_head.c.case_id == sa.bindparam("of")
)
_ORDER = (looked.c.case_id, looked.c.seq)


class LookBook:
    """The looks of one ledger. Every method raises Unavailable while it cannot be reached."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, *looks: Look) -> None:
        """Record looks, all or none, on disk when it returns; `seq` is given here."""
        for _ in range(TRIES):
            try:
                with self._database.write() as connection:
                    for one in looks:
                        _add(connection, one)
            except exc.IntegrityError:
                # Somebody else took that place at the same moment: the next one is free.
                continue
            else:
                return
        raise Unavailable("Many look at the same moment; nothing was shown. Try again.")

    def of(self, case_id: str) -> list[Look]:
        """Who looked at a case, in order. Raises ValueError for a line that cannot be read."""
        with self._database.read() as connection:
            return [Look.model_validate_json(row.body) for row in _rows(connection, case_id)]

    def of_person(
        self, person: str, since: datetime | None = None, before: datetime | None = None
    ) -> list[Look]:
        """What one person looked at, case or list, the newest first; from `since` until `before`.

        Nothing is checked here, and a line that cannot be read any more is nobody's: `checked`
        tells of it.
        """
        # A line is canonical JSON, so this is how it names its person; `asked` may do so as well.
        named = looked.c.body.contains(f'"person":"{person}"', autoescape=True)
        with self._database.read() as connection:
            rows = [KeptLook(*row) for row in connection.execute(sa.select(looked).where(named))]
        found = [
            look
            for look in _readable(rows)
            if look.person == person
            and (since is None or since <= look.at)
            and (before is None or look.at < before)
        ]
        return sorted(found, key=lambda look: (look.at, look.case_id, look.seq), reverse=True)

    def newest(self, case_id: str, limit: int, offset: int = 0) -> SomeLooks:
        """Looks at a case, or at lists: a page of them, the newest first, checked as far as it reaches."""
        with self._database.read() as connection:
            total, head = _heads(connection, case_id).get(case_id, (0, GENESIS))
            last = max(total - offset, 0)
            first = max(last - limit, 0) + 1
            # The one before is what the first is chained to; behind the last there must be none.
            rows = _rows(connection, case_id, first - 1, last if offset else None)
        before = rows.pop(0).hash if rows and rows[0].seq < first else GENESIS
        broken = _broken(rows, first, before)
        if broken is None and len(rows) != last - first + 1:
            broken = first + min(len(rows), last - first + 1)
        if broken is None and not offset and rows and rows[-1].hash != head:
            broken = last
        return SomeLooks(tuple(_readable(reversed(rows))), total, broken)

    def chains(self) -> set[str]:
        """Every case that somebody looked at, or is said to have; and LISTS once one was shown."""
        both = sa.union(sa.select(looked.c.case_id), sa.select(looked_head.c.case_id))
        with self._database.read() as connection:
            return set(connection.scalars(both))

    def checked(self, case_id: str | None = None) -> Iterator[LooksVerdict]:
        """Check the looks at one case or at all, one verdict for each case that was looked at."""
        with self._database.read() as connection:
            heads = _heads(connection, case_id)
            rows = _rows(connection, case_id)
        for one, lines in groupby(rows, key=lambda row: row.case_id):
            yield _check(one, list(lines), heads.pop(one, None))
        # What is left has a last line on record and none that is there.
        yield from (_check(one, [], head) for one, head in sorted(heads.items()))


def _add(connection: Connection, look: Look) -> None:
    last = connection.execute(_HEAD.with_for_update(), {"of": look.case_id}).one_or_none()
    seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
    body = canonical(look.model_copy(update={"seq": seq})).decode()
    row = KeptLook(look.case_id, seq, body, prev, look_link(prev, body))
    connection.execute(sa.insert(looked), row._asdict())
    head = {"case_id": look.case_id, "seq": seq, "hash": row.hash}
    if last is None:
        connection.execute(sa.insert(looked_head), head)
    else:
        here = looked_head.c.case_id == look.case_id
        connection.execute(sa.update(looked_head).where(here).values(seq=seq, hash=row.hash))


def _rows(
    connection: Connection, case_id: str | None, first: int = 0, last: int | None = None
) -> list[KeptLook]:
    query = sa.select(looked).order_by(*_ORDER).where(looked.c.seq >= first)
    if case_id is not None:
        query = query.where(looked.c.case_id == case_id)
    if last is not None:
        query = query.where(looked.c.seq <= last)
    return [KeptLook(*row) for row in connection.execute(query)]


def _heads(connection: Connection, case_id: str | None) -> dict[str, tuple[int, str]]:
    query = sa.select(looked_head)
    if case_id is not None:
        query = query.where(looked_head.c.case_id == case_id)
    return {row.case_id: (row.seq, row.hash) for row in connection.execute(query)}


def _check(case_id: str, lines: Sequence[KeptLook], head: tuple[int, str] | None) -> LooksVerdict:
    last = lines[-1].hash if lines else GENESIS
    broken = _broken(lines)
    if broken is None and head != (len(lines), last):
        # Cut off at the end, or written behind it by somebody who did not know of the head.
        broken = min(len(lines), head[0] if head else 0) + 1
    return LooksVerdict(case_id=case_id, looks=len(lines), head=last, broken_seq=broken)


def _broken(lines: Iterable[KeptLook], first: int = 1, prev: str = GENESIS) -> int | None:
    for seq, row in enumerate(lines, start=first):
        if (row.seq, row.prev, row.hash) != (seq, prev, look_link(prev, row.body)):
            return seq
        try:
            look = Look.model_validate_json(row.body)
        except ValueError:
            return seq
        if (look.case_id, look.seq) != (row.case_id, row.seq):
            return seq
        prev = row.hash
    return None


def _readable(rows: Iterable[KeptLook]) -> Iterator[Look]:
    """What a line says; one that says nothing any more is told of by its place."""
    for row in rows:
        with suppress(ValueError):
            yield Look.model_validate_json(row.body)
