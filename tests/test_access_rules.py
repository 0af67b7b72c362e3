"""The rules of court-directed access (7.4): every guard refused once and passed once, every ending."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.access import Ending, Mode
from models.case import Kind, No, Receipt
from models.people import Account
from procedures.access_sessions import NO_PERSONAL_ACCOUNT
from procedures.common import COMMON
from procedures.court_directed_access import CourtDirectedAccess
from tests.core_help import (
    HASH,
    OTHER_HASH,
    PROOF,
    ROAD,
    Play,
    a_scope,
    a_target,
    at_step,
    must,
    no,
    office,
    written,
)

# --- every guard -----------------------------------------------------------------------------------

LATE = "2026-12-18 16:30"
CHILD: dict[str, Any] = {"targets": [a_target(child=True)]}
ORAL: dict[str, Any] = {
    "order_status": "oral",
    "order_document": None,
    "oral_note": "said at the hearing",
}


def agree(play: Play, **fields: Any) -> Receipt:
    return play.act("lm-1", "agree", **fields)


def arrange(play: Play, **fields: Any) -> Receipt:
    return play.act("com-1", "arrange_account", **fields)


def start(play: Play, **fields: Any) -> Receipt:
    return play.act("com-1", "start_session", **fields)


def capture(play: Play, **fields: Any) -> Receipt:
    return play.act("com-1", "capture_item", **fields)


def log(play: Play, **fields: Any) -> Receipt:
    return play.act("com-1", "end_session", **fields)


def check(play: Play, **fields: Any) -> Receipt:
    return play.act("fca-1", "verify_and_file", **fields)


def choose(play: Play, **fields: Any) -> Receipt:
    return play.act("lm-1", "choose_after_window", **fields)


def window_over(**given: Any) -> Play:
    """An access window that ended by itself."""
    play = at_step("ready", **given)
    play.until("2026-11-30 10:04")
    assert play.here == "closing"
    return play


def test_the_manager_ticks_every_account_against_the_order() -> None:
    play = Play()
    no(agree(play, targets_match_order=False), "targets_match_the_order")
    must(agree(play))


@pytest.mark.parametrize(
    "wider",
    [{"content": ["posts", "messages"]}, {"first": "2026-08-31"}, {"last": "2026-11-02"}],
    ids=["more content", "begins earlier", "ends later"],
)
def test_the_manager_narrows_the_scope_and_never_widens_it(wider: dict[str, Any]) -> None:
    play = Play()
    no(agree(play, narrowed_scope=a_scope(**wider)), "scope_stays_within_the_order")
    must(agree(play, narrowed_scope=a_scope(content=["posts"], first="2026-10-01")))
    assert play.record.scope.content == ("posts",)


def test_a_childs_account_waits_for_legal_and_safeguarding() -> None:
    play = Play(**CHILD)
    no(agree(play), "child_account_was_looked_at")
    must(play.act("leg-1", "give_legal_view"))
    no(agree(play), "child_account_was_looked_at")
    must(play.act("safe-1", "give_safeguarding_view"))
    must(agree(play))


def test_a_childs_account_that_must_not_be_looked_at_is_not() -> None:
    play = Play(**CHILD)
    must(play.act("leg-1", "give_legal_view", conclusion="must_not_proceed"))
    assert "child_legal" not in play.duties(), "Legal has spoken and owes nothing more"
    must(play.act("safe-1", "give_safeguarding_view"))
    assert "must not" in no(agree(play), "child_account_was_looked_at").message
    must(play.act("lm-1", "do_not_agree"))


def test_legals_view_on_a_childs_account_says_if_it_may_proceed() -> None:
    play = Play(**CHILD)
    no(play.act("leg-1", "give_legal_view", conclusion="comply"), "says_if_it_may_proceed")
    must(play.act("leg-1", "give_legal_view"))


def test_advice_not_to_comply_goes_back_to_the_court_instead() -> None:
    play = at_step("with_legal")
    advice = play.act("leg-1", "advise_to_comply", conclusion="must_not_proceed")
    no(advice, "says_to_comply")
    must(play.act("leg-1", "advise_to_comply"))


def test_the_letter_to_the_court_went_before_its_date_and_not_in_the_future() -> None:
    play = at_step("with_legal")
    tomorrow = written(play.now + timedelta(days=1))
    no(play.act("leg-1", "go_back_to_court", sent_at=tomorrow), "sent_before_the_court_date")
    play.until(LATE)
    no(play.act("ad-1", "go_back_to_court"), "sent_before_the_court_date")
    early = play.act("ad-1", "go_back_to_court", sent_at="2026-12-18 15:59")
    must(early)
    assert early.message.endswith("It was late, and is marked so.")


def test_a_letter_needs_no_date_when_the_order_gives_none() -> None:
    play = at_step("with_legal", compliance_date="none given")
    must(play.act("leg-1", "go_back_to_court"))


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"account_id": "fca-1"}, NO_PERSONAL_ACCOUNT),
        ({"account_id": "official-facebook-9"}, NO_PERSONAL_ACCOUNT),
        ({"tied_to_a_person": True}, NO_PERSONAL_ACCOUNT),
        ({"custodian": "com-3"}, "The custodian named is not a custodian of that account."),
        ({"account_id": "official-x-1"}, "That account is on another platform than the one the order names."),
    ],
    ids=["personal", "unknown", "tied to a person", "other custodian", "other platform"],
)  # fmt: skip
def test_an_account_that_is_not_official_is_never_used(
    fields: dict[str, Any], because: str
) -> None:
    play = at_step("arranging")
    assert no(arrange(play, **fields), "account_is_official").message == because
    must(arrange(play))
    assert play.record.account_id == "official-facebook-1"


def test_an_account_that_was_given_up_is_not_used() -> None:
    play = at_step("arranging", targets=[a_target(platform="youtube")])
    old = arrange(play, account_id="official-youtube-old")
    assert "not live" in no(old, "account_is_official").message


def test_an_e_mail_address_is_no_account_even_when_somebody_registered_it() -> None:
    play = at_step("arranging")
    for account in ("tamsin.okonjo@agency.example", "comms@agency.example"):
        no(arrange(play, account_id=account), "account_is_official")


def test_the_second_factor_is_on() -> None:
    play = at_step("arranging")
    no(arrange(play, second_factor=False), "second_factor_is_on")
    must(arrange(play))


def test_sessions_start_inside_the_window_only() -> None:
    play = at_step("ready")
    ends = play.record.window_ends
    no(start(play, at=ends), "inside_the_window")
    play = at_step("ready")
    must(start(play, at=ends - timedelta(seconds=1)))


@pytest.mark.parametrize("at", ["2026-11-23 17:00", "2026-11-28 11:00", "2026-11-24 08:59"])
def test_sessions_are_held_in_working_hours(at: str) -> None:
    play = at_step("ready")
    play.until(at)
    no(start(play, at=play.now), "inside_working_hours")
    play.until("2026-11-30 09:00")
    must(start(play, at=play.now))


def test_the_scope_is_on_the_screen() -> None:
    play = at_step("ready")
    no(start(play, scope_shown=False), "scope_is_on_screen")
    must(start(play))


def test_the_practitioner_is_there_unless_communications_look_alone() -> None:
    play = at_step("ready")
    no(start(play, practitioner_present=False), "practitioner_is_there")
    must(start(play))
    alone = at_step("arranging")
    must(arrange(alone, mode="communications_alone"))
    must(start(alone, practitioner_present=False))
    assert alone.record.mode is Mode.COMMUNICATIONS_ALONE


def test_a_practitioner_never_looks_alone() -> None:
    no(arrange(at_step("arranging"), mode="practitioner_alone"), "fields")


def test_nothing_is_captured_after_two_hours() -> None:
    play = at_step("session")
    play.until("2026-11-23 12:05")
    assert [e.act for e in play.kinds(Kind.EXPIRED)] == ["D-12a"]
    no(capture(play, sha256=HASH), "session_is_not_over")
    must(log(play))


def test_only_what_the_order_covers_is_captured_and_others_are_minimised() -> None:
    play = at_step("session")
    no(capture(play, sha256=HASH, in_scope=False), "in_scope_and_minimal")
    no(capture(play, sha256=HASH, third_parties_minimised=False), "in_scope_and_minimal")
    must(capture(play, sha256=HASH))


def test_an_item_is_captured_once() -> None:
    play = at_step("session")
    no(capture(play), "not_captured_before")
    must(capture(play, sha256=HASH))
    assert [item.session for item in play.record.captures] == [1, 1]


@pytest.mark.parametrize(
    ("started", "ended"),
    [("2026-11-23 09:30", "2026-11-23 10:05"), ("2026-11-23 10:06", "2026-11-23 10:04"),
     ("2026-11-23 10:04", "2026-11-23 10:30")],
    ids=["before the session", "backwards", "in the future"],
)  # fmt: skip
def test_the_log_fits_the_session(started: str, ended: str) -> None:
    play = at_step("session")
    no(log(play, started=started, ended=ended), "log_makes_sense")
    must(log(play))


def test_there_is_nothing_to_log_without_a_session() -> None:
    assert "no session" in no(log(at_step("closing")), "log_makes_sense").message


def test_whatever_was_touched_is_an_incident_and_no_log() -> None:
    play = at_step("session")
    touched = log(play, nothing_liked_followed_or_messaged=False)
    assert "Something wrong" in no(touched, "nothing_was_touched").message
    must(log(play))


def test_captures_that_do_not_match_are_not_filed() -> None:
    play = at_step("checking")
    no(check(play, hashes_match=False), "hashes_match")
    must(check(play))


def test_going_back_for_more_needs_an_open_window() -> None:
    play = at_step("checking")
    must(check(play, result="more"))
    assert play.here == "ready"
    assert play.due() == "Mon 30 Nov 2026 10:03 GMT", "the window runs on, it does not begin again"
    play = at_step("checking")
    play.until("2026-11-30 11:00")
    no(check(play, result="more"), "more_needs_an_open_window")
    must(check(play))


def test_the_report_is_prepared_before_the_case_is_completed() -> None:
    play = at_step("ready")
    no(play.act("fca-1", "complete", report_prepared=False), "report_is_prepared")
    must(play.act("fca-1", "complete"))


def test_the_filing_is_not_in_the_future() -> None:
    play = at_step("closing")
    tomorrow = written(play.now + timedelta(days=1))
    no(play.act("fca-1", "file_report", filed_at=tomorrow), "filed_in_the_past")
    must(play.act("fca-1", "file_report"))


@pytest.mark.parametrize("what", ["signed_out", "sessions_ended", "password_rotated"])
def test_access_is_closed_when_all_three_things_are_done(what: str) -> None:
    play = at_step("closing")
    no(play.act("com-1", "close_access", **{what: False}), "access_really_closed")
    must(play.act("com-1", "close_access"))


def test_access_is_closed_once() -> None:
    play = at_step("closing")
    must(play.act("com-1", "close_access"))
    no(play.act("com-2", "close_access"), "access_really_closed")


def test_a_window_is_extended_while_the_direction_and_its_date_live() -> None:
    play = window_over(compliance_date="2026-12-02 16:00")
    play.until("2026-12-02 16:30")
    (holder,) = play.holders("choose")
    no(play.act(holder, "choose_after_window", choice="extend"), "extension_has_time")
    play = window_over()
    must(choose(play, choice="extend"))
    assert play.here == "ready"
    assert play.hours_left() == 40


def test_a_withdrawn_direction_is_never_extended() -> None:
    play = at_step("ready")
    must(play.act("leg-1", "withdraw"))
    no(choose(play, choice="extend"), "still_to_choose")


def test_how_a_case_ends_is_chosen_once() -> None:
    play = window_over()
    must(choose(play))
    no(choose(play, choice="tell_court", court_told_proof=PROOF), "still_to_choose")


def test_the_two_choose_only_once_the_date_has_passed() -> None:
    play = Play()
    no(play.act("lm-1", "choose_after_date"), "date_has_passed")
    play.until("2026-12-18 16:00")
    no(play.act("leg-1", "choose_after_date", at=play.now), "date_has_passed")
    play.until("2026-12-18 16:01")
    must(play.act("leg-1", "choose_after_date"))


def test_a_sealed_order_is_sent_in_once_and_only_when_one_is_awaited() -> None:
    no(Play().act("fca-1", "send_order"), "order_is_awaited")
    play = Play(**ORAL)
    assert "order" in play.duties()
    must(play.act("fca-1", "send_order"))
    assert "order" not in play.duties()
    assert play.last.evidence == (HASH,)
    no(play.act("fca-1", "send_order"), "order_is_awaited")


def test_a_breach_is_assessed_when_there_may_be_one() -> None:
    play = at_step("ready")
    no(play.act("ig-1", "assess_breach"), "breach_is_open")
    must(play.act("com-1", "report_wrong", personal_data_breach=True))
    breach = play.duty("breach")
    assert breach.due is not None
    assert breach.due - play.now == timedelta(hours=72), "real hours: the law's, not working ones"
    must(play.act("ig-1", "assess_breach"))
    assert "breach" not in play.duties()


def test_a_session_that_was_cut_short_is_logged_before_another_starts() -> None:
    play = at_step("session")
    play.until("2026-11-30 10:04")
    assert (play.here, "log" in play.duties()) == ("closing", True)
    must(choose(play, choice="extend"))
    assert "log" in play.duties()
    no(start(play), "last_session_is_logged")
    must(log(play))
    must(start(play))
    assert [one.ended_at is None for one in play.record.sessions] == [False, True]


def test_every_guard_of_the_procedure_is_refused_and_passed_in_this_file() -> None:
    rules = {rule.id for act in CourtDirectedAccess.acts.values() for rule in act.guards}
    common = {rule.id for act in COMMON.values() for rule in act.guards}
    text = Path(__file__).read_text(encoding="utf-8")
    assert {rule for rule in rules - common if f'"{rule}"' not in text} == set()


# --- order is law (INV-2) --------------------------------------------------------------------------


def test_no_session_without_direction_agreement_and_account_in_that_order() -> None:
    road = [(person, act) for _, person, act in ROAD[:4]]
    for missing in range(len(road) - 1):
        play = Play()
        for number, (person, act) in enumerate(road):
            if number != missing:
                play.act(person, act)
        assert (play.here == "session") == (road[missing][1] == "start_considering")


def test_an_incident_is_no_way_round_the_managers_agreement() -> None:
    play = Play()
    must(play.act("fca-2", "report_wrong"))
    assert play.here == "closing"
    assert play.duties() == {"choose"}, "no account is open, so there is none to close"
    must(choose(play, choice="extend"))
    assert play.here == "considering"


def test_a_varied_direction_is_agreed_again_before_it_goes_on() -> None:
    play = at_step("ready")
    must(play.act("leg-1", "vary"))
    must(play.act("com-1", "report_wrong"))
    must(choose(play, choice="extend"))
    assert play.here == "considering"


def test_every_way_into_access_leads_through_the_managers_agreement() -> None:
    """No path of the class body reaches Communications' step by itself."""
    ways: dict[str, set[tuple[str, str]]] = {}
    for state in CourtDirectedAccess.states:
        for transition in state.transitions:
            target = transition.target
            if target is not None and target.id != state.id:
                ways.setdefault(target.id, set()).add((state.id, str(transition.event)))
    assert ways["arranging"] == {
        ("registered", "agree"), ("considering", "agree"), ("closing", "choose_after_window"),
    }  # fmt: skip
    assert ways["ready"] == {
        ("arranging", "arrange_account"), ("closing", "choose_after_window"),
        ("checking", "verify_and_file"),
    }  # fmt: skip
    assert ways["session"] == {("ready", "start_session")}


