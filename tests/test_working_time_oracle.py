"""Working time against three slow ways to the same answer, none of which shares its code.

`Oracle` walks from window to window in whole microseconds and knows summer time by its rule, not
from the zone data. `walk` lets the minutes pass one by one. The third is another library.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from zoneinfo import ZoneInfo

import businesstimedelta  # type: ignore[import-untyped]
import holidays
import pytest
import pytz  # type: ignore[import-untyped]
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import policy
from models.working_time import WorkingTime, working_time
from tests.nightly import NIGHTLY


def draws(share: int) -> settings:
    """`share` of 5,000 draws; twenty times as many in the nightly setting."""
    return settings(max_examples=share * (20 if NIGHTLY else 1), deadline=None, database=None)


SHUT = frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(2017, 2032)))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
US = timedelta(microseconds=1)
HOUR_US = 3_600_000_000
DAY = timedelta(days=1)


class Oracle:
    """Instants are microseconds of the epoch, lengths microseconds."""

    @staticmethod
    def window(day: date) -> tuple[int, int]:
        """Opening and closing of a day, open or not."""
        summer = last_sunday(day.year, 3) <= day < last_sunday(day.year, 10)
        midnight = (day.toordinal() - date(1970, 1, 1).toordinal()) * 24 * HOUR_US
        return tuple(midnight + (at - summer) * HOUR_US for at in (9, 17))  # type: ignore[return-value]

    @classmethod
    def windows(cls, at: int, step: int) -> Iterator[tuple[int, int]]:
        """The open windows of the days around `at`, onwards or back."""
        day = date.fromordinal(date(1970, 1, 1).toordinal() + at // (24 * HOUR_US) - step)
        while True:
            if day.isoweekday() < 6 and day not in SHUT:
                yield cls.window(day)
            day += step * DAY

    @classmethod
    def add(cls, start: int, length: int) -> int:
        if length == 0:
            return start
        left = length
        for opens, closes in cls.windows(start, 1):
            since = max(start, opens)
            if since + left <= closes:
                return since + left
            left -= max(closes - since, 0)
        raise AssertionError

    @classmethod
    def subtract(cls, end: int, length: int) -> int:
        if length == 0:
            return end
        left = length
        for opens, closes in cls.windows(end, -1):
            until = min(end, closes)
            if until - left >= opens:
                return until - left
            left -= max(until - opens, 0)
        raise AssertionError

    @classmethod
    def between(cls, start: int, end: int) -> int:
        total = 0
        for opens, closes in cls.windows(start, 1):
            if opens >= end:
                return total
            total += max(min(end, closes) - max(start, opens), 0)
        raise AssertionError


def last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=last.isoweekday() % 7)


def instant(micros: int) -> datetime:
    return EPOCH + micros * US


def micros(at: datetime) -> int:
    return (at - EPOCH) // US


# Leaves room at both ends of the calendar for the longest length.
DAYS = st.integers(date(2018, 3, 1).toordinal(), date(2030, 9, 30).toordinal())


@st.composite
def instants(draw: st.DrawFn) -> int:
    """Any microsecond; every other time one close to an opening or a closing."""
    day = date.fromordinal(draw(DAYS))
    opens, closes = Oracle.window(day)
    if draw(st.booleans()):
        return draw(st.sampled_from([opens, closes])) + draw(st.integers(-2, 2))
    return opens + draw(st.integers(-9 * HOUR_US, 15 * HOUR_US))


LENGTHS = st.one_of(
    st.integers(0, 200 * HOUR_US),
    st.integers(0, 400).map(lambda halves: halves * HOUR_US // 2),
    st.integers(0, 3),
)


@pytest.fixture(scope="module")
def wt() -> WorkingTime:
    return working_time(policy.calendar())


@draws(1_500)
@given(start=instants(), length=LENGTHS)
def test_adding_agrees_with_walking_from_window_to_window(
    wt: WorkingTime, start: int, length: int
) -> None:
    assert micros(wt.add(instant(start), length * US)) == Oracle.add(start, length)


@draws(1_500)
@given(end=instants(), length=LENGTHS)
def test_subtracting_agrees_with_walking_back(wt: WorkingTime, end: int, length: int) -> None:
    assert micros(wt.subtract(instant(end), length * US)) == Oracle.subtract(end, length)


@draws(1_000)
@given(start=instants(), gap=st.integers(0, 1_000 * HOUR_US))
def test_counting_between_agrees_with_adding_up_windows(
    wt: WorkingTime, start: int, gap: int
) -> None:
    found = wt.between(instant(start), instant(start + gap))
    assert found // US == Oracle.between(start, start + gap)


@draws(500)
@given(at=instants(), length=LENGTHS)
def test_the_four_operations_agree_with_each_other(wt: WorkingTime, at: int, length: int) -> None:
    here, amount = instant(at), length * US
    due, since = wt.add(here, amount), wt.subtract(here, amount)
    assert wt.between(here, due) == wt.between(since, here) == amount
    told = wt.explain(here, amount)
    assert (told.due, told.counted) == (due, amount)
    if wt.is_open(here):
        assert wt.subtract(due, amount) == here
        # On the opening instant itself there is nothing of this day to come back to.
        if wt.is_open(here - US):
            assert wt.add(since, amount) == here


LONDON = ZoneInfo("Europe/London")


def walk(at: datetime, minutes: int) -> datetime:
    """Let minute after minute pass, and look at the clock on the wall before each."""
    while minutes:
        wall = at.astimezone(LONDON)
        if wall.weekday() < 5 and 9 <= wall.hour < 17 and wall.date() not in SHUT:
            minutes -= 1
        at += timedelta(minutes=1)
    return at


@draws(250)
@given(day=DAYS, minute=st.integers(0, 1439), minutes=st.integers(1, 16 * 60))
def test_adding_agrees_with_letting_the_minutes_pass(
    wt: WorkingTime, day: int, minute: int, minutes: int
) -> None:
    start = datetime.combine(date.fromordinal(day), hour(), UTC) + timedelta(minutes=minute)
    assert wt.add(start, timedelta(minutes=minutes)) == walk(start, minutes)


ZONE = pytz.timezone("Europe/London")
OTHER = businesstimedelta.Rules(
    [
        businesstimedelta.WorkDayRule(
            start_time=hour(9), end_time=hour(17), working_days=[0, 1, 2, 3, 4], tz=ZONE
        ),
        businesstimedelta.HolidayRule(SHUT, tz=ZONE),
    ]
)


@draws(250)
@given(at=instants(), hours=st.integers(1, 40))
def test_adding_agrees_with_another_library(wt: WorkingTime, at: int, hours: int) -> None:
    # The other library keeps whole seconds only.
    start = instant(at).replace(microsecond=0)
    assume(start < datetime(2030, 6, 1, tzinfo=UTC))
    other = start.astimezone(ZONE) + businesstimedelta.BusinessTimeDelta(OTHER, hours=hours)
    assert wt.add(start, timedelta(hours=hours)) == other
