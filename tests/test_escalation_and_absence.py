"""Silence, absence and cover (policy analysis 6.5): work moves, and nothing is ever decided by it."""

from __future__ import annotations

import pytest

from models.case import Kind
from models.people import Role, Why
from procedures.clocks import SENIOR_ATTENTION
from procedures.words import Outcome
from tests.core_help import (
    Play,
    a_target,
    at_step,
    away,
    lent,
    must,
    no,
    office,
)

STEPS = (
    "registered", "considering", "with_legal", "back_at_court", "arranging", "ready", "session",
    "checking", "closing",
)  # fmt: skip


# --- unrecorded absence: reminder half-way, escalation at due ---------------------------------------


def test_a_silent_manager_is_reminded_half_way() -> None:
    play = Play()
    play.until("2026-11-23 14:00")
    assert len(play.lines) == 1
    play.until("2026-11-23 14:01")
    assert play.last.kind is Kind.REMINDED
    assert play.told("lm-1", play.last) == ["reminder"]
    assert play.last.london == "Mon 23 Nov 2026 14:00 GMT"


def test_a_silent_manager_passes_the_case_up_with_a_fresh_clock() -> None:
    play = Play()
    play.until("2026-11-24 10:01")
    entry = play.last
    assert entry.kind is Kind.ESCALATED
    assert play.holders() == ["hop-1"]
    assert play.due() == "Tue 24 Nov 2026 14:00 GMT"
    assert play.duty().first_due == play.opened.at.replace(day=24)
    assert [(line.duty, line.role, line.was_due) for line in entry.moved] == [
        ("registered", Role.SM, play.opened.at.replace(day=24))
    ]


def test_whoever_is_passed_over_and_whoever_takes_over_are_both_told_and_so_is_legal() -> None:
    play = Play()
    play.until("2026-11-24 10:01")
    assert play.told("lm-1", play.last) == ["no_longer_yours"]
    assert play.told("hop-1", play.last) == ["yours_now"]
    assert play.told("leg-1", play.last) == ["told_overdue"]


def test_whoever_was_passed_over_can_no_longer_decide() -> None:
    play = Play()
    play.until("2026-11-24 10:30")
    assert play.act("lm-1", "agree").outcome == "held"
    must(play.act("hop-1", "agree"))


def test_after_two_missed_levels_the_case_gets_senior_attention_and_reminders_go_on() -> None:
    play = Play()
    play.until("2026-11-24 14:01")
    assert play.holders() == ["ad-1"]
    assert play.case.case.flags == (SENIOR_ATTENTION,)
    play.until("2026-11-25 09:01")
    assert len(play.kinds(Kind.REMINDED)) == 3
    play.until("2026-11-25 10:01")
    assert [entry.code for entry in play.kinds(Kind.FLAGGED)] == ["overdue"]
    assert play.duty().overdue
    play.until("2026-11-26 10:01")
    assert play.last.kind is Kind.REMINDED
    assert play.told("ad-1", play.last) == ["overdue"]
    assert len(play.kinds(Kind.REMINDED)) == 4


def test_every_further_reminder_comes_after_eight_working_hours() -> None:
    play = Play()
    play.until("2026-12-04 17:00")
    late = [
        entry.at
        for entry in play.kinds(Kind.REMINDED)
        if entry.at.day >= 26 or entry.at.month == 12
    ]
    assert [at.strftime("%d %H:%M") for at in late] == [
        "26 10:00", "27 10:00", "30 10:00", "01 10:00", "02 10:00", "03 10:00", "04 10:00",
    ]  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_silence_for_two_years_decides_nothing(step: str) -> None:
    play = at_step(step)
    play.until("2028-11-22 10:00")
    assert not isinstance(play.case.step, Outcome)
    assert play.case.case.duties
    # Time may only take the permission away: a window or a session that ends by itself.
    moved = {
        (e.before, e.after) for e in play.entries if e.before != e.after and e.actor == "system"
    }
    assert moved <= {("ready", "closing"), ("session", "closing")}
    assert {e.kind for e in play.entries if e.actor == "system"} <= {
        Kind.REMINDED, Kind.ESCALATED, Kind.FLAGGED, Kind.EXPIRED,
    }  # fmt: skip
    assert play.record.agreed_by in (None, "lm-1")


