"""What auditors see, what nobody else sees of it, and that an auditor can act on nothing."""

from __future__ import annotations

import asyncio
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from activities.register import CaseFilter
from models.case import Kind
from models.errors import BadInput, Refused, Unavailable
from models.looked import Door, Look, Seen
from models.people import Role
from procedures.registry import by_name
from runtime import showing, verifications
from runtime.audit import refold
from runtime.past import stood
from runtime.settings import Settings
from runtime.verifying import CaseVerdict
from tests.audit_help import PRIVILEGED, Archive, archive, rewritten, tampered
from tests.evidence_files import png
from tests.service import REASON, Service
from tests.web_help import Browser, plain
from web.app import ROUTES
from web.auditing_sets import Asked

OF_A_CASE = ("", "/at/1", "/looks")


@pytest.fixture(scope="module")
def kept(settings_factory: Callable[..., Settings], client: Client) -> Iterator[Archive]:
    with archive(settings_factory(), client) as here:
        yield here


def at_desk(kept: Archive, desk: Any = None) -> Browser:
    """A browser at the archive's desk, or at another one."""
    desk = desk or kept.desk
    return Browser(Service(kept.settings, None, desk.ledger, desk))  # type: ignore[arg-type]


async def auditor(browser: Browser) -> Browser:
    answer = await browser.send("/sign-in", person="aud-1")
    assert answer.headers["location"] == "/audit"
    return browser


async def _csrf(browser: Browser) -> str:
    found: list[str] = re.findall(
        r'name="csrf" value="([^"]+)"', (await browser.get("/audit")).text
    )
    return found[0]


# --- who gets in --------------------------------------------------------------------------------


async def test_an_auditor_begins_at_the_cases_and_has_no_inbox_in_the_way_round(
    service: Service,
) -> None:
    browser = await auditor(Browser(service))
    page = (await browser.get("/audit")).text

    assert 'href="/inbox"' not in page
    assert 'href="/start"' not in page
    assert (await browser.get("/")).headers["location"] == "/audit"


AUDIT = [
    (route.path, method)
    for route in ROUTES
    for method in sorted(route.methods or ())
    if route.path.startswith("/audit") and method != "HEAD"
]


@pytest.mark.parametrize("person", ["fca-1", "lm-1", "leg-1", "adm-1", "hoc-1"])
@pytest.mark.parametrize(("path", "method"), AUDIT)
async def test_nobody_else_sees_a_page_for_auditors_and_no_look_is_noted(
    service: Service, person: str, path: str, method: str
) -> None:
    case_id = service.desk.cases(limit=1)[0].case_id if service.desk.cases(limit=1) else "case-1"
    browser = Browser(service)
    await browser.send("/sign-in", person=person)
    csrf = re.findall(r'name="csrf" value="([^"]+)"', (await browser.get("/nowhere")).text)[0]
    looks = len(service.ledger.looks.of(case_id))
    path = path.format(case=case_id, seq=1, job="x")
    answer = await browser.client.request(method, path, data={"csrf": csrf, "case": case_id})

    assert answer.status_code == 404
    assert "Nothing to see here" in answer.text
    assert len(service.ledger.looks.of(case_id)) == looks


@pytest.mark.parametrize("rest", OF_A_CASE)
async def test_a_case_that_is_not_there_is_not_found(service: Service, rest: str) -> None:
    browser = await auditor(Browser(service))

    assert (await browser.get(f"/audit/case/case-nowhere{rest}")).status_code == 404


@pytest.mark.parametrize("seq", ["0", "999", "-1", "x", "1.5", "9" * 40, "٣"])
async def test_an_entry_that_is_not_there_is_not_found(kept: Archive, seq: str) -> None:
    browser = await auditor(at_desk(kept))

    assert (await browser.get(f"/audit/case/{kept.ids[0]}/at/{seq}")).status_code == 404


async def test_every_page_for_auditors_is_marked(kept: Archive) -> None:
    browser = await auditor(at_desk(kept))
    case_id = kept.ids[0]
    for path in ("", "/verify", "/bundle", *(f"/case/{case_id}{rest}" for rest in OF_A_CASE)):
        answer = await browser.get(f"/audit{path}")
        assert answer.status_code == 200, path
        assert answer.text.count("OFFICIAL-SENSITIVE") >= 2, path


# --- acting on nothing --------------------------------------------------------------------------


BEFORE_WHO = {True: ("closed",), False: ("fields", "nothing_to_correct", "too_early")}
"""Refusals of a closed case and of an open one that come before it is asked who sends it."""


