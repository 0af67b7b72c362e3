"""Watching an open site (2.6): two people, an end, three reviews, a window that closes by itself."""

from __future__ import annotations

from typing import Any

import pytest

from models.case import Kind, No
from tests.core_help import Play, must, no, office
from tests.reputation_help import a_watch, at_step

# --- what may be watched, and for how long ---------------------------------------------------------

PROPOSALS: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"where": "open_group"}, None),
    ({"need": "effect_on_colleague"}, None),
    ({"where": "closed_group"}, "only_an_open_site"),
    ({"where": "private_message"}, "only_an_open_site"),
    ({"where": "unknown"}, "only_an_open_site"),  # not known to be open is not open
    ({"only_looking": False}, "only_an_open_site"),
    ({"until": "2026-11-23 10:00"}, "watch_has_an_end"),  # past
    # Asked at 10:03 on Monday the 23rd: four weeks of working hours end on Monday the 21st.
    ({"until": "2026-12-21 10:03"}, None),
    ({"until": "2026-12-21 10:04"}, "watch_has_an_end"),
]


@pytest.mark.parametrize(("changes", "code"), PROPOSALS)
def test_a_watch_is_of_an_open_site_and_ends(changes: dict[str, Any], code: str | None) -> None:
    for act in ("recommend_no_response", "recommend_response"):
        play = at_step("assessing")
        must(play.act("com-1", "sort"))
        receipt = play.act("com-1", act, watch=a_watch(**changes))
        assert (receipt.code, receipt.outcome == "applied") == (code, code is None)


@pytest.mark.parametrize("where", ["closed_group", "private_message"])
def test_what_the_report_says_is_closed_is_never_watched(where: str) -> None:
    play = at_step("safety_first", visibility=where)
    must(play.act("safe-1", "safeguarding_handled"))
    must(play.act("com-1", "take_on"))
    must(play.act("com-1", "sort"))
    no(play.act("com-1", "recommend_no_response", watch=a_watch()), "only_an_open_site")
    must(play.act("com-1", "recommend_no_response"))
    no(play.act("com-1", "start_watching"), "only_an_open_site")


def test_nobody_watches_by_the_answer_of_one() -> None:
    play = at_step("waiting_for_decision")
    must(play.act("com-1", "start_watching"))
    assert play.here == "waiting_for_decision"
    assert not play.record.watch_open
    no(play.act("com-1", "start_watching"), "agreed_already")
    no(play.act("com-2", "start_watching"), "wrong_role")


def test_one_person_with_both_roles_is_not_two() -> None:
    both = office(people={"com-1": {"roles": ("COM", "HOC")}})
    play = at_step("response_under_way", people=both)
    must(play.act("com-1", "start_watching"))
    no(play.act("com-1", "start_watching"), "two_people")


def test_whoever_spotted_it_may_propose_and_never_approve() -> None:
    both = office(people={"com-1": {"roles": ("COM", "HOC")}})
    play = at_step_spotted(people=both)
    must(play.act("com-2", "start_watching"))
    no(play.act("com-1", "start_watching", as_role="HOC"), "approver_did_not_start_it")
    must(play.act("hoc-1", "start_watching"))

    play = at_step_spotted()
    must(play.act("com-1", "start_watching"))
    must(play.act("hoc-1", "start_watching"))


def test_whoever_reported_it_and_was_made_an_officer_since_proposes_no_watch() -> None:
    play = at_step("waiting_for_decision", by="fca-1")
    must(play.act("adm-1", "reassign", role="COM", to="fca-1"))
    play.wait_a_minute()
    no(play.act("fca-1", "start_watching"), "sd1")
    assert play.case.case.pending == ()


def at_step_spotted(**given: Any) -> Play:
    """A post spotted by an officer, with a response under way that others approved."""
    play = at_step("assessing", by="com-1", **given)
    must(play.act("com-1", "sort"))
    must(play.act("com-3", "recommend_response"))
    must(play.act("hoc-1", "approve_response"))
    return play


def test_an_approval_whose_end_has_passed_meanwhile_is_refused() -> None:
    play = at_step("assessing")
    must(play.act("com-1", "sort"))
    must(play.act("com-1", "recommend_no_response", watch=a_watch(until="2026-11-23 12:00")))
    play.until("2026-11-23 12:00")
    no(play.act("hoc-1", "approve_no_response", watch=True), "approved_watch_was_proposed")
    must(play.act("hoc-1", "approve_no_response"))


def test_a_watch_approved_with_a_response_begins_when_that_has_gone_out() -> None:
    play = at_step("assessing")
    must(play.act("com-1", "sort"))
    must(play.act("com-1", "recommend_response", watch=a_watch(until="2026-11-27 17:00")))
    must(play.act("hoc-1", "approve_response", watch=True))
    assert not play.record.watch_open
    must(play.act("com-1", "record_response"))
    assert (play.here, play.record.watch_open) == ("watching", True)


