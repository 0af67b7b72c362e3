"""Notices waiting to be delivered: written with the entry that causes them, delivered by a relay.

Delivery is at least once: a relay leases what it takes, and what it does not report back in time
can be taken again. A notice carries no name and no case text.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from activities.tables import notice
from models.base import Instant, Value
from models.people import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from models.case import Entry

LEASE = timedelta(minutes=5)
"""Real time a relay has to report back before a notice it took may be taken again."""


class NoticeStatus(StrEnum):
    """Where a notice stands. FAILED means given up; a later try keeps it WAITING."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Notice(Value):
    """One thing that one person is to be told."""

    id: str
    """`case:seq:n`, the idempotency key at the far end."""
    case_id: str
    seq: int
    person: str
    role: Role
    what: str
    about: str
    due: Instant | None
    clause: str
    created_at: Instant
    status: NoticeStatus
    attempts: int
    """How often a relay has taken it."""
    next_try_at: Instant | None
    sent_at: Instant | None
    last_error: str | None
    """A code, never words of the far end."""


_ADD = sa.insert(notice)
_OLDEST_FIRST = (notice.c.created_at, notice.c.case_id, notice.c.seq, notice.c.id)


def add(connection: Connection, entries: Sequence[Entry], at: datetime) -> None:
    """Write the notices that these entries cause; they may be delivered from `at` (UTC) on."""
    if rows := [row for entry in entries for row in _rows(entry, at)]:
        connection.execute(_ADD, rows)


def _rows(entry: Entry, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{entry.case_id}:{entry.seq}:{n}",
            "case_id": entry.case_id,
            "seq": entry.seq,
            "person": tell.person,
            "role": tell.role.value,
            "what": tell.what,
            "about": tell.about,
            "due": tell.due,
            "clause": tell.clause,
            "created_at": at,
            "status": NoticeStatus.WAITING.value,
            "attempts": 0,
            "next_try_at": at,
        }
        for n, tell in enumerate(entry.tells, start=1)
    ]


def listed(connection: Connection, limit: int, offset: int, **wanted: str | None) -> list[Notice]:
    """Read notices, newest first; each column named in `wanted` and given narrows the list."""
    given = {name: value for name, value in wanted.items() if value is not None}
    query = sa.select(notice).filter_by(**given)
    query = query.order_by(*(column.desc() for column in _OLDEST_FIRST))
    return [_notice(row) for row in connection.execute(query.limit(limit).offset(offset))]


def claim(connection: Connection, now: datetime, limit: int, lease: timedelta) -> list[Notice]:
    """Take up to `limit` notices whose time has come, oldest first, for the length of `lease`."""
    due = (
        sa.select(notice.c.id)
        .where(notice.c.status == NoticeStatus.WAITING.value, notice.c.next_try_at <= now)
        .order_by(*_OLDEST_FIRST)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = connection.execute(due).scalars().all()
    if not ids:
        return []
    taken = (
        sa.update(notice)
        .where(notice.c.id.in_(ids))
        .values(attempts=notice.c.attempts + 1, next_try_at=now + lease)
    )
    connection.execute(taken)
    rows = connection.execute(
        sa.select(notice).where(notice.c.id.in_(ids)).order_by(*_OLDEST_FIRST)
    )
    return [_notice(row) for row in rows]


def sent(connection: Connection, notice_id: str, at: datetime) -> None:
    """Record a delivery; a second one changes nothing."""
    _settle(connection, notice_id, status=NoticeStatus.SENT, sent_at=at, next_try_at=None)


def failed(connection: Connection, notice_id: str, code: str, next_try: datetime | None) -> None:
    """Record a failure: another try at `next_try` (UTC), or given up when there is none."""
    status = NoticeStatus.FAILED if next_try is None else NoticeStatus.WAITING
    _settle(connection, notice_id, status=status, next_try_at=next_try, last_error=code)


def retry(connection: Connection, ids: Sequence[str], at: datetime) -> tuple[str, ...]:
    """Let given-up notices be tried again from `at` on, as if for the first time; which they were."""
    given_up = sa.and_(notice.c.id.in_(ids), notice.c.status == NoticeStatus.FAILED.value)
    found = sorted(connection.execute(sa.select(notice.c.id).where(given_up)).scalars())
    again = sa.update(notice).where(notice.c.id.in_(found))
    connection.execute(again.values(status=NoticeStatus.WAITING.value, next_try_at=at, attempts=0))
    return tuple(found)


def _settle(
    connection: Connection, notice_id: str, status: NoticeStatus, **values: datetime | str | None
) -> None:
    # Another relay may have delivered it after this one's lease ran out: that stays.
    open_one = sa.and_(notice.c.id == notice_id, notice.c.status != NoticeStatus.SENT.value)
    connection.execute(sa.update(notice).where(open_one).values(status=status.value, **values))


def _notice(row: sa.Row[Any]) -> Notice:
    return Notice.model_validate(row._asdict())
