"""Corporate reputation (7.2): who may, what is referred and advised, and that silence does nothing."""

from __future__ import annotations

from typing import Any

import pytest

from models.case import Kind
from models.people import Role
from models.reputation import Content
from procedures.corporate_reputation import CorporateReputation
from procedures.reputation_rules import REFERRED
from tests.core_help import away, must, no, office
from tests.reputation_help import ReportPlay, at_step

# --- opening ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "form", "step"),
    [
        ("fca-1", {}, "reported"),
        ("com-1", {}, "assessing"),  # Communications spotted it: there is nobody to wait for
        ("hoc-1", {}, "reported"),  # the Head is not the officer on duty
        ("fca-1", {"safeguarding_concern": "yes"}, "safety_first"),
        ("fca-1", {"safeguarding_concern": "unsure"}, "safety_first"),  # unsure counts as yes
        ("com-1", {"immediate_danger": True}, "safety_first"),
    ],
)
def test_where_a_report_begins(by: str, form: dict[str, Any], step: str) -> None:
    play = ReportPlay(by=by, **form)
    assert play.here == step
    assert "receipt" in play.told(by), "every reporter is told that it arrived (INV-16)"


@pytest.mark.parametrize("form", [{"spread": "growing"}, {"press_deadline": "2026-11-24 12:00"}])
def test_the_head_hears_at_once_of_what_is_urgent(form: dict[str, Any]) -> None:
    assert ReportPlay(**form).told("hoc-1") == ["told"]
    assert ReportPlay().told("hoc-1") == []


def test_whoever_is_away_on_the_day_still_spotted_it() -> None:
    people = office(absences=(away("com-1", "2026-11-23", "2026-11-23"),))
    assert ReportPlay(by="com-1", people=people).here == "assessing"


def test_nobody_of_the_trail_is_a_practitioner() -> None:
    """The case is about a post, so the directory's seat of the reporter is nobody's role here."""
    play = at_step("response_under_way")
    assert {entry.role for entry in play.entries} == {Role.COL, Role.COM, Role.HOC}
    no(play.act("adm-1", "reassign", role="PR", to="fca-2"), "work_can_be_given")


# --- separation of duties --------------------------------------------------------------------------

DECISIONS = ("approve_no_response", "approve_response", "send_back")


@pytest.mark.parametrize("act", DECISIONS)
@pytest.mark.parametrize("person", ["com-1", "com-2", "lm-1", "leg-1", "fca-1", "adm-1", "aud-1"])
def test_only_the_head_decides_on_a_response(act: str, person: str) -> None:
    play = at_step("waiting_for_decision")
    before = (play.here, play.record, play.duties())
    receipt = play.act(person, act)
    assert receipt.outcome == "refused"
    assert (play.here, play.record, play.duties()) == before


@pytest.mark.parametrize("act", DECISIONS)
def test_whoever_recommended_never_decides(act: str) -> None:
    """SD9. Even an officer who is Head as well, and who did not start the case."""
    both = office(people={"com-1": {"roles": ("COM", "HOC")}})
    play = at_step("waiting_for_decision", people=both)
    assert "com-1" not in play.holders()
    no(play.act("com-1", act), "sd9")


@pytest.mark.parametrize("act", DECISIONS)
def test_whoever_spotted_the_post_never_decides(act: str) -> None:
    """SD1. Assessing what one spotted is the one exception, and it ends there."""
    both = office(people={"com-1": {"roles": ("COM", "HOC")}})
    play = ReportPlay(by="com-1", people=both)
    assert "com-1" in play.holders()
    must(play.act("com-1", "sort"))
    must(play.act("com-2", "recommend_response"))
    assert "com-1" not in play.holders()
    no(play.act("com-1", act), "sd1")


def test_a_vacant_head_is_the_assistant_director() -> None:
    vacant = office(people={"hoc-1": {"roles": ()}})
    play = at_step("waiting_for_decision", people=vacant)
    assert play.holders() == ["ad-1"]
    must(play.act("ad-1", "approve_response"))


def test_a_conflict_declared_late_moves_the_decision_up() -> None:
    play = at_step("waiting_for_decision")
    must(play.act("hoc-1", "declare_conflict"))
    assert play.holders() == ["ad-1"]
    no(play.act("hoc-1", "approve_response"), "conflicted")


# --- sorting and referring -------------------------------------------------------------------------

# Written out again from the table of the analysis.
OPENS: dict[Content, set[str]] = {
    Content.NAMES_COLLEAGUE: {"E"},
    Content.CASE_INFORMATION: {"C", "M"},
    Content.INFORMATION_REQUEST: {"I"},
    Content.COMPLAINT: {"COMPLAINT"},
}


