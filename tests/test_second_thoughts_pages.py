from __future__ import annotations

import re
from typing import Any

import pytest

from models.case import Receipt
from models.errors import Unavailable
from runtime.possible import acts_for
from tests.service import REASON, Service
from tests.web_help import Browser, plain

OTHER = "The order names another account; the wrong step was taken and is put right here."


async def _agreed(service: Service) -> str:
    case_id = await service.open("fca-1")
    await service.act(case_id, "lm-1", "agree", targets_match_order=True)
    return case_id


# --- correcting ---------------------------------------------------------------------------------


async def test_a_decision_is_corrected_on_a_page(service: Service) -> None:
    case_id = await _agreed(service)
    browser = await Browser(service).sign_in("lm-1")
    path = f"/case/{case_id}/act/correct_decision"
    choose = await browser.get(path)
    asked = plain((await browser.get(f"{path}?to=do_not_agree")).text)
    token = re.findall(r'name="(csrf|decision|saw|head)" value="([^"]+)"', choose.text)
    answer = await _corrected(browser, path, "do_not_agree", reason=OTHER, ground="not_necessary")
    said = plain((await browser.get(answer.headers.get("location", path))).text)

    assert 'value="do_not_agree"' in choose.text
    assert "Agree that access is necessary" in plain(choose.text).partition("What you put right")[2]
    assert "It should have been: Do not agree that access is necessary" in asked
    assert token
    assert "Corrected." in said, said
    assert service.desk.show(case_id).case.state == "with_legal"
    last = service.ledger.trail(case_id)[-1].entry
    assert last.label == "Corrected: Do not agree that access is necessary"


async def _corrected(browser: Browser, path: str, to: str, **fields: str) -> Any:
    shown = await browser.get(f"{path}?to={to}")
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown.text))
    return await browser.client.post(path, data=hidden | fields)


async def test_which_act_it_should_have_been_has_to_be_said(service: Service) -> None:
    case_id = await _agreed(service)
    browser = await Browser(service).sign_in("lm-1")
    hidden = {"csrf": _csrf((await browser.get("/inbox")).text), "reason": REASON}
    for to in ("", "close_access", "nothing"):
        path = f"/case/{case_id}/act/correct_decision"
        answer = await browser.client.post(path, data=hidden | {"to": to})
        assert answer.status_code == 422, to
        assert "Choose what it should have been" in plain(answer.text)
    assert service.desk.show(case_id).case.seq == 2


def _csrf(text: str) -> str:
    found: list[str] = re.findall(r'name="csrf" value="([^"]+)"', text)
    return found[0]


