from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from activities.register import INBOX, CaseFilter, Share
from models.london import london_date, london_day
from models.people import Why
from runtime.clock import utc_now
from runtime.settings import PROJECT
from tests.service import Service
from tests.web_help import Browser, all_of_an_inbox, plain
from web import inbox

# --- whose it is --------------------------------------------------------------------------------


async def test_the_shares_of_an_inbox_add_up_to_the_whole(service: Service) -> None:
    await service.open("fca-1")
    for person in ("lm-1", "com-1", "fca-1", "hop-1", "leg-1"):
        rows = service.desk.inbox(person)
        shares = {share: service.desk.inbox(person, share) for share in Share}
        counted = service.desk.waiting(person)

        assert counted == {share: len(found) for share, found in shares.items()}
        key = [(row.case_id, row.duty, row.role) for row in rows]
        assert sorted(key) == sorted(
            (row.case_id, row.duty, row.role) for found in shares.values() for row in found
        )
        assert all(row.why is Why.DELEGATE for row in shares[Share.COVERED])


async def test_a_teams_work_is_under_its_role_and_not_under_mine(service: Service) -> None:
    case_id = await service.open("fca-1")
    await service.act(case_id, "lm-1", "agree", targets_match_order=True)
    mine = {row.case_id for row in service.desk.inbox("com-1", Share.MINE)}
    team = {row.case_id for row in service.desk.inbox("com-1", Share.TEAM)}

    assert case_id in team - mine


# --- read your writes ---------------------------------------------------------------------------


async def test_an_inbox_always_includes_ones_own_last_act(service: Service) -> None:
    browser = await Browser(service).sign_in("lm-1")
    for _ in range(10):
        case_id = await service.open("fca-1")
        assert case_id in await all_of_an_inbox(browser)
        await service.act(case_id, "lm-1", "agree", targets_match_order=True)
        assert case_id not in await all_of_an_inbox(browser)