@pytest.mark.parametrize("step", ["registered", "considering", "with_legal", "back_at_court"])
def test_no_account_is_arranged_before_the_manager_has_agreed(step: str) -> None:
    play = at_step(step)
    assert play.act("com-1", "arrange_account").outcome == "refused"
    assert (play.here, play.record.account_id) == (step, None)


# --- endings ---------------------------------------------------------------------------------------


def test_a_case_is_completed_when_filed_closed_and_checked_in_either_order() -> None:
    for order in (("file_report", "close_access"), ("close_access", "file_report")):
        play = at_step("closing")
        for act in order:
            must(play.act("fca-1" if act == "file_report" else "com-1", act))
        assert play.here == "completed"
        assert play.last.no is None


def test_the_practitioner_files_but_the_manager_still_chooses_after_a_window_ended() -> None:
    play = window_over()
    must(play.act("fca-1", "file_report"))
    must(play.act("com-1", "close_access"))
    assert play.here == "closing"
    assert play.duties() == {"choose"}
    must(choose(play))
    assert play.here == "completed"


def test_a_withdrawn_direction_ends_as_stopped_even_when_a_report_is_filed_since() -> None:
    play = at_step("ready")
    must(play.act("leg-1", "withdraw"))
    must(play.act("fca-1", "file_report"))
    must(play.act("com-1", "close_access"))
    assert play.here == "stopped"