@pytest.mark.parametrize("content", Content)
@pytest.mark.parametrize("channel", ["elsewhere", "cafcass_channel"])
def test_each_class_is_referred_where_it_belongs(content: Content, channel: str) -> None:
    play = at_step("assessing", channel=channel)
    must(play.act("com-1", "sort", classes=[content]))
    moderated = {"M"} if channel == "cafcass_channel" else set()
    assert {one.to for one in play.case.case.referrals} == OPENS.get(content, set()) | moderated


def test_every_class_that_is_referred_names_its_clause() -> None:
    assert set(REFERRED) == set(OPENS)
    assert all(clause for rows in REFERRED.values() for _target, clause in rows)


def test_sorting_again_refers_nothing_twice_even_when_it_was_taken_up() -> None:
    play = at_step("assessing")
    must(play.act("com-1", "sort", classes=["complaint"]))
    must(play.act("cpl-1", "take_referral", to="COMPLAINT", outside="answered there"))
    must(play.act("com-1", "sort", classes=["complaint", "criticism"]))
    assert len(play.case.case.referrals) == 1
    assert "referral_complaint" not in play.duties()


def test_what_is_not_taken_up_keeps_the_case_open() -> None:
    play = at_step("waiting_for_decision", classes=("names_a_colleague",))
    must(play.act("hoc-1", "send_back"))
    must(play.act("com-1", "recommend_no_response"))
    receipt = no(play.act("hoc-1", "approve_no_response"), "open_tasks")
    assert "Take up: comments about a colleague" in receipt.message


@pytest.mark.parametrize("act", ["recommend_no_response", "recommend_response", "pass_on"])
def test_nothing_is_recommended_before_it_is_sorted(act: str) -> None:
    no(at_step("assessing").act("com-1", act), "content_is_sorted")


# --- advice ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "person", "act"),
    [
        ("LEG", "leg-2", "give_legal_advice"),
        ("HRBP", "hrbp-1", "give_advice"),
        ("LM", "lm-1", "give_advice"),
    ],
)
def test_advice_is_asked_of_one_and_given_by_that_one(of: str, person: str, act: str) -> None:
    play = at_step("assessing")
    must(play.act("com-1", "ask_advice", of=of, draft=None))
    for other, tried in [("hrbp-1", "give_advice"), ("lm-1", "give_advice"),
                         ("leg-1", "give_legal_advice")]:  # fmt: skip
        if tried != act or (other, of) in (("hrbp-1", "LM"), ("lm-1", "HRBP")):
            no(play.act(other, tried, **_advice_only(tried)), "was_asked")
    assert play.here == "waiting_for_advice"
    must(play.act(person, act, **_advice_only(act)))
    assert play.here == "assessing"


def _advice_only(act: str) -> dict[str, Any]:
    return {"conclusion": "advice_only"} if act == "give_legal_advice" else {}


def test_legal_advice_is_sealed_and_the_managers_is_not() -> None:
    play = at_step("waiting_for_advice")
    must(play.act("leg-1", "give_legal_advice"))
    assert play.last.sealed
    must(play.act("com-1", "ask_advice", of="LM", draft=None))
    must(play.act("lm-1", "give_advice"))
    assert not play.last.sealed


def test_a_question_stops_the_clock_of_assessing_and_gives_no_time_away() -> None:
    play = at_step("assessing")
    play.until("2026-11-23 15:01")  # five of the eight hours are used
    must(play.act("com-1", "ask_advice", at=play.now))
    play.until("2026-11-24 12:00")
    must(play.act("leg-1", "give_legal_advice", at=play.now))
    assert play.hours_left() == 3


def test_whoever_had_the_assessment_when_they_asked_has_it_again() -> None:
    play = at_step("assessing")
    play.until("2026-11-24 11:00")  # overdue: it is with the Head
    must(play.act("hoc-1", "ask_advice"))
    must(play.act("leg-1", "give_legal_advice"))
    assert play.holders() == ["hoc-1"]


def test_nobody_is_asked_who_is_not_there() -> None:
    play = at_step("assessing", people=office(people=_without_legal()))
    no(play.act("com-1", "ask_advice"), "somebody_can_be_asked")


def _without_legal() -> dict[str, dict[str, Any]]:
    nobody = ("leg-1", "leg-2", "ldl-1", "ad-1", "ad-2")
    return {person: {"left_on": "2026-11-01"} for person in nobody}


# --- never -----------------------------------------------------------------------------------------

RESTS = [step.id for step in CorporateReputation.states if not step.initial and not step.final]


@pytest.mark.parametrize("step", RESTS)
def test_silence_never_approves_answers_or_closes(step: str) -> None:
    """INV-3. A quarter of a year passes; a watch ends, and nothing else happens by itself."""
    play = at_step(step)
    applied = len(play.kinds(Kind.APPLIED))
    play.until("2027-03-01 09:00")
    assert play.here == step
    assert len(play.kinds(Kind.APPLIED)) == applied
    assert [entry.act for entry in play.kinds(Kind.EXPIRED)] == ["R-t"] * (step == "watching")
    assert play.record.watch_open is False
