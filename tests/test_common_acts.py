"""What may happen in every procedure (policy analysis 6.1-6.3, 6.5, 6.9), played in D."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.case import Kind
from tests.core_help import HASH, OTHER_HASH, Play, at_step, must, no, office, standing

# --- emergencies -----------------------------------------------------------------------------------

TOLD_AT_ONCE = {"lm-1", "hop-1", "hrbp-1", "hsi-1", "onc-1", "onc-2"}


def test_danger_on_the_form_starts_the_emergency_path_at_once_beside_the_ordinary_one() -> None:
    play = Play(immediate_danger=True)
    assert play.duties() == {"registered", "emergency"}
    assert {tell.person for tell in play.last.tells} >= TOLD_AT_ONCE
    assert play.told("onc-1", play.last) == ["emergency"]
    assert play.case.case.flags == ("emergency",)
    emergency = play.duty("emergency")
    assert emergency.due is not None
    assert emergency.due - play.now == timedelta(minutes=30)


@pytest.mark.parametrize("person", ["fca-1", "com-1", "adm-1", "its-1", "lm-2"])
def test_anybody_raises_an_emergency_at_any_hour(person: str) -> None:
    play = Play()
    play.until("2026-11-28 03:00")
    must(play.act(person, "raise_emergency", reason=""))
    assert {tell.person for tell in play.last.tells} >= TOLD_AT_ONCE


def test_an_emergency_raised_again_tells_everybody_again_and_is_one_task() -> None:
    play = Play(immediate_danger=True)
    must(play.act("fca-1", "raise_emergency"))
    assert {tell.person for tell in play.last.tells} >= TOLD_AT_ONCE
    assert [duty.id for duty in play.case.case.duties].count("emergency") == 1


@pytest.mark.parametrize("person", ["lm-1", "hop-1", "onc-2", "doc-1"])
def test_a_manager_ends_an_emergency_with_the_time_and_the_police_reference(person: str) -> None:
    play = Play(immediate_danger=True)
    must(play.act(person, "confirm_safe"))
    assert "emergency" not in play.duties()
    assert play.case.case.flags == ()
    assert play.last.in_time is True
    assert {tell.person for tell in play.last.tells} >= {"hrbp-1", "hsi-1"}


@pytest.mark.parametrize("person", ["fca-1", "com-1", "leg-1", "hrbp-1"])
def test_nobody_else_ends_an_emergency(person: str) -> None:
    no(Play(immediate_danger=True).act(person, "confirm_safe"), "wrong_role")


def test_an_emergency_ends_only_with_word_of_the_police() -> None:
    play = Play(immediate_danger=True)
    receipt = play.act("lm-1", "confirm_safe", police_reference=None)
    no(receipt, "police_told_or_why_not")
    must(play.act("lm-1", "confirm_safe", police_reference=None,
                  police_not_told_because="it was a mistake in the form"))  # fmt: skip


def test_no_emergency_is_ended_that_was_not_raised() -> None:
    no(Play().act("lm-1", "confirm_safe"), "emergency_is_open")


def test_an_emergency_ended_after_half_an_hour_is_marked_late() -> None:
    play = Play(immediate_danger=True)
    play.until("2026-11-23 11:30")
    must(play.act("lm-1", "confirm_safe"))
    assert play.last.in_time is False


# --- safeguarding ----------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["yes", "unsure"])
def test_a_concern_on_the_form_tells_safeguarding_and_the_manager_at_once(answer: str) -> None:
    play = Play(safeguarding_concern=answer)
    assert play.duties() == {"registered", "safeguarding"}
    assert play.told("safe-1") == ["to_do", "safeguarding"]
    assert play.told("lm-1") == ["to_do", "safeguarding"]


def test_no_concern_opens_no_task() -> None:
    assert Play(safeguarding_concern="no").duties() == {"registered"}


@pytest.mark.parametrize("step", ["registered", "with_legal", "back_at_court", "ready", "closing"])
def test_a_concern_is_raised_at_any_step_and_delays_nothing(step: str) -> None:
    play = at_step(step)
    due = play.due()
    must(play.act("com-2", "raise_safeguarding"))
    assert "safeguarding" in play.duties()
    assert play.due() == due
    assert play.here == step


def test_a_case_does_not_close_before_safeguarding_is_handled() -> None:
    play = at_step("closing", safeguarding_concern="yes")
    must(play.act("fca-1", "file_report"))
    must(play.act("com-1", "close_access"))
    assert play.here == "closing"
    must(play.act("safe-1", "safeguarding_handled"))
    assert play.here == "completed"


def test_the_section_16a_assessment_goes_to_the_court_whatever_it_says() -> None:
    play = Play(safeguarding_concern="yes")
    receipt = play.act(
        "safe-1", "safeguarding_handled", outcome="no_risk_found", given_to_court=False
    )
    no(receipt, "assessment_given_to_the_court")
    must(play.act("safe-1", "safeguarding_handled", outcome="no_risk_found"))


def test_safeguarding_is_handled_by_the_safeguarding_lead_only() -> None:
    play = Play(safeguarding_concern="yes")
    no(play.act("lm-1", "safeguarding_handled"), "wrong_role")
    no(play.act("fca-1", "safeguarding_handled"), "wrong_role")


def test_nothing_is_handled_that_nobody_raised() -> None:
    no(Play().act("safe-1", "safeguarding_handled"), "safeguarding_is_open")


def test_safeguarding_that_nobody_handles_goes_to_the_line_manager() -> None:
    play = Play(safeguarding_concern="yes")
    play.until("2026-11-24 10:30")
    assert play.holders("safeguarding") == ["lm-1"]


# --- information, evidence, links ------------------------------------------------------------------


def test_a_question_goes_to_the_role_it_is_put_to_and_is_answered_from_there() -> None:
    play = Play()
    must(play.act("lm-1", "ask_information"))
    assert play.holders("information") == ["fca-1"]
    assert play.told("fca-1", play.last) == ["to_do"]
    no(play.act("com-1", "answer"), "wrong_role")
    must(play.act("fca-1", "answer"))
    assert "information" not in play.duties()


def test_one_question_at_a_time() -> None:
    play = Play()
    must(play.act("lm-1", "ask_information"))
    no(play.act("leg-1", "ask_information", to="LM"), "asked_already")


def test_an_answer_needs_a_question() -> None:
    no(Play().act("fca-1", "answer"), "nothing_asked")


@pytest.mark.parametrize("role", ["COL", "SYS", "AUD"])  # auditors give nothing (SD14)
def test_nobody_is_asked_who_is_not_there(role: str) -> None:
    no(Play().act("lm-1", "ask_information", to=role), "nobody")


def test_a_question_to_a_vacant_role_goes_up() -> None:
    play = Play(people=office(people={"safe-1": {"left_on": "2026-11-01"}}))
    must(play.act("hop-1", "ask_information", to="SAFE"))
    assert play.holders("information") == ["lm-1"]


def test_an_open_question_does_not_keep_a_case_from_closing() -> None:
    play = Play()
    must(play.act("lm-1", "ask_information"))
    must(play.act("leg-1", "withdraw"))
    assert play.here == "stopped"


def test_an_unanswered_question_is_reminded_of_and_stays_where_it_is() -> None:
    play = Play()
    must(play.act("lm-1", "ask_information", to="LEG"))
    play.until("2026-11-26 17:00")
    assert play.holders("information") == ["leg-1", "leg-2"]
    assert play.duty("information").overdue


def test_evidence_is_kept_by_its_hash() -> None:
    play = Play()
    must(play.act("fca-1", "add_evidence", sha256=OTHER_HASH))
    assert play.last.evidence == (OTHER_HASH,)
    assert "screenshot" not in play.last.model_dump_json()


@pytest.mark.parametrize("act", ["add_evidence", "link_case", "ask_information"])
def test_only_those_close_to_a_case_add_to_it(act: str) -> None:
    play = Play()
    no(play.act("its-1", act), "wrong_role")
    no(play.act("fca-2", act), "wrong_role")
    must(play.act("safe-1", act))


def test_a_link_to_another_case_is_written_down_and_changes_nothing() -> None:
    play = Play()
    before = {**standing(play), "roster": 0, "done": 0, "moved": 0}
    must(play.act("leg-1", "link_case"))
    assert {**standing(play), "roster": 0, "done": 0, "moved": 0} == before


# --- reassign --------------------------------------------------------------------------------------


def test_the_new_practitioner_inherits_the_case_and_its_chain_of_managers() -> None:
    play = at_step("ready")
    must(play.act("hop-1", "reassign", role="PR", to="fca-4"))
    assert play.case.case.practitioner == "fca-4"
    assert play.case.wake_at == play.case.case.last_at, "the directory is asked again at once"
    play.wait_a_minute()
    assert play.last.kind is Kind.HOLDER_CHANGED
    assert play.holders() == ["fca-4"]
    assert play.told("fca-4", play.last) == ["to_do"]
    no(play.act("fca-1", "complete"), "wrong_role")
    must(play.act("fca-4", "complete"))


def test_the_new_practitioners_line_manager_decides_from_now_on() -> None:
    play = Play()
    must(play.act("hop-1", "reassign", role="PR", to="fca-4"))
    play.wait_a_minute()
    assert play.holders() == ["lm-2"]
    no(play.act("lm-1", "agree"), "wrong_role")


def test_a_decision_that_does_not_know_of_the_reassignment_is_refused() -> None:
    play = Play()
    before = play.decision("lm-1", "agree", at=play.now + timedelta(minutes=5))
    must(play.act("hop-1", "reassign", role="PR", to="fca-4"))
    play.wait_a_minute()
    no(play.send(before), "moved_on")
    assert play.holders() == ["lm-2"]


@pytest.mark.parametrize("person", ["adm-1", "hop-1", "ad-1"])
def test_administrators_and_senior_managers_reassign(person: str) -> None:
    must(Play().act(person, "reassign", role="LM", to="lm-2"))


@pytest.mark.parametrize("person", ["lm-1", "fca-1", "com-1", "leg-1"])
def test_nobody_else_reassigns(person: str) -> None:
    no(Play().act(person, "reassign", role="LM", to="lm-2"), "wrong_role")


def test_a_conflicted_person_is_given_nothing() -> None:
    play = Play()
    must(play.act("leg-1", "declare_conflict", person="lm-2"))
    no(play.act("hop-1", "reassign", role="LM", to="lm-2"), "conflicted")


def test_somebody_nobody_knows_leaves_the_role_vacant_and_it_goes_up() -> None:
    play = Play()
    must(play.act("hop-1", "reassign", role="LM", to="gone-1"))
    play.wait_a_minute()
    assert play.holders() == ["hop-1"]


@pytest.mark.parametrize("to", ["Mrs Maypole of 3 The Green", "x" * 50_000, "a\x00b", ""])
def test_a_role_is_given_to_an_id_not_to_words(to: str) -> None:
    receipt = no(Play().act("hop-1", "reassign", role="LM", to=to), "fields")
    assert to not in receipt.message or not to


# --- pause and resume ------------------------------------------------------------------------------


def test_a_paused_deadline_stands_still_and_runs_on_with_what_was_left() -> None:
    play = at_step("back_at_court")
    left = play.hours_left()
    must(play.act("leg-1", "pause"))
    duty = play.duty()
    assert (duty.due, duty.remind_at) == (None, None)
    assert play.last.moved[0].was_due is not None
    play.until("2026-12-07 10:00")
    assert not play.duty().overdue
    must(play.act("leg-1", "resume"))
    assert play.hours_left() == pytest.approx(left, abs=0.1)
    assert play.told("leg-1", play.last) == ["to_do"]


def test_a_paused_deadline_never_stands_still_past_the_courts_back_stop() -> None:
    play = Play()
    must(play.act("hop-1", "pause"))
    assert play.due() == "Thu 17 Dec 2026 16:00 GMT"
    assert play.duty().backstop
    play.until("2026-12-17 16:01")
    assert play.holders() == ["hop-1"]
    assert play.duty().paused_at is None
    no(play.act("hop-1", "resume"), "clock_is_paused")


@pytest.mark.parametrize(
    ("given", "duty"),
    [({"immediate_danger": True}, "emergency"), ({}, "nothing"), ({}, "arranging")],
    ids=["emergencies never pause", "no such deadline", "not open yet"],
)
def test_what_never_pauses(given: dict[str, Any], duty: str) -> None:
    no(Play(**given).act("hop-1", "pause", duty=duty), "clock_may_pause")


def test_an_access_window_never_pauses() -> None:
    no(at_step("ready").act("lm-1", "pause"), "clock_may_pause")


def test_a_deadline_pauses_once_and_only_before_it_passed() -> None:
    play = Play()
    must(play.act("hop-1", "pause"))
    no(play.act("hop-1", "pause"), "clock_may_pause")
    late = at_step("back_at_court")
    late.until("2026-12-01 12:00")
    no(late.act("leg-1", "pause"), "clock_may_pause")


def test_a_pause_has_a_listed_reason_and_a_reason_in_words() -> None:
    play = Play()
    no(play.act("hop-1", "pause", why="holidays"), "fields")
    no(play.act("hop-1", "pause", reason=""), "no_reason")
    no(play.act("fca-1", "pause"), "wrong_role")


def test_only_a_paused_deadline_runs_on() -> None:
    no(Play().act("hop-1", "resume"), "clock_is_paused")
    no(Play().act("hop-1", "resume", duty="nothing"), "clock_is_paused")


def test_a_question_to_the_court_stops_the_managers_clock_for_them() -> None:
    play = Play()
    must(play.act("lm-1", "ask_the_court"))
    play.until("2026-12-01 10:00")
    must(play.act("leg-1", "record_court_answer"))
    assert play.here == "considering"
    assert play.holders() == ["lm-1"], "nobody has said no: the same manager goes on"
    assert play.hours_left() == pytest.approx(8 - 1 / 60)


def test_a_question_asked_at_the_last_minute_leaves_half_an_hour() -> None:
    play = Play()
    play.until("2026-11-24 09:58")
    must(play.act("lm-1", "ask_the_court"))
    must(play.act("leg-1", "record_court_answer"))
    assert play.hours_left() == 0.5


# --- how people are told ---------------------------------------------------------------------------


def test_nobody_is_told_the_same_twice_and_work_says_enough() -> None:
    play = Play(targets=[{"person_label": "A", "platform": "x", "account": "@a", "child": True}])
    for entry in play.entries:
        assert len(entry.tells) == len(set(entry.tells))
    assert play.told("leg-1", play.entries[0]) == ["to_do"], "not that it happened as well"


def test_no_notice_carries_case_text() -> None:
    play = at_step("closing", order_reference="MAYPOLE-7")
    for entry in play.entries:
        text = entry.model_dump_json()
        assert "MAYPOLE" not in text
        assert "invented.person" not in text
        assert HASH in text or "alleged" not in text
