"""Every story of stories/ ends as it is told, on the pure core, in milliseconds each."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from models.case import No
from models.people import Role
from procedures.procedure import Outcome
from procedures.registry import PROCEDURES
from runtime.rehearsal import Played, Story, check, play_on_core, read_story

FOLDER = Path(__file__).resolve().parents[1] / "stories"
STORIES = sorted(path for path in FOLDER.rglob("*.yaml") if not path.name.startswith("_"))
D = "court_directed_access"


@cache
def told(path: Path) -> tuple[Story, Played]:
    story = read_story(path)
    return story, play_on_core(story)


def of_procedure(key: str) -> list[tuple[Story, Played]]:
    return [told(path) for path in STORIES if path.parent.name == key]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_story_ends_as_told(path: Path) -> None:
    faults = check(*told(path))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_every_story_expects_something_and_says_it_in_a_sentence(path: Path) -> None:
    story, _ = told(path)
    assert story.outcome is not None or any(step.act for step in story.steps)
    assert story.trail or story.due or story.told or story.steps
    assert len(story.title) > 20


def test_every_story_lies_in_the_folder_of_its_procedure() -> None:
    assert {path.parent.name for path in STORIES} == set(PROCEDURES)
    assert all(told(path)[0].procedure == path.parent.name for path in STORIES)


def test_no_two_stories_have_the_same_title_or_case() -> None:
    assert len({told(path)[0].title for path in STORIES}) == len(STORIES)
    assert len({told(path)[0].case_id for path in STORIES}) == len(STORIES)


def test_a_story_played_again_gives_the_same_trail() -> None:
    path = FOLDER / D / "completed.yaml"
    assert play_on_core(read_story(path)) == told(path)[1]


def test_every_state_of_court_directed_access_is_reached_by_a_story() -> None:
    reached = {entry.after for _, played in of_procedure(D) for entry in played.trail}
    resting = {state.id for state in PROCEDURES[D].states if not state.initial}
    assert resting <= reached


def test_every_outcome_of_court_directed_access_ends_a_story() -> None:
    ends = {played.state for _, played in of_procedure(D)}
    assert {one.id for one in PROCEDURES[D].states if isinstance(one, Outcome)} <= ends


def test_every_act_of_court_directed_access_is_taken_in_a_story() -> None:
    # The system's closing writes no entry of its own, and the act that is corrected, adopted or
    # taken back stands in the trail under its own name: the steps of the stories are asked instead.
    asked = {
        step.act
        for story, _ in of_procedure(D)
        for step in story.steps
        if step.act and step.expect == "applied"
    }
    taken = {entry.act for _, played in of_procedure(D) for entry in played.trail}
    kind = PROCEDURES[D]
    missing = {
        name
        for name, act in kind.acts.items()
        if not {name, act.code} & asked and act.code not in taken and name not in kind.settles
    }
    assert not missing


@pytest.mark.parametrize("no", No)
def test_each_of_the_four_noes_is_in_a_story(no: No) -> None:
    assert any(entry.no is no for _, played in of_procedure(D) for entry in played.trail)


# Each rung of the ladder that D's own steps and the emergency have (3.5).
@pytest.mark.parametrize(
    ("duty", "role"),
    [
        ("registered", Role.SM),
        ("registered", Role.AD),
        ("arranging", Role.HOC),
        ("with_legal", Role.LDL),
        ("with_legal", Role.AD),
        ("closing", Role.HOC),
        ("emergency", Role.ONC),
        ("emergency", Role.DOC),
    ],
)
def test_each_escalation_is_in_a_story(duty: str, role: Role) -> None:
    moved: set[Any] = {
        (line.duty, line.role)
        for _, played in of_procedure(D)
        for entry in played.trail
        if entry.kind == "escalated"
        for line in entry.moved
    }
    assert (duty, role) in moved
