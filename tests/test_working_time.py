"""Working time: the worked examples of the policy analysis 3.4, and what they leave open."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from pydantic import ValidationError

import policy
from models.errors import BadInput
from models.london import london, parse_london
from models.working_time import (
    CalendarSnapshot,
    CalendarTooShort,
    Counted,
    Explanation,
    Holiday,
    Skipped,
    WorkingTime,
    recalculated,
    remaining,
    working_time,
)

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)

EXAMPLES = [
    # received in London, working hours, due in London, due in UTC, why it is interesting
    ("2026-11-27 16:45", 2, "2026-11-30 10:45", "10:45", "weekend"),
    ("2026-11-27 16:45", 4, "2026-11-30 12:45", "12:45", "30 November is Scotland's holiday"),
    ("2026-11-27 16:59", 4, "2026-11-30 12:59", "12:59", "one minute left on Friday"),
    ("2026-11-27 17:00", 4, "2026-11-30 13:00", "13:00", "the closing instant is closed"),
    ("2026-11-28 11:00", 4, "2026-11-30 13:00", "13:00", "received at the weekend"),
    ("2026-11-30 09:00", 8, "2026-11-30 17:00", "17:00", "lands on the closing, does not roll"),
    ("2026-12-24 15:30", 2, "2026-12-29 09:30", "09:30", "25 and 28 December shut"),
    ("2026-12-24 15:30", 16, "2026-12-30 15:30", "15:30", "two working days over Christmas"),
    ("2026-12-31 16:00", 2, "2027-01-04 10:00", "10:00", "4 January is open in England"),
    ("2027-03-25 16:00", 8, "2027-03-30 16:00", "15:00", "Easter, and the clocks go forward"),
    ("2027-03-26 12:00", 4, "2027-03-30 13:00", "12:00", "received on Good Friday"),
    ("2027-05-28 15:00", 8, "2027-06-01 15:00", "14:00", "Spring bank holiday"),
    ("2027-08-27 16:30", 2, "2027-08-31 10:30", "09:30", "Summer bank holiday"),
    ("2027-10-29 16:00", 8, "2027-11-01 16:00", "16:00", "clocks go back; added in UTC: 15:00"),
    ("2027-12-24 16:30", 8, "2027-12-29 16:30", "16:30", "two substitute days"),
    ("2027-12-31 16:30", 8, "2028-01-04 16:30", "16:30", "3 January is a substitute day"),
]  # fmt: skip
WITHOUT_UTC = [(received, hours, due, why) for received, hours, due, _, why in EXAMPLES]


@pytest.fixture(scope="module")
def wt() -> WorkingTime:
    return working_time(policy.calendar())


def snapshot(*shut: str, first: str = "2026-11-01", last: str = "2027-01-31") -> CalendarSnapshot:
    return CalendarSnapshot(
        version="invented-1",
        first_day=date.fromisoformat(first),
        last_day=date.fromisoformat(last),
        holidays=tuple(Holiday(day=date.fromisoformat(day), name="Shut") for day in shut),
    )


# --- forwards and backwards -------------------------------------------------------------------


@pytest.mark.parametrize(("received", "hours", "due", "utc", "why"), EXAMPLES)
def test_working_hours_end_when_the_policy_says(
    received: str, hours: int, due: str, utc: str, why: str
) -> None:
    found = working_time(policy.calendar()).add(parse_london(received), hours * HOUR)
    assert found == parse_london(due), why
    assert f"{found:%H:%M}" == utc, why
    assert found.tzinfo is UTC


@pytest.mark.parametrize(("received", "hours", "due", "why"), WITHOUT_UTC)
def test_the_working_time_between_receipt_and_due_is_the_amount(
    wt: WorkingTime, received: str, hours: int, due: str, why: str
) -> None:
    assert wt.between(parse_london(received), parse_london(due)) == hours * HOUR, why


@pytest.mark.parametrize(
    ("end", "hours", "since", "why"),
    [
        ("2026-11-30 10:45", 2, "2026-11-27 16:45", "back over the weekend"),
        ("2026-11-30 12:59", 4, "2026-11-27 16:59", "one minute of Friday"),
        ("2026-11-30 17:00", 8, "2026-11-30 09:00", "lands on the opening, does not roll back"),
        ("2026-11-30 13:00", 4, "2026-11-30 09:00", "not Friday 17:00, the same working time ago"),
        ("2026-11-29 12:00", 8, "2026-11-27 09:00", "from a Sunday: all of Friday"),
        ("2026-11-30 09:00", 8, "2026-11-27 09:00", "from an opening: all of the day before"),
        ("2026-11-30 08:00", 1, "2026-11-27 16:00", "from before opening"),
        ("2026-11-27 20:00", 1, "2026-11-27 16:00", "from after closing"),
        ("2026-12-30 15:30", 16, "2026-12-24 15:30", "back over Christmas"),
        ("2027-03-30 16:00", 8, "2027-03-25 16:00", "back over Easter and the change to BST"),
        ("2027-11-01 16:00", 8, "2027-10-29 16:00", "back over the change to GMT"),
        ("2026-12-04 10:00", 8, "2026-12-03 10:00", "compliance date less 8 working hours"),
    ],
)
def test_a_back_stop_mirrors_the_deadline(
    wt: WorkingTime, end: str, hours: int, since: str, why: str
) -> None:
    assert wt.subtract(parse_london(end), hours * HOUR) == parse_london(since), why


@pytest.mark.parametrize(("received", "hours", "due", "why"), WITHOUT_UTC)
def test_going_back_and_forward_again_ends_where_it_began(
    wt: WorkingTime, received: str, hours: int, due: str, why: str
) -> None:
    end = parse_london(due)
    assert wt.add(wt.subtract(end, hours * HOUR), hours * HOUR) == end, (received, why)


def test_going_back_from_an_opening_comes_again_to_the_closing_before(wt: WorkingTime) -> None:
    opening, closing = parse_london("2026-11-30 09:00"), parse_london("2026-11-27 17:00")
    assert wt.add(wt.subtract(opening, HOUR), HOUR) == closing
    assert wt.between(closing, opening) == timedelta(0)


@pytest.mark.parametrize(
    ("received", "length", "due", "why"),
    [
        ("2026-11-27 16:59:59", SECOND, "2026-11-27 17:00", "the last second of the day"),
        ("2026-11-27 16:59:59", 2 * SECOND, "2026-11-30 09:00:01", "one second too many for it"),
        ("2026-11-27 16:59:59.999999", TICK, "2026-11-27 17:00", "the last microsecond"),
        ("2026-11-27 16:59:59.999999", 2 * TICK, "2026-11-30 09:00:00.000001", "one too many"),
        ("2026-11-27 17:00:00", TICK, "2026-11-30 09:00:00.000001", "at 17:00:00 it is closed"),
        ("2026-11-27 08:59:59", HOUR, "2026-11-27 10:00", "before opening"),
        ("2026-11-27 09:00:00.000001", 8 * HOUR, "2026-11-30 09:00:00.000001", "just missed"),
    ],
)
def test_the_exact_instant_of_closing_is_kept(
    wt: WorkingTime, received: str, length: timedelta, due: str, why: str
) -> None:
    assert wt.add(parse_london(received), length) == parse_london(due), why


@pytest.mark.parametrize(
    ("at", "expected", "why"),
    [
        ("2026-11-27 08:59:59.999999", False, "just before opening"),
        ("2026-11-27 09:00", True, "opening counts"),
        ("2026-11-27 16:59:59.999999", True, "the last microsecond"),
        ("2026-11-27 17:00", False, "closing does not"),
        ("2026-11-28 12:00", False, "Saturday"),
        ("2026-12-25 12:00", False, "Christmas Day"),
        ("2018-01-01 12:00", False, "before the first working day of the calendar"),
        ("2027-07-01 16:30", True, "summer: 15:30 UTC"),
    ],
)
def test_open_means_from_opening_up_to_closing(
    wt: WorkingTime, at: str, *, expected: bool, why: str
) -> None:
    assert wt.is_open(parse_london(at)) is expected, why


def test_no_time_at_all_ends_at_once_open_or_closed(wt: WorkingTime) -> None:
    for at in ("2026-11-27 10:00", "2026-11-27 17:00", "2026-11-28 12:00"):
        assert wt.add(parse_london(at), timedelta(0)) == parse_london(at)
        assert wt.subtract(parse_london(at), timedelta(0)) == parse_london(at)


def test_a_negative_length_is_refused_both_ways(wt: WorkingTime) -> None:
    at = parse_london("2026-11-27 10:00")
    for step in (wt.add, wt.subtract):
        with pytest.raises(BadInput, match="negative"):
            step(at, -TICK)


def test_counting_from_the_end_to_the_start_is_refused(wt: WorkingTime) -> None:
    with pytest.raises(BadInput, match="before the start"):
        wt.between(parse_london("2026-11-27 10:00"), parse_london("2026-11-27 09:59"))


def test_a_time_without_offset_is_refused_and_never_guessed(wt: WorkingTime) -> None:
    with pytest.raises(BadInput, match="without an offset"):
        wt.add(datetime(2026, 11, 27, 10, 0), HOUR)  # noqa: DTZ001 that is the point


def test_an_instant_counts_the_same_in_whatever_zone_it_comes(wt: WorkingTime) -> None:
    at = parse_london("2027-05-28 15:00")
    tokyo = at.astimezone(timezone(timedelta(hours=9)))
    assert wt.add(tokyo, 8 * HOUR) == wt.add(at, 8 * HOUR)


# --- the calendar -----------------------------------------------------------------------------


@pytest.mark.parametrize("far", [timedelta(hours=488), timedelta(days=4000), timedelta.max])
def test_a_deadline_beyond_the_calendar_is_an_error(far: timedelta) -> None:
    wt = working_time(snapshot())
    with pytest.raises(CalendarTooShort, match="Sun 1 Nov 2026 to Sun 31 Jan 2027"):
        wt.add(parse_london("2026-11-28 12:00"), far)


def test_the_last_hour_of_the_calendar_can_still_be_used() -> None:
    wt = working_time(snapshot(last="2027-01-29"))
    assert wt.add(parse_london("2027-01-29 16:00"), HOUR) == parse_london("2027-01-29 17:00")
    with pytest.raises(CalendarTooShort):
        wt.add(parse_london("2027-01-29 16:00"), HOUR + TICK)


def test_a_back_stop_before_the_calendar_is_an_error() -> None:
    wt = working_time(snapshot())
    assert wt.subtract(parse_london("2026-11-02 10:00"), HOUR) == parse_london("2026-11-02 09:00")
    with pytest.raises(CalendarTooShort):
        wt.subtract(parse_london("2026-11-02 10:00"), HOUR + TICK)


@pytest.mark.parametrize("at", ["2026-10-31 23:59:59", "2027-02-01 00:00"])
def test_a_day_outside_the_calendar_is_never_a_working_day(at: str) -> None:
    wt = working_time(snapshot())
    inside, outside = parse_london("2026-12-01 10:00"), parse_london(at)
    with pytest.raises(CalendarTooShort):
        wt.is_open(outside)
    with pytest.raises(CalendarTooShort):
        wt.add(outside, timedelta(0))
    with pytest.raises(CalendarTooShort):
        wt.between(min(inside, outside), max(inside, outside))
    with pytest.raises(CalendarTooShort):
        snapshot().why_closed(outside.date())


def test_a_calendar_of_one_weekend_holds_no_working_time() -> None:
    wt = working_time(snapshot(first="2026-11-28", last="2026-11-29"))
    start, end = parse_london("2026-11-28 00:00"), parse_london("2026-11-29 23:59")
    assert wt.between(start, end) == timedelta(0)
    assert not wt.is_open(start)
    with pytest.raises(CalendarTooShort):
        wt.add(start, TICK)
    with pytest.raises(CalendarTooShort):
        wt.subtract(end, TICK)


def test_an_added_closure_day_does_not_count() -> None:
    shut = working_time(snapshot("2026-12-01"))
    start = parse_london("2026-11-30 16:00")
    assert shut.add(start, 2 * HOUR) == parse_london("2026-12-02 10:00")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"last_day": date(2026, 10, 31)}, "before its first"),
        ({"first_day": date(1969, 12, 31)}, "years 1970 to 2100"),
        ({"last_day": date(2101, 1, 1)}, "years 1970 to 2100"),
        ({"holidays": [{"day": "2027-02-01", "name": "Late"}]}, "outside the days"),
        ({"holidays": [{"day": "2026-10-31", "name": "Early"}]}, "outside the days"),
        ({"holidays": [{"day": "2026-12-28", "name": "B"}, {"day": "2026-12-25", "name": "A"}]},
         "in order of date"),
        ({"holidays": [{"day": "2026-12-25", "name": "A"}] * 2}, "each date once"),
        ({"closes": time(9)}, "closing must come after opening"),
        ({"opens": time(9, tzinfo=UTC), "closes": time(17, tzinfo=UTC)}, "without offset"),
        ({"zone": "Europe/Paris"}, "Europe/London"),
        ({"extra": 1}, "Extra inputs"),
    ],
)  # fmt: skip
def test_a_calendar_with_a_fault_is_refused(change: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        CalendarSnapshot.model_validate({**snapshot().model_dump(), **change})


def test_two_calendars_are_the_same_exactly_when_their_digests_are() -> None:
    one, same = snapshot("2026-12-25"), snapshot("2026-12-25")
    assert one == same
    assert hash(one) == hash(same)
    assert one != snapshot("2026-12-28")
    assert one.digest != snapshot("2026-12-28").digest
    assert one != "2026-12-25"
    assert working_time(one) is working_time(same)


def test_a_calendar_survives_the_journey_as_json() -> None:
    sent = policy.calendar()
    assert CalendarSnapshot.model_validate_json(sent.model_dump_json()).digest == sent.digest


# --- pause, resume, recalculation -------------------------------------------------------------


def test_a_pause_keeps_what_was_left_and_the_clock_goes_on_from_there(wt: WorkingTime) -> None:
    start = parse_london("2026-12-23 15:00")
    due = wt.add(start, 8 * HOUR)
    assert due == parse_london("2026-12-24 15:00")
    left = remaining(wt, parse_london("2026-12-24 10:00"), due)
    assert left == 5 * HOUR
    assert wt.add(parse_london("2027-01-05 15:00"), left) == parse_london("2027-01-06 12:00")


def test_nothing_is_left_at_and_after_the_due_instant(wt: WorkingTime) -> None:
    due = parse_london("2026-12-24 15:00")
    assert remaining(wt, due, due) == timedelta(0)
    assert remaining(wt, due + HOUR, due) == timedelta(0)


def test_a_proclaimed_holiday_moves_a_running_deadline_back_by_a_day() -> None:
    start = parse_london("2026-11-30 15:00")
    old = working_time(snapshot()).add(start, 8 * HOUR)
    new = working_time(snapshot("2026-12-01"))
    assert old == parse_london("2026-12-01 15:00")
    assert recalculated(new, start, 8 * HOUR, old) == parse_london("2026-12-02 15:00")


def test_no_deadline_moves_earlier_when_a_holiday_is_taken_back() -> None:
    start = parse_london("2026-11-30 15:00")
    old = working_time(snapshot("2026-12-01")).add(start, 8 * HOUR)
    assert recalculated(working_time(snapshot()), start, 8 * HOUR, old) == old


# --- explanations -----------------------------------------------------------------------------


def test_the_days_over_christmas_are_explained_one_by_one(wt: WorkingTime) -> None:
    assert wt.explain(parse_london("2026-12-24 15:30"), 16 * HOUR).lines() == [
        "Thu 24 Dec 2026  15:30-17:00   1 h 30 min",
        "Fri 25 Dec 2026  closed: Christmas Day",
        "Sat 26 Dec 2026  closed: Saturday",
        "Sun 27 Dec 2026  closed: Sunday",
        "Mon 28 Dec 2026  closed: Boxing Day (substitute)",
        "Tue 29 Dec 2026  09:00-17:00   8 h",
        "Wed 30 Dec 2026  09:00-15:30   6 h 30 min",
        "Total            16 h, due Wed 30 Dec 2026 15:30 GMT (calendar england-and-wales-2026.1)",
    ]


@pytest.mark.parametrize(("received", "hours", "due", "why"), WITHOUT_UTC)
def test_what_an_explanation_counts_adds_up_and_leaves_no_day_out(
    wt: WorkingTime, received: str, hours: int, due: str, why: str
) -> None:
    told = wt.explain(parse_london(received), hours * HOUR)
    assert (told.due, told.counted) == (parse_london(due), hours * HOUR), why
    days = [step.day for step in told.steps]
    span = (days[-1] - days[0]).days
    assert sorted(set(days)) == [days[0] + timedelta(days=n) for n in range(span + 1)]
    for step in told.steps:
        if isinstance(step, Counted):
            assert step.end - step.start == step.amount


@pytest.mark.parametrize(
    ("start", "steps"),
    [
        ("2026-11-30 08:15", [("30", "before opening"), ("30", "1 h 30 min")]),
        ("2026-11-27 17:00", [("27", "closed for the day"), ("28", "Saturday"), ("29", "Sunday"),
                              ("30", "1 h 30 min")]),
        ("2026-11-29 03:00", [("29", "Sunday"), ("30", "1 h 30 min")]),
        ("2026-11-27 15:30", [("27", "1 h 30 min")]),
    ],
)  # fmt: skip
def test_the_hours_before_opening_and_after_closing_are_accounted_for(
    wt: WorkingTime, start: str, steps: list[tuple[str, str]]
) -> None:
    told = wt.explain(parse_london(start), HOUR * 3 / 2)
    found = [
        (f"{step.day:%d}", step.why if isinstance(step, Skipped) else str(step).split("   ")[-1])
        for step in told.steps
    ]
    assert found == steps


def test_seconds_are_shown_where_there_are_any(wt: WorkingTime) -> None:
    told = wt.explain(parse_london("2026-11-27 16:59:20"), timedelta(minutes=1, seconds=10.5))
    assert told.lines() == [
        "Fri 27 Nov 2026  16:59:20-17:00   40 s",
        "Sat 28 Nov 2026  closed: Saturday",
        "Sun 29 Nov 2026  closed: Sunday",
        "Mon 30 Nov 2026  09:00-09:00:30.500000   30.5 s",
        (
            "Total            1 min 10.5 s, due Mon 30 Nov 2026 09:00:30.500000 GMT "
            "(calendar england-and-wales-2026.1)"
        ),
    ]


def test_no_time_at_all_needs_no_days_to_explain(wt: WorkingTime) -> None:
    told = wt.explain(parse_london("2027-06-05 12:00"), timedelta(0))
    assert told.steps == ()
    assert told.lines()[0].startswith("Total            0 h, due Sat 5 Jun 2027 12:00 BST")


def test_an_explanation_that_does_not_add_up_cannot_be_made(wt: WorkingTime) -> None:
    told = wt.explain(parse_london("2026-11-27 16:45"), 2 * HOUR)
    with pytest.raises(ValidationError, match="do not add up"):
        Explanation(**{**told.model_dump(), "length": 3 * HOUR})
    assert Explanation.model_validate_json(told.model_dump_json()) == told


def test_an_explanation_begins_on_the_london_day_of_a_summer_night(wt: WorkingTime) -> None:
    at = datetime(2027, 6, 1, 23, 30, tzinfo=UTC)
    assert london(at) == "Wed 2 Jun 2027 00:30 BST"
    told = wt.explain(at, HOUR)
    assert [str(step) for step in told.steps] == [
        "Wed 2 Jun 2027   before opening",
        "Wed 2 Jun 2027   09:00-10:00   1 h",
    ]
