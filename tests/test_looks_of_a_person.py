"""What one person looked at, wherever it was: the question an auditor has about somebody (SD14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from activities.ledger import Ledger
from models.errors import BadInput
from models.london import london, london_date
from models.looked import LISTS, Door, Look, Seen
from models.people import Role
from tests.ledger_fixtures import cipher_fixture, ledger_fixture, ledger_url_fixture  # noqa: F401
from tests.service import Service
from tests.web_help import Browser, plain

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)


def look(person: str | None, minutes: int = 0, case_id: str = LISTS, **more: object) -> Look:
    at = AT + timedelta(minutes=minutes)
    seen = Seen.CASES if case_id == LISTS else Seen.CASE
    given = {"case_id": case_id, "person": person, "at": at, "london": london(at), **more}
    return Look.model_validate({"seen": seen, "door": Door.PAGES, **given})


async def signed_in(service: Service, person: str) -> Browser:
    browser = Browser(service)
    await browser.send("/sign-in", person=person)
    return browser


# --- the record ---------------------------------------------------------------------------------


def test_one_persons_looks_come_from_every_case_and_list_the_newest_first(ledger: Ledger) -> None:
    one, two = f"case-{uuid4().hex[:12]}", f"case-{uuid4().hex[:12]}"
    who = f"p-{uuid4().hex[:8]}"
    ledger.looks.note(look(who, 1, one), look("lm-2", 2, one), look(who, 3), look(who, 2, two))

    assert [each.case_id for each in ledger.looks.of_person(who)] == [LISTS, two, one]


@pytest.mark.parametrize(
    ("since", "before", "minutes"),
    [
        (None, None, [3, 2, 1]),
        (2, None, [3, 2]),  # the very instant counts
        (None, 2, [1]),  # the end does not
        (2, 3, [2]),
        (4, None, []),
    ],
)
def test_they_are_of_the_time_asked_for(
    ledger: Ledger, since: int | None, before: int | None, minutes: list[int]
) -> None:
    who = f"p-{uuid4().hex[:8]}"
    ledger.looks.note(*(look(who, minute) for minute in (1, 2, 3)))
    begin, end = [None if m is None else AT + timedelta(minutes=m) for m in (since, before)]

    found = ledger.looks.of_person(who, begin, end)
    assert [round((one.at - AT).total_seconds() / 60) for one in found] == minutes


def test_nobody_elses_look_is_taken_for_theirs(ledger: Ledger) -> None:
    who = f"p_{uuid4().hex[:8]}"
    ledger.looks.note(
        look(who.upper()),
        look(f"{who}1"),
        look(who.replace("_", "x")),  # "_" stands for any one letter where a database compares
        look("aud-1", asked={"person": who}),
        look(None, account=who),
    )

    assert ledger.looks.of_person(who) == []


# --- who is asked about -------------------------------------------------------------------------


def test_whoever_has_left_is_asked_about_by_their_id(service: Service) -> None:
    gone = f"left-{uuid4().hex[:6]}"
    with pytest.raises(BadInput):
        service.desk.who_looked(gone)
    service.ledger.looks.note(look(gone))

    assert service.desk.who_looked(gone) == gone
    assert service.desk.who_looked("LM-1") == "lm-1"


# --- the page -----------------------------------------------------------------------------------


async def test_an_auditor_sees_cases_and_lists_of_one_person_and_is_recorded(
    service: Service,
) -> None:
    case_id = await service.open()
    await (await signed_in(service, "lm-1")).get(f"/case/{case_id}")
    service.desk.note_list("lm-1", Seen.CASES, Door.API, 7, {"procedure": "E"}, role=Role.LM)
    browser = await signed_in(service, "aud-1")
    answer = await browser.get("/audit/person?person=lm-1")
    said = plain(answer.text)

    assert f'href="/audit/case/{case_id}"' in answer.text
    assert f"{case_id} the case in the pages" in said
    assert "a list of cases procedure: E rows: 7 through the API, Line manager" in said
    kept = service.ledger.looks.of(LISTS)[-1]
    assert (kept.person, kept.seen, kept.role) == ("aud-1", Seen.PERSON, Role.AUD)
    assert kept.asked == {"person": "lm-1", "page": "1"}
    mine = plain((await browser.get("/audit/person?person=aud-1")).text)
    assert "what somebody looked at" in mine
    assert 'href="/audit/person"' in (await browser.get("/audit")).text


async def test_days_are_those_of_london(service: Service) -> None:
    service.desk.note_list("com-1", Seen.STUCK, Door.PAGES, 1)
    browser = await signed_in(service, "aud-1")
    today = london_date(service.desk.now())
    tomorrow = today + timedelta(days=1)
    there = await browser.get(f"/audit/person?person=com-1&since={today}&until={today}")
    later = await browser.get(f"/audit/person?person=com-1&since={tomorrow}")

    assert "cases that do not go on" in plain(there.text)
    assert "No look of theirs is on record for that time" in plain(later.text)
    kept = service.ledger.looks.of(LISTS)[-1]
    assert set(kept.asked) == {"person", "since", "page"}


async def test_what_cannot_be_asked_is_said_and_is_no_look(service: Service) -> None:
    browser = await signed_in(service, "aud-1")
    before = len(service.ledger.looks.of(LISTS))
    answer = await browser.get("/audit/person?person=Mia+Example&since=soon")

    assert answer.status_code == 422
    assert "Nobody here has this id" in answer.text
    assert "Write a day like 27 11 2026" in answer.text
    assert (await browser.get("/audit/person")).status_code == 200
    assert len(service.ledger.looks.of(LISTS)) == before


@pytest.mark.parametrize("day", ["1 1 1850", "31 12 2999", "31 12 9999"])
@pytest.mark.parametrize("path", ["/audit/person?person=lm-1&", "/audit?"])
async def test_a_day_that_no_case_can_be_of_is_told_at_its_box(
    service: Service, path: str, day: str
) -> None:
    answer = await (await signed_in(service, "aud-1")).get(f"{path}until={day.replace(' ', '+')}")

    assert answer.status_code == 422
    assert "Write a day like 27 11 2026" in answer.text


async def test_many_looks_are_shown_a_page_at_a_time(service: Service) -> None:
    who = f"many-{uuid4().hex[:6]}"
    service.ledger.looks.note(*(look(who, number) for number in range(60)))
    browser = await signed_in(service, "aud-1")
    first, second = [
        (await browser.get(f"/audit/person?person={who}&page={number}")).text for number in (1, 2)
    ]

    assert (first.count("a list of cases"), second.count("a list of cases")) == (50, 10)
    assert f"person={who}&amp;page=2" in first
    assert f"person={who}&amp;page=1" in second


async def test_nobody_but_an_auditor_sees_it(service: Service) -> None:
    for person in ("lm-1", "adm-1"):
        answer = await (await signed_in(service, person)).get("/audit/person?person=lm-1")
        assert answer.status_code == 404
