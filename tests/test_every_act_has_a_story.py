from __future__ import annotations

import functools
from pathlib import Path

import pytest

from models.case import Entry, Kind
from models.people import Role, ladder
from policy import book
from procedures import referrals
from procedures.common import COMMON, EMERGENCY, INFORMATION, SAFEGUARDING, TASKS
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from procedures.words import Outcome, Step
from runtime.publish.picture import Way, ways
from runtime.rehearsal import Played, play_on_core, read_story

STORIES = sorted(
    path
    for path in (Path(__file__).parents[1] / "stories").rglob("*.yaml")
    if not path.name.startswith("_")
)

each = pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)


@functools.cache
def _played() -> tuple[Played, ...]:
    return tuple(play_on_core(read_story(path)) for path in STORIES)


@each
def test_every_act_happens_in_a_story(procedure: type[Procedure]) -> None:
    happened = {
        entry.act
        for played in _played()
        for entry in played.trail
        if entry.procedure == procedure.key and _happened(entry.kind, entry.actor)
    }
    happened |= _carried_out_by_the_core(procedure)
    missing = [act.code for act in procedure.acts.values() if act.code not in happened]
    assert missing == [], "write a story in which each of these is applied"


def _happened(kind: Kind, actor: str) -> bool:
    by_person = (Kind.OPENED, Kind.APPLIED)
    by_system = (Kind.FLAGGED, Kind.EXPIRED)
    # A refused intake is an act too: the one that ends the case before it began.
    return kind in by_person or (actor == "system" and kind in (*by_system, Kind.REFUSED))


def _carried_out_by_the_core(procedure: type[Procedure]) -> set[str]:
    """Adopting and correcting are written down as the act that is adopted or corrected to.

    So is what the system does in the wake of an act: it is seen by the state it leads to.
    """
    found = set()
    codes = {"Adopted": "adopt", "Corrected": "correct_decision"}
    for played in _played():
        for entry in played.trail:
            if entry.kind is Kind.APPLIED:
                found |= {code for word, code in codes.items() if entry.label.startswith(word)}
                found |= _in_the_wake(procedure, entry.before, entry.after, entry.act)
    return found


def _in_the_wake(procedure: type[Procedure], before: str, after: str, act: str | None) -> set[str]:
    if before == after:
        return set()
    every = _ways(procedure)
    own = {way.target for way in every if way.act.code == act and way.source == before}
    if after in own:
        return set()
    wake = {procedure.acts[name] for name in procedure.settles}
    return {way.act.code for way in every if way.act in wake and way.target == after}


@functools.cache
def _ways(procedure: type[Procedure]) -> tuple[Way, ...]:
    # Asked for every entry of every story: drawn up each time it was most of this file's work.
    return ways(procedure)


@each
def test_every_outcome_is_reached_in_a_story(procedure: type[Procedure]) -> None:
    reached = {played.state for played in _played() if played.closed}
    wanted = [state.id for state in procedure.states if isinstance(state, Outcome)]
    assert [state for state in wanted if state not in reached] == []


SHARED = {rule.id for act in COMMON.values() for rule in act.guards}
"""Rules of the acts that every procedure has in the same words: written, and asked, in one place.

One story of any procedure in which such a rule refuses is enough.
"""


@each
def test_every_rule_refuses_in_a_story(procedure: type[Procedure]) -> None:
    rules = {rule.id for act in procedure.acts.values() for rule in act.guards}
    silent = rules - SHARED - _refusing(_trail(procedure.key))
    assert sorted(silent) == [], "write a story in which each of these rules refuses"


def test_every_rule_that_all_procedures_share_refuses_in_a_story() -> None:
    everywhere = tuple(entry for played in _played() for entry in played.trail)
    assert sorted(SHARED - _refusing(everywhere)) == []


@each
def test_every_deadline_that_can_be_missed_is_missed_in_a_story(
    procedure: type[Procedure],
) -> None:
    trail = _trail(procedure.key)
    clocks = _clocks(trail)
    never = [task.id for task in procedure.tasks if task.clock and task.id not in clocks]
    assert never == [], "write a story in which each of these is somebody's work"
    quiet = {
        duty
        for duty, rungs in _rungs(procedure).items()
        if duty in clocks and not _missed(trail, duty, clocks[duty], rungs)
    }
    assert sorted(quiet) == [], "write a story in which nobody does each of these in time"


def test_every_deadline_that_all_procedures_share_is_missed_in_a_story() -> None:
    trail = tuple(entry for played in _played() for entry in played.trail)
    clocks = _clocks(trail)
    missed = {
        task.id
        for task in TASKS
        if task.id in clocks
        and _missed(trail, task.id, clocks[task.id], task.rungs or ladder(task.held_by))
    }
    # Referrals differ in their owners alone: one that nobody took up speaks for them all.
    assert {EMERGENCY.id, SAFEGUARDING.id, INFORMATION.id} <= missed
    assert any(one.id in missed for one in referrals.TASKS)


def _trail(procedure: str) -> tuple[Entry, ...]:
    return tuple(
        entry for played in _played() for entry in played.trail if entry.procedure == procedure
    )


def _refusing(trail: tuple[Entry, ...]) -> set[str]:
    return {result.id for entry in trail for result in entry.guards if not result.passed}


def _clocks(trail: tuple[Entry, ...]) -> dict[str, str]:
    """The deadline of each piece of work that was anybody's; some steps rest on their tasks."""
    return {line.duty: line.clock for entry in trail for line in entry.opened if line.clock}


def _rungs(procedure: type[Procedure]) -> dict[str, tuple[Role, ...]]:
    """Who takes over each piece of work, but what time itself ends: that is an act of its own."""
    found = {task.id: task.rungs or ladder(task.held_by) for task in procedure.tasks}
    for step in procedure.states:
        if isinstance(step, Step) and step.at_due is None:
            found[step.id] = step.rungs or ladder(step.held_by[0])
            found |= {f"{step.id}:{role}": ladder(role) for role in step.held_by[1:]}
    return found


def _missed(trail: tuple[Entry, ...], duty: str, clock: str, rungs: tuple[Role, ...]) -> bool:
    """Whether it moved up once its deadline had passed, or stayed, overdue, where it never moves."""
    moves_up = book().deadlines[clock].fresh is not None and len(rungs) > 1
    return any(
        duty in (line.duty for line in entry.moved)
        and (entry.kind is Kind.ESCALATED if moves_up else entry.code == "overdue")
        for entry in trail
    )
