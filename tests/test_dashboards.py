from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pytest

from activities.figures import InMonth, InStep, Sums
from models.case import Entry, Kind, Opened
from models.errors import BadInput, Refused
from models.london import london_date
from models.looked import LISTS
from models.policy import Clock
from models.working_time import working_time
from procedures.registry import PROCEDURES, by_name
from runtime.dashboards import SMALL, Dashboard, below, dashboard
from runtime.desk import Desk
from tests.service import Service
from tests.web_help import Browser, plain
from web.dashboards import FEW, TOO_FEW, _months, _steps

TABLES = ("open", "steps", "months", "escalations", "refusals")


class Frozen(Desk):
    """The service's desk at one instant, so that what is counted twice is counted alike."""

    def now(self) -> datetime:
        return self.at

    at: datetime


def _frozen(service: Service) -> Frozen:
    frozen = Frozen.__new__(Frozen)
    frozen.__dict__.update(service.desk.__dict__)
    frozen.at = service.desk.now()
    return frozen


async def _some_cases(service: Service) -> str:
    """One case on its way, one at its end, one refused at once, and an act refused."""
    running = await service.open()
    assert (await service.act(running, "fca-2", "agree")).outcome == "refused"
    await service.act(running, "lm-1", "start_considering")
    await service.complete(await service.open())
    await service.open(asked_by="party")
    return running


# --- the numbers --------------------------------------------------------------------------------


def _entries(service: Service) -> dict[str, list[Entry]]:
    every = service.desk.cases(limit=100_000)
    return {row.case_id: [one.entry for one in service.ledger.trail(row.case_id)] for row in every}


async def test_open_overdue_and_opened_are_what_the_cases_say(service: Service) -> None:
    await _some_cases(service)
    desk = _frozen(service)
    found = {one.procedure: one for one in dashboard(desk, "own-1").sums.standing}
    rows = desk.cases(limit=100_000)
    late = {
        row.case_id
        for row in rows
        if not row.closed
        and any(one.due and one.due < desk.at for one in desk.show(row.case_id).duties)
    }
    for key in {row.procedure for row in rows}:
        theirs = [row for row in rows if row.procedure == key]
        said = (found[key].opened, found[key].open, found[key].overdue)
        still = [row for row in theirs if not row.closed]
        assert said == (len(theirs), len(still), len([row for row in still if row.case_id in late]))


async def test_refusals_and_months_are_those_of_the_trails(service: Service) -> None:
    await _some_cases(service)
    sums = dashboard(service.desk, "own-1").sums
    trails = _entries(service).values()
    every = [one for trail in trails for one in trail]
    no = Counter((one.procedure, one.code) for one in every if one.kind is Kind.REFUSED)
    assert {(one.procedure, one.code): one.number for one in sums.refusals} == no
    assert sum(no.values()) > 1

    opened = Counter((trail[0].procedure, _month(trail[0])) for trail in trails)
    assert _of(sums, "opened") == opened
    up = Counter((one.procedure, _month(one)) for one in every if one.kind is Kind.ESCALATED)
    assert _of(sums, "escalated") == up
    closed = sum(_of(sums, "closed").values())
    assert closed >= len([row for row in service.desk.cases(limit=100_000) if row.closed]) > 0


def _month(entry: Entry) -> str:
    return f"{london_date(entry.at):%Y-%m}"


def _of(sums: Sums, kind: str) -> dict[tuple[str, str], int]:
    return {(one.procedure, one.month): one.number for one in sums.months if one.kind == kind}


async def test_time_in_steps_is_the_working_time_between_the_entries(service: Service) -> None:
    await _some_cases(service)
    desk = _frozen(service)
    found = dashboard(desk, "own-1").sums.steps
    lengths, here = _lengths(service)
    for key, state in lengths.keys() | here.keys():
        of = [one for one in found if (one.procedure, one.state) == (key, state)]
        # A step whose deadline runs on every hour is counted apart from its working time.
        if all(one.clock == Clock.WORKING for one in of):
            total = sum((one.average or 0) * one.left for one in of)
            assert total == pytest.approx(sum(lengths.get((key, state), [])), abs=len(of))
        assert sum(one.left for one in of) == len(lengths.get((key, state), []))
        assert sum(one.here for one in of) == here[key, state]
    assert lengths["court_directed_access", "considering"]