def test_an_incident_after_a_withdrawal_does_not_bring_the_direction_back() -> None:
    play = at_step("ready")
    must(play.act("leg-1", "withdraw"))
    must(play.act("com-1", "report_wrong"))
    assert play.record.ending is Ending.STOPPED
    must(play.act("com-1", "close_access"))
    assert play.here == "stopped"


def test_an_incident_asks_again_how_a_completed_case_shall_end() -> None:
    play = at_step("closing")
    must(play.act("com-1", "report_wrong", kind="personal_account_used"))
    assert {"choose", "closing"} <= play.duties()
    assert set(play.case.case.flags) == {"incident", "conduct"}
    assert all(item.sealed for item in play.record.captures)


@pytest.mark.parametrize("kind", ["personal_account_used", "cafcass_email_used"])
def test_a_personal_account_raises_the_conduct_flag_and_quarantines(kind: str) -> None:
    play = at_step("session")
    must(play.act("com-2", "report_wrong", kind=kind))
    assert "conduct" in play.case.case.flags
    assert play.record.unfiled == ()
    assert play.record.session.over


def test_withdrawal_during_a_session_blocks_everything_at_once() -> None:
    play = at_step("session")
    must(play.act("lm-1", "withdraw"))
    assert play.here == "closing"
    assert play.last.no is No.WITHDRAWN
    no(start(play), "already_decided")
    no(capture(play, sha256=HASH), "already_decided")
    assert {"log", "sealed_captures", "closing"} == play.duties()
    must(log(play))
    must(play.act("leg-1", "decide_captures"))
    must(play.act("com-1", "close_access"))
    assert play.here == "stopped"


