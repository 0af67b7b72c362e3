"""What dashboards count, noted as it happens: how long a case stayed in each step, and what came up.

Written in the transaction that files the trail, because counting it out of the trail each time
would read every line of every case. Nothing here is the record: a trail that is verified and
folded again never looks at it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from activities.tables import calendar, noted, stay
from models.case import CalendarChanged, Kind, Opened
from models.london import london_date
from models.policy import Clock
from models.working_time import CalendarSnapshot, CalendarTooShort, working_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

    from models.case import Batch, Duty, Entry

OPENED, CLOSED, REFUSED, HELD = "opened", "closed", "refused", "held"
ESCALATED, OVERDUE = "escalated", "overdue"

_KINDS = {
    Kind.OPENED: OPENED,
    Kind.REFUSED: REFUSED,
    Kind.HELD: HELD,
    Kind.ESCALATED: ESCALATED,
}
_OPEN = sa.select(stay).where(stay.c.case_id == sa.bindparam("of"), stay.c.left_at.is_(None))
_CHANGE = sa.update(stay).where(
    stay.c.case_id == sa.bindparam("of"), stay.c.seq == sa.bindparam("since")
)
_LAST = (
    sa.select(stay.c.calendar)
    .where(stay.c.case_id == sa.bindparam("of"))
    .order_by(stay.c.seq.desc())
    .limit(1)
)


def month(at: datetime) -> str:
    """The month in London in which something happened: "2026-11"."""
    return f"{london_date(at):%Y-%m}"


def note(connection: Connection, batch: Batch, since: int) -> None:
    """Note what the lines of a batch after `since` changed, inside the caller's transaction."""
    new = [line for line in batch.lines if line.entry.seq > since]
    if not new:
        return
    pinned = _pinned(connection, new)
    entries = [line.entry for line in new]
    if rows := [*_noted(batch, entries)]:
        connection.execute(sa.insert(noted), rows)
    here = connection.execute(_OPEN, {"of": batch.case_id}).mappings().first()
    moves = [one for one in entries if one.seq == 1 or one.before != one.after]
    if moves:
        known = pinned or _calendar_of(connection, batch.case_id)
        _moved(connection, batch, dict(here) if here else None, moves, known)
        return
    if here is not None and (pinned or (not here["over"] and _over(batch))):
        changed = {"over": here["over"] or _over(batch), "calendar": pinned or here["calendar"]}
        connection.execute(_CHANGE, {"of": batch.case_id, "since": here["seq"], **changed})


def _noted(batch: Batch, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    found = [(one, _kind(one)) for one in entries]
    rows = [
        {
            "case_id": one.case_id,
            "seq": one.seq,
            "procedure": one.procedure,
            "kind": kind,
            "code": one.code if kind in (REFUSED, HELD) else None,
            "month": month(one.at),
        }
        for one, kind in found
        if kind is not None
    ]
    last = entries[-1]
    if batch.closed and any(one.before != one.after for one in entries):
        closing = {"case_id": last.case_id, "procedure": last.procedure, "month": month(last.at)}
        # A case may be refused as it is opened: the closing has a place of its own.
        rows.append({**closing, "seq": -last.seq, "kind": CLOSED, "code": None})
    return rows


def _kind(entry: Entry) -> str | None:
    if entry.kind is Kind.FLAGGED and entry.code == "overdue":
        return OVERDUE
    return _KINDS.get(entry.kind)


# --- stays --------------------------------------------------------------------------------------


def _moved(
    connection: Connection,
    batch: Batch,
    here: dict[str, Any] | None,
    moves: Sequence[Entry],
    known: str | None,
) -> None:
    for one in moves:
        if here is not None:
            left = {"left_at": one.at, "worked": _worked(connection, here, one.at)}
            connection.execute(_CHANGE, {"of": one.case_id, "since": here["seq"], **left})
        is_last = one is moves[-1]
        if batch.closed and is_last:
            return
        here = _entered(batch, one, known, is_last=is_last)
        connection.execute(sa.insert(stay), here)


def _entered(batch: Batch, one: Entry, known: str | None, *, is_last: bool) -> dict[str, Any]:
    """A stay that begins; of a state only passed through, no deadline is known."""
    timed = [duty for duty in _of_step(batch) if duty.length is not None] if is_last else []
    longest = max(
        (duty.length for duty in timed if duty.length), key=lambda a: a.length, default=None
    )
    return {
        "case_id": one.case_id,
        "seq": one.seq,
        "procedure": one.procedure,
        "state": one.after,
        "entered_at": one.at,
        "left_at": None,
        "clock": longest.clock.value if longest else Clock.WORKING.value,
        "allowed": _seconds(longest.length) if longest else None,
        "worked": None,
        "over": is_last and _over(batch),
        "calendar": known,
    }


def _of_step(batch: Batch) -> list[Duty]:
    return [duty for duty in batch.duties if duty.step]


def _over(batch: Batch) -> bool:
    return any(duty.missed > 0 or duty.overdue for duty in _of_step(batch))


def _worked(connection: Connection, here: dict[str, Any], until: datetime) -> int | None:
    """Seconds of a stay on the clock of its deadline; None when no calendar says."""
    if here["calendar"] is None:
        return None
    return spent(here["clock"], here["entered_at"], until, _snapshot(connection, here["calendar"]))


def spent(clock: str, start: datetime, end: datetime, known: CalendarSnapshot) -> int | None:
    """Seconds from start to end on a clock; None where the calendar does not reach."""
    if clock == Clock.WALL.value:
        return _seconds(end - start)
    try:
        return _seconds(working_time(known).between(start, max(start, end)))
    except CalendarTooShort:
        return None


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


# --- calendars ----------------------------------------------------------------------------------


def _pinned(connection: Connection, lines: Sequence[Any]) -> str | None:
    """The digest of the newest calendar that these lines bring, which is kept; else None."""
    facts = [line.private.fact for line in lines]
    given = [fact.pins.calendar for fact in facts if isinstance(fact, Opened)]
    given += [fact.calendar for fact in facts if isinstance(fact, CalendarChanged)]
    if not given:
        return None
    digest = given[-1].digest
    if (
        connection.execute(sa.select(calendar.c.digest).where(calendar.c.digest == digest)).first()
        is None
    ):
        _keep(connection, given[-1])
    return digest


def _keep(connection: Connection, snapshot: CalendarSnapshot) -> None:
    row = {"digest": snapshot.digest, "body": snapshot.model_dump_json()}
    # Two cases may bring the same new calendar at once.
    with connection.begin_nested() as attempt:
        try:
            connection.execute(sa.insert(calendar), row)
        except sa.exc.IntegrityError:
            attempt.rollback()


def _calendar_of(connection: Connection, case_id: str) -> str | None:
    return connection.execute(_LAST, {"of": case_id}).scalar()


def _snapshot(connection: Connection, digest: str) -> CalendarSnapshot:
    return _read(
        connection.execute(
            sa.select(calendar.c.body).where(calendar.c.digest == digest)
        ).scalar_one()
    )


@lru_cache(maxsize=64)
def _read(body: str) -> CalendarSnapshot:
    return CalendarSnapshot.model_validate_json(body)


def snapshots(connection: Connection) -> dict[str, CalendarSnapshot]:
    """Every calendar that a case was counted on, by its digest."""
    return {one.digest: _read(one.body) for one in connection.execute(sa.select(calendar))}
