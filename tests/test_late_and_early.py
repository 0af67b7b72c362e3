"""Late, early, repeated, adopted and corrected decisions (policy analysis 6.6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.case import Kind, No
from models.london import london
from models.people import Role
from runtime.audit import refold
from tests.core_help import (
    MINUTE,
    REASON,
    Play,
    a_target,
    at_step,
    away,
    must,
    no,
    office,
    standing,
)

SECOND = timedelta(seconds=1)
DUE = "2026-11-24 10:00"
"""The line manager's eight working hours after a Monday at ten."""


# --- in time ---------------------------------------------------------------------------------------


def test_a_decision_on_the_very_instant_of_the_deadline_is_in_time() -> None:
    play = Play()
    play.until(DUE)
    must(play.act("lm-1", "agree", at=play.now))
    assert play.last.in_time is True
    assert play.last.due == play.now


def test_a_second_later_it_is_late_and_is_held() -> None:
    play = Play()
    play.until(DUE)
    play.now += SECOND
    receipt = play.act("lm-1", "agree", at=play.now)
    assert (receipt.outcome, receipt.code, receipt.clause) == ("held", "late", "6.6")
    assert "Tue 24 Nov 2026 10:00 GMT" in receipt.message
    assert "kept for the person" in receipt.message
    assert play.here == "registered"


def test_a_microsecond_before_the_deadline_is_in_time() -> None:
    play = Play()
    play.until(DUE)
    play.now -= timedelta(microseconds=1)
    must(play.act("lm-1", "agree", at=play.now))
    assert play.last.in_time is True


def test_what_counts_is_when_it_was_received_not_when_it_is_processed() -> None:
    play = Play()
    sent = play.decision("lm-1", "agree", at=play.now + 2 * MINUTE)
    play.until("2026-11-24 11:00")
    assert play.holders() == ["hop-1"], "it has already been escalated"
    receipt = play.fold(sent)
    assert receipt is not None
    assert receipt.outcome == "applied"
    assert play.here == "arranging"
    assert play.last.in_time is True


# --- late ------------------------------------------------------------------------------------------


def late_view(play: Play) -> str:
    """The line manager decides after it moved up; the id of that decision."""
    play.until("2026-11-24 10:30")
    receipt = play.act("lm-1", "do_not_agree", reason="The same posts were produced by the party.")
    assert receipt.outcome == "held"
    return receipt.decision


def test_a_late_view_is_kept_with_its_sender_and_shown_to_the_new_owner() -> None:
    play = Play()
    late_view(play)
    entry, line = play.last, play.lines[-1]
    assert (entry.kind, entry.actor, entry.in_time, entry.no) == (Kind.HELD, "lm-1", False, None)
    assert line.private.reason == "The same posts were produced by the party."
    assert play.told("hop-1", entry) == ["late_view"]
    assert [held.person for held in play.case.case.held] == ["lm-1"]


def test_the_new_owner_makes_a_late_view_their_own_with_their_own_reason() -> None:
    play = Play()
    late = late_view(play)
    must(play.act("hop-1", "adopt", decision=late, reason="I looked at it again and think so too."))
    assert play.here == "with_legal"
    entry, line = play.last, play.lines[-1]
    assert (entry.actor, entry.role, entry.act) == ("hop-1", Role.SM, "D-05")
    assert entry.label.startswith("Adopted as their own")
    assert entry.no is No.NOT_AGREED
    assert line.private.reason == "I looked at it again and think so too."
    assert line.private.fields == {"ground": "not_necessary"}
    assert play.case.case.held == ()
    assert play.record.not_agreed_by == ("hop-1",), "it is theirs now"


def test_a_late_view_is_adopted_only_by_whoever_has_the_decision_now() -> None:
    play = Play()
    late = late_view(play)
    no(play.act("ad-1", "adopt", decision=late), "wrong_role")
    no(play.act("leg-1", "adopt", decision=late), "wrong_role")
    no(play.act("lm-1", "adopt", decision=late), "not_yours")
    no(play.act("aud-1", "adopt", decision=late), "auditor")