def test_what_time_ended_is_not_said_to_be_decided() -> None:
    play = window_over()
    receipt = no(start(play), "too_early")
    assert receipt.message == "That step is not open now; the case is at: Closing access."


@pytest.mark.parametrize("given", [CHILD, ORAL], ids=["child's account", "oral direction"])
def test_a_withdrawal_does_not_wait_for_what_the_direction_needed(given: dict[str, Any]) -> None:
    play = Play(**given)
    must(play.act("fca-1", "withdraw"))
    assert play.here == "stopped"


def test_a_withdrawal_is_recorded_at_once_although_safeguarding_is_still_open() -> None:
    play = Play(safeguarding_concern="yes")
    must(play.act("leg-1", "withdraw"))
    assert play.here == "closing"
    assert play.duties() == {"safeguarding"}
    no(agree(play), "already_decided")
    must(play.act("safe-1", "safeguarding_handled"))
    assert play.here == "stopped"


@pytest.mark.parametrize(
    ("answer", "reached", "no_"),
    [("confirmed", "considering", None), ("varied", "registered", None),
     ("discharged", "stopped", No.WITHDRAWN), ("given_to_local_authority", "not_carried_out", None)],
)  # fmt: skip
def test_the_court_answers_in_four_ways(answer: str, reached: str, no_: No | None) -> None:
    play = at_step("back_at_court")
    fields = {"scope": a_scope()} if answer == "varied" else {}
    must(play.act("leg-1", "record_court_answer", answer=answer, **fields))
    assert play.here == reached
    assert play.last.evidence == (HASH,)
    assert getattr(play.case.step, "no", None) is no_


