"""Posts about court proceedings: how a case closes, what the court says, what is passed on."""

from __future__ import annotations

import pytest

from models.people import Role
from procedures.court_proceedings import CourtProceedings
from tests.core_help import HASH, must, no
from tests.proceedings_help import NO_BREACH, in_deciding, waiting

# --- closing ----------------------------------------------------------------------------------


def test_what_legal_advised_on_is_closed_with_legal_and_by_two_people() -> None:
    post = waiting(legal={})
    no(post.act("lm-1", "close_case"), "legal_did_not_advise")
    must(post.act("lm-1", "close_with_legal"))
    assert post.here == "waiting"
    assert set(post.holders("agree_to_close")) == {"leg-1", "leg-2"}
    no(post.act("leg-1", "close_with_legal", outcome="passed_on"), "outcome_is_true")
    must(post.act("leg-1", "close_with_legal"))
    assert post.here == "informed"


def test_what_legal_had_no_part_in_is_closed_by_the_manager_alone() -> None:
    post = waiting()
    no(post.act("lm-1", "close_with_legal"), "legal_advised_on_it")
    must(post.act("lm-1", "close_case"))
    assert post.here == "informed"


def test_a_case_of_ours_is_not_closed_without_its_note_on_childfirst() -> None:
    no(waiting().act("lm-1", "close_case", case_note=None), "case_note_is_made")
    no(in_deciding().act("lm-1", "decide", fields={**NO_BREACH, "case_note": None}),
       "case_note_is_made")  # fmt: skip
    must(waiting(childfirst_ref=None).act("lm-1", "close_case", case_note=None))


@pytest.mark.parametrize(
    "outcome",
    ["court_informed_and_removed", "removed_on_request", "court_took_over", "passed_on"],
)
def test_a_case_closes_only_as_what_happened(outcome: str) -> None:
    no(waiting().act("lm-1", "close_case", outcome=outcome), "outcome_is_true")


def test_what_the_court_was_told_of_is_not_closed_as_nothing() -> None:
    closed = waiting().act(
        "lm-1", "close_case", outcome="not_a_breach", why_no_breach="lawful_reporting"
    )
    no(closed, "a_breach_is_not_closed_as_none")


@pytest.mark.parametrize("response", ["directs_removal", "order_or_injunction", "takes_over"])
def test_what_the_court_orders_comes_with_its_order(response: str) -> None:
    post = waiting()
    no(post.act("fca-1", "record_court_response", response=response), "fields")
    must(post.act("fca-1", "record_court_response", response=response, order=HASH))
    assert post.last.evidence == (HASH,)
    assert post.record.took_over is (response != "directs_removal")


def test_a_next_hearing_lies_ahead_and_starts_its_warnings_afresh() -> None:
    post = waiting()
    past = post.act("fca-1", "record_court_response", next_hearing="2026-11-20 10:00")
    no(past, "hearing_is_ahead")
    must(post.act("fca-1", "record_court_response", next_hearing="2027-01-20 10:00"))
    assert post.case.court_date == post.record.hearing


def test_access_that_the_court_directs_is_referred_and_waited_for() -> None:
    post = waiting()
    must(post.act("fca-1", "record_court_response", response="directs_access", order=HASH))
    assert "referral_d" in post.duties()
    no(post.act("lm-1", "close_case"), "nothing_mandatory_is_open")
    must(post.act("lm-1", "take_referral", to="D", case="d-2026-1", outside=None))
    must(post.act("lm-1", "close_case"))


def test_a_colleagues_conduct_is_passed_on_without_a_word_to_whoever_reported() -> None:
    post = waiting()
    told = post.told("fca-1")
    must(post.act("hrbp-1", "pass_to_conduct"))
    assert "colleague" not in post.last.model_dump_json()
    assert post.last.sealed
    assert post.holders("referral_u") == ["hrbp-1"]
    assert "fca-3" in post.case.case.conflicted
    must(post.act("hrbp-1", "take_referral"))
    assert post.here == "passed_on"
    assert post.told("fca-1") == told
    assert Role.REP not in CourtProceedings.acts["pass_to_conduct"].tells


def test_conduct_taken_up_elsewhere_does_not_close_what_is_being_decided_here() -> None:
    post = waiting()
    must(post.act("hrbp-1", "pass_to_conduct"))
    must(post.act("fca-2", "add_post", proceedings_status="ended"))
    must(post.act("leg-1", "advise_as_legal"))
    must(post.act("lm-1", "decide"))
    must(post.act("fca-1", "tell_court"))
    must(post.act("hrbp-1", "take_referral"))
    assert post.here == "waiting", "the manager closes it"
    assert post.holders() == ["lm-1"]
    must(post.act("lm-1", "close_with_legal", outcome="passed_on"))
    must(post.act("leg-1", "close_with_legal", outcome="passed_on"))
    assert post.here == "passed_on"