def test_a_late_view_is_adopted_with_a_reason_and_once() -> None:
    play = Play()
    late = late_view(play)
    no(play.act("hop-1", "adopt", decision=late, reason="ok"), "no_reason")
    no(play.act("hop-1", "adopt", decision="another"), "nothing_to_adopt")
    must(play.act("hop-1", "adopt", decision=late))
    no(play.act("hop-1", "adopt", decision=late), "nothing_to_adopt")


def test_a_late_view_that_no_longer_fits_is_refused_and_kept() -> None:
    play = Play()
    late = late_view(play)
    must(play.act("hop-1", "agree"))
    no(play.act("hop-1", "adopt", decision=late), "already_decided")
    assert [held.id for held in play.case.case.held] == [late]


def test_at_the_last_level_a_late_decision_is_applied_and_marked_late() -> None:
    play = Play()
    play.until("2026-11-26 12:00")
    assert play.duty().overdue
    assert play.holders() == ["ad-1"]
    receipt = must(play.act("ad-1", "agree"))
    assert receipt.message == "Applied. It was late, and is marked so."
    assert play.last.in_time is False
    assert play.here == "arranging"


def test_late_work_that_decides_nothing_is_welcome_and_marked_late() -> None:
    play = Play()
    play.until("2026-11-24 10:30")
    must(play.act("lm-1", "start_considering"))
    assert play.last.in_time is False
    assert play.here == "considering"
    assert play.holders() == ["hop-1"], "the decision stays with whoever it moved to"


def test_an_account_arranged_late_by_communications_counts_as_late() -> None:
    play = at_step("arranging")
    play.until("2026-11-25 12:00")
    assert play.holders() == ["hoc-1"]
    must(play.act("com-1", "arrange_account"))
    assert play.last.in_time is False


def test_in_time_although_the_escalation_was_processed_first_at_every_rung() -> None:
    play = Play()
    sent = play.decision("hop-1", "agree", at=play.now + timedelta(hours=26))
    play.until("2026-11-26 12:00")
    assert play.holders() == ["ad-1"]
    receipt = play.fold(sent)
    assert receipt is not None
    assert receipt.outcome == "applied"
    assert play.last.in_time is True


# --- early, already decided, closed ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "act"),
    [("com-1", "arrange_account"), ("com-1", "start_session"), ("com-1", "close_access"),
     ("leg-1", "advise_to_comply"), ("fca-1", "complete")],
)  # fmt: skip
def test_a_decision_for_a_step_not_yet_open_is_too_early(person: str, act: str) -> None:
    play = Play()
    receipt = no(play.act(person, act), "too_early")
    assert receipt.clause == "6.6"
    assert "Direction registered: line manager told" in receipt.message
    assert play.here == "registered"


def test_a_second_decision_says_by_whom_and_when_the_first_was_taken() -> None:
    play = Play()
    must(play.act("lm-1", "agree"))
    receipt = no(play.act("lm-1", "do_not_agree"), "already_decided")
    assert receipt.message == "Already decided by Line manager at Mon 23 Nov 2026 10:01 GMT."
    assert "lm-1" not in receipt.message
    assert play.here == "arranging"


def test_what_decides_nothing_is_said_to_be_done_already_not_decided() -> None:
    play = at_step("arranging")
    must(play.act("com-1", "arrange_account"))
    done = london(play.last.at)
    receipt = no(play.act("com-1", "arrange_account"), "already_decided")
    assert receipt.message == f"Already done by Communications at {done}."


def test_approval_and_refusal_together_from_one_person_count_once() -> None:
    play = Play()
    both = [play.decision("lm-1", act, at=play.now + MINUTE) for act in ("agree", "do_not_agree")]
    assert [play.send(one).outcome for one in both] == ["applied", "refused"]


def test_a_decision_on_a_closed_case_is_refused_by_its_plain_name() -> None:
    play = Play()
    must(play.act("leg-1", "withdraw"))
    assert play.case.closed
    receipt = no(play.act("lm-1", "agree"), "closed")
    assert receipt.message == "This case is closed: Stopped: direction withdrawn or discharged."
    assert play.case.wake_at is None


