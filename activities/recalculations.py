"""The cases a closed day reaches: what it would move in each, and whether each has heard of it.

Before it is confirmed a row holds what was worked out on a copy of the case; afterwards the same
row says how far the news has got.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

import rfc8785
import sqlalchemy as sa

from activities.tables import recalculation, register
from models.base import Instant, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection


class Status(StrEnum):
    """Where one case stands."""

    SHOWN = "shown"
    """Worked out, and not sent yet."""
    WAITING = "waiting"
    """To be sent, or to be tried again."""
    DONE = "done"


class Move(Value):
    """One deadline that moves. Instants are UTC."""

    duty: str
    label: str
    clock: str | None
    old: Instant
    new: Instant


class Recalculation(Value):
    """One case under one closed day."""

    case_id: str
    seq: int
    """The last entry of the trail that it was worked out on; 0 when it was not."""
    moves: tuple[Move, ...] = ()
    status: Status = Status.SHOWN
    code: str | None = None
    """What came of it: `as_shown`, `otherwise`, `told`, `closed`; or why it could not be done yet."""
    tries: int = 0
    next_try_at: Instant | None = None


class Tally(Value):
    """How far a closed day has got, counted in cases."""

    cases: int
    moving: int
    """Cases with at least one deadline that moves."""
    done: int
    failed: int
    """Cases where the last try failed; they are tried again."""
    digest: str
    """SHA-256 of everything that was worked out: what the second administrator confirms."""


_OF = recalculation.c.change == sa.bindparam("of")
_IS_OPEN = register.c.closed.is_(False)


def keep(connection: Connection, change: int, rows: Sequence[Recalculation]) -> None:
    """Keep what was worked out, in place of what was kept of these cases before."""
    ids = [row.case_id for row in rows]
    old = sa.delete(recalculation).where(
        recalculation.c.change == change, recalculation.c.case_id.in_(ids)
    )
    connection.execute(old)
    if rows:
        connection.execute(
            sa.insert(recalculation), [{"change": change, **_columns(row)} for row in rows]
        )


def _columns(row: Recalculation) -> dict[str, object]:
    plain = row.model_dump(mode="json")
    return plain | {"next_try_at": row.next_try_at}


def open_without(connection: Connection, change: int, before: datetime, limit: int) -> list[str]:
    """Cases opened before an instant and still open, of which nothing is kept."""
    known = sa.exists().where(recalculation.c.case_id == register.c.case_id, _OF)
    query = (
        sa.select(register.c.case_id)
        .where(_IS_OPEN, register.c.opened_at < before, ~known)
        .order_by(register.c.case_id)
        .limit(limit)
    )
    return list(connection.execute(query, {"of": change}).scalars())


def moved_on(connection: Connection, change: int) -> int:
    """How many cases have a newer entry than the one it was worked out on, or have closed."""
    query = (
        sa.select(sa.func.count())
        .select_from(recalculation)
        .join(register, register.c.case_id == recalculation.c.case_id)
        .where(_OF, sa.or_(register.c.seq != recalculation.c.seq, register.c.closed))
    )
    return int(connection.execute(query, {"of": change}).scalar_one())


def forget(connection: Connection, change: int) -> None:
    """Forget what was worked out, so that it is worked out anew."""
    connection.execute(sa.delete(recalculation).where(recalculation.c.change == change))


def listed(
    connection: Connection, change: int, limit: int | None, offset: int, only: str | None = None
) -> list[Recalculation]:
    """What is kept, of all cases or of one: where something moves first, each by its reference."""
    nothing = sa.cast(recalculation.c.moves, sa.Text) == "[]"
    query = sa.select(recalculation).where(_OF).order_by(nothing, recalculation.c.case_id)
    if only is not None:
        query = query.where(recalculation.c.case_id == only)
    query = query.limit(limit).offset(offset)
    found = connection.execute(query, {"of": change})
    return [_read(row) for row in found]


def _read(row: sa.Row[tuple[object, ...]]) -> Recalculation:
    plain = row._asdict()
    del plain["change"]
    return Recalculation.model_validate(plain)


def tally(connection: Connection, change: int) -> Tally:
    """Counted over every case kept."""
    rows = sorted(listed(connection, change, None, 0), key=lambda row: row.case_id)
    return Tally(
        cases=len(rows),
        moving=sum(bool(row.moves) for row in rows),
        done=sum(row.status is Status.DONE for row in rows),
        failed=sum(row.tries > 0 and row.status is Status.WAITING for row in rows),
        digest=digest(rows),
    )


def digest(rows: Iterable[Recalculation]) -> str:
    """What is bound by a confirmation: case, entry it was worked out on, every instant."""
    plain = [[row.case_id, row.seq, row.model_dump(mode="json")["moves"]] for row in rows]
    return sha256(rfc8785.dumps(plain)).hexdigest()


def add_missing(connection: Connection, change: int, since: datetime) -> None:
    """Whatever was worked out is to be sent, and open cases without a row get one.

    `since` leaves out cases opened after it: they have the day from the beginning.
    """
    shown = sa.update(recalculation).where(
        recalculation.c.change == change, recalculation.c.status == Status.SHOWN.value
    )
    connection.execute(shown.values(status=Status.WAITING.value))
    known = sa.select(recalculation.c.case_id).where(recalculation.c.change == change)
    missing = sa.select(register.c.case_id).where(
        _IS_OPEN, register.c.opened_at < since, register.c.case_id.not_in(known)
    )
    found = [
        Recalculation(case_id=case_id, seq=0, status=Status.WAITING)
        for case_id in connection.execute(missing).scalars()
    ]
    keep(connection, change, found)


def due(connection: Connection, change: int, at: datetime, limit: int) -> list[str]:
    """Cases to be told now, those not tried yet first."""
    query = (
        sa.select(recalculation.c.case_id)
        .where(
            recalculation.c.change == change,
            recalculation.c.status == Status.WAITING.value,
            sa.or_(recalculation.c.next_try_at.is_(None), recalculation.c.next_try_at <= at),
        )
        .order_by(recalculation.c.tries, recalculation.c.case_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def settle(
    connection: Connection, change: int, case_id: str, code: str, next_try: datetime | None
) -> None:
    """What became of one case."""
    status = Status.DONE if next_try is None else Status.WAITING
    one = sa.and_(recalculation.c.change == change, recalculation.c.case_id == case_id)
    connection.execute(
        sa.update(recalculation)
        .where(one)
        .values(
            status=status.value,
            code=code,
            tries=recalculation.c.tries + 1,
            next_try_at=next_try,
        )
    )
