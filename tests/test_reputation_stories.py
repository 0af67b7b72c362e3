"""The stories of corporate reputation tell of every escalation and every "no".

That every rule refuses in one, test_every_act_has_a_story.py asks of each procedure.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from models.case import Entry, No
from models.people import Role
from procedures.corporate_reputation import CorporateReputation
from runtime.rehearsal import play_on_core, read_story

FOLDER = Path(__file__).parents[1] / "stories" / CorporateReputation.key


@cache
def entries() -> tuple[Entry, ...]:
    paths = sorted(FOLDER.glob("[!_]*.yaml"))
    return tuple(entry for path in paths for entry in play_on_core(read_story(path)).trail)


# Each rung that the steps and tasks of R move to, and those of danger (3.5).
@pytest.mark.parametrize(
    ("duty", "role"),
    [
        ("reported", Role.HOC),
        ("reported", Role.AD),
        ("assessing", Role.HOC),
        ("waiting_for_decision", Role.AD),
        ("response_under_way", Role.HOC),
        ("advice_legal", Role.LDL),
        ("advice_legal", Role.AD),
        ("advice_hr", Role.HRL),
        ("advice_manager", Role.SM),
        ("send_response", Role.HOC),
        ("watch_proposal", Role.AD),
        ("watch_approval", Role.AD),
        ("after_watch", Role.HOC),
        ("emergency", Role.ONC),
        ("emergency", Role.DOC),
    ],
)
def test_each_escalation_of_r_is_in_a_story(duty: str, role: Role) -> None:
    escalated = [entry for entry in entries() if entry.kind == "escalated"]
    assert (duty, role) in {(line.duty, line.role) for one in escalated for line in one.moved}


@pytest.mark.parametrize("no", [No.NOT_AGREED, No.REFUSED, No.EXPIRED])
def test_each_no_that_r_knows_is_in_a_story(no: No) -> None:
    """Nobody withdraws a post: the fourth "no" is not in the table of R."""
    assert any(entry.no is no for entry in entries())


def test_every_state_of_r_is_reached_in_a_story() -> None:
    resting = {state.id for state in CorporateReputation.states if not state.initial}
    assert resting <= {entry.after for entry in entries()}