def test_a_decision_received_before_the_case_was_opened_is_refused() -> None:
    play = Play()
    no(play.act("lm-1", "agree", at=play.now - MINUTE), "before_the_case")


def test_a_decision_for_another_case_is_refused() -> None:
    no(Play().act("lm-1", "agree", case_id="case-2"), "other_case")


def test_an_act_that_does_not_exist_is_refused_and_recorded() -> None:
    play = Play()
    receipt = no(play.act("lm-1", "wave_through"), "unknown_act")
    assert play.last.label == "Unknown act"
    assert play.last.act is None
    assert "wave_through" not in receipt.message


def test_an_act_is_known_by_its_number_too() -> None:
    must(Play().act("lm-1", "D-04", fields={"targets_match_order": True}))


@pytest.mark.parametrize("act", ["refuse_intake", "end_window", "pass_court_date", "conclude"])
def test_what_only_the_clock_does_is_nobodys_act(act: str) -> None:
    no(at_step("closing").act("lm-1", act), "system_only")


# --- repeated --------------------------------------------------------------------------------------


def test_a_decision_sent_again_is_answered_again_and_nothing_happens_twice() -> None:
    play = Play()
    sent = play.decision("lm-1", "agree", at=play.now + MINUTE)
    first = play.send(sent)
    before, lines = standing(play), len(play.lines)
    again = play.send(sent.model_copy(update={"at": sent.at + MINUTE}))
    assert again.repeated
    assert again == first.model_copy(update={"repeated": True})
    assert standing(play) == before
    assert len(play.lines) == lines


def test_a_refusal_sent_again_is_the_same_refusal_even_when_it_would_now_pass() -> None:
    play = Play()
    sent = play.decision("com-1", "arrange_account", at=play.now + MINUTE)
    no(play.send(sent), "too_early")
    must(play.act("lm-1", "agree"))
    again = play.send(sent)
    assert (again.repeated, again.code) == (True, "too_early")
    assert play.here == "arranging"


def test_a_late_view_sent_again_is_held_once() -> None:
    play = Play()
    play.until("2026-11-24 10:30")
    sent = play.decision("lm-1", "agree", at=play.now)
    assert play.send(sent).outcome == "held"
    assert play.send(sent).repeated
    assert len(play.case.case.held) == 1


# --- moved on --------------------------------------------------------------------------------------


def test_a_decision_about_what_was_shown_is_refused_when_the_case_moved_on() -> None:
    play = Play()
    shown = play.last.seq
    must(play.act("fca-1", "add_evidence"))
    receipt = no(play.act("lm-1", "agree", saw=shown), "moved_on")
    assert "look again" in receipt.message
    must(play.act("lm-1", "agree", saw=play.case.case.seq))


def test_a_refusal_or_a_reminder_is_not_moving_on() -> None:
    play = Play()
    shown = play.last.seq
    no(play.act("fca-1", "agree"), "wrong_role")
    play.until("2026-11-23 15:00")
    assert play.last.kind is Kind.REMINDED
    must(play.act("lm-1", "agree", saw=shown))


def test_what_happened_at_the_very_instant_of_sending_is_not_moving_on() -> None:
    play = Play()
    shown = play.last.seq
    play.act("fca-1", "add_evidence")
    must(play.act("lm-1", "agree", at=play.now, saw=shown))


# --- corrected -------------------------------------------------------------------------------------

TO_NO = {"act": "do_not_agree", "fields": {"ground": "harm"}}
TO_YES = {"act": "agree", "fields": {"targets_match_order": True}}


def test_a_decision_is_corrected_by_a_new_entry_while_nothing_followed() -> None:
    play = at_step("arranging")
    receipt = must(play.act("lm-1", "correct_decision", fields=TO_NO))
    assert play.here == "with_legal"
    assert receipt.message == (
        "Corrected. It was at: Communications arranging an official account."
    )
    assert play.last.label == "Corrected: Do not agree that access is necessary"
    assert [(entry.seq, entry.act) for entry in play.entries] == [
        (1, "D-01"), (2, "D-03"), (3, "D-04"), (4, "D-05"),
    ]  # fmt: skip
    assert play.record.agreed_by is None
    assert play.duties() == {"with_legal"}


