"""The pages for administrators: who gets there, what they show, and what they never show."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from activities.outbox import NoticeStatus
from models.case import Kind
from models.london import london_date
from models.people import Role
from procedures.registry import by_name
from runtime import stuck
from runtime.clock import utc_now
from tests.administering_help import apart_fixture  # noqa: F401 - a fixture
from tests.service import REASON, Service
from tests.web_help import Browser, day, plain
from web.app import ROUTES
from web.temporal_address import TemporalPages

SHOWN = sorted(
    {one.path for one in ROUTES if "/administer" in one.path and "GET" in (one.methods or ())}
)
TAKEN = sorted(
    {one.path for one in ROUTES if "/administer" in one.path and "POST" in (one.methods or ())}
)
TEMPORAL = TemporalPages("http://127.0.0.1:8233")
TODAY = london_date(utc_now())


def pages_of(service: Service) -> Browser:
    """A browser on an application that knows where Temporal's own pages are."""
    return Browser(service, temporal=TEMPORAL)


def filled(path: str, case_id: str, number: int = 1) -> str:
    """A route's address with something in it that is there."""
    return path.format(case=case_id, number=number, decision="none")


async def csrf_of(browser: Browser, path: str) -> str:
    """The token of a session, as any page with a form has it."""
    found = re.search(r'name="csrf" value="([^"]+)"', (await browser.get(path)).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", SHOWN)
@pytest.mark.parametrize("person", ["lm-1", "fca-1", "own-1"])
async def test_nobody_else_is_shown_an_administrators_page(
    apart: Service, path: str, person: str
) -> None:
    case_id = await apart.open()
    browser = await pages_of(apart).sign_in(person)
    answer = await browser.get(filled(path, case_id))

    assert answer.status_code == 404
    assert "Administer" not in plain(answer.text)


@pytest.mark.parametrize("path", TAKEN)
async def test_nobody_else_sends_an_administrators_form(apart: Service, path: str) -> None:
    case_id, before = await apart.open(), len(apart.ledger.deeds())
    browser = await pages_of(apart).sign_in("lm-1")
    form = {"csrf": await csrf_of(browser, "/inbox"), "reason": REASON, "all": "yes"}
    answer = await browser.client.post(filled(path, case_id), data=form)

    assert answer.status_code == 404
    assert len(apart.ledger.deeds()) == before
    assert apart.desk.show(case_id).case.seq == 1


@pytest.mark.parametrize("path", [one for one in SHOWN if "{number}" not in one])
async def test_an_administrator_sees_every_page_and_no_case_text(apart: Service, path: str) -> None:
    canary = "to see whether canary contact took place as alleged"
    case_id = await apart.open(purpose=canary)
    said = "canary-reason: the direction is clear and the scope is narrow enough."
    await apart.desk.decide(case_id, "start_considering", "lm-1", reason=said)
    browser = await pages_of(apart).sign_in("adm-1")
    answer = await browser.get(filled(path, case_id))

    assert answer.status_code in (200, 303)
    assert "canary" not in answer.text
    assert "some.body" not in answer.text


async def test_an_administrator_begins_at_their_own_pages_and_has_no_inbox(apart: Service) -> None:
    browser = pages_of(apart)
    answer = await browser.send("/sign-in", person="adm-1")
    shown = (await browser.get("/administer")).text

    assert answer.headers["location"] == "/administer"
    assert 'href="/inbox"' not in shown
    assert 'href="/start"' not in shown


async def test_an_administrator_decides_nothing_at_the_pages_of_others(apart: Service) -> None:
    case_id = await apart.open()
    browser = await pages_of(apart).sign_in("adm-1")
    token = await csrf_of(browser, "/administer")
    kind = apart.desk.show(case_id).case.procedure
    assert kind == "court_directed_access"
    for act in ("agree", "not_agree", "start_considering", "reassign"):
        path = f"/case/{case_id}/act/{act}"
        form = {"csrf": token, "reason": REASON, "decision": "x-1", "saw": "1"}
        assert (await browser.get(path)).status_code == 404, act
        assert (await browser.client.post(path, data=form)).status_code == 404, act
    assert apart.desk.show(case_id).case.seq == 1


async def test_every_deciding_act_of_every_kind_is_refused_to_an_administrator(
    apart: Service,
) -> None:
    case_id = await apart.open()
    kind = by_name("D")
    deciding = [n for n, a in kind.acts.items() if a.decides and a.by_people and n != "reassign"]
    assert deciding
    for act in deciding:
        receipt = await apart.desk.decide(case_id, act, "adm-1", reason=REASON, fields={})
        assert receipt.outcome == "refused", act


# --- searching ----------------------------------------------------------------------------------


async def test_the_search_finds_by_state_holder_and_day_and_says_nothing_of_a_case(
    apart: Service,
) -> None:
    case_id = await apart.open("fca-4")
    browser = await pages_of(apart).sign_in("adm-1")

    async def found(**asked: str) -> bool:
        answer = await browser.client.get("/administer/cases", params={"sort": "newest", **asked})
        assert answer.status_code == 200
        return case_id in answer.text

    today = f"{TODAY.day} {TODAY.month} {TODAY.year}"
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert await found()
    assert await found(procedure="court_directed_access", holder="lm-2", opened_from=today)
    assert await found(opened_to=today.replace(" ", "/"), state="registered")
    assert not await found(opened_from=tomorrow)
    assert not await found(holder="hsi-1")
    assert not await found(status="closed")
    assert not await found(procedure="employee_comments")


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("{0}", True),
        ("  {0} ", True),
        # As it is read out over the telephone, or written down in capitals.
        ("{1}", True),
        ("CASE-{1}", True),
        ("case-{2}", True),
        ("case-{1}0", False),
        ("case-zzz", False),
        ("%", False),
    ],
)
async def test_a_case_is_found_by_its_reference_or_its_beginning(
    apart: Service, typed: str, finds: bool
) -> None:
    case_id = await apart.open()
    digits = case_id.removeprefix("case-")
    browser = await pages_of(apart).sign_in("adm-1")
    # Whatever else is chosen: who has a reference does not know where the case is.
    asked = {"reference": typed.format(case_id, digits.upper(), digits[:8]), "status": "closed"}
    answer = await browser.client.get("/administer/cases", params=asked)

    assert (f'href="/administer/case/{case_id}"' in answer.text) is finds


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("case-ffffffffffff", 200, "No case has a reference that is or begins with case-fffff"),
        ("<b>Mia</b>", 422, "That is no reference of a case, nor the beginning of one."),
        ("case-0123456789abcd", 422, "That is no reference of a case"),
    ],
)
async def test_a_reference_that_is_none_is_said(
    apart: Service, typed: str, status: int, said: str
) -> None:
    browser = await pages_of(apart).sign_in("adm-1")
    answer = await browser.client.get("/administer/cases", params={"reference": typed})

    assert answer.status_code == status
    assert said in plain(answer.text)
    assert "<b>Mia" not in answer.text
    assert ('href="#reference"' in answer.text) is (status == 422)