def test_a_watch_whose_end_passed_before_the_response_went_out_never_begins() -> None:
    play = at_step("assessing")
    must(play.act("com-1", "sort"))
    must(play.act("com-1", "recommend_response", watch=a_watch(until="2026-11-23 12:00")))
    must(play.act("hoc-1", "approve_response", watch=True))
    play.until("2026-11-23 12:30")
    must(play.act("com-1", "record_response"))
    assert play.here == "responded"


# --- reviews, and the end by itself ----------------------------------------------------------------


def test_three_reviews_and_no_more_without_a_fresh_approval() -> None:
    play = at_step("watching")
    for _ in range(3):
        must(play.act("com-1", "review_watch"))
    no(play.act("com-1", "review_watch"), "reviews_are_left")
    must(play.act("com-1", "start_watching"))
    must(play.act("hoc-1", "start_watching"))
    must(play.act("com-1", "review_watch"))


def test_an_approval_waits_in_the_inbox_of_the_other() -> None:
    play = at_step("watching")
    must(play.act("com-1", "start_watching"))
    assert play.holders("watch_approval") == ["hoc-1"]
    must(play.act("com-1", "take_back", act="start_watching"))
    assert "watch_approval" not in play.duties()
    must(play.act("hoc-1", "start_watching"))
    assert play.holders("watch_proposal") == ["com-1", "com-2", "com-3", "com-4"]


def test_a_watch_nobody_reviews_ends_and_is_not_closed() -> None:
    play = at_step("watching")
    play.until("2026-11-30 10:05")  # forty working hours from 10:04 on Monday are a week
    assert play.here == "watching"
    (ended,) = play.kinds(Kind.EXPIRED)
    assert (ended.act, ended.no) == ("R-t", No.EXPIRED)
    assert play.duties() == {"after_watch"}
    for act in ("review_watch", "add_content"):
        no(play.act("com-1", act), "watch_is_open")
    must(play.act("hoc-1", "stop_watching"))
    assert play.here == "no_response"


def test_the_instant_of_the_review_is_in_time() -> None:
    play = at_step("watching")
    due = play.duty().due
    must(play.act("com-1", "review_watch", at=due))


def test_a_holiday_proclaimed_moves_a_review_and_no_end_date() -> None:
    play = at_step("assessing")
    must(play.act("com-1", "sort"))
    must(play.act("com-1", "recommend_no_response", watch=a_watch(until="2026-12-01 10:00")))
    must(play.act("hoc-1", "approve_no_response", watch=True))
    assert play.due() == "Mon 30 Nov 2026 10:04 GMT"
    play.holiday("2026-11-30")
    assert play.due() == "Tue 1 Dec 2026 10:04 GMT"
    play.until("2026-12-01 10:02")  # the end that was approved comes first now
    assert [entry.london for entry in play.kinds(Kind.EXPIRED)] == ["Tue 1 Dec 2026 10:00 GMT"]


@pytest.mark.parametrize("act", ["raise_safeguarding", "raise_emergency"])
def test_a_concern_never_makes_a_watch_longer(act: str) -> None:
    play = at_step("watching")
    due = play.due()
    must(play.act("fca-1", act))
    if act == "raise_emergency":
        must(play.act("lm-1", "confirm_safe"))
    play.until("2026-11-24 12:00")
    must(play.act("safe-1", "safeguarding_handled"))
    assert (play.here, play.due()) == ("watching", due)


def test_a_watch_ends_by_itself_while_safety_comes_first() -> None:
    play = at_step("watching")
    play.until("2026-11-30 09:00")
    must(play.act("fca-1", "raise_safeguarding"))
    play.until("2026-11-30 11:00")
    assert [entry.act for entry in play.kinds(Kind.EXPIRED)] == ["R-t"]
    must(play.act("safe-1", "safeguarding_handled"))
    assert play.duties() == {"after_watch"}


# --- new content, and the end ----------------------------------------------------------------------


def test_new_content_ends_the_watch_until_somebody_approves_another() -> None:
    play = at_step("watching")
    must(play.act("com-2", "add_content"))
    assert (play.here, play.record.watch_open) == ("assessing", False)
    play.until("2026-11-24 10:00")
    assert play.kinds(Kind.EXPIRED) == []


@pytest.mark.parametrize("person", ["com-2", "hoc-1"])
def test_communications_or_the_head_stops_a_watch(person: str) -> None:
    play = at_step("watching")
    must(play.act(person, "stop_watching"))
    assert play.here == "no_response"
    assert "told" in play.told("fca-1", play.last)


def test_a_response_that_has_not_gone_out_keeps_the_case_open() -> None:
    play = at_step("response_under_way")
    must(play.act("com-1", "start_watching"))
    must(play.act("hoc-1", "start_watching"))
    assert play.duties() == {"watching", "send_response"}
    for act in ("stop_watching", "add_content"):
        no(play.act("com-1", act), "no_response_is_owed")
    must(play.act("com-1", "record_response"))
    must(play.act("com-1", "stop_watching"))
    assert play.here == "responded"
