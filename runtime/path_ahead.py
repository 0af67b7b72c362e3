"""The path ahead of a case: who decides what by when, each date explained (a dry run).

What is open now has its real due instants. Beyond it lies the usual way to the first good end; its
dates are the latest there can be, when everybody takes all the time they have.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from models.base import Instant, Value
from models.case import Duty
from models.london import london
from models.people import PersonId, Role
from models.policy import Amount, Mark
from models.working_time import CalendarTooShort
from procedures import instants
from procedures.procedure import Procedure
from procedures.words import Act, Outcome, Step
from runtime.dates import explain

_RECONSTRUCTED = 100
"""One reconstructed act weighs as much as this many that a seed says."""
_TOGETHER = 1000
"""An act of two people is on the way only where there is no other."""


class Stage(Value):
    """One piece of work that is open, or will be."""

    label: str
    code: str = ""
    mark: Mark
    role: Role
    people: tuple[PersonId, ...]
    act: str = ""
    """Plain name of the act that leads on."""
    clause: str = ""
    clock: str | None = None
    length: Amount | None = None
    due: Instant | None = None
    backstop: bool = False
    explained: tuple[str, ...] = ()
    """The days counted and skipped, in London time; they add up to the length."""


class PathAhead(Value):
    """What would happen if a form were sent now."""

    procedure: str
    state: str
    label: str
    mark: Mark
    closed: bool
    refusal: str = ""
    """Why the system would refuse the intake, if it would."""
    code: str = ""
    joins: str = ""
    """Said when the form would only be joined to a case already open, and nothing more of it."""
    warnings: tuple[str, ...] = ()
    """What looks like a slip in the form and would be taken as it is."""
    open: tuple[Stage, ...] = ()
    usual: tuple[Stage, ...] = ()
    ends: str = ""


def path_ahead(case: Procedure) -> PathAhead:
    """What is open in a case and the usual way on from there."""
    step = case.step
    code, refusal = case.intake_refusal() or ("", "")
    usual, end = _usual_way(case)
    return PathAhead(
        procedure=case.key,
        state=case.here,
        label=step.label,
        mark=step.mark,
        closed=case.closed,
        refusal=refusal if case.closed else "",
        code=code if case.closed else "",
        joins=_joins(case),
        warnings=case.case.intake.warnings_at(case.case.opened.at),
        open=tuple(_open(case, duty) for duty in sorted(case.case.duties, key=_by_when)),
        usual=usual,
        ends=end,
    )


def _by_when(duty: Duty) -> tuple[bool, float]:
    """What is due first comes first, and what has no date last."""
    return duty.due is None, duty.due.timestamp() if duty.due else 0


def _joins(case: Procedure) -> str:
    joining = case.acts[case.joining].code if case.joining else ""
    if all(done.act != joining for done in case.case.done):
        return ""
    about = "this post" if case.posts(case.case.intake) else "this matter"
    return f"A report of {about} is already being handled; yours will be joined to it."


def _open(case: Procedure, duty: Duty) -> Stage:
    acts = [case.acts_by_code[code] for code in duty.acts]
    deciding = next((act for act in acts if act.decides), acts[0] if acts else None)
    return Stage(
        label=duty.label,
        code=case.step.code if duty.step else "",
        mark=case.step.mark if duty.step else _task_mark(case, duty),
        role=duty.role,
        people=tuple(holder.person for holder in duty.holders),
        act=deciding.label if deciding else "",
        clause=duty.clause,
        clock=duty.clock,
        length=duty.length,
        due=duty.due,
        backstop=duty.backstop,
        explained=explained(case, duty.started, duty.length, duty.due, duty.backstop),
    )


def _task_mark(case: Procedure, duty: Duty) -> Mark:
    return next((task.mark for task in case.tasks if task.id == duty.id), Mark.RECONSTRUCTED)


def _usual_way(case: Procedure) -> tuple[tuple[Stage, ...], str]:
    """The way to the first outcome that is no "no", beyond where the case rests."""
    goal = next((s for s in case.states if isinstance(s, Outcome) and s.no is None), None)
    if case.closed or goal is None:
        return (), ""
    way = _way(case, goal.id)
    at = max((duty.due for duty in case.case.duties if duty.step and duty.due), default=None)
    stages: list[Stage] = []
    for act, state in way:
        step = type(case).states_map[state]
        if not isinstance(step, Step):
            break
        stages.append(_stage(case, act, step, at))
        at = stages[-1].due
    return tuple(stages), goal.label if way else ""


def _way(case: Procedure, goal: str) -> list[tuple[Act, str]]:
    """Acts and the states they lead to: what the seeds say, with the least that is reconstructed."""
    come_from: dict[str, tuple[str, Act]] = {}
    cost = {case.here: 0}
    queue = [(0, case.here)]
    while queue:
        spent, here = heapq.heappop(queue)
        routes: Counter[str] = Counter()
        for act, target in _leads(case, here):
            # Of an act's routes the first named is the usual one.
            total = spent + _weight(act) + routes[act.code]
            routes[act.code] += 1
            if total < cost.get(target, total + 1):
                cost[target], come_from[target] = total, (here, act)
                heapq.heappush(queue, (total, target))
    way: list[tuple[Act, str]] = []
    at = goal
    while at in come_from:
        before, act = come_from[at]
        way.insert(0, (act, at))
        at = before
    return way


def _weight(act: Act) -> int:
    return 1 + _RECONSTRUCTED * (act.mark is Mark.RECONSTRUCTED) + _TOGETHER * bool(act.together)


def _leads(case: Procedure, here: str) -> Iterator[tuple[Act, str]]:
    for each in type(case).states_map[here].transitions:
        for event in each.events:
            act = case.acts.get(event.id)
            if act is not None and each.target is not None and _is_usual(act):
                yield act, each.target.id


def _is_usual(act: Act) -> bool:
    """Not a "no", and nothing that anybody may report at any time."""
    return act.no is None and not act.any_rung


def _stage(case: Procedure, act: Act, step: Step, at: datetime | None) -> Stage:
    role = step.held_by[0]
    length, due, backstop = _time(case, step, at)
    reckoned = explained(case, at, length, due, backstop)
    if act.keeps_clock:
        due, reckoned = at, ("The clock of the step before runs on",)
    return Stage(
        label=step.label,
        code=step.code,
        mark=step.mark,
        role=role,
        people=tuple(holder.person for holder in case.who_is(role)),
        act=act.label,
        clause=step.clause,
        clock=step.clock and case.clock_of(step.clock),
        length=length,
        due=due,
        backstop=backstop,
        explained=reckoned,
    )


def _time(
    case: Procedure, step: Step, at: datetime | None
) -> tuple[Amount | None, datetime | None, bool]:
    if step.clock is None or at is None:
        return None, None, False
    deadline = case.deadline(case.clock_of(step.clock))
    urgent = deadline.urgent if case.is_urgent(deadline.id, at) else None
    length = urgent or deadline.normal
    try:
        return length, *instants.due_instant(case, deadline, length, at)
    except CalendarTooShort:
        return length, None, False


def explained(
    case: Procedure,
    start: datetime | None,
    length: Amount | None,
    due: datetime | None,
    backstop: bool,  # noqa: FBT001 - as the duty says it
) -> tuple[str, ...]:
    """How a due instant of a case came about, day by day; nothing where no clock runs."""
    if start is None or length is None or due is None:
        return ()
    counted = explain(case.case.calendar, start, length)
    lines = counted.lines()
    if backstop and case.court_date is not None:
        lines.append(
            f"Brought forward to {london(due)}: the court's date is {london(case.court_date)}"
        )
    elif not backstop and counted.due < due:
        lines.append(f"It stays at {london(due)}: no due instant ever moves earlier (3.1)")
    return tuple(lines)