def _lengths(service: Service) -> tuple[dict[tuple[str, str], list[int]], Counter[Any]]:
    """Seconds of every stay that is over, out of the trails alone, and who is where now."""
    lengths: dict[tuple[str, str], list[int]] = {}
    here: Counter[Any] = Counter()
    for row in service.desk.cases(limit=100_000):
        lines = service.ledger.trail(row.case_id)
        opened = lines[0].private.fact
        assert isinstance(opened, Opened)
        moves = [
            one.entry for one in lines if one.entry.seq == 1 or one.entry.before != one.entry.after
        ]
        counted = working_time(opened.pins.calendar)
        states = by_name(row.procedure).states_map
        for one, following in pairwise(moves):
            if states[one.after].final:
                # Closed until it was opened again: that is no step.
                continue
            seconds = int(counted.between(one.at, following.at).total_seconds())
            lengths.setdefault((row.procedure, one.after), []).append(seconds)
        if not row.closed:
            here[row.procedure, moves[-1].after] += 1
    return lengths, here


# --- who sees what ------------------------------------------------------------------------------


def _opened(found: Dashboard, procedure: str = "court_directed_access") -> int:
    return sum(one.opened for one in found.sums.standing if one.procedure == procedure)


async def test_a_manager_sees_the_cases_of_their_teams_counted_and_no_others(
    service: Service,
) -> None:
    desk = service.desk
    people = ("lm-1", "lm-2", "ad-1", "own-1", "adm-1")
    before = {one: _opened(dashboard(desk, one)) for one in people}
    await service.open("fca-4")
    after = {one: _opened(dashboard(desk, one)) for one in people}
    # fca-4 is of the team of lm-2; both teams are below ad-1; owner and administrators see all.
    grown = {one for one in people if after[one] > before[one]}
    assert grown == {"lm-2", "ad-1", "own-1", "adm-1"}


def test_teams_reach_down_to_the_last_and_never_hold_oneself(service: Service) -> None:
    directory = service.desk.directory
    assert {"fca-4", "fca-7", "fca-6"} <= below(directory, "lm-2")
    assert "fca-1" not in below(directory, "lm-2")
    assert all(one.id not in below(directory, one.id) for one in directory.people)


@pytest.mark.parametrize("person", ["fca-1", "com-1", "leg-1", "aud-1"])
async def test_others_have_no_figures(service: Service, person: str) -> None:
    with pytest.raises(Refused):
        dashboard(service.desk, person)
    browser = await _signed_in(service, person)
    assert (await browser.get("/dashboards")).status_code == 404
    assert (await browser.get("/dashboards/open.csv")).status_code == 404
    assert 'href="/dashboards"' not in (await browser.get("/start")).text


def test_dates_the_wrong_way_round_count_nothing(service: Service) -> None:
    with pytest.raises(BadInput, match="before the first"):
        dashboard(service.desk, "own-1", first=date(2026, 2, 1), last=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        (None, None, True),
        (date(2026, 3, 1), None, True),  # from a month's beginning until now
        (None, date(2024, 2, 29), True),  # the last day of February in a leap year
        (None, date(2023, 2, 28), True),
        (date(2026, 1, 1), date(2026, 12, 31), True),
        (date(2026, 3, 2), None, False),
        (None, date(2026, 3, 30), False),
        (None, date(2024, 2, 28), False),
        (date(2026, 3, 1), date(2026, 3, 1), False),  # one day
        (date(2026, 3, 31), date(2026, 3, 31), False),
    ],
)
def test_whoever_may_not_read_the_cases_is_given_whole_months_only(
    service: Service, first: date | None, last: date | None, whole: bool
) -> None:
    # Up to one day and up to the next: the difference would be the number of that day.
    for person in ("own-1", "adm-1"):
        if whole:
            assert dashboard(service.desk, person, first=first, last=last).hides
        else:
            with pytest.raises(BadInput, match="by whole months only"):
                dashboard(service.desk, person, first=first, last=last)
    assert not dashboard(service.desk, "lm-1", first=first, last=last).hides


