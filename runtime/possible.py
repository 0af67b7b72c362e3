"""Every act of a case for one person: those they may take now, and for the others why not.

The rules are the core's own, asked with nothing filled in: what depends on what somebody will say
is known only when it is sent, all else is said before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from models.base import Value
from models.case import Decision
from models.errors import Refused
from models.london import london
from models.people import Role
from models.policy import Mark
from procedures import common, judge
from procedures.procedure import Procedure
from procedures.words import Act
from runtime import showing
from runtime.audit import refold
from runtime.narrowing import Roles, narrowed

if TYPE_CHECKING:
    from runtime.desk import Desk

CORRECTS = "correct_decision"
"""It carries another act inside it, whose form is asked for as well."""


class ActFor(Value):
    """One act, for one person, at one instant."""

    name: str
    code: str
    label: str
    mark: Mark
    clause: str
    decides: bool
    asked_for: bool
    """Open work of the case asks for it."""
    why_not: str = ""
    """Empty when the person may take it now: nothing but what they fill in can refuse it."""
    choices: dict[str, tuple[tuple[str, str], ...]] = Field(default_factory=dict)
    """What may stand in a field of its form in this case: value and plain words."""


def acts_for(desk: Desk, case_id: str, person: str, only: Roles = None) -> tuple[ActFor, ...]:
    """The acts people can take in a case, each with why this person may not, if so.

    `only` are the roles they may use, None all they hold.

    Raises BadInput when there is no such case or no such person.
    """
    row = desk.show(case_id).case
    blank = desk.decision(row, "look", person, reason="", fields={})
    case = refold(desk.trail(case_id))
    found = (
        _act_for(case, name, act, narrowed(case, act, blank, only))
        for name, act in case.acts.items()
        if act.by_people and name != case.opening
    )
    return tuple(sorted(found, key=lambda one: (bool(one.why_not), not one.asked_for)))


def _act_for(case: Procedure, name: str, act: Act, blank: Decision) -> ActFor:
    decision = blank.model_copy(update={"act": name})
    why_not = _why_not(case, act, decision)
    return ActFor(
        name=name,
        code=act.code,
        label=act.label,
        mark=act.mark,
        clause=act.clause,
        decides=act.decides,
        asked_for=any(act.code in duty.acts for duty in case.case.duties),
        why_not=why_not,
        choices={} if why_not else dict(_choices(case, act, decision)),
    )


def _why_not(case: Procedure, act: Act, decision: Decision) -> str:
    if case.closed and (act.reopens is None or act.opens_again(case.here) is None):
        return f"This case is closed: {case.step.label}."
    if not case.closed and act.reopens is not None:
        return "This case is open; there is nothing to open again."
    try:
        judge.standing(case, act, decision)
        if not case.closed:
            judge.at_the_right_moment(case, act, decision)
            _something_to_act_on(case, act, decision)
    except Refused as no:
        return str(no)
    except judge.Late as late:
        return f"The time for it ended at {late}; it is somebody else's now."
    if not case.closed and not _is_wanted(case, act):
        return "Nothing in the case asks for it now."
    return case.foreseen_refusal(act, decision)


def _something_to_act_on(case: Procedure, act: Act, decision: Decision) -> None:
    """Second thoughts are about something that was said before. Raises Refused."""
    if act.code == CORRECTS:
        case.corrections(decision)
    elif act.code == "adopt":
        case.adoptable(decision)
    elif act.code == "resume" and not any(one.paused_at for one in case.case.duties):
        raise Refused("nothing_to_resume", "No deadline is paused.")
    elif act.code == "take_back" and not list(case.given_first(decision)):
        raise Refused("nothing_to_take_back", "You have given no agreement that still waits.")


Choices = tuple[tuple[str, str], ...]


def _choices(case: Procedure, act: Act, decision: Decision) -> Iterator[tuple[str, Choices]]:
    """What may stand in a field that names something of this very case."""
    if act.code == CORRECTS:
        found = case.corrections(decision)
        yield "act", tuple((name, case.acts[name].label) for name in found)
    elif act.code == "adopt":
        late = case.adoptable(decision)
        yield "decision", tuple((one.id, _said_late(case, one)) for one in late)
    elif act.code == "take_back":
        yield "act", tuple((one.code, one.label) for one in case.given_first(decision))
    elif act.code == "ask_information":
        asked = (role for role in Role if role is not Role.AUD and case.hears(role))
        yield "to", tuple((one.value, showing.role(one)) for one in asked if case.who_is(one))
    elif act.code in ("pause", "resume"):
        stopped = act.code == "resume"
        duties = (one for one in case.case.duties if (one.paused_at is not None) is stopped)
        yield "duty", tuple((one.id, one.label) for one in duties if one.due or stopped)


def _said_late(case: Procedure, late: Decision) -> str:
    act = case.acts.get(late.act) or case.acts_by_code[late.act]
    return f"{act.label}, {london(late.at)}, by {late.person}"


def _is_wanted(case: Procedure, act: Act) -> bool:
    """An act that ends a task is for when that task is open."""
    of_a_task = any(act.code in task.done_by for task in (*case.tasks, *common.TASKS))
    return not of_a_task or any(act.code in duty.acts for duty in case.case.duties)