async def test_a_practitioner_sees_what_happened_last_in_a_case(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("fca-1")
    before = _row(await browser.get("/your-cases"), case_id)
    await service.act(case_id, "lm-1", "agree", targets_match_order=True)
    after = _row(await browser.get("/your-cases"), case_id)

    assert "Register the direction" in before
    assert "Agree that access is necessary" in after
    assert "Communications arranging an official account" in after


def _row(answer: Any, case_id: str) -> str:
    return next((plain(row) for row in _rows(answer.text, case_id)), "")


def _rows(text: str, case_id: str) -> list[str]:
    rows = re.findall(r'<tr class="govuk-table__row">.*?</tr>', text, re.DOTALL)
    return [row for row in rows if case_id in row]


async def test_whoever_gets_a_receipt_is_not_told_what_happens(service: Service) -> None:
    form = {**_comment(), "affected_person": "fca-1"}
    case_id = (await service.desk.open("E", form, "fca-2")).case_id
    reporter = await Browser(service).sign_in("fca-2")
    about = await Browser(service).sign_in("fca-1")

    assert "You see that it was received" in _row(await reporter.get("/your-cases"), case_id)
    # Their line manager tells them in person; a list must not be how they hear of it.
    assert case_id not in (await about.get("/your-cases")).text


def _comment() -> dict[str, Any]:
    from bench.roads import _of_its_own, roads  # noqa: PLC0415 - the form of an invented report

    return _of_its_own(next(road for road in roads() if road.key == "employee_comments").intake)


# --- more than one page -------------------------------------------------------------------------


async def test_an_inbox_goes_on_beyond_one_page(service: Service, monkeypatch: Any) -> None:
    monkeypatch.setattr(inbox, "AT_ONCE", 2)
    opened = [await service.open("fca-1") for _ in range(3)]
    browser = await Browser(service).sign_in("lm-1")
    first = plain((await browser.get("/inbox")).text)
    every = await all_of_an_inbox(browser)

    assert "Next" in first
    assert all(case_id in every for case_id in opened)
    assert "Previous" in plain((await browser.get("/inbox?mine=2")).text)


async def test_a_page_that_is_none_shows_the_nearest(service: Service) -> None:
    browser = await Browser(service).sign_in("lm-1")
    for wanted in ("0", "-1", "x", "99999999999999999999", "²", ""):
        assert (await browser.get(f"/inbox?mine={wanted}")).status_code == 200, wanted


async def test_work_stands_in_the_same_order_on_every_page(service: Service) -> None:
    for _ in range(3):
        await service.open("fca-1")
    whole = [(row.case_id, row.duty) for row in service.desk.inbox("lm-1", Share.MINE)]
    pages = [
        (row.case_id, row.duty)
        for offset in range(len(whole))
        for row in service.desk.inbox("lm-1", Share.MINE, 1, offset)
    ]

    assert pages == whole


def test_a_page_of_an_inbox_is_read_in_its_order_and_not_sorted(service: Service) -> None:
    with service.ledger._database.read() as connection:
        query = str(INBOX.compile(connection))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", ("lm-1",)).all()
    steps = " ".join(step.detail for step in plan)

    assert "duty_holder_by_place" in steps
    assert "B-TREE" not in steps
    assert "SCAN" not in steps


async def test_overdue_work_comes_first_then_what_is_due_then_what_has_no_time(
    service: Service,
) -> None:
    case_id = await service.open("fca-1")
    rows = service.ledger.inbox("lm-1")
    places = [(not row.overdue, row.due is None, row.due or row.opened_at) for row in rows]

    assert case_id in {row.case_id for row in rows}
    assert places == sorted(places)


async def test_the_places_that_a_migration_gives_are_those_that_are_written(
    service: Service,
) -> None:
    """An inbox from before the places stands in the same order after it."""
    text = (PROJECT / "activities/migrations/versions/0005_drafts.py").read_text()
    statement = text.partition('_PLACES = """')[2].partition('"""')[0]
    await service.open("fca-1")
    held = sa.text("SELECT case_id, duty, person, role, place FROM duty_holder ORDER BY 1, 2, 3, 4")
    with service.ledger._database.write() as connection:
        written = connection.execute(held).all()
        connection.execute(sa.text(statement))
        again = connection.execute(held).all()

    assert written
    assert again == written


async def test_a_count_is_of_the_same_cases_as_the_list(service: Service) -> None:
    await service.open("fca-1")
    for wanted in (CaseFilter(), CaseFilter(started_by="fca-1"), CaseFilter(belongs_to="fca-1")):
        assert service.ledger.count(wanted) == len(service.desk.cases(wanted, 100_000))


async def test_the_time_in_an_inbox_is_londons(service: Service) -> None:
    await service.open("fca-1")
    [row, *_] = service.desk.inbox("lm-1")
    assert row.due is not None
    shown = plain((await (await Browser(service).sign_in("lm-1")).get("/inbox")).text)

    assert re.search(r"\d\d:\d\d (GMT|BST)", shown)
    assert utc_now() - row.opened_at < timedelta(days=1)


# --- one line and another -----------------------------------------------------------------------


async def test_a_line_says_its_procedure_and_the_day_the_case_was_opened(service: Service) -> None:
    case_id = await service.open("fca-1")
    # Whatever other tests opened is there as well: it may be on any page.
    every = await all_of_an_inbox(await Browser(service).sign_in("lm-1"))
    line = plain(_rows(every, case_id)[0])

    assert "Court-directed access to social media content" in line
    assert f"Opened {london_day(london_date(utc_now()))}" in line


async def test_a_line_says_danger_until_somebody_is_known_to_be_safe(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")

    async def lines() -> list[str]:
        return _rows(await all_of_an_inbox(browser), case_id)

    calm = await lines()
    await service.act(case_id, "fca-1", "raise_emergency")
    alarmed = await lines()
    spoken = (utc_now() - timedelta(minutes=1)).isoformat()
    told = "They were with a neighbour and nobody had come near them."
    await service.act(
        case_id, "lm-1", "confirm_safe", spoken_at=spoken, police_not_told_because=told
    )

    tag = re.compile(r'govuk-tag--red">\s*Danger')
    assert calm
    assert not any(map(tag.search, calm))
    # The whole case is in danger, so each of its lines says so.
    assert len(alarmed) > len(calm)
    assert all(map(tag.search, alarmed))
    assert not any(map(tag.search, await lines()))
