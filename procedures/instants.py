"""Reckoning instants: when a length of time has passed, what the court's date leaves (3.1, 3.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from models.case import Duty
from models.policy import Amount, Clock, Deadline
from models.working_time import working_time

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure


def after(case: Procedure, start: datetime, length: Amount) -> datetime:
    """The instant (UTC) when `length` has passed since `start` on its own clock."""
    if length.clock is Clock.WALL:
        return start + length.length
    return working_time(case.case.calendar).add(start, length.length)


def before(case: Procedure, end: datetime, length: Amount) -> datetime:
    """The instant (UTC) from which `length` remains until `end`: a court back-stop (3.2)."""
    if length.clock is Clock.WALL:
        return end - length.length
    return working_time(case.case.calendar).subtract(end, length.length)


def within(case: Procedure, start: datetime, end: datetime, hours: int) -> bool:
    """Whether less than `hours` working hours lie between two instants."""
    left = working_time(case.case.calendar).between(start, max(start, end))
    return left <= timedelta(hours=hours)


def due_instant(
    case: Procedure, deadline: Deadline, length: Amount, start: datetime
) -> tuple[datetime, bool]:
    """When it is due, and whether the court's date made it earlier than the hours alone.

    A back-stop that had already passed when the clock started gives way to the court date itself.
    """
    due, limit = after(case, start, length), backstop(case, deadline, start)
    return (limit, True) if limit is not None and limit < due else (due, False)


def backstop(case: Procedure, deadline: Deadline, start: datetime) -> datetime | None:
    """The latest instant the court's date leaves to a clock that runs from `start`, if any."""
    court = case.court_date
    if deadline.before_court is None or court is None:
        return None
    stop = before(case, court, deadline.before_court)
    return next((limit for limit in (stop, court) if limit > start), None)


def reminder(case: Procedure, deadline: Deadline, duty: Duty) -> datetime | None:
    """The reminder's instant: the part `remind_at` of the time there really is, whole seconds."""
    if deadline.remind_at is None or duty.due is None or duty.started is None or not duty.length:
        return None
    if duty.length.clock is Clock.WALL:
        whole, wall = duty.due - duty.started, True
    else:
        whole, wall = working_time(case.case.calendar).between(duty.started, duty.due), False
    part = timedelta(seconds=int(whole.total_seconds() * deadline.remind_at))
    at = duty.started + part if wall else working_time(case.case.calendar).add(duty.started, part)
    return at if duty.started < at < duty.due else None


def time_left(case: Procedure, duty: Duty, at: datetime) -> timedelta:
    """The working time a running clock still has."""
    assert duty.due is not None
    return working_time(case.case.calendar).between(at, max(at, duty.due))
