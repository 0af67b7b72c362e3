"""The statutory clocks: the worked examples of the policy analysis 3.4."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

import policy
from models.errors import BadInput
from models.statutory import add_working_days, foi_due, is_working_day, sar_due
from models.working_time import CalendarTooShort

day = date.fromisoformat


@pytest.mark.parametrize(
    ("received", "due", "wrong", "why"),
    [
        ("2026-11-20", "2026-12-21", "2026-12-18", "St Andrew's Day in Scotland"),
        ("2026-12-24", "2027-01-27", "2027-01-26", "4 January in Scotland"),
        ("2027-03-12", "2027-04-14", "2027-04-13", "St Patrick's Day in Northern Ireland"),
        ("2026-06-12", "2026-07-14", "2026-07-10", "World Cup in Scotland, 13 July in N. Ireland"),
        ("2019-01-20", "2019-02-15", "2019-02-15", "a Sunday in January: the same everywhere"),
    ],
)
def test_a_request_for_information_has_twenty_working_days_of_the_whole_kingdom(
    received: str, due: str, wrong: str, why: str
) -> None:
    assert foi_due(day(received), policy.uk_calendar()) == day(due), why
    assert foi_due(day(received), policy.calendar()) == day(wrong), why


@pytest.mark.parametrize(
    ("received", "months", "due", "why"),
    [
        ("2026-11-25", 1, "2026-12-29", "25 and 28 December are holidays"),
        ("2026-12-24", 1, "2027-01-25", "24 January is a Sunday"),
        ("2027-01-31", 1, "2027-03-01", "no 31 February; the 28th is a Sunday"),
        ("2028-01-31", 3, "2028-05-02", "30 April is a Sunday, 1 May a holiday"),
        ("2027-12-15", 1, "2028-01-17", "over the year's end; 15 January is a Saturday"),
        ("2028-01-29", 1, "2028-02-29", "a leap year has the date"),
        ("2027-11-30", 1, "2027-12-30", "St Andrew's Day is a day like any other here"),
    ],
)
def test_a_subject_access_request_has_a_calendar_month(
    received: str, months: int, due: str, why: str
) -> None:
    assert sar_due(day(received), policy.calendar(), months) == day(due), why


def test_the_day_of_receipt_is_the_one_in_london() -> None:
    late = datetime(2026, 6, 11, 23, 30, tzinfo=UTC)  # 12 June in London
    assert foi_due(late, policy.uk_calendar()) == day("2026-07-14")
    assert sar_due(late, policy.calendar()) == day("2026-07-13")


@pytest.mark.parametrize("months", [0, -1])
def test_less_than_a_month_is_refused(months: int) -> None:
    with pytest.raises(BadInput, match="one month or more"):
        sar_due(day("2026-11-25"), policy.calendar(), months)


def test_working_days_are_counted_from_the_day_after() -> None:
    friday = day("2026-11-27")
    assert add_working_days(friday, 0, policy.calendar()) == friday
    assert add_working_days(friday, 1, policy.calendar()) == day("2026-11-30")
    assert add_working_days(friday, 1, policy.uk_calendar()) == day("2026-12-01")
    with pytest.raises(BadInput, match="negative"):
        add_working_days(friday, -1, policy.calendar())


def test_a_working_day_is_neither_weekend_nor_holiday() -> None:
    week = [day(f"2026-12-{number}") for number in range(24, 30)]
    assert [is_working_day(each, policy.calendar()) for each in week] == [
        True, False, False, False, False, True,
    ]  # fmt: skip


def test_a_date_beyond_the_calendar_is_an_error() -> None:
    last = policy.calendar().last_day
    with pytest.raises(CalendarTooShort):
        foi_due(last, policy.uk_calendar())
    with pytest.raises(CalendarTooShort):
        sar_due(last, policy.calendar())