@pytest.mark.parametrize("answer", ["discharged", "given_to_local_authority"])
def test_the_courts_last_word_waits_for_open_work_without_being_refused(answer: str) -> None:
    play = at_step("back_at_court")
    must(play.act("fca-1", "raise_safeguarding"))
    must(play.act("leg-1", "record_court_answer", answer=answer))
    assert play.here == "closing"
    must(play.act("safe-1", "safeguarding_handled"))
    assert play.here == ("stopped" if answer == "discharged" else "not_carried_out")


def test_after_a_refusal_confirmed_by_the_court_the_next_manager_decides() -> None:
    play = at_step("back_at_court")
    must(play.act("leg-1", "record_court_answer"))
    assert play.holders() == ["hop-1"]


@pytest.mark.parametrize("choice", ["could_not_be_carried_out", "expired"])
def test_a_missed_date_is_ended_by_two_people_from_before_any_account(choice: str) -> None:
    play = Play()
    play.until(LATE)
    for person in ("leg-1", "lm-1"):
        must(play.act(person, "choose_after_date", choice=choice))
    assert play.here == ("could_not" if choice.startswith("could") else "expired")


@pytest.mark.parametrize("choice", ["could_not_be_carried_out", "expired"])
def test_a_missed_date_with_an_account_open_is_closed_first(choice: str) -> None:
    play = at_step("checking", compliance_date="2026-11-25 16:00")
    play.until("2026-11-25 16:30")
    for person in ("lm-1", "leg-1"):
        must(play.act(person, "choose_after_date", choice=choice))
    assert play.here == "closing"
    must(check(play))
    must(play.act("com-1", "close_access"))
    assert play.here == ("could_not" if choice.startswith("could") else "expired")


