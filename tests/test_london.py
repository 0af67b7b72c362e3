"""London time written for people, and read from them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from models.errors import BadInput
from models.london import aware, london, london_date, london_day, parse_london, read_london


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "shown", "why"),
    [
        ("2026-11-30 10:45", "Mon 30 Nov 2026 10:45 GMT", "winter"),
        ("2027-06-01 14:00", "Tue 1 Jun 2027 15:00 BST", "summer"),
        ("2027-06-01 23:30", "Wed 2 Jun 2027 00:30 BST", "already the next day in London"),
        ("2027-03-28 00:59", "Sun 28 Mar 2027 00:59 GMT", "the last minute of winter"),
        ("2027-03-28 01:00", "Sun 28 Mar 2027 02:00 BST", "the first of summer"),
        ("2027-10-31 00:30", "Sun 31 Oct 2027 01:30 BST", "the first 01:30"),
        ("2027-10-31 01:30", "Sun 31 Oct 2027 01:30 GMT", "the second 01:30"),
    ],
)
def test_an_instant_is_shown_in_london_time(at: str, shown: str, why: str) -> None:
    assert london(utc(at)) == shown, why


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("2026-12-24 15:30", "2026-12-24 15:30", "winter"),
        ("2027-06-01 15:30", "2027-06-01 14:30", "summer"),
        (" 2026-12-24 15:30\n", "2026-12-24 15:30", "spaces around it"),
        ("2026-12-24T15:30:59", "2026-12-24 15:30:59", "with T and seconds"),
        ("2026-12-24 15:30:59.5", "2026-12-24 15:30:59.500000", "with a fraction"),
        ("2026-12-24 15:30 GMT", "2026-12-24 15:30", "the zone named"),
        ("2027-06-01 15:30 BST", "2027-06-01 14:30", "the zone named, summer"),
        ("2026-12-24T15:30:00Z", "2026-12-24 15:30", "UTC"),
        ("2026-12-24T15:30+01:00", "2026-12-24 14:30", "an offset"),
        ("2026-12-24 15:30 -05:00", "2026-12-24 20:30", "an offset after a space"),
        ("2027-03-28 00:59:59", "2027-03-28 00:59:59", "just before the clocks go forward"),
        ("2027-03-28 02:00", "2027-03-28 01:00", "just after"),
        ("2027-10-31 01:30 BST", "2027-10-31 00:30", "the first of the repeated hour"),
        ("2027-10-31 01:30 GMT", "2027-10-31 01:30", "the second of the repeated hour"),
        ("2027-10-31 00:59", "2027-10-30 23:59", "just before the repeated hour"),
        ("2027-10-31 02:00", "2027-10-31 02:00", "just after the repeated hour"),
    ],
)
def test_a_written_time_is_read_without_a_question(text: str, at: str, why: str) -> None:
    found, note = read_london(text)
    assert (found, found.tzinfo, note) == (utc(at), UTC, ""), why
    assert parse_london(text) == found


def test_the_repeated_hour_takes_the_first_and_says_so() -> None:
    found, note = read_london("2027-10-31 01:30")
    assert found == utc("2027-10-31 00:30")
    assert "the first (BST) was taken" in note
    assert "Write GMT after it for the second" in note


@pytest.mark.parametrize(
    "text", ["2027-03-28 01:00", "2027-03-28 01:59:59", "2027-03-28 01:30 GMT"]
)
def test_the_hour_that_does_not_exist_is_refused_and_explained(text: str) -> None:
    with pytest.raises(BadInput, match="clocks go forward from 01:00 to 02:00"):
        parse_london(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2026-12-24 15:30 BST", "London is on GMT at that time, not on BST"),
        ("2027-06-01 15:30 GMT", "London is on BST at that time, not on GMT"),
    ],
)
def test_the_wrong_name_of_the_zone_is_refused(text: str, fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        parse_london(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("tomorrow", "words"),
        ("2026-12-24", "no time: midnight would be a guess"),
        ("24/12/2026 15:30", "another order"),
        ("2026-12-24 15:30 CET", "a zone nobody here uses"),
        ("2026-12-24 15:30\x00", "a NUL byte"),
        ("２０２６-12-24 15:30", "digits that only look right"),  # noqa: RUF001 that is the point
        ("2026-12-24 15:30" + " " * 50_000 + "x", "very long"),
    ],
)
def test_what_is_not_a_time_is_refused_with_an_example(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=r"cannot be read.*2026-12-24 15:30"):
        parse_london(text)
    assert why


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-29 10:00",  # no leap year
        "2026-12-24 24:30",
        "2026-12-24 15:60",
        "2026-12-24 15:30+25:00",
        "0001-01-01 00:00+10:00",  # before the first year there is
        "9999-12-31 23:59-10:00",
        "0000-01-01 00:00",
    ],
)
def test_a_date_or_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no such date or time"):
        parse_london(text)


def test_a_refusal_never_repeats_what_was_typed() -> None:
    with pytest.raises(BadInput) as fault:
        parse_london("Ann Example, tomorrow at three")
    assert "Ann" not in str(fault.value)


def test_a_time_without_offset_is_refused() -> None:
    naive = datetime(2026, 12, 24, 15, 30)  # noqa: DTZ001 that is the point
    for read in (london, london_date, aware):
        with pytest.raises(BadInput, match="without an offset"):
            read(naive)


def test_the_london_date_of_a_summer_night_is_the_next_day() -> None:
    assert london_date(utc("2027-06-01 23:30")) == date(2027, 6, 2)
    assert london_date(date(2027, 6, 1)) == date(2027, 6, 1)
    assert london_day(date(2027, 6, 1)) == "Tue 1 Jun 2027"