@pytest.mark.parametrize("code", ["E", "R", "C", "D"])
async def test_every_act_of_an_auditor_is_refused_and_changes_nothing(
    kept: Archive, code: str
) -> None:
    case = next(one for one in kept.cases if by_name(one.lines[0].entry.procedure).code == code)
    row = kept.desk.show(case.case_id).case
    blank = kept.desk.decision(row, "look", "aud-1", reason=REASON, fields={})
    for name in by_name(code).acts:
        again = refold(case.lines)
        before = again.here, again.case.duties
        receipt = again.fold(blank.model_copy(update={"act": name})).receipt
        assert receipt is not None
        assert receipt.outcome == "refused", name
        assert receipt.code in ("auditor", *BEFORE_WHO[row.closed]), (name, receipt.code)
        assert (again.here, again.case.duties) == before, name


async def test_at_the_door_an_auditor_can_neither_open_nor_decide_nor_add(service: Service) -> None:
    case_id = await service.open("fca-1")
    for act in ("agree", "raise_emergency", "ask_information"):
        receipt = await service.act(case_id, "aud-1", act)
        assert (receipt.outcome, receipt.code) == ("refused", "auditor")
    added = await service.desk.add_evidence(case_id, "aud-1", png(), "A page")
    assert (added.receipt.code, added.stored) == ("auditor", None)
    for code in ("E", "R", "C", "D"):
        with pytest.raises(Refused, match="never open a case"):
            await service.desk.open(code, {}, "aud-1")


async def test_in_the_pages_an_auditor_finds_no_form_of_an_act_and_can_send_none(
    service: Service,
) -> None:
    case_id = await service.open("fca-1")
    browser = await auditor(Browser(service))
    csrf = await _csrf(browser)
    before = service.desk.show(case_id).case.seq
    for name in by_name("D").acts:
        path = f"/case/{case_id}/act/{name}"
        assert (await browser.get(path)).status_code == 404, name
        sent = await browser.client.post(path, data={"csrf": csrf, "reason": REASON})
        assert sent.status_code == 404, name

    assert service.desk.show(case_id).case.seq == before
    assert (await browser.get(f"/case/{case_id}")).headers["location"] == f"/audit/case/{case_id}"


# --- then and now ------------------------------------------------------------------------------


async def test_a_past_instant_says_where_the_case_was_then_and_the_last_where_it_is_now(
    kept: Archive,
) -> None:
    browser = await auditor(at_desk(kept))
    case = kept.cases[3]
    here = f"/audit/case/{case.case_id}/at"
    past = (await browser.get(f"{here}/1")).text
    last = (await browser.get(f"{here}/{len(case.lines)}")).text
    badges = [
        re.findall(r"app-picture__badge.*?<text[^>]*>(now|then)</text>", text, re.DOTALL)
        for text in (past, last)
    ]

    assert badges == [["then"], ["now"]]
    assert "Go to where it was then" in plain(past)
    assert "Go to where it is now" in plain(last)
    assert "\u2013 <strong>then</strong>" in past
    for text in (past, last):
        [place] = re.findall(r'href="#([\w-]+-state-[\w-]+)">Go to where', text)
        assert f'id="{place}"' in text


# --- the words of a trail ------------------------------------------------------------------------


async def test_a_trail_says_questions_and_answers_in_words_and_how_the_record_has_them(
    kept: Archive,
) -> None:
    browser = await auditor(at_desk(kept))
    shown = {
        one.case_id: (await browser.get(f"/audit/case/{one.case_id}")).text for one in kept.cases
    }
    proceedings = plain(shown[kept.ids[2]])

    assert "Address of the post https:" in proceedings
    assert "What is the post?" in proceedings
    for text in shown.values():
        keys = re.findall(r'<dt class="govuk-summary-list__key">(.*?)</dt>', text)
        assert not {"Post url", "Immediate danger", "Verdict"} & set(keys)
        values = re.findall(r'<span class="app-text">(.*?)</span>', text, re.DOTALL)
        # A code as the record has it stands beside the words, never in their place.
        assert not [one for one in values if re.fullmatch(r"[a-z]+(_[a-z]+)+", one)]
    assert 'class="app-recorded">post_url</span>' in shown[kept.ids[2]]
    assert re.search(r'class="app-recorded">verdict: [a-z_]+</span>', shown[kept.ids[2]])