def test_an_extension_asked_for_goes_back_to_the_court() -> None:
    play = Play()
    play.until(LATE)
    for person in ("lm-1", "leg-1"):
        must(play.act(person, "choose_after_date", choice="extension_asked"))
    assert play.here == "back_at_court"
    varied = {"answer": "varied", "scope": a_scope(), "compliance_date": "2027-01-15 16:00"}
    must(play.act("leg-1", "record_court_answer", **varied))
    assert play.here == "registered"
    assert play.case.case.fired == ()
    play.until("2027-01-15 16:01")
    assert [e.act for e in play.entries].count("D-23") == 2


def test_the_court_is_told_when_it_could_not_be_carried_out() -> None:
    play = window_over()
    no(choose(play, choice="tell_court"), "fields")
    must(choose(play, choice="tell_court", court_told_proof=PROOF))
    assert play.last.evidence == (PROOF,)
    must(play.act("com-1", "close_access"))
    assert play.here == "could_not"


def test_an_account_closed_before_the_extension_is_arranged_again() -> None:
    play = window_over()
    must(play.act("com-1", "close_access"))
    must(choose(play, choice="extend"))
    assert play.here == "arranging"
    must(arrange(play))
    assert play.here == "ready"


def test_a_case_joins_the_one_already_open_for_the_same_order() -> None:
    play = Play(same_as="case-0")
    assert play.here == "joined"
    assert [entry.act for entry in play.entries] == ["D-01", "D-24"]
    assert "told" in play.told("fca-1", play.last)


def test_a_case_with_open_mandatory_work_is_not_joined_away() -> None:
    assert Play(same_as="case-0", safeguarding_concern="yes").here == "registered"


# --- varied, cut short, out of scope ---------------------------------------------------------------


