"""A calendar that has run out is said once; the case rests, and a longer calendar wakes it."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import pytest

import policy
from models.case import CalendarChanged, Entry, Kind, Ticked
from models.people import Role
from models.working_time import CalendarSnapshot
from procedures.opening import part_of
from procedures.procedure import CALENDAR_TOO_SHORT, Procedure
from procedures.registry import PROCEDURES
from runtime import audit
from runtime.clock import utc_now
from runtime.desk_opening import new_case_id
from tests.core_help import Play, no
from tests.lives_help import life
from tests.service import Service, intake
from workflows.messages import CALENDAR_CHANGED, CaseStart


def until(calendar: CalendarSnapshot, last: date) -> CalendarSnapshot:
    """The calendar as if it had been published only up to a day."""
    kept = tuple(one for one in calendar.holidays if one.day <= last)
    parts = {name: getattr(calendar, name) for name in CalendarSnapshot.model_fields}
    return CalendarSnapshot(**{**parts, "version": "short", "last_day": last, "holidays": kept})


def said(trail: list[Entry]) -> list[Entry]:
    return [entry for entry in trail if entry.code == CALENDAR_TOO_SHORT]


def silent() -> Play:
    """Nobody does anything; the calendar ends with November."""
    short = until(policy.calendar(), date(2026, 11, 30))
    play = Play(compliance_date="none given", calendar=short)
    play.until("2027-02-01 10:00")
    return play


def test_a_calendar_that_ran_out_is_flagged_once_and_the_case_rests() -> None:
    play = silent()

    [entry] = said([line.entry for line in play.lines])
    assert (entry.kind, CALENDAR_TOO_SHORT in play.case.case.flags) == (Kind.FLAGGED, True)
    assert {each.role for each in entry.tells} == {Role.ADM}
    assert play.case.wake_at is None
    assert play.lines[-1].entry == entry


def test_every_later_message_lets_it_try_again_and_it_is_not_said_twice() -> None:
    play = silent()
    before = len(play.lines)

    play.gibberish()
    tries_again = play.case.wake_at
    play.gibberish()

    assert [line.entry.code for line in play.lines[before:]] == ["wrong_shape"] * 2
    assert tries_again is not None
    play.until("2027-03-01 10:00")
    assert play.case.wake_at is None
    assert audit.refold(play.lines).case.seq == len(play.lines)


def test_a_longer_calendar_wakes_the_case_and_its_deadlines_run_on() -> None:
    play = silent()
    longer = part_of(policy.calendar(), play.now)

    play.fold(CalendarChanged(id="longer", at=play.now, by="adm-1", calendar=longer))

    assert CALENDAR_TOO_SHORT not in play.case.case.flags
    assert play.case.wake_at is not None
    woken = len(play.lines)
    play.until("2027-03-01 10:00")
    assert len(play.lines) > woken
    assert len(said([line.entry for line in play.lines])) == 1
    assert audit.refold(play.lines).here == play.here


def test_a_tick_that_cannot_be_worked_out_leaves_everything_else_as_it_was() -> None:
    play = silent()
    before = {**play.case.case.__dict__}

    play.gibberish()
    at = play.case.wake_at
    assert at is not None
    known = {**play.case.case.__dict__}
    assert play.case.fold(Ticked(at=at, roster=play.roster(at))).lines == ()

    assert {**play.case.case.__dict__, "calendar_ended": False} == known
    assert play.case.case.duties == before["duties"]


@pytest.mark.parametrize("kind", PROCEDURES.values(), ids=PROCEDURES)
def test_a_case_whose_first_deadline_has_no_calendar_is_refused_before_it_begins(
    kind: type[Procedure],
) -> None:
    short = until(policy.calendar(), date(2026, 11, 22))

    play = life(kind, calendar=short)

    assert play.case.closed
    assert play.case.wake_at is None
    assert (play.last.kind, play.last.code) == (Kind.REFUSED, CALENDAR_TOO_SHORT)
    assert play.last.before == play.last.after == "draft"
    assert play.told("fca-1") == ["refused"]
    assert "calendar_too_short" in play.told("adm-1")
    no(play.act("lm-1", "add_evidence"), "closed")
    assert play.case.batch(()).label == "Not opened: its calendar was too short"
    assert audit.refold(play.lines).closed


def test_danger_and_a_concern_are_told_though_no_case_begins() -> None:
    short = until(policy.calendar(), date(2026, 11, 22))

    play = Play(calendar=short, immediate_danger=True, safeguarding_concern="unsure")

    assert play.told("onc-1") == ["emergency"]
    assert play.told("safe-1") == ["safeguarding"]
    assert play.duties() == set()


async def test_on_the_server_a_case_that_cannot_begin_ends_in_a_refusal(service: Service) -> None:
    case_id, now = new_case_id(), utc_now()
    asked = service.desk.prepare("D", intake(), "fca-1", case_id, now)
    short = until(asked.pins.calendar, (now - timedelta(days=5)).date())
    opened = asked.model_copy(update={"pins": asked.pins.model_copy(update={"calendar": short})})

    handle = await service.client.start_workflow(
        opened.procedure,
        CaseStart(opened=opened),
        id=case_id,
        task_queue=service.settings.task_queue,
    )
    await asyncio.wait_for(handle.result(), timeout=30)

    row = service.ledger.register(case_id)
    assert row is not None
    assert row.closed
    [entry] = [line.entry for line in service.ledger.trail(case_id)]
    assert (entry.kind, entry.code) == (Kind.REFUSED, CALENDAR_TOO_SHORT)
    assert [each.ok for each in audit.audit(service.ledger, case_id)] == [True]


async def test_on_the_server_such_a_case_rests_and_a_longer_calendar_wakes_it(
    service: Service,
) -> None:
    case_id, now = new_case_id(), utc_now()
    long_ago = now - timedelta(days=60)
    received = (long_ago - timedelta(hours=1)).isoformat()
    form = intake(
        received_at=received, order_date=(long_ago - timedelta(days=2)).date().isoformat()
    )
    asked = service.desk.prepare("D", form, "fca-1", case_id, now)
    short = until(asked.pins.calendar, (now - timedelta(days=50)).date())
    opened = asked.model_copy(
        update={
            "at": long_ago,
            "roster": asked.roster.model_copy(update={"at": long_ago, "until": None}),
            "pins": asked.pins.model_copy(update={"calendar": short}),
        }
    )

    handle = await service.client.start_workflow(
        opened.procedure,
        CaseStart(opened=opened),
        id=case_id,
        task_queue=service.settings.task_queue,
    )
    await flagged(service, case_id)
    # The ledger knows before the server has the end of that task: an answer comes after both.
    await handle.query("standing")
    events = len((await handle.fetch_history()).events)
    first = service.ledger.register(case_id)
    await handle.query("standing")
    await asyncio.sleep(1)
    assert len((await handle.fetch_history()).events) == events, "it spins"
    assert service.ledger.register(case_id) == first

    change = CalendarChanged(id="longer", at=utc_now(), by="adm-1", calendar=asked.pins.calendar)
    await handle.execute_update(CALENDAR_CHANGED, change)

    row = service.ledger.register(case_id)
    assert row is not None
    trail = [line.entry for line in service.ledger.trail(case_id)]
    assert len(said(trail)) == 1
    assert CALENDAR_TOO_SHORT not in row.flags
    assert [each.ok for each in audit.audit(service.ledger, case_id)] == [True]
    await handle.terminate()


async def flagged(service: Service, case_id: str) -> None:
    """Until the case says so in the register."""
    ends: datetime = utc_now() + timedelta(seconds=20)
    while utc_now() < ends:
        row = service.ledger.register(case_id)
        if row is not None and CALENDAR_TOO_SHORT in row.flags:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the calendar was not said to be too short")