@pytest.mark.parametrize("step", STEPS)
def test_after_two_silent_years_people_can_still_go_on(step: str) -> None:
    play = at_step(step)
    play.until("2028-11-22 10:00")
    must(play.act("leg-1", "withdraw"))


def test_the_step_of_communications_goes_to_their_head_and_the_manager_is_told() -> None:
    play = at_step("arranging")
    play.until("2026-11-25 10:10")
    assert play.holders() == ["hoc-1"]
    assert play.told("lm-1", play.last) == ["told_overdue"]


def test_legal_goes_to_the_duty_lead_then_to_the_assistant_director() -> None:
    play = at_step("with_legal")
    play.until("2026-11-24 10:10")
    assert play.holders() == ["ldl-1"]
    play.until("2026-11-24 14:10")
    assert play.holders() == ["ad-1"]


def test_work_that_nobody_takes_over_stays_where_it_is_and_is_overdue() -> None:
    play = at_step("back_at_court")
    play.until("2026-11-30 12:00")
    assert play.holders() == ["leg-1", "leg-2"]
    assert play.duty().overdue
    assert play.duty().role is Role.LEG


def test_an_emergency_runs_on_the_wall_clock_through_the_night() -> None:
    play = Play(at="2026-11-27 22:00", received_at="2026-11-27 16:00", immediate_danger=True)
    assert play.holders("emergency") == ["lm-1"]
    play.until("2026-11-27 22:31")
    assert play.holders("emergency") == ["onc-1", "onc-2"]
    play.until("2026-11-27 23:01")
    assert play.holders("emergency") == ["doc-1"]
    assert play.holders() == ["lm-1"], "the ordinary clock waits for Monday"
    assert play.due() == "Mon 30 Nov 2026 17:00 GMT"


# --- the court's date ------------------------------------------------------------------------------


def test_no_deadline_of_the_manager_lies_within_eight_hours_of_the_courts_date() -> None:
    play = Play(compliance_date="2026-11-24 16:00")
    assert play.due() == "Mon 23 Nov 2026 14:00 GMT", "four hours: the date is near"
    near = Play(compliance_date="2026-11-24 11:00")
    assert near.due() == "Mon 23 Nov 2026 11:00 GMT"
    assert near.duty().backstop


def test_a_back_stop_already_past_gives_way_to_the_courts_date_itself() -> None:
    play = Play(compliance_date="2026-11-23 12:00")
    assert play.due() == "Mon 23 Nov 2026 12:00 GMT"
    assert play.duty().backstop


def test_a_courts_date_already_past_leaves_the_hours_alone() -> None:
    play = Play(compliance_date="2026-11-20 12:00")
    assert play.hours_left() == 4
    assert not play.duty().backstop


def test_manager_and_legal_are_warned_sixteen_hours_before_the_courts_date() -> None:
    play = Play()
    play.until("2026-12-16 16:01")
    entry = next(e for e in play.entries if e.act == "D-23w")
    assert entry.london == "Wed 16 Dec 2026 16:00 GMT"
    assert {tell.person for tell in entry.tells} >= {"lm-1", "leg-1"}


def test_a_warning_that_is_due_before_the_case_was_opened_comes_at_once() -> None:
    play = Play(compliance_date="2026-11-24 12:00")
    assert play.case.wake_at == play.now
    play.wait_a_minute()
    assert [e.act for e in play.entries].count("D-23w") == 1