def test_a_no_is_corrected_to_a_yes_by_the_same_manager() -> None:
    play = at_step("with_legal")
    must(play.act("lm-1", "correct_decision", fields=TO_YES))
    assert play.here == "arranging"
    assert play.record.not_agreed_by == ()
    assert play.record.agreed_by == "lm-1"


def test_a_correction_may_itself_be_corrected() -> None:
    play = at_step("arranging")
    must(play.act("lm-1", "correct_decision", fields=TO_NO))
    must(play.act("lm-1", "correct_decision", fields=TO_YES))
    assert play.here == "arranging"


@pytest.mark.parametrize("person", ["hop-1", "ad-1"])
def test_a_decision_is_corrected_from_above(person: str) -> None:
    must(at_step("arranging").act(person, "correct_decision", fields=TO_NO))


@pytest.mark.parametrize("person", ["com-1", "leg-1", "lm-2", "hop-2"])
def test_a_decision_is_not_corrected_from_beside_or_below(person: str) -> None:
    no(at_step("arranging").act(person, "correct_decision", fields=TO_NO), "wrong_role")


def test_whoever_started_the_case_corrects_nothing() -> None:
    play = at_step("arranging")
    must(play.act("adm-1", "reassign", role="LM", to="fca-1"))
    no(play.act("fca-1", "correct_decision", fields=TO_NO), "wrong_role")


def test_a_correction_gives_a_reason_and_keeps_the_guards() -> None:
    play = at_step("with_legal")
    no(play.act("lm-1", "correct_decision", fields=TO_YES, reason="oops"), "no_reason")
    unticked = {"act": "agree", "fields": {"targets_match_order": False}}
    no(play.act("lm-1", "correct_decision", fields=unticked), "targets_match_the_order")
    no(play.act("lm-1", "correct_decision", fields={"act": "agree", "fields": {}}), "fields")
    assert play.here == "with_legal"
    assert play.duties() == {"with_legal"}


def test_nothing_is_corrected_once_something_followed() -> None:
    play = at_step("ready")
    no(play.act("lm-1", "correct_decision", fields=TO_NO), "nothing_to_correct")


def test_nothing_is_corrected_before_anything_was_decided() -> None:
    no(Play().act("lm-1", "correct_decision", fields=TO_NO), "nothing_to_correct")


def test_the_courts_answer_is_never_corrected() -> None:
    play = at_step("back_at_court")
    must(play.act("leg-1", "record_court_answer"))
    no(play.act("leg-1", "correct_decision", fields=TO_NO), "nothing_to_correct")


@pytest.mark.parametrize(
    "act", ["go_back_to_court", "start_considering", "arrange_account", "vary"]
)
def test_a_decision_is_corrected_only_to_one_its_giver_could_have_taken(act: str) -> None:
    play = at_step("arranging")
    receipt = no(play.act("lm-1", "correct_decision", fields={"act": act}), "cannot_correct_to")
    assert receipt.clause == "6.6"


def test_a_correction_never_undoes_half_of_what_two_people_do() -> None:
    play = Play()
    play.until("2026-12-18 16:30")
    must(play.act("ad-1", "agree"))
    fields = {"act": "choose_after_date", "fields": {"choice": "expired"}}
    no(play.act("ad-1", "correct_decision", fields=fields), "cannot_correct_to")
    assert play.here == "arranging"


def test_an_emergency_raised_since_survives_a_correction() -> None:
    play = at_step("arranging")
    must(play.act("fca-1", "raise_emergency"))
    must(play.act("fca-1", "raise_safeguarding"))
    must(play.act("lm-1", "correct_decision", fields=TO_NO))
    assert play.duties() == {"with_legal", "emergency", "safeguarding"}


def test_an_emergency_ended_since_does_not_come_back_with_a_correction() -> None:
    play = Play(immediate_danger=True)
    must(play.act("lm-1", "agree"))
    must(play.act("lm-1", "confirm_safe"))
    must(play.act("lm-1", "correct_decision", fields=TO_NO))
    assert play.duties() == {"with_legal"}


