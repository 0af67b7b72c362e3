"""The rules of safety in corporate reputation (7.2): Communications waits, and goes back (3.4, G-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from models.policy import Amount, Clock, Mark
from models.reputation import ReputationRecord
from procedures import common, duties, instants
from procedures.common import EMERGENCY
from procedures.words import Ask, guard

if TYPE_CHECKING:
    from procedures.corporate_reputation import CorporateReputation as Reputation

R, L = Mark.RECONSTRUCTED, Mark.LAW
LEAST = timedelta(minutes=30)
"""What a step that Communications goes back to has at least."""


# --- guards -----------------------------------------------------------------------------------


@guard("2.4", R)
def nobody_is_in_danger(case: Reputation, ask: Ask) -> str | None:
    """Somebody in danger is confirmed to be safe before Communications goes on."""
    if case.duty(EMERGENCY.id) is None:
        return None
    return "An emergency is open: the manager confirms first that the person is safe."


@guard("2.10", L)
def section_16a_is_given_to_the_court(case: Reputation, ask: Ask) -> str | None:
    """A section 16A risk assessment is given to the court whatever its conclusion."""
    if "section_16a" not in ask.form.results or ask.form.given_to_court:
        return None
    return "The risk assessment goes to the court whatever it concludes; record that it did."


# --- routes: back to the step the case was in -------------------------------------------------


def _was_in(machine: Reputation, step: str) -> bool:
    return bool(machine.case.record.left == step)


def left_reported(machine: Reputation) -> bool:
    """It was waiting for Communications."""
    return _was_in(machine, "reported")


def left_assessing(machine: Reputation) -> bool:
    """It was being assessed."""
    return _was_in(machine, "assessing")


def left_waiting_for_advice(machine: Reputation) -> bool:
    """It was waiting for advice."""
    return _was_in(machine, "waiting_for_advice")


def left_waiting_for_decision(machine: Reputation) -> bool:
    """It was waiting for the response decision."""
    return _was_in(machine, "waiting_for_decision")


def left_response_under_way(machine: Reputation) -> bool:
    """A response was under way."""
    return _was_in(machine, "response_under_way")


def left_watching(machine: Reputation) -> bool:
    """It was being watched."""
    return _was_in(machine, "watching")


# --- effects ----------------------------------------------------------------------------------


def safeguarding_raised(case: Reputation, ask: Ask) -> None:
    """Tell safeguarding and the manager at once; Communications waits from now on."""
    common.raise_safeguarding(case, ask, task=False)
    leave(case, ask)


def danger_raised(case: Reputation, ask: Ask) -> None:
    """Start the emergency path at once, at any hour; Communications waits from now on."""
    common.raise_emergency(case, ask)
    leave(case, ask)


def leave(case: Reputation, ask: Ask) -> None:
    """Note the step that is interrupted, whose it was, and what was left of its clock."""
    if case.here == "safety_first":
        return
    left, up = time_and_rungs(case, ask)
    case.update(left=case.here, left_time=left, left_up=up)


def time_and_rungs(case: Reputation, ask: Ask) -> tuple[timedelta | None, int]:
    """What is left of the step's clock, half an hour at least, and how many rungs up it has moved."""
    duty = case.duty(case.here)
    if duty is None or duty.due is None:
        return None, 0
    left = duty.left if duty.paused_at else instants.time_left(case, duty, ask.at)
    up = duty.rungs.index(duty.role) if duty.role in duty.rungs else 0
    return max(left or LEAST, LEAST), up


def incident_recorded(case: Reputation, ask: Ask) -> None:
    """Health and Safety have done their part; Safeguarding still has its own."""
    duties.close(case, "safety_first:HSI")


def safety_handled(case: Reputation, ask: Ask) -> None:
    """Communications goes on where it was, with the time that was left."""
    if "no_risk_found" in ask.form.results:
        # What was no concern is no reason to engage with abuse either (3.4).
        case.unflag("safeguarding")
    record: ReputationRecord = case.case.record
    if record.left == "watching":
        # A watch goes on from where it began: its window is not made longer by a concern.
        return
    goes_on(ask, record.left_time, record.left_up)


def goes_on(ask: Ask, left: timedelta | None, up: int) -> None:
    """The next step has the time that was left, on the rung it had reached."""
    ask.up = up
    if left is not None:
        ask.length = Amount(clock=Clock.WORKING, length=left)