async def test_whoever_may_not_correct_is_told_why(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    nothing = plain((await browser.get(f"/case/{case_id}/act/correct_decision")).text)
    await service.act(case_id, "lm-1", "agree", targets_match_order=True)
    other = await Browser(service).sign_in("fca-1")
    wrong = plain((await other.get(f"/case/{case_id}/act/correct_decision")).text)

    assert "no decision was taken" in nothing
    assert "You cannot do this now" in wrong


async def test_nothing_late_is_there_to_adopt(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    said = plain((await browser.get(f"/case/{case_id}/act/adopt")).text)

    assert "No decision came late and waits to be adopted" in said


ASKED = {"to": "PR", "question": "Which of the two accounts does the order name?"}


# --- why not, before anything is filled in ------------------------------------------------------


async def test_what_no_answer_could_change_is_said_on_the_page_of_the_case(
    service: Service,
) -> None:
    case_id = await service.open("fca-1")
    acts = {one.name: one for one in acts_for(service.desk, case_id, "lm-1")}

    assert acts["take_back"].why_not == "You have given no agreement that still waits."
    assert acts["confirm_safe"].why_not
    assert acts["resume"].why_not == "No deadline is paused."
    assert acts["agree"].why_not == ""
    assert service.desk.show(case_id).case.seq == 1


async def test_a_deadline_is_chosen_and_not_typed(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    text = (await browser.get(f"/case/{case_id}/act/pause")).text

    assert "Direction registered: line manager told" in plain(text).partition("Which deadline?")[2]
    assert 'type="radio"' in text


async def test_a_role_is_asked_for_by_its_name(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")

    said = plain((await browser.get(f"/case/{case_id}/act/ask_information")).text)

    assert "Health and Safety" in said
    assert "The system" not in said, "nobody holds it, so nobody could answer"


async def test_what_happened_before_it_stands_on_the_page_of_an_act(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    await service.desk.decide(case_id, "ask_information", "lm-1", reason="", fields=ASKED)
    said = plain((await browser.get(f"/case/{case_id}/act/agree")).text)

    assert "What happened since it was reported" in said
    assert ASKED["question"] in said


async def test_what_is_due_first_stands_first_in_a_case(service: Service) -> None:
    case_id = await service.open("fca-1")
    await service.desk.decide(
        case_id, "raise_emergency", "fca-1", reason="They said they would wait outside.", fields={}
    )
    due = [one.due for one in service.desk.show(case_id).duties if one.due]

    assert len(due) > 1
    assert due == sorted(due)


# --- nothing typed is lost ----------------------------------------------------------------------


async def test_what_was_typed_is_there_again_when_the_case_has_moved_on(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    path = f"/case/{case_id}/act/agree"
    seen = service.desk.show(case_id).case
    await service.act(case_id, "lm-1", "start_considering")
    answer = await browser.send(
        path, targets_match_order="yes", reason=OTHER, saw=str(seen.seq), head=seen.head
    )
    receipt = await browser.get(answer.headers["location"])
    link = re.findall(rf'href="({path}\?again=[^"]+)"', receipt.text)[0]
    again = await browser.get(link)

    assert "What happened since you looked" in receipt.text
    assert "Start considering" in plain(receipt.text).partition("since you looked")[2]
    assert service.desk.show(case_id).case.state == "considering"
    assert OTHER in again.text
    assert re.search(r'value="yes" checked', again.text)

    # It is sent anew, on what the case is now.
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', again.text))
    sent = await browser.client.post(
        path, data=fields | {"targets_match_order": "yes", "reason": OTHER}
    )
    assert "Applied." in plain((await browser.get(sent.headers["location"])).text)


async def test_what_was_typed_stands_in_no_address(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    await service.act(case_id, "lm-1", "start_considering")
    head = service.ledger.lines_of(case_id)[0].hash
    answer = await browser.send(
        f"/case/{case_id}/act/agree", targets_match_order="yes", reason=OTHER, saw="1", head=head
    )
    receipt = await browser.get(answer.headers["location"])

    assert "another" not in answer.headers["location"]
    assert not re.search(r'href="[^"]*another', receipt.text)


async def test_every_act_that_decides_or_moves_on_is_refused_once_the_case_has_moved_on(
    service: Service,
) -> None:
    case_id = await service.open("fca-1")
    head = service.desk.show(case_id).case.head
    await service.act(case_id, "lm-1", "start_considering")
    before = service.desk.show(case_id).case.state
    tried = 0
    for one in acts_for(service.desk, case_id, "lm-1"):
        if one.why_not or not one.decides:
            continue
        receipt = await service.desk.decide(
            case_id, one.name, "lm-1", reason=REASON, saw=1, saw_hash=head
        )
        tried += 1
        assert receipt.outcome == "refused", one.name
        assert receipt.code in ("moved_on", "fields"), (one.name, receipt.code)
    assert tried > 2
    assert service.desk.show(case_id).case.state == before


async def test_a_server_that_does_not_answer_loses_no_reason(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    path = f"/case/{case_id}/act/agree"
    before = _decision((await browser.get(path)).text)

    async def away(*_given: Any, **_named: Any) -> Receipt:
        raise Unavailable("No worker answered in time.")

    monkeypatch.setattr(type(service.desk), "_send", away)
    answer = await browser.send(path, targets_match_order="yes", reason=OTHER, decision=before)

    assert answer.status_code == 503
    assert OTHER in answer.text
    assert "never counts twice" in plain(answer.text)
    # The same id: should it have been applied after all, it does not count a second time.
    assert _decision(answer.text) == before


def _decision(text: str) -> str:
    found: list[str] = re.findall(r'name="decision" value="([^"]+)"', text)
    return found[0]


async def test_what_the_desk_cannot_take_is_said_where_it_was_typed(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    answer = await browser.send(
        f"/case/{case_id}/act/agree", targets_match_order="yes", reason=OTHER, head="f" * 64
    )

    assert answer.status_code == 403
    assert OTHER in answer.text
    assert service.desk.show(case_id).case.head in answer.text


# --- sent twice ---------------------------------------------------------------------------------


async def test_a_decision_answered_again_says_that_it_counted_once(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    path = f"/case/{case_id}/act/agree"
    shown = (await browser.get(path)).text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    given = fields | {"targets_match_order": "yes", "reason": REASON}
    first = await browser.client.post(path, data=given)
    once = plain((await browser.get(first.headers["location"])).text)
    again = await browser.client.post(path, data=given)
    twice = plain((await browser.get(again.headers["location"])).text)

    assert "counts once" not in once
    assert "Sent twice, it counts once" in twice
    assert service.desk.show(case_id).case.seq == 2


@pytest.mark.parametrize("act", ["start_considering", "withdraw"])
async def test_a_repeated_decision_is_marked_at_every_door(service: Service, act: str) -> None:
    case_id = await service.open("fca-1")
    given: dict[str, Any] = {"reason": REASON, "id": f"again-{case_id}"}
    first = await service.desk.decide(case_id, act, "lm-1", **given)
    second = await service.desk.decide(case_id, act, "lm-1", **given)

    assert (first.repeated, second.repeated) == (False, True)
    assert (first.seq, first.outcome) == (second.seq, second.outcome)
