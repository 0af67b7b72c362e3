"""What dashboards count, noted as it happens: how long a case stayed in each step, and what came up.

Written in the transaction that files the trail, because counting it out of the trail each time
would read every line of every case. Nothing here is the record: a trail that is verified and
folded again never looks at it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from activities.tables import calendar, noted, stay
from models.case import CalendarChanged, Kind, Opened
from models.london import london_date
from models.policy import Clock
from models.working_time import CalendarSnapshot, CalendarTooShort, working_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import Connection

    from models.case import Batch, Entry

OPENED, CLOSED, REFUSED, HELD = "opened", "closed", "refused", "held"
ESCALATED, OVERDUE = "escalated", "overdue"

_KINDS = {Kind.REFUSED: REFUSED, Kind.HELD: HELD, Kind.ESCALATED: ESCALATED}
_RUNS = (stay.c.case_id == sa.bindparam("of"), stay.c.left_at.is_(None))
_OPEN = sa.select(stay).where(*_RUNS)
_ENTER = sa.insert(stay)
_NOTE = sa.insert(noted)
_BODY = sa.select(calendar.c.body).where(calendar.c.digest == sa.bindparam("named"))
_KEEP = sa.insert(calendar)
_LATE = sa.update(stay).where(*_RUNS).values(over=True)
_RECOUNT = sa.update(stay).where(*_RUNS).values(calendar=sa.bindparam("calendar"))
_LEAVE = (
    sa.update(stay)
    .where(stay.c.case_id == sa.bindparam("of"), stay.c.seq == sa.bindparam("since"))
    .values(left_at=sa.bindparam("left"), worked=sa.bindparam("length"))
)
_LAST = (
    sa.select(stay.c.calendar)
    .where(stay.c.case_id == sa.bindparam("of"))
    .order_by(stay.c.seq.desc())
    .limit(1)
)


MOST_CALENDARS = 64
_KNOWN: dict[str, CalendarSnapshot] = {}


def month(at: datetime) -> str:
    """The month in London in which something happened: "2026-11"."""
    return f"{london_date(at):%Y-%m}"


def note(connection: Connection, batch: Batch, since: int) -> None:
    """Note what the lines of a batch after `since` changed, inside the caller's transaction."""
    new = [line for line in batch.lines if line.entry.seq > since]
    if not new:
        return
    entries = [line.entry for line in new]
    if rows := [*_noted(batch, entries)]:
        connection.execute(_NOTE, rows)
    brought = _pinned(connection, new)
    if brought is not None:
        connection.execute(_RECOUNT, {"of": batch.case_id, "calendar": brought})
    moves = [one for one in entries if _moves(one)]
    for one in entries:
        if _moves(one):
            left = _leave(connection, one)
            if not (batch.closed and one is moves[-1]):
                # A case that opens again was in no state: the last calendar it knew goes on.
                known = brought or left or _calendar_of(connection, batch.case_id)
                connection.execute(_ENTER, _entered(batch, one, known, moves[-1]))
        elif _missed(one):
            connection.execute(_LATE, {"of": one.case_id})


def _moves(entry: Entry) -> bool:
    return entry.seq == 1 or entry.before != entry.after


def _missed(entry: Entry) -> bool:
    """Whether the deadline of the step itself passed; that of a task in it is another thing."""
    late = entry.kind is Kind.ESCALATED or _kind(entry) == OVERDUE
    # A step that two roles hold has a duty for each: `action` and `action:HRBP`.
    return late and any(one.duty.partition(":")[0] == entry.before for one in entry.moved)


def _noted(batch: Batch, entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    for one in entries:
        of = {"case_id": one.case_id, "procedure": one.procedure, "month": month(one.at)}
        kind = _kind(one)
        if one.seq == 1:
            # A form may be refused at once: the opening has a place of its own, as has the end.
            yield {**of, "seq": 0, "kind": OPENED, "code": None}
        if kind is not None:
            code = one.code if kind in (REFUSED, HELD) else None
            yield {**of, "seq": one.seq, "kind": kind, "code": code}
    if batch.closed and any(_moves(one) for one in entries):
        yield {**of, "seq": -one.seq, "kind": CLOSED, "code": None}


def _kind(entry: Entry) -> str | None:
    if entry.kind is Kind.FLAGGED and entry.code == "overdue":
        return OVERDUE
    return _KINDS.get(entry.kind)


# --- stays --------------------------------------------------------------------------------------


def _leave(connection: Connection, entry: Entry) -> str | None:
    """The calendar, by its digest, of the stay that ended; None when there was none."""
    here = connection.execute(_OPEN, {"of": entry.case_id}).mappings().first()
    if here is None:
        return None
    worked = _worked(connection, dict(here), entry.at)
    left = {"of": entry.case_id, "since": here["seq"], "left": entry.at, "length": worked}
    connection.execute(_LEAVE, left)
    known: str | None = here["calendar"]
    return known


def _entered(batch: Batch, one: Entry, known: str | None, last: Entry) -> dict[str, Any]:
    """A stay that begins; of a state only passed through, no deadline is known."""
    lengths = [duty.length for duty in batch.duties if duty.step and duty.length and one is last]
    longest = max(lengths, key=lambda amount: amount.length, default=None)
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
        "over": False,
        "calendar": known,
    }


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
    if connection.execute(_BODY, {"named": digest}).first() is None:
        _keep(connection, given[-1])
    return digest


def _keep(connection: Connection, snapshot: CalendarSnapshot) -> None:
    row = {"digest": snapshot.digest, "body": snapshot.model_dump_json()}
    # Two cases may bring the same new calendar at once.
    with connection.begin_nested() as attempt:
        try:
            connection.execute(_KEEP, row)
        except sa.exc.IntegrityError:
            attempt.rollback()


def _calendar_of(connection: Connection, case_id: str) -> str | None:
    return connection.execute(_LAST, {"of": case_id}).scalar()


def _snapshot(connection: Connection, digest: str) -> CalendarSnapshot:
    """The calendar of a digest, which no two share: read once by each process."""
    if digest not in _KNOWN:
        if len(_KNOWN) >= MOST_CALENDARS:
            _KNOWN.clear()
        _KNOWN[digest] = _read(connection.execute(_BODY, {"named": digest}).scalar_one())
    return _KNOWN[digest]


def _read(body: str) -> CalendarSnapshot:
    return CalendarSnapshot.model_validate_json(body)


def snapshots(connection: Connection) -> dict[str, CalendarSnapshot]:
    """Every calendar that a case was counted on, by its digest."""
    known = connection.execute(sa.select(calendar.c.digest)).scalars()
    return {digest: _snapshot(connection, digest) for digest in known}
