"""The statutory clocks, kept apart from working time (policy analysis 3.2).

Freedom of information and subject access. Both count whole days of London's calendar and end on a
date, not at an hour.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Final

from models.errors import BadInput
from models.london import london_date
from models.working_time import CalendarSnapshot

FOI_DAYS: Final = 20
"""Working days to answer a request (Freedom of Information Act 2000 s.10; L)."""

_DAY: Final = timedelta(days=1)


def foi_due(received: datetime | date, calendar: CalendarSnapshot) -> date:
    """The last day to answer a request for information: 20 working days after receipt (2.7, L).

    `calendar` must hold the bank holidays of the whole United Kingdom: a holiday in any part of it
    is not a working day. The day of receipt does not count, whatever the hour. Raises
    CalendarTooShort beyond the calendar.
    """
    return add_working_days(london_date(received), FOI_DAYS, calendar)


def sar_due(received: datetime | date, calendar: CalendarSnapshot, months: int = 1) -> date:
    """The last day to answer a subject access request: calendar months after receipt (2.7, L).

    The corresponding date, or the last day of a month that has none; moved forward off weekends
    and off the holidays of `calendar` (England and Wales). Extended requests take 3 months.
    Raises BadInput for fewer than one month, CalendarTooShort beyond the calendar.
    """
    if months < 1:
        raise BadInput("The time for a subject access request is one month or more.")
    day = _months_after(london_date(received), months)
    while not is_working_day(day, calendar):
        day += _DAY
    return day


def add_working_days(start: date, days: int, calendar: CalendarSnapshot) -> date:
    """The date `days` working days after `start`, which does not count itself.

    Raises BadInput for a negative number, CalendarTooShort beyond the calendar.
    """
    if days < 0:
        raise BadInput("A number of working days is nought or more; a negative one was given.")
    day = start
    while days:
        day += _DAY
        days -= is_working_day(day, calendar)
    return day


def is_working_day(day: date, calendar: CalendarSnapshot) -> bool:
    """Neither weekend nor holiday. Raises CalendarTooShort for a day the calendar lacks."""
    return calendar.why_closed(day) is None


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
