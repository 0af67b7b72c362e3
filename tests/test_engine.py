"""Where an act leads is asked of the class body; the state machine library must say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from statemachine import StateMachine
from statemachine.exceptions import TransitionNotAllowed

from models.case import Entry
from procedures import engine
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from procedures.words import Ask
from runtime.rehearsal import play_on_core, read_story

FOLDER = Path(__file__).resolve().parents[1] / "stories"
STORIES = sorted(path for path in FOLDER.rglob("*.yaml") if not path.name.startswith("_"))
NOT_ALLOWED = "not allowed"


class Place:
    """Where a machine of the library keeps the name of its state."""

    state: str | None = None


def by_the_library(case: Procedure, event: str, ask: Ask) -> str:
    kind = type(case)
    machine: Any = kind.__new__(kind)
    StateMachine.__init__(machine, Place())
    machine.model = case.case
    machine.current_state_value = case.here
    machine._engine.running = True  # it stops for good in a final state
    here = case.here
    try:
        machine.send(event, ask=ask)
        return str(machine.current_state_value)
    except TransitionNotAllowed:
        return NOT_ALLOWED
    finally:
        case.case.state = here


def test_every_act_of_every_story_leads_where_the_library_leads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, asked = engine.lead, []

    def both(case: Procedure, event: str, ask: Ask) -> str:
        library = by_the_library(case, event, ask)
        try:
            target = ours(case, event, ask)
        except TransitionNotAllowed:
            assert library == NOT_ALLOWED, (case.here, event)
            raise
        assert target == library, (case.here, event)
        asked.append((case.here, event, target))
        return target

    monkeypatch.setattr(engine, "lead", both)
    for path in STORIES:
        play_on_core(read_story(path))

    conditional = {
        (transition.source.id, transition.target.id)
        for kind in PROCEDURES.values()
        for state in kind.states
        for transition in state.transitions
        if list(transition.cond)
    }
    taken = {(here, target) for here, _, target in asked}
    assert len(asked) > len(STORIES)
    assert len(taken & conditional) > len(PROCEDURES)


def test_no_procedure_asks_for_callbacks_that_would_never_run() -> None:
    conventional = ("before_", "after_", "on_enter_", "on_exit_", "on_transition")
    for kind in PROCEDURES.values():
        own = {name for each in kind.__mro__ if each is not StateMachine for name in vars(each)}
        library = set(dir(StateMachine))
        assert not [name for name in own - library if name.startswith(conventional)]
        for state in kind.states:
            for transition in state.transitions:
                inline = [*transition.validators, *transition.before, *transition.on]
                assert not [one for one in inline if not one.is_convention]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_what_the_core_makes_unchecked_is_what_a_check_would_have_made_of_it(path: Path) -> None:
    for entry in play_on_core(read_story(path)).trail:
        assert Entry.model_validate_json(entry.model_dump_json()) == entry
