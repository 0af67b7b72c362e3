"""Safety first in a report about Cafcass (3.4, G-3): who waits, who ends it, and where it goes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core_help import must, no
from tests.reputation_help import ReportPlay, at_step

STEPS = (
    "reported", "assessing", "waiting_for_advice", "waiting_for_decision", "response_under_way",
    "watching",
)  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("act", ["raise_safeguarding", "raise_emergency"])
@pytest.mark.parametrize("person", ["fca-5", "com-2", "adm-1"])
def test_anybody_puts_safety_first_and_the_case_goes_back(step: str, act: str, person: str) -> None:
    play = at_step(step)
    record = play.record
    must(play.act(person, act, reason=""))
    assert play.here == "safety_first"
    assert {"safe-1", "hsi-1"} <= {tell.person for tell in play.last.tells}
    if act == "raise_emergency":
        must(play.act("lm-1", "confirm_safe"))
    must(play.act("safe-1", "safeguarding_handled"))
    assert play.here == step
    kept = {"left", "left_time", "left_up"}
    assert play.record.model_dump(exclude=kept) == record.model_dump(exclude=kept)


def test_even_whoever_is_named_in_the_post_may_say_danger() -> None:
    play = at_step("reported", named_colleagues=["com-2"])
    must(play.act("com-2", "raise_emergency"))


def test_communications_waits_while_safety_comes_first() -> None:
    play = at_step("safety_first")
    for act in ("take_on", "sort", "recommend_no_response"):
        no(play.act("com-1", act), "too_early")


def test_danger_is_confirmed_to_be_over_before_communications_goes_on() -> None:
    play = ReportPlay(immediate_danger=True)
    assert play.duties() == {"safety_first", "safety_first:HSI", "emergency"}
    no(play.act("safe-1", "safeguarding_handled"), "nobody_is_in_danger")
    must(play.act("lm-1", "confirm_safe"))
    must(play.act("safe-1", "safeguarding_handled"))
    assert (play.here, play.duties()) == ("reported", {"reported"})


def test_a_section_16a_assessment_goes_to_the_court() -> None:
    play = at_step("safety_first")
    no(play.act("safe-1", "safeguarding_handled", results=["section_16a"]),
       "section_16a_is_given_to_the_court")  # fmt: skip
    must(play.act("safe-1", "safeguarding_handled", results=["section_16a"], given_to_court=True))
    assert play.here == "reported"


@pytest.mark.parametrize("person", ["com-1", "hoc-1", "hsi-1", "lm-1", "fca-1"])
def test_only_safeguarding_says_that_safety_was_handled(person: str) -> None:
    no(at_step("safety_first").act(person, "safeguarding_handled"), "wrong_role")


def test_health_and_safety_records_its_number() -> None:
    play = at_step("safety_first")
    must(play.act("hsi-1", "record_incident"))
    assert (play.here, play.duties()) == ("safety_first", {"safety_first"})


def _left(play: ReportPlay) -> timedelta:
    return timedelta(hours=play.hours_left())


def test_the_time_that_was_left_is_left_again() -> None:
    play = at_step("waiting_for_decision")
    play.until("2026-11-23 14:03")  # four of the eight hours are used
    must(play.act("fca-1", "raise_safeguarding", at=play.now))
    play.until("2026-11-25 12:00")
    must(play.act("safe-1", "safeguarding_handled", at=play.now))
    assert _left(play) == timedelta(hours=4)


def test_at_least_half_an_hour_is_left() -> None:
    play = at_step("waiting_for_decision")
    play.until("2026-11-24 10:00")  # three minutes before it is due
    must(play.act("fca-1", "raise_safeguarding", at=play.now))
    must(play.act("safe-1", "safeguarding_handled", at=play.now))
    assert _left(play) == timedelta(minutes=30)


def test_a_step_that_had_moved_up_comes_back_to_whoever_had_it() -> None:
    play = at_step("reported")
    play.until("2026-11-23 15:00")  # four hours passed: it is with the Head
    assert play.holders() == ["hoc-1"]
    must(play.act("fca-1", "raise_safeguarding"))
    must(play.act("safe-1", "safeguarding_handled"))
    assert play.holders() == ["hoc-1"]


def test_advice_may_still_come_while_safety_comes_first() -> None:
    play = at_step("waiting_for_advice")
    due = play.due("advice_legal")
    must(play.act("fca-1", "raise_safeguarding"))
    assert play.due("advice_legal") == due, "ordinary clocks run on beside it (6.2)"
    must(play.act("leg-1", "give_legal_advice"))
    must(play.act("safe-1", "safeguarding_handled"))
    assert play.here == "assessing"


def test_safety_never_waits_for_opening_time() -> None:
    play = ReportPlay(at="2026-11-28 23:00", safeguarding_concern="yes",
                      discovered_at="2026-11-28 22:00")  # fmt: skip
    assert play.due() == "Sun 29 Nov 2026 03:00 GMT"
    assert "safeguarding" in play.told("safe-1")


def test_a_late_answer_of_safeguarding_still_counts() -> None:
    """Nobody takes it over, because nobody else could say that safety was handled."""
    play = at_step("safety_first")
    play.until("2026-11-27 12:00")
    assert "told_overdue" in play.told("doc-1")
    must(play.act("safe-1", "safeguarding_handled"))
    assert play.last.in_time is False


def test_a_report_of_the_same_post_with_a_concern_is_not_joined_away() -> None:
    play = ReportPlay(safeguarding_concern="yes", same_as="case-0")
    assert play.here == "safety_first"
    assert ReportPlay(same_as="case-0").here == "joined"