async def test_privileged_advice_stays_unsaid_in_the_words_of_a_trail(kept: Archive) -> None:
    browser = await auditor(at_desk(kept))
    texts = [(await browser.get(f"/audit/case/{case}")).text for case in kept.ids]

    assert not any("canary-4711" in text for text in texts)
    assert any("Privileged: only when" in text for text in texts)


# --- every look, once ---------------------------------------------------------------------------


def _said(look: Look) -> tuple[Any, ...]:
    return look.person, look.role, look.seen, look.door


@pytest.mark.parametrize(
    ("person", "path", "role", "seen"),
    [
        ("fca-1", "/case/{case}", Role.PR, Seen.CASE),
        ("lm-1", "/case/{case}", Role.LM, Seen.CASE),
        ("lm-1", "/case/{case}/act/start_considering", Role.LM, Seen.ACT),
        ("aud-1", "/audit/case/{case}", Role.AUD, Seen.TRAIL),
        ("aud-1", "/audit/case/{case}/at/1", Role.AUD, Seen.PAST),
        ("aud-1", "/audit/case/{case}/looks", Role.AUD, Seen.LOOKS),
    ],
)
async def test_each_look_is_recorded_once(
    service: Service, person: str, path: str, role: Role, seen: Seen
) -> None:
    case_id = await service.open("fca-1")
    browser = Browser(service)
    await browser.send("/sign-in", person=person)
    answer = await browser.get(path.format(case=case_id))

    assert answer.status_code == 200
    looks = service.desk.looks(case_id)
    assert [_said(one) for one in looks] == [(person, role, seen, Door.PAGES)]
    assert looks[0].at.tzinfo is UTC
    assert looks[0].london.endswith(("GMT", "BST"))


@pytest.mark.parametrize("path", ["/case/{case}", "/case/{case}/act/agree"])
async def test_who_is_shown_nothing_did_not_look(service: Service, path: str) -> None:
    case_id = await service.open("fca-1")
    browser = Browser(service)
    await browser.send("/sign-in", person="fca-5")

    assert (await browser.get(path.format(case=case_id))).status_code == 404
    assert service.desk.looks(case_id) == []


async def test_a_look_that_cannot_be_recorded_is_not_given(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")

    def full(*_: Any) -> None:
        raise Unavailable("The ledger cannot be reached.")

    monkeypatch.setattr(service.ledger.looks, "note", full)
    answer = await browser.get(f"/case/{case_id}")

    assert answer.status_code == 503
    assert "Court-directed" not in plain(answer.text)


async def test_auditors_see_who_looked(service: Service) -> None:
    case_id = await service.open("fca-1")
    for person in ("lm-1", "fca-1"):
        browser = Browser(service)
        await browser.send("/sign-in", person=person)
        await browser.get(f"/case/{case_id}")
    service.desk.note_look(case_id, None, Seen.TRAIL, Door.COMMAND_LINE, account="night-shift")
    page = plain((await (await auditor(Browser(service))).get(f"/audit/case/{case_id}/looks")).text)

    assert "Beatrix Olumide (lm-1) , Line manager the case, in the pages" in page
    assert "command line of night-shift the trail, at the command line" in page
    assert "Clemency Farthingale (aud-1) , Auditor (reconstructed) who looked, in the pages" in page
    assert "none was changed or taken out" in page


async def test_a_look_taken_out_shows_to_auditors(kept: Archive, tmp_path: Path) -> None:
    case_id = kept.ids[3]
    for person in ("lm-1", "fca-1", "leg-1"):
        kept.desk.note_look(case_id, person, Seen.CASE, Door.PAGES)
    desk = tampered(
        kept,
        tmp_path,
        lambda copy: copy.execute(
            "DELETE FROM looked WHERE case_id = ? AND body LIKE '%fca-1%'", [case_id]
        ),
    )
    with desk.ledger:
        browser = await auditor(at_desk(kept, desk))
        page = plain((await browser.get(f"/audit/case/{case_id}/looks")).text)

    assert "This list is not as it was recorded, from look" in page


# --- finding ------------------------------------------------------------------------------------


async def _found(browser: Browser, query: str) -> set[str]:
    page = (await browser.get(f"/audit?{query}")).text
    return set(re.findall(r'href="/audit/case/([^"/]+)"', page))


async def test_cases_are_found_by_procedure_state_outcome_dates_and_refusals(kept: Archive) -> None:
    browser = await auditor(at_desk(kept))
    rows = {row.case_id: row for row in kept.desk.cases()}
    refused = {
        one.case_id
        for one in kept.cases
        if any(line.entry.kind is Kind.REFUSED for line in one.lines)
    }

    assert await _found(browser, "") == set(kept.ids)
    assert await _found(browser, f"case={kept.ids[2]}") == {kept.ids[2]}
    assert await _found(browser, f"case=+{kept.ids[2][:-3].upper()}+&open=no") == {kept.ids[2]}
    assert await _found(browser, "refused=yes") == refused
    for row in rows.values():
        assert row.case_id in await _found(browser, f"procedure={row.procedure}")
        state = f"state={row.procedure}.{row.state}"
        assert await _found(browser, state) == {row.case_id}
    closed = {case for case, row in rows.items() if row.closed}
    assert 0 < len(closed) < len(rows)
    assert await _found(browser, "open=no") == closed
    assert await _found(browser, "open=yes") == set(rows) - closed
    assert await _found(browser, "since=23+11+2026&until=2026-11-23") == {
        case for case, row in rows.items() if row.opened_at.date().isoformat() == "2026-11-23"
    }


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=yesterday", "Write a day like 27 11 2026"),
        ("until=31+2+2026", "Write a day like 27 11 2026"),
        ("state=nowhere", "Choose one that is listed"),
        ("procedure=D", "Choose one that is listed"),
        ("case=the+Example+family", "That is no reference of a case"),
    ],
)
async def test_a_search_that_cannot_be_used_says_where(
    kept: Archive, query: str, said: str
) -> None:
    answer = await (await auditor(at_desk(kept))).get(f"/audit?{query}")

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert said in answer.text


