"""Duties: opened, held, started on their clocks, changed and closed (3.1, 3.5, 4.1)."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from models.base import Instant
from models.case import Duty
from models.people import OWN_LINE, PersonId, Role, holders, ladder
from models.policy import Amount
from procedures.instants import due_instant, reminder
from procedures.turn import line_of, tell_person
from procedures.words import Act, Ask, Step, Task

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure


def started(case: Procedure, duty: Duty, length: Amount, at: datetime) -> Duty:
    """The duty with its clock started at `at`."""
    deadline = case.deadline(duty.clock)
    due, backstop = due_instant(case, deadline, length, at)
    duty = duty.model_copy(
        update={
            "started": at,
            "length": length,
            "due": due,
            "backstop": backstop,
            "first_due": duty.first_due or due,
            "overdue": False,
        }
    )
    remind = reminder(case, deadline, duty)
    # A step that is entered again with its old clock does not repeat a reminder already given.
    passed = remind is not None and remind <= duty.opened_at
    return duty.model_copy(update={"remind_at": None if passed else remind})


def count_from(case: Procedure, duty: Duty, start: datetime) -> None:
    """Let a running clock count from an earlier instant; it never becomes due later (6.4)."""
    if duty.length is None or duty.due is None or duty.paused_at:
        return
    earlier = started(case, duty, duty.length, start)
    if earlier.due is not None and earlier.due < duty.due:
        replace(case, earlier)
        moved(case, earlier, duty.due)


def excluded(case: Procedure, acts: tuple[str, ...], role: Role) -> tuple[PersonId, ...]:
    """Who may not hold a duty: conflicted (SD3), starters of what decides (SD1), apart rules."""
    out = set(case.case.conflicted)
    if role in OWN_LINE:
        out.add(case.case.practitioner)
    for code in acts:
        act = case.acts_by_code[code]
        if role in act.who:
            out.update(person for rule in case.apart(act) for person in rule.people(case))
    return tuple(sorted(out))


def open_step(case: Procedure, step: Step, ask: Ask, carried: Duty | None) -> None:
    """Open the duties of a step. `carried` is the old step's duty when its clock goes on."""
    at, up = ask.at, ask.up
    for number, role in enumerate(step.held_by):
        rungs = (number == 0 and step.rungs) or ladder(role)
        acts = _asked(type(case), step, role)
        duty = Duty.made(
            id=step.id if number == 0 else f"{step.id}:{role}",
            label=step.label,
            step=True,
            mandatory=False,
            base=role,
            role=rungs[min(up, len(rungs) - 1)],
            rungs=rungs,
            acts=acts,
            clock=step.clock and case.clock_of(step.clock),
            opened_at=at,
            at_due=step.at_due if number == 0 else None,
            clause=step.clause,
        )
        _open(case, _with_clock(case, duty, at, carried, ask.length))


@cache
def _asked(kind: type[Procedure], step: Step, role: Role) -> tuple[str, ...]:
    """Ids of the acts a step asks of a role: never changes once the class body is made."""
    return tuple(
        act.code
        for act in kind.acts.values()
        if step.id in act.sources and role in act.who and not _ends_a_task(kind, act, step)
    )


def _ends_a_task(kind: type[Procedure], act: Act, step: Step) -> bool:
    """Whether an act here only ends a task: who may not take it may hold the step all the same."""
    return not act.leaves(step.id) and any(act.code in task.done_by for task in kind.tasks)


def open_task(case: Procedure, task: Task, at: Instant) -> None:
    """Open a task; one that is open already stays as it is."""
    if any(duty.id == task.id for duty in case.case.duties):
        return
    acts = tuple(case.acts_by_code[code].code for code in task.done_by)
    duty = Duty.made(
        id=task.id,
        label=task.label,
        step=False,
        mandatory=task.mandatory,
        base=task.held_by,
        role=task.held_by,
        rungs=task.rungs or ladder(task.held_by),
        acts=acts,
        clock=task.clock and case.clock_of(task.clock),
        opened_at=at,
        clause=task.clause,
    )
    _open(case, _with_clock(case, duty, at))


def _with_clock(
    case: Procedure,
    duty: Duty,
    at: Instant,
    carried: Duty | None = None,
    length: Amount | None = None,
) -> Duty:
    if duty.clock is None:
        return duty
    if carried is not None and carried.clock == duty.clock:
        kept = ("role", "rungs", "missed", "overdue", "started", "length", "due", "backstop")
        more = ("remind_at", "first_due", "past", "paused_at", "left")
        return duty.model_copy(update={name: getattr(carried, name) for name in kept + more})
    deadline = case.deadline(duty.clock)
    urgent = deadline.urgent if case.is_urgent(duty.clock, at) else None
    start = case.clock_started(duty.clock) or at
    return started(case, duty, length or urgent or deadline.normal, start)


def _open(case: Procedure, duty: Duty) -> None:
    duty = held(case, duty)
    case.case.duties = (*case.case.duties, duty)
    case.turn.opened.append(duty)
    say(case, duty, "to_do")


def close(case: Procedure, *ids: str) -> None:
    """Close duties by id; one that is not open is passed over."""
    gone = [duty.id for duty in case.case.duties if duty.id in ids]
    if not gone:
        return
    case.case.duties = tuple(duty for duty in case.case.duties if duty.id not in ids)
    case.turn.closed.extend(gone)


def held(case: Procedure, duty: Duty) -> Duty:
    """The duty with whoever holds it today, and with those who may not by now."""
    barred = excluded(case, duty.acts, duty.base)
    now = holders(case.case.roster, duty.role, frozenset(barred))
    return duty.model_copy(update={"excluded": barred, "holders": now})


def say(case: Procedure, duty: Duty, what: str) -> None:
    """Tell everybody who holds a duty."""
    for holder in duty.holders:
        tell_person(case, holder.person, holder.role, what, duty.label, duty.clause, duty.due)


def replace(case: Procedure, duty: Duty) -> None:
    """Put a changed duty in the place of the one with its id."""
    case.case.duties = tuple(duty if duty.id == old.id else old for old in case.case.duties)


def moved(case: Procedure, duty: Duty, was_due: Instant | None) -> None:
    """Note in the entry being written that a duty's owner or due instant changed."""
    case.turn.moved.append(line_of(duty, case.case.calendar.version, was_due))