def test_what_was_written_down_since_is_something_that_followed() -> None:
    play = Play(order_status="oral", order_document=None, oral_note="said at the hearing")
    must(play.act("lm-1", "agree"))
    must(play.act("fca-1", "send_order"))
    no(play.act("lm-1", "correct_decision", fields=TO_NO), "nothing_to_correct")
    assert play.record.order_followed


def test_a_view_on_a_childs_account_can_be_corrected() -> None:
    play = Play(targets=[a_target(child=True)])
    must(play.act("safe-1", "give_safeguarding_view"))
    assert play.record.safeguarding_view
    fields = {"act": "give_safeguarding_view", "fields": {"conclusion": "must_not_proceed"}}
    must(play.act("safe-1", "correct_decision", fields=fields))
    assert play.record.safeguarding_view is False
    assert "child_safe" not in play.duties()


def test_a_decision_taken_higher_up_is_corrected_there_or_by_the_role_it_belongs_to() -> None:
    play = Play()
    play.until("2026-11-24 12:00")
    must(play.act("hop-1", "agree"))
    must(play.act("hop-1", "correct_decision", fields=TO_NO))
    assert play.here == "with_legal"


# --- the sender ------------------------------------------------------------------------------------


def test_somebody_who_left_decides_nothing() -> None:
    people = office(people={"lm-1": {"left_on": "2026-11-23"}})
    play = Play(people=people)
    play.until("2026-11-24 09:30")
    no(play.act("lm-1", "agree"), "not_active")
    no(play.act("left-1", "add_evidence"), "not_active")
    no(play.act("nobody-1", "raise_emergency"), "not_active")


def test_a_decision_in_anothers_name_is_refused() -> None:
    play = Play()
    forged = play.decision("lm-1", "agree", at=play.now + MINUTE)
    forged = forged.model_copy(update={"sender": play.directory.sender("fca-2", play.now)})
    no(play.send(forged), "not_active")
    play = at_step("arranging")
    forged = play.decision("lm-1", "correct_decision", at=play.now + MINUTE, fields=TO_NO)
    forged = forged.model_copy(update={"sender": play.directory.sender("fca-2", play.now)})
    no(play.send(forged), "not_active")


@pytest.mark.parametrize("reason", ["", "ok", "a" * 40, "   \n\t  ", "😀" * 30, "1212121212" * 3])
def test_a_decision_without_a_meaningful_reason_is_refused(reason: str) -> None:
    receipt = no(Play().act("lm-1", "agree", reason=reason), "no_reason")
    assert receipt.clause == "INV-14"


def test_an_act_that_decides_nothing_needs_no_reason() -> None:
    must(Play().act("lm-1", "start_considering", reason=""))
    assert REASON


def test_a_second_late_view_of_the_same_person_takes_the_place_of_the_first() -> None:
    play = Play()
    first = late_view(play)
    second = late_view(play)
    assert [held.id for held in play.case.case.held] == [second]
    assert [entry.decision for entry in play.kinds(Kind.HELD)] == [first, second]


def test_many_faults_are_answered_in_few_words() -> None:
    fields = {f"field_{number}": 1 for number in range(200)}
    receipt = no(Play().act("lm-1", "agree", fields=fields), "fields")
    assert receipt.message.endswith("; and 196 more.")
    assert len(receipt.message) < 400


def test_a_case_that_refuses_a_thousand_times_stays_small_enough_to_carry() -> None:
    play = Play()
    for number in range(1100):
        play.case.fold(play.decision("fca-2", "agree", id=f"{number:064}"))
    assert len(play.case.case.seen) == 1000
    assert len(play.case.case.model_dump_json()) < 1_000_000


def test_the_trail_keeps_who_was_who_when_an_act_was_long_on_its_way() -> None:
    play = Play()
    sent = play.decision("fca-2", "raise_emergency")
    must(play.act("lm-1", "agree"))
    play.people_change(office(absences=(away("lm-1", "2026-11-23", "2026-12-04", "lm-2"),)))

    must(play.send(sent))

    assert play.holders("emergency") == ["lm-2"]
    assert refold(play.lines).case.duties == play.case.case.duties