@pytest.mark.parametrize(
    "asked",
    [
        "?page=999999",
        "?page=-1&sort=nothing&status=what",
        "?procedure=%27%3B--&holder=%25",
        "?page=abc&state=" + "x" * 500,
    ],
)
async def test_a_search_that_makes_no_sense_is_answered_kindly(apart: Service, asked: str) -> None:
    browser = await pages_of(apart).sign_in("adm-1")
    assert (await browser.get(f"/administer/cases{asked}")).status_code == 200


@pytest.mark.parametrize(
    ("asked", "box", "said"),
    [
        ("opened_from=yesterday", "opened-from", "Write a day such as 27 11 2026"),
        ("opened_to=31+2+2026", "opened-to", "Write a day such as 27 11 2026"),
        ("opened_from=2+3+2026&opened_to=1+3+2026", "opened-to", "not before the first"),
    ],
)
async def test_a_day_that_is_none_is_said_at_its_box_and_nothing_is_listed(
    apart: Service, asked: str, box: str, said: str
) -> None:
    browser = await pages_of(apart).sign_in("adm-1")
    answer = await browser.get(f"/administer/cases?status=all&{asked}")

    assert answer.status_code == 422
    assert "There is a problem" in plain(answer.text)
    assert f'href="#{box}"' in answer.text
    assert f'id="{box}"' in answer.text
    assert plain(answer.text).count(said) == 2
    assert "<table" not in answer.text


# --- reassigning --------------------------------------------------------------------------------


async def test_a_role_is_given_to_somebody_else_and_the_trail_keeps_who_did(
    apart: Service,
) -> None:
    case_id = await apart.open()
    browser = await pages_of(apart).sign_in("adm-1")
    path = f"/administer/case/{case_id}/reassign"
    await browser.get(path)
    shown = (await browser.get(path)).text
    answer = await browser.send(path, role="LM", to="lm-2", reason=REASON)
    receipt = plain((await browser.get(answer.headers["location"])).text)
    [duty] = apart.ledger.duties(case_id)
    entry = apart.ledger.trail(case_id)[-1].entry

    assert "(has open work)" in shown
    assert "Recorded" in receipt
    assert [one.person for one in duty.holders] == ["lm-2"]
    assert any(
        (line.entry.actor, line.entry.role) == ("adm-1", Role.ADM)
        for line in apart.ledger.trail(case_id)
    )
    assert entry.kind is not Kind.REFUSED


async def test_a_reassignment_without_its_parts_is_not_sent(apart: Service) -> None:
    case_id = await apart.open()
    browser = await pages_of(apart).sign_in("adm-1")
    answer = await browser.send(f"/administer/case/{case_id}/reassign", reason="short")
    said = plain(answer.text)

    assert answer.status_code == 422
    for words in ("Choose a role", "Choose a person", "at least 20 letters"):
        assert words in said
    assert apart.desk.show(case_id).case.seq == 1


