"""A case in every state of every procedure, and somebody of every role and relation to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from models.case import Decision, Line, Receipt
from models.directory import Directory
from models.people import Role, Roster, Sender
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from runtime.directory_file import load
from runtime.publish.who_may import Relation
from runtime.rehearsal.core import MOST_TICKS
from runtime.rehearsal.facts import EXAMPLE_DIRECTORY, Facts
from runtime.rehearsal.reading import read_story

STORIES = Path(__file__).parents[1] / "stories"

NOT_HEARD = {
    "wrong_role", "auditor", "administrator", "conflicted", "not_active", "too_early",
    "already_decided", "closed", "system_only", "agreed_already",
}  # fmt: skip
"""Codes of a refusal before the act's own rules are asked; beside them those of kept-apart rules."""


class Standing(NamedTuple):
    """A case as a story left it in a state, the instant, and the trail until then."""

    case: Procedure
    at: datetime
    lines: tuple[Line, ...]


def forget() -> None:
    """Let go of the thousands of cases: a full heap makes the collector slow for all that follows."""
    for kept in (standing, as_if, _roster, _sender):
        kept.cache_clear()


@cache
def standing(key: str) -> dict[str, Standing]:
    """A case of a procedure in each state that its stories reach, with its first owners."""
    found: dict[str, Standing] = {}
    for path in sorted((STORIES / key).glob("[!_]*.yaml")):
        for seen in _moments(path):
            here = seen.case.here
            if here not in found or _settled(seen) > _settled(found[here]):
                found[here] = seen
    return found


def _settled(seen: Standing) -> tuple[bool, bool, bool]:
    """Nobody holds two roles, few have acted, little is overdue: the plainer the case, the better."""
    seats = seen.case.case.roster.seats.items()
    people = [
        seat.person for role, many in seats if role not in (Role.PR, Role.AFF) for seat in many
    ]
    alone = len(people) == len(set(people))
    duties = seen.case.case.duties
    first = all(duty.role is duty.base and not duty.past for duty in duties)
    usual = not seen.case.case.conflicted and not seen.case.case.assigned
    return alone, first and usual, not any(duty.excluded for duty in duties)


def _moments(path: Path) -> Iterator[Standing]:
    """The case after each step of a story; only stories of the usual people tell who may."""
    story = read_story(path)
    if story.people or story.absences or story.delegations or story.directory:
        return
    facts = Facts(story)
    opened = facts.opened()
    case = PROCEDURES[story.procedure].begin(opened)
    lines = list(case.fold(opened).lines)
    yield _copy(case, opened.at, lines)
    for number, step in enumerate(story.steps, start=1):
        if step.directory_changes is not None:
            return
        for _ in range(MOST_TICKS):
            wake = case.wake_at
            if wake is None or wake >= step.at:
                break
            tick = facts.ticked(wake, case.case.practitioner, case.case.assigned)
            lines += case.fold(tick).lines
        fact = facts.of(number, case.case.practitioner, case.case.assigned)
        lines += case.fold(fact).lines
        yield _copy(case, step.at, lines)


def _copy(case: Procedure, at: datetime, lines: list[Line]) -> Standing:
    again = type(case).resume(case.case.model_copy())
    return Standing(again, at, tuple(lines))


@cache
def directory() -> Directory:
    """The example directory."""
    return load(EXAMPLE_DIRECTORY)


def person_of(seen: Standing, role: Role) -> str:
    """Somebody who holds a role in this case; the directory of the examples has one for each."""
    state = seen.case.case
    if role in (Role.COL, Role.REP):
        return "contr-1"
    roster = directory().roster(state.practitioner, seen.at, state.assigned)
    return roster.seats[role][0].person


@cache
def as_if(key: str, here: str, role: Role, relation: Relation) -> tuple[Procedure, str]:
    """The case as it would be for somebody of this role and relation, and that person."""
    seen = standing(key)[here]
    person = person_of(seen, role)
    case = type(seen.case).resume(seen.case.case.model_copy())
    state = case.case
    if role is Role.REP or relation is Relation.OPENED_IT:
        state.opened = state.opened.model_copy(update={"by": person})
    elif relation is Relation.ABOUT and state.practitioner != person:
        state.practitioner = person
        state.roster = directory().roster(person, state.roster.at, state.assigned)
    if relation is Relation.CONFLICTED:
        state.conflicted = (person,)
    return case, person


def decision_of(case: Procedure, at: datetime, act: str, person: str) -> Decision:
    """An act sent as the desk would hand it on, with nothing filled in."""
    state = case.case
    return Decision(
        id="asked",
        case_id=state.opened.case_id,
        act=act,
        person=person,
        at=at,
        roster=_roster(state.practitioner, at, tuple(state.assigned.items())),
        sender=_sender(person, at),
    )


@cache
def _roster(subject: str, at: datetime, assigned: tuple[tuple[Role, str], ...]) -> Roster:
    return directory().roster(subject, at, dict(assigned))


@cache
def _sender(person: str, at: datetime) -> Sender:
    return directory().sender(person, at)


def heard(case: Procedure, receipt: Receipt, act: str) -> bool:
    """Whether the act's own rules were asked at all."""
    rules = {rule.id.lower() for rule in case.apart(case.acts[act])}
    return receipt.outcome != "refused" or receipt.code not in NOT_HEARD | rules


def kept_apart(case: Procedure, act: str, person: str) -> bool:
    """Whether the person took a part in this very case that keeps them from the act."""
    return any(person in rule.people(case) for rule in case.acts[act].apart)