def test_a_day_ends_when_it_ends_in_london() -> None:
    wanted = Asked(until="28 3 2027").filter()

    # The clocks go forward on that day: it has 23 hours.
    assert wanted == CaseFilter(opened_before=datetime(2027, 3, 28, 23, tzinfo=UTC))


# --- the trail, and through time ----------------------------------------------------------------


async def test_the_trail_tells_each_entry_its_rules_dates_people_and_place_in_the_chain(
    kept: Archive,
) -> None:
    browser = await auditor(at_desk(kept))
    for case in kept.cases:
        page = unescape((await browser.get(f"/audit/case/{case.case_id}")).text)
        for line, row in zip(case.lines, kept.ledger.lines_of(case.case_id), strict=True):
            entry = line.entry
            assert f'id="entry-{entry.seq}"' in page
            assert row.hash in page
            assert row.prev in page
            assert entry.london in page
            assert entry.kind is not Kind.REFUSED or entry.message in page
            assert all(f"<strong>{clause}</strong>" in page for clause in entry.clauses), (
                entry.clauses
            )
        assert "Total" in page
        assert "Something for you to do" in page
        assert "waiting" in page


async def test_privileged_advice_is_on_no_page_for_auditors(kept: Archive) -> None:
    browser = await auditor(at_desk(kept))
    sealed = 0
    for case in kept.cases:
        for line in case.lines:
            sealed += line.entry.sealed
            page = (await browser.get(f"/audit/case/{case.case_id}/at/{line.entry.seq}")).text
            assert "canary-4711" not in page
        assert "canary-4711" not in (await browser.get(f"/audit/case/{case.case_id}")).text
    assert sealed
    assert "canary-4711" in PRIVILEGED


async def test_a_page_of_the_past_shows_state_and_open_work_as_they_stood(kept: Archive) -> None:
    browser = await auditor(at_desk(kept))
    people = showing.People(kept.desk.directory)
    for case in kept.cases:
        for seq, (_, duties) in case.states.items():
            page = plain(unescape((await browser.get(f"/audit/case/{case.case_id}/at/{seq}")).text))
            was = stood(case.lines, seq)
            assert f"Where it stood {was.label} ({was.code})" in page
            for duty in duties:
                assert duty.label in page
                assert all(people.holder(one) in page for one in duty.holders)
            assert duties or "No work was open" in page


async def test_first_last_earlier_and_later_lead_through_the_trail(kept: Archive) -> None:
    browser = await auditor(at_desk(kept))
    case = kept.cases[0]
    last = len(case.lines)

    def leads(page: str) -> set[int]:
        return set(map(int, re.findall(rf'href="/audit/case/{case.case_id}/at/(\d+)"', page)))

    for seq in range(1, last + 1):
        page = (await browser.get(f"/audit/case/{case.case_id}/at/{seq}")).text
        assert leads(page) == {1, last, seq - 1, seq + 1} - {seq, 0, last + 1}


