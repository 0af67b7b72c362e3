"""Working time: the internal clock (policy analysis 3.1), as pure arithmetic.

Open Monday to Friday, 09:00 up to 17:00 London civil time, except England and Wales bank holidays
and added closure days. A window is half-open: at 17:00:00 the day is closed. Windows are built
from civil time date by date and counted in UTC, so a clock change between two days costs nobody
an hour. The calendar comes as a snapshot pinned in the case; a day outside it is an error.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from models.base import Value
from models.chain import canonical
from models.errors import BadInput, Unavailable
from models.explanation import AFTER, BEFORE, Counted, Explanation, Skipped, Step
from models.london import LONDON, aware, london_date, london_day

__all__ = [
    "CalendarSnapshot",
    "CalendarTooShort",
    "Counted",
    "Explanation",
    "Holiday",
    "Skipped",
    "Step",
    "WorkingTime",
    "recalculated",
    "remaining",
    "working_time",
]

# A calendar without bounds would keep a worker busy for minutes, in the middle of a case.
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2100

_ZERO: Final = timedelta(0)
_DAY: Final = timedelta(days=1)
_WEEKEND: Final = {5: "Saturday", 6: "Sunday"}


class CalendarTooShort(Unavailable):
    """The calendar says nothing about a day that is needed; it is never taken as a working day."""

    def __init__(self, calendar: CalendarSnapshot) -> None:
        super().__init__(
            f"The calendar {calendar.version} covers {london_day(calendar.first_day)} to "
            f"{london_day(calendar.last_day)}; the time asked for lies outside. Nothing was "
            "changed. Ask an administrator for a longer calendar, then try again."
        )


class Holiday(Value):
    """A day the office is shut: a bank holiday or an added closure day."""

    day: date
    name: str = Field(min_length=1)


class CalendarSnapshot(Value):
    """The calendar a case keeps: what is shut from `first_day` to `last_day`, both included.

    Two snapshots are equal when their digests are.
    """

    version: str
    first_day: date
    last_day: date
    holidays: tuple[Holiday, ...] = ()
    opens: time = time(9)
    closes: time = time(17)
    zone: Literal["Europe/London"] = "Europe/London"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [holiday.day for holiday in self.holidays]
        if self.last_day < self.first_day:
            raise ValueError("the last day of the calendar lies before its first")
        if not FIRST_YEAR <= self.first_day.year <= self.last_day.year <= LAST_YEAR:
            raise ValueError(f"a calendar lies within the years {FIRST_YEAR} to {LAST_YEAR}")
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ValueError("the holidays must be in order of date, each date once")
        if days and not self.first_day <= days[0] <= days[-1] <= self.last_day:
            raise ValueError("a holiday lies outside the days the calendar covers")
        if self.opens.tzinfo or self.closes.tzinfo or self.closes <= self.opens:
            raise ValueError("closing must come after opening, both as London time without offset")
        return self

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON (RFC 8785) of the snapshot, in hexadecimal."""
        return hashlib.sha256(canonical(self, simple=True)).hexdigest()

    @cached_property
    def _names(self) -> dict[date, str]:
        return {holiday.day: holiday.name for holiday in self.holidays}

    # Hashing a hundred holidays at every look-up in the cache below would cost more than the sum.
    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CalendarSnapshot) and self.digest == other.digest

    def why_closed(self, day: date) -> str | None:
        """The holiday's name, "Saturday" or "Sunday"; None on a working day.

        Raises CalendarTooShort for a day the calendar does not cover.
        """
        if not self.first_day <= day <= self.last_day:
            raise CalendarTooShort(self)
        return self._names.get(day) or _WEEKEND.get(day.weekday())

    def window(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing instant (UTC) of a working day."""
        opens, closes = (
            datetime.combine(day, at, tzinfo=LONDON).astimezone(UTC)
            for at in (self.opens, self.closes)
        )
        return opens, closes


class WorkingTime:
    """Arithmetic on one calendar. Amounts are working time, instants in and out are UTC.

    Every method raises CalendarTooShort outside the calendar and BadInput for an instant without
    offset. Make one with `working_time`, which keeps it.
    """

    def __init__(self, calendar: CalendarSnapshot) -> None:
        self.calendar = calendar
        days = (calendar.last_day - calendar.first_day).days + 1
        dates = (calendar.first_day + index * _DAY for index in range(days))
        windows = [calendar.window(day) for day in dates if calendar.why_closed(day) is None]
        self._opens = [opens for opens, _ in windows]
        self._closes = [closes for _, closes in windows]
        self._totals: list[timedelta] = []
        """Working time from the calendar's beginning up to the closing of each window."""
        total = _ZERO
        for opens, closes in windows:
            total += closes - opens
            self._totals.append(total)
        self._whole = total
        self._begin = datetime.combine(calendar.first_day, time(), LONDON).astimezone(UTC)
        self._end = datetime.combine(calendar.last_day + _DAY, time(), LONDON).astimezone(UTC)

    def add(self, start: datetime, length: timedelta) -> datetime:
        """The earliest instant by which `length` of working time has passed since `start` (3.1).

        So an amount that ends with the day ends at the closing instant, not at the next opening;
        and no length at all ends at `start`, open or not. BadInput for a negative length.
        """
        at = self._inside(start)
        if length <= _ZERO:
            return _nothing(at, length)
        elapsed = self._elapsed(at)
        if length > self._whole - elapsed:
            raise CalendarTooShort(self.calendar)
        wanted = elapsed + length
        index = bisect_left(self._totals, wanted)
        return self._closes[index] - (self._totals[index] - wanted)

    def subtract(self, end: datetime, length: timedelta) -> datetime:
        """The latest instant from which `length` of working time passes until `end` (back-stops).

        The mirror of `add`: an amount that reaches back to the beginning of a day ends at its
        opening instant, not at the closing before. `add(subtract(x, l), l) == x` for every x after
        an opening instant up to and including the closing; for x on the opening instant itself it
        is the closing before it: no working time lies between the two.
        """
        at = self._inside(end)
        if length <= _ZERO:
            return _nothing(at, length)
        wanted = self._elapsed(at) - length
        if wanted < _ZERO:
            raise CalendarTooShort(self.calendar)
        index = bisect_right(self._totals, wanted)
        return self._closes[index] - (self._totals[index] - wanted)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`. BadInput when the end lies before the start.

        An error and not nought: swapped arguments should be seen. `remaining` is the kind form.
        """
        first, last = self._inside(start), self._inside(end)
        if last < first:
            raise BadInput("The end lies before the start; no working time can be counted.")
        return self._elapsed(last) - self._elapsed(first)

    def is_open(self, at: datetime) -> bool:
        """Whether working time runs at this instant: yes at 09:00:00, no at 17:00:00."""
        at = self._inside(at)
        index = bisect_right(self._opens, at)
        return index > 0 and at < self._closes[index - 1]

    def explain(self, start: datetime, length: timedelta) -> Explanation:
        """`add`, with every day counted or skipped on the way."""
        due = self.add(start, length)
        steps: list[Step] = []
        day, last = london_date(start), london_date(due)
        while length and day <= last:
            steps += self._steps(day, start, due)
            day += _DAY
        return Explanation(
            start=start, length=length, due=due, calendar=self.calendar.version, steps=tuple(steps)
        )

    def _steps(self, day: date, start: datetime, due: datetime) -> list[Step]:
        if why := self.calendar.why_closed(day):
            return [Skipped(day=day, why=why)]
        opens, closes = self.calendar.window(day)
        if start >= closes:
            return [Skipped(day=day, why=AFTER)]
        since, until = max(start, opens), min(due, closes)
        counted = Counted(day=day, start=since, end=until, amount=until - since)
        early = start < opens and london_date(start) == day
        return [Skipped(day=day, why=BEFORE), counted] if early else [counted]

    def _inside(self, at: datetime) -> datetime:
        if at.tzinfo is not UTC:
            at = aware(at).astimezone(UTC)
        if not self._begin <= at < self._end:
            raise CalendarTooShort(self.calendar)
        return at

    def _elapsed(self, at: datetime) -> timedelta:
        """Working time from the calendar's beginning up to `at`."""
        index = bisect_right(self._opens, at) - 1
        if index < 0:
            return _ZERO
        ahead = self._closes[index] - at
        return self._totals[index] - ahead if ahead > _ZERO else self._totals[index]


@lru_cache(maxsize=64)
def working_time(calendar: CalendarSnapshot) -> WorkingTime:
    """The arithmetic on a calendar; built once for each snapshot."""
    return WorkingTime(calendar)


def remaining(wt: WorkingTime, now: datetime, due: datetime) -> timedelta:
    """Working time left until `due`; nought once it is past. What a pause puts aside (3.1)."""
    return wt.between(now, due) if now < due else _ZERO


def recalculated(
    wt: WorkingTime, start: datetime, length: timedelta, old_due: datetime
) -> datetime:
    """The due instant on a changed calendar `wt`; never earlier than `old_due` (3.1)."""
    return max(wt.add(start, length), old_due)


def _nothing(at: datetime, length: timedelta) -> datetime:
    if length < _ZERO:
        raise BadInput("A length of working time is nought or more; a negative one was given.")
    return at