def test_the_missed_date_asks_two_people_and_decides_nothing() -> None:
    play = Play()
    play.until("2026-12-18 16:01")
    entry = next(e for e in play.entries if e.act == "D-23")
    assert entry.kind is Kind.FLAGGED
    assert {tell.person for tell in entry.tells} >= {"lm-1", "leg-1", "ad-1"}
    assert {"date_manager", "date_legal"} <= play.duties()
    assert play.here == "registered"


def test_with_no_date_given_manager_and_legal_review_it_after_forty_hours() -> None:
    play = Play(compliance_date="none given")
    assert "told" in play.told("leg-1", play.entries[0])
    play.until("2026-11-30 10:01")
    assert [e.london for e in play.entries if e.act == "D-01r"] == ["Mon 30 Nov 2026 10:00 GMT"]


# --- recorded absence ------------------------------------------------------------------------------


def test_with_a_delegate_recorded_the_work_goes_to_the_delegate_at_once() -> None:
    play = Play(people=office(absences=(away("lm-1", "2026-11-23", "2026-11-27", "lm-2"),)))
    holder = play.duty().holders[0]
    assert (holder.person, holder.why, holder.on_behalf_of) == ("lm-2", Why.DELEGATE, "lm-1")
    assert play.told("lm-2") == ["to_do"]


def test_without_a_delegate_it_goes_to_the_next_manager_at_once() -> None:
    play = Play(people=office(absences=(away("lm-1", "2026-11-23", "2026-11-27"),)))
    holder = play.duty().holders[0]
    assert (holder.person, holder.role, holder.why) == ("hop-1", Role.SM, Why.UP)
    must(play.act("hop-1", "agree"))


def test_an_absence_that_begins_later_moves_the_work_when_it_begins() -> None:
    play = Play(people=office(absences=(away("lm-1", "2026-11-23 15:00", "2026-11-27", "lm-2"),)))
    assert play.holders() == ["lm-1"]
    play.until("2026-11-23 15:01")
    assert play.holders() == ["lm-2"]
    changed = play.kinds(Kind.HOLDER_CHANGED)
    assert [entry.london for entry in changed] == ["Mon 23 Nov 2026 15:00 GMT"]
    assert play.told("lm-2", changed[0]) == ["to_do"]
    assert play.told("lm-1", changed[0]) == []


def test_whoever_comes_back_has_their_work_again() -> None:
    play = Play(people=office(absences=(away("lm-1", "2026-11-20", "2026-11-23 12:00", "lm-2"),)))
    play.until("2026-11-23 12:01")
    assert play.holders() == ["lm-1"]
    no(play.act("lm-2", "agree"), "wrong_role")
    must(play.act("lm-1", "agree"))


def test_the_clock_does_not_start_again_because_the_holder_changed() -> None:
    play = Play(people=office(absences=(away("lm-1", "2026-11-23 15:00", "2026-11-27", "lm-2"),)))
    due = play.due()
    play.until("2026-11-23 16:00")
    assert play.due() == due


def test_a_delegate_who_is_away_does_not_act_and_delegations_never_chain() -> None:
    both = (
        away("lm-1", "2026-11-23", "2026-11-27", "lm-2"),
        away("lm-2", "2026-11-23", "2026-11-27", "hop-2"),
    )
    assert Play(people=office(absences=both)).holders() == ["hop-1"]


def test_work_beside_the_owner_may_be_done_by_a_delegate_too() -> None:
    cover = lent("lm-1", "hop-2", Role.LM, first="2026-11-23", last="2026-11-27")
    play = Play(people=office(delegations=(cover,)))
    assert play.holders() == ["lm-1", "hop-2"]


def test_an_edited_directory_moves_open_work_and_is_recorded() -> None:
    play = Play()
    play.people_change(office(people={"fca-1": {"line_manager": "lm-2"}}))
    assert play.last.kind is Kind.HOLDER_CHANGED
    assert play.holders() == ["lm-2"]
    assert play.last.moved[0].duty == "registered"