# --- the pages ----------------------------------------------------------------------------------


async def _signed_in(service: Service, person: str) -> Browser:
    browser = Browser(service)
    await browser.send("/sign-in", person=person)
    return browser


@pytest.mark.parametrize("person", ["lm-1", "own-1", "adm-1"])
async def test_every_table_is_shown_and_can_be_had_as_csv(service: Service, person: str) -> None:
    await _some_cases(service)
    browser = await _signed_in(service, person)
    shown = await browser.get("/dashboards")
    assert shown.status_code == 200
    assert 'href="/dashboards"' in shown.text
    said = plain(shown.text)
    for key in TABLES:
        answer = await browser.get(f"/dashboards/{key}.csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert f"OFFICIAL-SENSITIVE-{key}.csv" in answer.headers["content-disposition"]
        heads, *rows = csv.reader(io.StringIO(answer.text))
        assert all(head in said for head in heads) or not rows
        assert all(cell in said for row in rows for cell in row)
    assert (await browser.get("/dashboards/cases.csv")).status_code == 404


async def test_the_figures_name_no_case_and_nobody(service: Service) -> None:
    case_id = await _some_cases(service)
    browser = await _signed_in(service, "own-1")
    said = (await browser.get("/dashboards")).text.partition("<main")[2].partition("</main")[0]
    assert case_id not in said
    for one in service.desk.directory.people:
        assert one.name not in said
        assert f'"{one.id}"' not in said


def _step(left: int) -> InStep:
    return InStep(
        procedure="court_directed_access",
        state="considering",
        clock="wh",
        allowed=28800,
        left=left,
        average=3600,
        longest=7200,
        over=1,
        here=0,
        longest_here=None,
    )


@pytest.mark.parametrize(
    ("left", "hides", "wanted"),
    [
        # left it, average, longest, deadline missed, in it now
        (SMALL, False, ["5", "1.0", "2.0", "1", "0"]),
        (SMALL, True, ["5", "1.0", "2.0", FEW, "0"]),
        (SMALL - 1, True, [FEW, "too few to say", "too few to say", FEW, "0"]),
        (0, True, ["0", "too few to say", "too few to say", FEW, "0"]),
    ],
)
def test_small_numbers_are_not_said_to_who_may_not_read_the_cases(
    left: int, hides: bool, wanted: list[str]
) -> None:
    from web.dashboards import TABLES as MADE  # noqa: PLC0415 - beside the one use of it

    sums = Sums(standing=(), months=(), refusals=(), steps=(_step(left),))
    table = next(made for made in (make(sums, hides=hides) for make in MADE) if made.key == "steps")
    assert list(table.rows[0][3:8]) == wanted


def _sums(**given: Any) -> Sums:
    return Sums(**{"standing": (), "months": (), "refusals": (), "steps": ()} | given)


def _opened_in(procedure: str, number: int) -> InMonth:
    return InMonth(month="2026-11", procedure=procedure, kind="opened", number=number)


@pytest.mark.parametrize(
    ("numbers", "hides", "words", "why"),
    [
        ((5, 7), True, "12", "every part of it may be said"),
        ((5, 2), False, "7", "nothing is held back from who may read the cases"),
        ((5, 2), True, TOO_FEW, "7 beside a 5 would say 2"),
        ((2, 1), True, TOO_FEW, "and small parts make a small sum"),
    ],
)
def test_a_sum_does_not_tell_the_small_number_among_its_parts(
    numbers: tuple[int, int], hides: bool, words: str, why: str
) -> None:
    both = zip(("court_proceedings", "employee_comments"), numbers, strict=True)
    table = _months(_sums(months=tuple(_opened_in(*one) for one in both)), hides=hides)
    assert [bar.words for bar in table.bars] == [words], why


def test_no_bar_is_measured_by_an_average_that_is_not_said() -> None:
    few = _step(SMALL - 1).model_copy(update={"average": 10 * 28800, "longest": 10 * 28800})
    table = _steps(_sums(steps=(_step(SMALL), few)), hides=True)
    assert max(bar.mark or 0 for bar in table.bars) == 100, (
        "the deadline is the longest that is told"
    )


async def test_the_owner_is_told_few_where_a_manager_is_told_the_number(service: Service) -> None:
    await _some_cases(service)
    assert dashboard(service.desk, "own-1").hides
    assert not dashboard(service.desk, "lm-1").hides
    assert FEW in plain((await (await _signed_in(service, "own-1")).get("/dashboards")).text)


async def test_the_figures_can_be_narrowed_by_procedure_and_dates(service: Service) -> None:
    await _some_cases(service)
    browser = await _signed_in(service, "lm-1")
    titles = {kind.code: kind.title for kind in PROCEDURES.values()}
    answer = await browser.get("/dashboards/open.csv?procedure=D")
    rows = list(csv.reader(io.StringIO(answer.text)))[1:]
    assert [row[0] for row in rows] == [f"{titles['D']} (D)"]
    later = "last-day=1&last-month=1&last-year=2020"
    assert len((await browser.get(f"/dashboards/open.csv?{later}")).text.splitlines()) == 1
    page = await browser.get(f"/dashboards?procedure=D&{later}")
    assert "Nothing to count" in plain(page.text)
    assert '<option value="D" selected>' in page.text


async def test_a_date_that_is_none_is_said_at_its_question(service: Service) -> None:
    browser = await _signed_in(service, "lm-1")
    answer = await browser.get("/dashboards?first-day=31&first-month=2&first-year=2026")
    assert answer.status_code == 422
    assert "There is a problem" in plain(answer.text)
    assert 'href="#first-day"' in answer.text
    assert 'id="first-day"' in answer.text
    for year in ("0", "1", "9999"):
        far = await browser.get(f"/dashboards?last-day=31&last-month=12&last-year={year}")
        assert far.status_code == 422, year
    unknown = await browser.get("/dashboards?procedure=ZZ")
    assert unknown.status_code == 422


async def test_part_of_a_month_is_refused_plainly_on_the_page_and_as_csv(service: Service) -> None:
    browser = await _signed_in(service, "own-1")
    part = "?first-day=5&first-month=3&first-year=2026"
    shown, taken = (
        await browser.get(f"/dashboards{part}"),
        await browser.get(f"/dashboards/open.csv{part}"),
    )

    assert (shown.status_code, taken.status_code) == (422, 422)
    for answer in (shown, taken):
        said = plain(answer.text)
        assert "Begin with the first day of a month: you are given whole months only" in said
    assert 'href="#first-month"' in shown.text
    assert 'id="first-month"' in shown.text
    assert "<table" not in shown.text


async def test_a_month_is_asked_for_where_only_months_are_counted(service: Service) -> None:
    owner, manager = await _signed_in(service, "own-1"), await _signed_in(service, "lm-1")
    by_months, by_days = await owner.get("/dashboards"), await manager.get("/dashboards")

    assert 'id="first-day"' not in by_months.text
    assert "counted by whole months" in plain(by_months.text)
    assert 'id="first-day"' in by_days.text
    february = "first-month=2&first-year=2024&last-month=2&last-year=2024"
    assert (await owner.get(f"/dashboards?{february}")).status_code == 200
    look = service.ledger.looks.of(LISTS)[-1]
    assert look.asked == {"first": "2024-02-01", "last": "2024-02-29"}


def test_a_bar_that_says_too_little_says_it_in_a_sentence() -> None:
    step = _step(1).model_copy(update={"average": 3600.0, "allowed": 7200.0})
    [few], [told] = (_steps(_sums(steps=(step,)), hides=hides).bars for hides in (True, False))

    assert few.words == "too few to say, deadline 2.0"
    assert told.words == "1.0 working hours on average, deadline 2.0"
