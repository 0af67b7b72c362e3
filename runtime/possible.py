"""Every act of a case for one person: those they may take now, and for the others why not.

The rules are the core's own, asked with nothing filled in: what an act's form and its guards say
is known only when it is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.base import Value
from models.case import Decision
from models.errors import Refused
from models.policy import Mark
from procedures import common, judge
from procedures.procedure import Procedure
from procedures.words import Act
from runtime.audit import refold
from runtime.narrowing import Roles, narrowed

if TYPE_CHECKING:
    from runtime.desk import Desk

BY_ANOTHER_ACT = ("correct_decision", "adopt")
"""They carry another act inside them, whose form would have to be asked for as well."""


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
    """Empty when the person may take it now."""


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
        if act.by_people and name not in (case.opening, *BY_ANOTHER_ACT)
    )
    return tuple(sorted(found, key=lambda one: (bool(one.why_not), not one.asked_for)))


def _act_for(case: Procedure, name: str, act: Act, blank: Decision) -> ActFor:
    return ActFor(
        name=name,
        code=act.code,
        label=act.label,
        mark=act.mark,
        clause=act.clause,
        decides=act.decides,
        asked_for=any(act.code in duty.acts for duty in case.case.duties),
        why_not=_why_not(case, act, blank.model_copy(update={"act": name})),
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
    except Refused as no:
        return str(no)
    except judge.Late as late:
        return f"The time for it ended at {late}; it is somebody else's now."
    return "" if case.closed or _is_wanted(case, act) else "Nothing in the case asks for it now."


def _is_wanted(case: Procedure, act: Act) -> bool:
    """An act that ends a task is for when that task is open."""
    of_a_task = any(act.code in task.done_by for task in (*case.tasks, *common.TASKS))
    return not of_a_task or any(act.code in duty.acts for duty in case.case.duties)
