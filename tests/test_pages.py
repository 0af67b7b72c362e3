from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.london import LONDON
from procedures.registry import PROCEDURES, by_name
from runtime.clock import utc_now
from tests.evidence_files import png
from tests.service import REASON, Service
from tests.web_help import Browser, all_of_an_inbox, day, plain
from web.drafts import pages
from web.questions import Kind, compose, every, questions_of_act
from web.words import WHAT_HAPPENED, known

SAFETY = {"immediate_danger": "no", "safeguarding_concern": "no", "used_personal_account": "no"}
SECRET = "calls the colleague names and says where they work, canary-4711"


def _ago(hours: int) -> str:
    at = utc_now() - timedelta(hours=hours)
    return at.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def _post() -> dict[str, Any]:
    return {
        **day("discovered_at", _ago(2)),
        "how_came_to_see": "sent_to_me",
        "post_url": f"https://www.facebook.com/invented.group/posts/{utc_now():%H%M%S%f}",
        "platform": "facebook",
        "visibility": "public",
        "description": SECRET,
    }


ABOUT = {
    "affected_person": "fca-1",
    "kind": ["insult", "repeated_unwanted"],
    "author_known": "stranger",
    "linked_to_family_case": "no",
    "earlier_posts": "no",
    "reported_to_platform": "not yet",
    "reported_to_police": "no",
    "declaration": "yes",
}


async def _begun(browser: Browser, code: str) -> str:
    answer = await browser.send("/start", happened=code)
    return str(answer.headers["location"]).removesuffix("/safety")


async def _filled_in(browser: Browser) -> str:
    form = await _begun(browser, "E")
    assert (await browser.send(f"{form}/safety", **SAFETY)).headers["location"] == f"{form}/post"
    assert (await browser.send(f"{form}/post", **_post())).headers["location"] == f"{form}/more"
    answer = await browser.send(f"{form}/more", **ABOUT)
    assert answer.headers.get("location") == f"{form}/check", plain(answer.text)
    return form


async def _reported(browser: Browser) -> str:
    form = await _filled_in(browser)
    await browser.send(f"{form}/check")
    return _reference(await browser.get(f"{form}/sent"))


def _reference(sent: Any) -> str:
    said = plain(sent.text)
    assert "Report received" in said
    return "case-" + said.partition("case-")[2][:12]


# --- from "what has happened" to a reference ----------------------------------------------------