# --- absences, calendar, notices ----------------------------------------------------------------


async def test_an_absence_is_recorded_shown_and_taken_back(apart: Service) -> None:
    browser = await pages_of(apart).sign_in("adm-1")
    first = day("first", (TODAY + timedelta(days=30)).isoformat())
    last = day("last", (TODAY + timedelta(days=33)).isoformat())
    path = "/administer/absences"
    answer = await browser.send(path, person="com-2", delegate="com-1", **first, **last)
    shown = plain((await browser.get(path)).text)
    number = apart.ledger.deeds()[-1].seq

    assert answer.status_code == 303
    assert "(com-2)" in shown
    assert f"Number {number}" in shown
    await browser.client.post(
        f"{path}/{number}/withdraw", data={"csrf": await csrf_of(browser, path)}
    )
    assert "taken back" in plain((await browser.get(path)).text)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose who is away"),
        ({"person": "com-2"}, "Give the first day as day, month and year"),
        ({"person": "com-2", **day("first", "2026-02-31")}, "Give the first day"),
        (
            {"person": "com-2", "delegate": "fca-1"}
            | day("first", "2030-03-04")
            | day("last", "2030-03-05"),
            "may not act as COM",
        ),
    ],
)
async def test_a_wrong_absence_is_said_at_its_field(
    apart: Service, fields: dict[str, Any], said: str
) -> None:
    browser = await pages_of(apart).sign_in("adm-1")
    answer = await browser.send("/administer/absences", **fields)

    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert 'class="govuk-error-summary' in answer.text


async def test_one_proposes_another_confirms_and_neither_does_both(apart: Service) -> None:
    case_id = await apart.open()
    due = apart.ledger.duties(case_id)[0].due
    assert due is not None
    proposer = await pages_of(apart).sign_in("adm-1")
    why = "Proclaimed in Council, as the government's list of holidays says."
    form = day("day", london_date(due).isoformat())
    answer = await proposer.send("/administer/calendar", name="Day of mourning", why=why, **form)
    path = answer.headers["location"]
    while "The rest is being worked out" in (own := (await proposer.get(path)).text):
        pass
    assert "Confirm what is shown" not in own
    assert case_id in own
    refused = await proposer.send(path, todo="confirm")
    assert refused.status_code == 422
    assert "another administrator confirms it" in plain(refused.text)

    second = await pages_of(apart).sign_in("adm-2")
    forged = await second.send(path, todo="confirm", shown="0" * 64)
    assert forged.status_code == 422
    assert "not what would be confirmed" in plain(forged.text)
    assert "Confirm what is shown" in (await second.get(path)).text
    assert (await second.send(path, todo="confirm")).status_code == 303
    assert "Day of mourning" in plain((await second.get("/administer/calendar")).text)
    assert apart.desk.calendar.why_closed(london_date(due)) == "Day of mourning"
    assert "Cases that have heard of it" in plain((await second.get(path)).text)


async def test_a_notice_given_up_is_shown_by_its_fault_and_tried_again(apart: Service) -> None:
    await apart.open()
    [notice, *_] = apart.ledger.claim_notices(utc_now())
    apart.ledger.notice_failed(notice.id, utc_now(), "refused_by_server", None)
    browser = await pages_of(apart).sign_in("adm-1")
    path = "/administer/notices"
    shown = plain((await browser.get(path)).text)
    assert "refused by server" in shown
    assert (await browser.send(path)).status_code == 422, "nothing was chosen"

    answer = await browser.send(path, notice=notice.id)
    found = [one for one in apart.ledger.outbox(limit=1000) if one.id == notice.id]
    assert answer.status_code == 303
    assert [one.status for one in found] == [NoticeStatus.WAITING]
    assert apart.ledger.deeds()[-1].by == "adm-1"


async def test_a_case_that_temporal_lost_is_shown_as_stuck_and_started_again(
    apart: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stuck, "NEW", timedelta(0))
    case_id = await apart.open()
    await apart.handle(case_id).terminate()
    browser = await pages_of(apart).sign_in("adm-1")
    for _ in range(50):
        shown = (await browser.get("/administer/stuck")).text
        if case_id in shown:
            break
    assert case_id in shown
    assert "It does not run" in plain(shown)

    token = await csrf_of(browser, "/administer/stuck")
    path = f"/administer/case/{case_id}/start-again"
    assert (await browser.client.post(path, data={"csrf": token})).status_code == 303
    assert (await apart.act(case_id, "lm-1", "start_considering")).outcome == "applied"


async def test_refused_acts_are_counted_by_act_and_code(apart: Service) -> None:
    case_id = await apart.open()
    assert (await apart.act(case_id, "fca-1", "agree")).outcome == "refused"
    browser = await pages_of(apart).sign_in("adm-1")
    shown = plain((await browser.get("/administer")).text)
    found = {(one.act, one.code) for one in apart.desk.refusals(timedelta(days=7))}

    assert "Refused in the last seven days" in shown
    assert any(act == "D-04" for act, _ in found)