@pytest.mark.parametrize(
    ("day", "time", "seq"),
    [
        ("1 1 2020", "10:00", 1),
        ("1 1 2031", "", -1),
        ("23/11/2026", "09:30", None),
    ],
)
async def test_an_instant_leads_to_the_entry_of_then(
    kept: Archive, day: str, time: str, seq: int | None
) -> None:
    browser = await auditor(at_desk(kept))
    case = kept.cases[1]
    answer = await browser.get(f"/audit/case/{case.case_id}/at?day={day}&time={time}")
    then = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    by_then = [line.entry.seq for line in case.lines if line.entry.at <= then]
    expected = {1: 1, -1: len(case.lines), None: max(by_then)}[seq]

    assert answer.headers["location"] == f"/audit/case/{case.case_id}/at/{expected}"


@pytest.mark.parametrize("query", ["", "day=soon", "day=1+1+2026&time=late"])
async def test_an_instant_that_cannot_be_read_is_said(kept: Archive, query: str) -> None:
    answer = await (await auditor(at_desk(kept))).get(f"/audit/case/{kept.ids[0]}/at?{query}")

    assert answer.status_code == 422
    assert "27 11 2026" in answer.text or "2026-12-24" in answer.text


async def test_a_case_that_was_tampered_with_says_so_instead_of_guessing(
    kept: Archive, tmp_path: Path
) -> None:
    case_id = kept.ids[0]

    def change(copy: sqlite3.Connection) -> None:
        copy.execute("UPDATE entry SET body = 'gone' WHERE case_id = ? AND seq = 2", [kept.ids[1]])
        rewritten(case_id, 3, after="closed_opinion")(copy)

    desk = tampered(kept, tmp_path, change)
    with desk.ledger:
        browser = await auditor(at_desk(kept, desk))
        forged = plain((await browser.get(f"/audit/case/{case_id}/at/3")).text)
        gone = plain((await browser.get(f"/audit/case/{kept.ids[1]}")).text)

    assert "cannot be worked out here" in forged
    assert "An entry of this case is not one any more" in gone


# --- verifying ----------------------------------------------------------------------------------


async def _verified(browser: Browser, query: str = "") -> tuple[str, str]:
    """Begin a verification and wait for its end: its address and its page."""
    csrf = await _csrf(browser)
    given = dict(one.split("=") for one in query.split("&") if one)
    begun = await browser.client.post("/audit/verify", data={"csrf": csrf} | given)
    assert begun.status_code == 303, plain(begun.text)
    path = begun.headers["location"]
    for _ in range(400):
        answer = await browser.get(path)
        if "refresh" not in answer.headers:
            return path, plain(unescape(answer.text))
        assert "cases are done" in answer.text
        await asyncio.sleep(0.05)
    raise AssertionError("it never ended")


async def test_a_verification_says_plainly_that_everything_agrees_and_what_was_compared(
    service: Service,
) -> None:
    case_id = await service.open("fca-1")
    await service.complete(case_id)
    browser = await auditor(Browser(service))
    path, page = await _verified(browser, f"case={case_id}")

    assert "Everything agrees" in page
    assert "Entries, each with the one before and with the register 7" in page
    assert re.search(r"Histories that Temporal reads alike 1, with \d\d+ events in 1 run", page)
    assert service.desk.show(case_id).case.head in page
    assert service.desk.looks(case_id)[-1].seen is Seen.VERIFICATION
    assert path in (await browser.get("/audit/verify")).text


async def test_a_set_is_verified_and_histories_that_are_not_there_are_said(kept: Archive) -> None:
    _, page = await _verified(await auditor(at_desk(kept)))

    assert "Verification of 4 cases" in page
    assert "Everything agrees" in page
    assert "Histories Temporal no longer has 4" in page


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            "UPDATE entry SET body = replace(body, '\"lm-1\"', '\"lm-2\"') WHERE case_id = ? AND seq = 2",
            "Entry 2 was changed after it was recorded",
        ),
        ("DELETE FROM entry WHERE case_id = ? AND seq = 3", "Entry 3 is missing"),
        (
            "UPDATE register SET state = 'closed' WHERE case_id = ?",
            "is not where the register says",
        ),
        ("UPDATE entry SET sealed = X'00' WHERE case_id = ? AND seq = 1", "has its text changed"),
        ("DELETE FROM looked WHERE case_id = ?", "Who looked is not as it was recorded"),
    ],
)
async def test_a_tampered_copy_of_the_ledger_gets_a_red_verdict(
    kept: Archive, tmp_path: Path, spoil: str, said: str
) -> None:
    case_id = kept.ids[0]
    kept.desk.note_look(case_id, "lm-1", Seen.CASE, Door.PAGES)
    desk = tampered(kept, tmp_path, lambda copy: copy.execute(spoil, [case_id]))
    with desk.ledger:
        # Taking the looks away leaves a head that says how many there were.
        _, page = await _verified(await auditor(at_desk(kept, desk)))

    assert "1 of 4 cases is not as recorded" in page
    assert said in page
    assert case_id in page
    assert "Everything agrees" not in page