async def test_a_report_about_a_colleague_becomes_a_case_with_a_reference(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    case_id = await _reported(browser)

    row = service.desk.show(case_id).case
    assert (row.procedure, row.started_by) == ("employee_comments", "fca-2")
    intake = service.ledger.trail(case_id)[0].private.fields
    assert intake["description"] == SECRET
    assert intake["kind"] == ["insult", "repeated_unwanted"]


async def test_the_page_of_answers_shows_who_decides_by_when_and_why_then(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _filled_in(browser)
    before = len(service.desk.cases())
    said = plain((await browser.get(f"{form}/check")).text)

    assert "Nothing has been sent yet" in said
    assert "Who: Line manager: Beatrix Olumide (lm-1)" in said
    assert "Why then" in said
    assert "(E-T" in said
    assert len(service.desk.cases()) == before


def _sessions(browser: Browser) -> dict[str, Any]:
    transport: Any = browser.client._transport
    sessions: dict[str, Any] = transport.app._app.state.site.sessions._kept
    return sessions


async def test_danger_is_asked_first_and_the_page_says_to_call_999(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _begun(browser, "E")
    first = (await browser.get(f"{form}/safety")).text
    await browser.send(f"{form}/safety", **SAFETY | {"immediate_danger": "yes"})

    assert "call 999 now" in first
    assert first.index("immediate danger") < first.index("safety of a child")
    assert "call 999 now" in (await browser.get(f"{form}/post")).text


@pytest.mark.parametrize("kind", PROCEDURES.values(), ids=PROCEDURES)
def test_the_first_question_of_every_form_is_danger(kind: Any) -> None:
    assert pages(kind)[0].questions[0].name == "immediate_danger"


async def test_what_is_missing_is_said_with_a_link_to_its_question(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _begun(browser, "E")
    answer = await browser.send(f"{form}/safety", immediate_danger="no")

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert 'href="#safeguarding-concern"' in answer.text
    assert 'id="safeguarding-concern"' in answer.text
    assert "Error: Safety first" in answer.text


async def test_what_was_answered_is_still_there_after_a_mistake(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _begun(browser, "E")
    answer = await browser.send(f"{form}/post", description=SECRET, platform="facebook")

    assert answer.status_code == 422
    assert SECRET in answer.text
    assert SECRET in (await browser.get(f"{form}/post")).text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"day": "31", "month": "2", "year": "2026", "time": "10:00"}, "there is no such day"),
        ({"day": "18", "month": "11", "year": "2026"}, "the time is missing"),
        ({"day": "28", "month": "3", "year": "2027", "time": "01:30"}, "the clocks skip it"),
        ({"day": "x", "month": "y", "year": "z", "time": "?"}, "these are no numbers"),
    ],
)
async def test_a_time_that_is_none_is_said_at_its_question(
    service: Service, typed: dict[str, str], why: str
) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _begun(browser, "E")
    times = {f"discovered_at-{part}": value for part, value in typed.items()}
    answer = await browser.send(f"{form}/post", **times)

    assert 'href="#discovered-at"' in answer.text, why
    assert 'id="discovered-at"' in answer.text


async def test_a_fault_between_pages_leads_back_to_its_page(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _filled_in(browser)
    await browser.send(f"{form}/more", **ABOUT | {"kind": ["threat_of_violence"]})
    said = (await browser.get(f"{form}/check")).text

    assert f'href="{form}/more?again=1#danger-asked-again"' in said
    assert ">Send<" not in said.replace("\n", "").replace(" ", "")
    assert "is missing" in (await browser.get(f"{form}/more?again=1")).text


async def test_a_second_account_of_an_order_gets_a_row_without_a_script(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-1")
    form = await _begun(browser, "D")
    answer = await browser.send(
        f"{form}/more", {"nothing": b""}, targets__0__person_label="A", more_rows="targets"
    )

    assert answer.status_code == 200
    assert 'name="targets.1.platform"' in answer.text
    assert 'name="targets.2.platform"' not in answer.text


async def test_a_court_order_is_kept_as_its_hash_and_registered(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-1")
    form = await _begun(browser, "D")
    await browser.send(f"{form}/safety", **SAFETY)
    answer = await browser.send(f"{form}/more", _ORDER, **_direction())
    assert answer.headers.get("location") == f"{form}/check", plain(answer.text)
    await browser.send(f"{form}/check")
    case_id = _reference(await browser.get(f"{form}/sent"))

    document = service.ledger.trail(case_id)[0].private.fields["order_document"]
    assert document["kind"] == "pdf"
    assert len(document["sha256"]) == 64


_ORDER = {"order_document.sha256": ("named.pdf", b"%PDF-1.7 an order", "application/pdf")}


def _direction() -> dict[str, Any]:
    return {
        "asked_by": "court",
        "practitioner_holds_case": "yes",
        "order_status": "sealed",
        "order_document__pages": "3",
        "order_document__pages_received": "3",
        "order_reference": f"EX-{utc_now():%H%M%S%f}",
        "judge_or_court": "Family Court at Exampleton",
        **day("order_date", _ago(48).partition(" ")[0]),
        **day("received_at", _ago(2)),
        "direction_type": "access",
        "directed_to": "cafcass",
        "compliance_date-either": "none given",
        "law_type": "private",
        "targets__0__person_label": "A",
        "targets__0__platform": "facebook",
        "targets__0__account": "some.body",
        "targets__0__child": "no",
        "scope__content": ["posts"],
        **day("scope__first", "2026-01-01"),
        **day("scope__last", "2026-06-30"),
        "scope__note": "public posts",
        "purpose": "to see whether contact took place as alleged",
        "interaction_ordered": "no",
        "notice_to_person": "given",
        "alternatives": "ask the party to produce it",
        "declaration": "yes",
    }


async def test_a_document_that_is_none_is_not_taken(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-1")
    form = await _begun(browser, "D")
    program = {"order_document.sha256": ("order.pdf", b"MZ a program", "application/pdf")}
    answer = await browser.send(f"{form}/more", program, **_direction())

    assert answer.status_code == 422
    assert "must be a PDF, or a PNG or JPEG picture" in answer.text


# --- the inbox and a case -----------------------------------------------------------------------


async def test_the_inbox_shows_what_is_mine_with_london_times(service: Service) -> None:
    case_id = await service.open("fca-1")
    said = plain(await all_of_an_inbox(await Browser(service).sign_in("lm-1")))

    assert case_id in said
    assert "As Line manager" in said
    assert "GMT" in said or "BST" in said


async def test_a_case_page_tells_its_story_and_says_why_not(service: Service) -> None:
    case_id = await service.open("fca-1")
    await service.act(case_id, "fca-1", "agree", targets_match_order=True)
    said = plain((await (await Browser(service).sign_in("lm-1")).get(f"/case/{case_id}")).text)

    assert "Direction registered: line manager told (D1)" in said
    assert "Agree that access is necessary (D-04)" in said
    assert "What you cannot do now, and why" in said
    assert "refused, nothing changed: This is for Line manager of this case" in said
    assert "Hash" not in said
    assert "SHA-256 aaaa" in said


async def test_whoever_has_a_task_sees_the_request_and_not_the_story_of_the_family(
    service: Service,
) -> None:
    case_id = await service.open("fca-1")
    await service.act(case_id, "lm-1", "agree", targets_match_order=True)
    said = plain((await (await Browser(service).sign_in("com-1")).get(f"/case/{case_id}")).text)

    assert "some.body" in said
    assert "to see whether contact took place" not in said
    assert REASON not in said


async def test_a_reporter_who_is_not_concerned_sees_a_receipt_only(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-2")
    case_id = await _reported(browser)
    said = plain((await browser.get(f"/case/{case_id}")).text)

    assert "Your report was received" in said
    assert "canary-4711" not in said
    assert "Beatrix" not in said


async def test_a_case_that_is_for_others_looks_like_one_that_is_not_there(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("fca-3")
    theirs = await browser.get(f"/case/{case_id}")
    nothing = await browser.get("/case/case-000000000000")
    act = await browser.get(f"/case/{case_id}/act/agree")

    assert (theirs.status_code, nothing.status_code, act.status_code) == (404, 404, 404)
    assert plain(theirs.text) == plain(nothing.text)


# --- deciding -----------------------------------------------------------------------------------


async def test_a_decision_is_applied_and_its_receipt_says_so(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    path, head = f"/case/{case_id}/act/agree", service.desk.show(case_id).case.head
    form = plain((await browser.get(path)).text)
    answer = await browser.send(path, targets_match_order="yes", reason=REASON)
    said = plain((await browser.get(answer.headers["location"])).text)

    assert "As it stood at entry 1" in form
    assert head in form
    assert "Recorded" in said
    assert "Applied." in said
    assert "Communications arranging an official account" in said
    assert REASON not in answer.headers["location"]


async def test_a_decision_sent_twice_counts_once(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    path, twice = f"/case/{case_id}/act/agree", {"decision": f"twice-{case_id}"}
    head = service.desk.show(case_id).case.head
    given = {"targets_match_order": "yes", "reason": REASON}
    await browser.send(path, **given, **twice)
    shown = service.desk.show(case_id).case.seq
    session = next(iter(_sessions(browser).values()))
    form = given | twice | {"csrf": session.csrf, "saw": "1", "head": head}
    again = await browser.client.post(path, data=form)
    said = plain((await browser.get(again.headers["location"])).text)

    assert service.desk.show(case_id).case.seq == shown
    assert "Recorded as entry 2" in said


async def test_a_decision_without_a_reason_is_not_sent(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    answer = await browser.send(f"/case/{case_id}/act/agree", reason="ok")

    assert answer.status_code == 422
    assert 'href="#reason"' in answer.text
    assert 'href="#targets-match-order"' in answer.text
    assert service.desk.show(case_id).case.seq == 1


async def test_when_the_case_has_moved_on_nothing_is_applied(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    path = f"/case/{case_id}/act/agree"
    seen = service.desk.show(case_id).case
    await service.act(case_id, "lm-1", "start_considering")
    answer = await browser.send(
        path, targets_match_order="yes", reason=REASON, saw=str(seen.seq), head=seen.head
    )
    said = plain((await browser.get(answer.headers["location"])).text)

    assert "This was refused" in said
    assert "moved on since what you were shown" in said
    assert service.desk.show(case_id).case.state != "arranging"


async def test_what_was_never_shown_is_not_decided_on(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    answer = await browser.send(
        f"/case/{case_id}/act/agree", targets_match_order="yes", reason=REASON, head="f" * 64
    )

    assert answer.status_code == 403
    assert "is not what the ledger holds" in answer.text
    assert service.desk.show(case_id).case.seq == 1


async def test_whoever_started_it_is_told_why_they_do_not_decide(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("fca-1")
    said = plain((await browser.get(f"/case/{case_id}/act/agree")).text)

    assert "This is for Line manager of this case" in said
    assert "You cannot do this now" in said


# --- adding a file ------------------------------------------------------------------------------


async def test_a_picture_is_kept_and_named_in_the_case(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("fca-1")
    path = f"/case/{case_id}/act/add_evidence"
    picture = {"file": ("page.png", png(), "image/png")}
    answer = await browser.send(path, picture, title="The page as found", clean="yes")
    case = plain((await browser.get(f"/case/{case_id}")).text)

    assert "/receipt/" in answer.headers.get("location", ""), plain(answer.text)
    assert "The page as found (png), entry 2" in case
    assert [item.seq for item in service.desk.evidence_of(case_id, "fca-1")][-1] == 2


async def test_a_file_is_not_taken_before_it_is_said_to_be_no_indecent_image(
    service: Service,
) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("fca-1")
    path = f"/case/{case_id}/act/add_evidence"
    page = (await browser.get(path)).text
    picture = {"file": ("page.png", png(), "image/png")}
    answer = await browser.send(path, picture, title="The page as found")

    assert page.index("Never add an indecent image") < page.index('type="file"')
    assert answer.status_code == 422
    assert service.desk.show(case_id).case.seq == 1


# --- nothing forgotten, nothing told ------------------------------------------------------------


async def test_case_text_is_in_no_address_title_or_log(
    service: Service, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = await _filled_in(browser)
    check = await browser.get(f"{form}/check")
    title = check.text.partition("<title")[2].partition("</title>")[0]
    said = capfd.readouterr()

    assert "canary" in check.text
    assert "canary" not in title + form + said.out + said.err + caplog.text


@pytest.mark.parametrize("kind", PROCEDURES.values(), ids=PROCEDURES)
def test_every_question_of_a_form_has_words_of_its_own(kind: Any) -> None:
    asked = [name for page in pages(kind) for name in (one.name for one in every(page.questions))]

    assert [name for name in asked if not known(name)] == []
    assert {*(name.partition(".")[0] for name in asked), "submission_token", "screenshots"} >= set(
        kind.intake_form.model_fields
    )


def test_every_procedure_can_be_reached_from_what_has_happened() -> None:
    assert set(WHAT_HAPPENED) == {kind.code for kind in PROCEDURES.values()}
    assert all(pages(by_name(code)) for code in WHAT_HAPPENED)


ACTS = [
    (kind, name)
    for kind in PROCEDURES.values()
    for name, act in kind.acts.items()
    if act.by_people and name != kind.opening
]


@pytest.mark.parametrize(("kind", "name"), ACTS, ids=lambda one: getattr(one, "code", one))
def test_every_act_can_be_asked_for_on_a_page(kind: Any, name: str) -> None:
    form = kind.acts[name].form
    asked = list(every(questions_of_act(form)))
    wanted = set(form.model_fields)

    assert {one.root for one in asked} | {"kind"} >= wanted
    assert all(
        one.label and one.options for one in asked if one.kind in (Kind.CHOICE, Kind.CHOICES)
    )
    assert compose(questions_of_act(form), {}, str) == {}
