from __future__ import annotations

import functools
from pathlib import Path

import pytest

from models.case import Kind
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from procedures.words import Outcome
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
