"""Each rule about comments on a colleague: what it refuses, in plain words, and what it lets pass."""

from __future__ import annotations

from typing import Any

import pytest

from procedures.employee_comments import EmployeeComments
from tests.comments_help import SAFE_CONTACT, Comments, comments_at
from tests.core_help import HASH, OTHER_HASH, must, no

# --- one rule, one refusal, and the same with the fault put right ---------------------------------

PUT_RIGHT: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "guidance_test_applied": ("assessing", "lm-1", "classify_opinion", {"guidance_test_applied": False}),
    "posts_were_seen": ("assessing", "lm-1", "classify_harassment", {"posts_seen": 2}),
    "police_were_considered": ("assessing", "lm-1", "classify_threat", {"police_considered": False}),
    "spoken_in_the_past": (
        "emergency_response", "lm-1", "confirm_safe", {"spoken_at": "2026-11-23 10:30"},
    ),
    "police_told_or_why_not": (
        "emergency_response", "lm-1", "confirm_safe", {"police_reference": None},
    ),
    "on_a_login_of_ones_own": ("action", "fca-1", "report_to_platform", {"login": "official"}),
    "only_the_minimum_is_given": (
        "action", "lm-1", "tell_police", {"given": ["the_post", "case_information"]},
    ),
    "everything_was_thought_of": (
        "action", "lm-1", "assess_safety", {"privacy_settings_checked": False},
    ),
    "colleague_is_told": ("watching", "lm-1", "close", {"colleague_told": False}),
    "police_lead_it": ("watching", "lm-1", "close", {"ending": "police_led"}),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "row"), PUT_RIGHT.items(), ids=PUT_RIGHT)
def test_what_a_rule_refuses_passes_once_it_is_put_right(
    rule: str, row: tuple[str, str, str, dict[str, Any]]
) -> None:
    step, person, act, fault = row
    play = comments_at(step)
    receipt = no(play.act(person, act, **fault), rule)
    assert receipt.message.endswith(".")
    assert play.here == step
    must(play.act(person, act))


ALONE: dict[str, tuple[str, str, str]] = {
    "colleague_not_told_yet": ("reported", "lm-1", "tell_in_person"),
    "challenge_period_is_over": ("opinion", "lm-1", "confirm_support"),
    "watch_is_asked": ("action", "com-1", "propose_watch"),
    "watch_is_proposed": ("action", "hoc-1", "approve_watch"),
    "watch_is_undecided": ("action", "com-1", "decline_watch"),
    "linked_case_is_settled": ("watching", "lm-1", "close"),
    "watch_is_open": ("action", "com-1", "end_watch_early"),
    "withdrawal_is_asked": ("action", "lm-1", "withdraw"),
    "taken_over": ("assessing", "lm-1", "pass_on"),
    "nothing_mandatory_is_open": ("action", "lm-1", "agree_plan"),
}


@pytest.mark.parametrize(("rule", "row"), ALONE.items(), ids=ALONE)
def test_what_comes_before_its_turn_is_refused(rule: str, row: tuple[str, str, str]) -> None:
    step, person, act = row
    linked = "unsure" if rule == "linked_case_is_settled" else "no"
    play = comments_at(step, linked_to_family_case=linked)
    no(play.act(person, act), rule)
    assert play.here == step


# --- telling, and the end of a challenge ----------------------------------------------


def test_opinion_is_decided_only_when_the_colleague_knows_of_the_case() -> None:
    play = Comments(by="fca-2")
    must(play.act("lm-1", "take_on"))
    no(play.act("lm-1", "classify_opinion"), "colleague_knows")
    no(play.act("lm-1", "tell_in_person", told_at="2026-11-23 12:00"), "told_in_the_past")
    must(play.act("lm-1", "tell_in_person"))
    must(play.act("lm-1", "classify_opinion"))


def test_a_telling_by_e_mail_cannot_even_be_written_down() -> None:
    no(Comments(by="fca-2").act("lm-1", "tell_in_person", how="email"), "fields")


def test_support_is_offered_before_it_is_confirmed() -> None:
    play = comments_at("opinion")
    play.until("2026-11-26 09:00")
    no(play.act("lm-1", "confirm_support", offered_at="2026-11-27 09:00"), "offered_in_the_past")


def test_support_confirmed_by_the_manager_does_not_stand_for_hr() -> None:
    play = comments_at("opinion")
    play.until("2026-11-26 09:00")
    receipt = no(play.act("lm-1", "confirm_support"), "open_tasks")
    assert "Acknowledge, and record the support offered" in receipt.message
    must(play.act("hrl-1", "acknowledge"))
    must(play.act("lm-1", "confirm_support"))


# --- danger, threat, withdrawal ---------------------------------------------------------------------


def test_danger_makes_a_case_one_that_is_not_withdrawn() -> None:
    play = comments_at("emergency_response")
    must(play.act("lm-1", "confirm_safe"))
    no(play.act("fca-1", "ask_to_withdraw"), "may_be_withdrawn")


def test_a_threat_that_comes_up_stops_a_withdrawal_half_way() -> None:
    play = comments_at("assessing")
    must(play.act("fca-1", "ask_to_withdraw"))
    must(play.act("hrbp-1", "withdraw"))
    must(play.act("lm-1", "classify_threat"))
    no(play.act("lm-1", "withdraw"), "may_be_withdrawn")
    assert play.here == "action"


def test_safeguarding_keeps_a_case_from_being_withdrawn_until_it_is_handled() -> None:
    play = Comments(safeguarding_concern="yes")
    no(play.act("fca-1", "ask_to_withdraw"), "may_be_withdrawn")
    must(play.act("safe-1", "safeguarding_handled"))
    must(play.act("fca-1", "ask_to_withdraw"))