def test_captures_outside_a_varied_scope_are_sealed() -> None:
    play = at_step("session")
    must(capture(play, sha256=HASH))
    must(play.act("fca-1", "vary", out_of_scope=[HASH]))
    assert {item.sha256: item.sealed for item in play.record.captures} == {
        OTHER_HASH: False, HASH: True,
    }  # fmt: skip
    assert play.here == "considering"
    assert {"considering", "log"} == play.duties()
    must(log(play))
    assert "captures" in play.duties()
    must(check(play))
    assert play.duties() == {"considering"}


def test_what_was_out_of_scope_is_listed_and_sealed_when_it_is_checked() -> None:
    play = at_step("checking")
    must(check(play, out_of_scope_removed=[OTHER_HASH]))
    assert [(item.filed_by, item.sealed) for item in play.record.captures] == [("fca-1", True)]


def test_the_window_that_ends_in_a_session_ends_the_session_too() -> None:
    play = at_step("ready")
    play.until("2026-11-30 09:30")
    must(start(play))
    play.until("2026-11-30 10:04")
    assert play.here == "closing"
    assert play.last.no is No.EXPIRED
    assert play.record.session.over
    assert {"log", "choose", "closing"} == play.duties()


def test_the_window_never_reaches_past_eight_hours_before_the_courts_date() -> None:
    play = at_step("ready", compliance_date="2026-11-26 16:00")
    assert play.due() == "Wed 25 Nov 2026 16:00 GMT"


@pytest.mark.parametrize("step", ["session", "checking"])
def test_a_safeguarding_concern_seen_on_the_way_is_reported_without_ending_anything(
    step: str,
) -> None:
    play = at_step(step)
    must(play.act("com-2", "report_safeguarding"))
    assert play.here == step
    assert "safeguarding" in play.duties()


def test_an_official_account_of_any_spelling_of_its_platform_fits() -> None:
    people = office(
        accounts=(Account(id="official-x-9", platform="X", custodians=("com-1", "com-2")),)
    )
    play = at_step("arranging", people=people, targets=[a_target(platform="x")])
    must(arrange(play, account_id="official-x-9"))


def test_the_same_order_for_the_same_accounts_is_the_same_case_however_it_is_spelt() -> None:
    def identity(**changes: Any) -> str | None:
        play = Play(**changes)
        return CourtDirectedAccess.identity(play.case.case.intake)

    one = identity(targets=[a_target(account="https://www.facebook.com/a.b/?fbclid=1")])
    same = identity(
        targets=[a_target(account="https://m.facebook.com/a.b")], order_reference="ord-2026-0001"
    )
    other = identity(targets=[a_target(account="https://m.facebook.com/c.d")])
    assert one == same != other
    assert one is not None
    assert "ord" not in one
    assert identity(asked_by="party") is None


def test_a_missed_date_no_longer_matters_once_the_direction_is_withdrawn() -> None:
    play = at_step("ready")
    must(play.act("leg-1", "withdraw"))
    play.until(LATE)
    no(play.act("lm-1", "choose_after_date"), "date_has_passed")


def test_a_question_to_the_court_keeps_the_time_of_a_clock_that_was_paused_already() -> None:
    play = Play(compliance_date="none given")
    must(play.act("hop-1", "pause"))
    play.until("2026-11-27 10:00")
    must(play.act("lm-1", "ask_the_court"))
    must(play.act("leg-1", "record_court_answer"))
    assert play.hours_left() == pytest.approx(8 - 1 / 60)


def test_a_varied_direction_says_its_new_scope() -> None:
    play = at_step("back_at_court")
    answer = no(play.act("leg-1", "record_court_answer", answer="varied"), "fields")
    assert answer.message == "scope is missing: a varied direction says its new scope."


def test_a_new_date_that_has_passed_already_is_missed_at_once() -> None:
    play = at_step("arranging")
    play.until("2026-12-21 10:00")
    must(play.act("leg-1", "vary", compliance_date="2026-12-19 10:00"))
    play.wait_a_minute()
    assert [entry.act for entry in play.entries].count("D-23") == 2
    assert {"date_manager", "date_legal"} <= play.duties()