async def test_a_value_rewritten_with_every_hash_is_found_by_working_it_out_again(
    kept: Archive, tmp_path: Path
) -> None:
    case_id = kept.ids[2]
    desk = tampered(kept, tmp_path, rewritten(case_id, 2, actor="lm-2"))
    with desk.ledger:
        _, page = await _verified(await auditor(at_desk(kept, desk)))

    assert "its `actor` was recorded as lm-2 and comes out as lm-1" in page
    assert "1 of 4 cases is not as recorded" in page


async def test_no_more_than_two_verifications_run_at_once(
    kept: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def waiting(_desk: Any, case_id: str) -> CaseVerdict:
        await gate.wait()
        return CaseVerdict(case_id=case_id)

    monkeypatch.setattr(verifications, "verify", waiting)
    browser = await auditor(at_desk(kept))
    csrf = await _csrf(browser)
    begun = [await browser.client.post("/audit/verify", data={"csrf": csrf}) for _ in range(3)]
    running = await browser.get(begun[0].headers["location"])
    still = await browser.get(begun[0].headers["location"] + "?still=yes")
    gate.set()

    assert [one.status_code for one in begun] == [303, 303, 503]
    assert running.headers["refresh"] == "2"
    assert "0 of 4 cases are done" in running.text
    # Whoever cannot follow a page that changes by itself stops it.
    assert "refresh" not in still.headers


async def test_a_verification_goes_on_when_whoever_began_it_leaves(kept: Archive) -> None:
    first = await auditor(at_desk(kept))
    csrf = await _csrf(first)
    path = (await first.client.post("/audit/verify", data={"csrf": csrf})).headers["location"]
    await first.client.post("/sign-out", data={"csrf": csrf})
    second = await auditor(first)
    for _ in range(400):
        page = plain((await second.get(path)).text)
        if "Everything agrees" in page:
            break
        await asyncio.sleep(0.05)

    assert "Everything agrees" in page
    assert (await second.get("/audit/verify/nothing")).status_code == 404


async def test_what_goes_wrong_unexpectedly_ends_it_and_is_said(
    kept: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_desk: Any, _case: str) -> CaseVerdict:
        raise RuntimeError(PRIVILEGED)

    monkeypatch.setattr(verifications, "verify", broken)
    _, page = await _verified(await auditor(at_desk(kept)))

    assert "It stopped before its end: Something unexpected went wrong (RuntimeError)" in page
    assert "Everything agrees" not in page
    assert "canary" not in page


# --- the bundle ---------------------------------------------------------------------------------


async def test_a_set_is_taken_as_one_file_and_recorded_for_each_case(kept: Archive) -> None:
    browser = await auditor(at_desk(kept))
    closed = [row.case_id for row in kept.desk.cases(CaseFilter(closed=True))]
    before = len(kept.desk.looks(closed[0]))
    shown = plain((await browser.get("/audit/bundle?open=no")).text)
    answer = await browser.send("/audit/bundle", open="no")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))

    assert "closed" in shown
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith(
        'attachment; filename="OFFICIAL-SENSITIVE-bundle-'
    )
    assert answer.headers["cache-control"] == "no-store"
    assert [one["case_id"] for one in manifest["cases"]] == closed
    assert manifest["asked_for"] == "closed"
    assert len(kept.desk.looks(closed[0])) == before + 1


async def test_a_bundle_of_nothing_is_refused(kept: Archive) -> None:
    browser = await auditor(at_desk(kept))
    answer = await browser.send("/audit/bundle", case="case-ffffffffffff")

    assert answer.status_code == 422
    assert "1 to 1000 cases" in answer.text


def test_a_look_at_nobody_s_behalf_names_somebody_who_is_there(kept: Archive) -> None:
    with pytest.raises(BadInput):
        kept.desk.note_look(kept.ids[0], "nobody-1", Seen.CASE, Door.PAGES)