def test_an_edited_directory_that_changes_no_holder_leaves_no_entry() -> None:
    play = Play()
    lines = len(play.lines)
    play.people_change(office(people={"hsi-1": {"left_on": "2026-11-23"}}))
    play.until("2026-11-24 09:00")
    assert [e.kind for e in play.entries[lines:]] == [Kind.REMINDED]


def test_an_older_roster_that_comes_late_takes_no_work_back() -> None:
    play = Play()
    slow = play.decision("fca-1", "add_evidence", at=play.now)
    play.people_change(office(people={"fca-1": {"line_manager": "lm-2"}}))
    play.fold(slow)
    assert play.holders() == ["lm-2"]


def test_a_role_that_nobody_holds_goes_up_and_a_case_is_never_without_an_owner() -> None:
    people = office(people={"lm-1": {"left_on": "2026-11-20"}, "hop-1": {"left_on": "2026-11-20"}})
    assert Play(people=people).holders() == ["ad-1"]


# --- duties beside the step ------------------------------------------------------------------------


def test_the_views_on_a_childs_account_escalate_on_their_own() -> None:
    play = Play(targets=[a_target(child=True)])
    assert {"child_legal", "child_safe"} <= play.duties()
    play.until("2026-11-24 10:30")
    assert play.holders("child_legal") == ["ldl-1"]
    assert play.holders("child_safe") == ["lm-1"]


def test_the_sealed_order_that_does_not_come_is_asked_for_by_the_manager() -> None:
    play = Play(order_status="oral", order_document=None, oral_note="said at the hearing")
    assert play.holders("order") == ["fca-1"]
    play.until("2026-11-26 10:10")
    assert play.holders("order") == ["lm-1"]


# --- a holiday is proclaimed -----------------------------------------------------------------------


def test_a_proclaimed_holiday_moves_a_deadline_and_both_instants_are_recorded() -> None:
    play = Play()
    was = play.duty().due
    play.holiday("2026-11-24")
    assert play.due() == "Wed 25 Nov 2026 10:00 GMT"
    assert play.last.kind is Kind.RECALCULATED
    assert [(line.duty, line.was_due) for line in play.last.moved] == [("registered", was)]
    assert play.told("lm-1", play.last) == ["due_moved"]


def test_a_holiday_never_moves_a_deadline_earlier_even_before_a_courts_date() -> None:
    play = Play(compliance_date="2026-11-25 16:00")
    was = play.duty().due
    play.holiday("2026-11-25")
    assert play.duty().due == was


def test_a_holiday_in_an_access_window_makes_the_window_end_later() -> None:
    play = at_step("ready")
    play.holiday("2026-11-26")
    assert play.record.window_ends == play.duty().due
    assert play.due() == "Tue 1 Dec 2026 10:03 GMT"


def test_a_holiday_does_not_open_a_window_again_that_has_ended() -> None:
    play = at_step("ready")
    ends = play.record.window_ends
    play.until("2026-11-30 12:00")
    play.holiday("2026-12-01")
    assert play.record.window_ends == ends


def test_a_deadline_that_passed_is_not_brought_back_by_a_holiday() -> None:
    play = at_step("back_at_court")
    play.until("2026-11-30 12:00")
    due = play.duty().due
    play.holiday("2026-12-01")
    assert play.duty().due == due


def test_reminders_move_with_their_deadline() -> None:
    play = Play(at="2026-11-23 16:00", received_at="2026-11-23 15:00")
    play.holiday("2026-11-24")
    assert play.duty().remind_at == play.opened.at.replace(day=25, hour=12)
    assert play.duty().due == play.opened.at.replace(day=25, hour=16)


def test_a_reassignment_that_was_long_on_its_way_still_brings_the_new_people_in() -> None:
    play = Play()
    slow = play.decision("hop-1", "reassign", at=play.now, fields={"role": "PR", "to": "fca-4"})
    play.people_change(office(people={"hsi-1": {"left_on": "2026-11-23"}}))
    assert play.fold(slow) is not None
    assert play.case.wake_at == play.now
    play.wait_a_minute()
    assert play.holders() == ["lm-2"]