@pytest.mark.parametrize("step", ["reported", "assessing", "opinion", "action", "watching"])
def test_danger_leads_from_every_step_to_the_emergency_at_once(step: str) -> None:
    play = comments_at(step)
    must(play.act("fca-3", "raise_emergency"))
    assert play.here == "emergency_response"
    told = {tell.person for tell in play.last.tells if tell.what == "emergency"}
    assert {"onc-1", "onc-2", "lm-1", "hop-1", "hrbp-1", "hsi-1"} <= told
    assert "fca-1" not in told


def test_ordinary_work_begins_beside_an_emergency() -> None:
    assert {"hr_support", "incident"} <= comments_at("emergency_response").duties()


def test_whoever_wrote_that_nobody_is_in_danger_may_still_say_so_later() -> None:
    play = comments_at("action")
    must(play.act("com-2", "report_new_post", immediate_danger=True))
    assert play.here == "emergency_response"


def test_the_police_told_at_the_emergency_need_not_be_told_again() -> None:
    play = comments_at("emergency_response")
    must(play.act("lm-1", "confirm_safe"))
    assert "police" not in play.duties()


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({"author_known": "party"}, True),  # harassment by a party
        ({"author_known": "relative"}, False),
        ({}, False),
    ],
)
def test_legal_advises_when_a_party_harasses(changes: dict[str, Any], *, needed: bool) -> None:
    assert ("legal" in comments_at("action", **changes).duties()) is needed


def test_legal_advises_when_the_colleague_wishes_an_injunction() -> None:
    play = comments_at("action")
    must(play.act("lm-1", "speak", injunction_wished=True))
    assert play.duty("legal").label == "Give legal advice on the threat or harassment"


def test_case_information_goes_out_once_legal_has_cleared_it() -> None:
    play = comments_at("action")
    must(play.act("leg-1", "advise"))
    no(play.act("fca-1", "tell_police", given=["case_information"]), "only_the_minimum_is_given")
    must(play.act("leg-1", "advise", disclosure_cleared=True))
    must(play.act("fca-1", "tell_police", given=["case_information"]))


def test_to_protect_life_the_police_are_told_at_once() -> None:
    must(comments_at("emergency_response").act("onc-1", "tell_police", given=["case_information"]))


def test_legal_advice_is_sealed() -> None:
    play = comments_at("action")
    must(play.act("leg-1", "advise"))
    assert play.last.sealed


# --- plan and closing take two people who agree to the same ------------------------------------------


def test_the_two_name_the_same_plan() -> None:
    play = comments_at("watching")
    must(play.act("fca-3", "report_new_post"))
    for person, act in (("hsi-1", "record_incident"), ("lm-1", "speak"), ("lm-1", "assess_safety")):
        must(play.act(person, act))
    must(play.act("lm-1", "agree_plan", plan=OTHER_HASH))
    no(play.act("hrbp-1", "agree_plan", plan=HASH), "not_the_same")
    must(play.act("hrbp-1", "agree_plan", plan=OTHER_HASH))
    assert play.here == "watching"


def test_an_agreement_given_before_a_new_post_does_not_count_after_it() -> None:
    play = comments_at("reported")
    must(play.act("fca-1", "ask_to_withdraw"))
    must(play.act("lm-1", "withdraw"))
    must(play.act("com-1", "report_new_post"))
    must(play.act("hrbp-1", "withdraw"))
    assert play.here == "reported"
    must(play.act("lm-1", "withdraw"))
    assert play.here == "withdrawn"


def test_whoever_has_not_agreed_to_close_is_asked() -> None:
    play = comments_at("watching")
    must(play.act("hrbp-1", "close"))
    assert play.holders("close_manager") == ["lm-1"]
    assert "close_hr" not in play.duties()
    must(play.act("hrbp-1", "take_back", act="close"))
    assert "close_manager" not in play.duties()


def test_a_report_of_danger_asks_for_a_plan_within_twelve_real_hours() -> None:
    play = Comments(immediate_danger=True, safe_contact=SAFE_CONTACT)
    must(play.act("lm-1", "confirm_safe"))
    assert play.due("action") == "Mon 23 Nov 2026 22:01 GMT"


def test_every_rule_of_comments_is_refused_in_a_test_or_a_story() -> None:
    asked = {rule.id for act in EmployeeComments.acts.values() for rule in act.guards}
    own = {rule for rule in asked if rule in PUT_RIGHT or rule in ALONE}
    elsewhere = {
        "told_in_the_past", "colleague_knows", "can_be_challenged", "offered_in_the_past",
        "seen_in_the_open", "no_watch_yet", "watch_stays_in_the_open", "watch_has_an_end",
        "colleague_was_consulted", "nothing_is_watched", "may_be_withdrawn",
    }  # fmt: skip
    common = {
        "safeguarding_is_open", "assessment_given_to_the_court", "referral_is_yours",
        "work_can_be_given", "own_conflict_or_from_above", "clock_may_pause", "clock_is_paused",
    }  # fmt: skip
    assert asked == own | elsewhere | common


def test_whoever_reported_it_hands_in_the_screenshot_afterwards() -> None:
    play = Comments(by="fca-2")
    must(play.act("fca-2", "add_evidence", sha256=OTHER_HASH, kind="png", title="screenshot"))
    no(
        play.act("fca-3", "add_evidence", sha256=OTHER_HASH, kind="png", title="screenshot"),
        "wrong_role",
    )
