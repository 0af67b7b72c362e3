"""Duties and their clocks: opened, reminded, missed, paused, recalculated (3.1, 3.5, 6.5).

Silence is never consent (INV-3): a deadline that passes reminds, hands over and flags. The one act
time takes alone is to close a window, and then it is an act of the procedure, named `at_due`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from models.base import Instant
from models.case import Duty, Kind, PersonId
from models.people import OWN_LINE, Role, holders, ladder
from models.policy import Amount, Clock, Deadline
from models.working_time import working_time
from procedures.turn import line_of, tell, tell_person, write
from procedures.words import Act, Ask, Step, Task

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure

SENIOR_ATTENTION = "senior_attention"
_RUNNING = {"paused_at": None, "left": None}
"""A clock that is not paused, or not any more: the court's date came while it was."""


# --- arithmetic -------------------------------------------------------------------------------


def after(case: Procedure, start: datetime, length: Amount) -> datetime:
    """The instant (UTC) when `length` has passed since `start` on its own clock."""
    if length.clock is Clock.WALL:
        return start + length.length
    return working_time(case.case.calendar).add(start, length.length)


def before(case: Procedure, end: datetime, length: Amount) -> datetime:
    """The instant (UTC) from which `length` remains until `end`: a court back-stop (3.2)."""
    if length.clock is Clock.WALL:
        return end - length.length
    return working_time(case.case.calendar).subtract(end, length.length)


def within(case: Procedure, start: datetime, end: datetime, hours: int) -> bool:
    """Whether less than `hours` working hours lie between two instants."""
    left = working_time(case.case.calendar).between(start, max(start, end))
    return left <= timedelta(hours=hours)


def due_instant(
    case: Procedure, deadline: Deadline, length: Amount, start: datetime
) -> tuple[datetime, bool]:
    """When it is due, and whether the court's date made it earlier than the hours alone.

    A back-stop that had already passed when the clock started gives way to the court date itself.
    """
    due, limit = after(case, start, length), backstop(case, deadline, start)
    return (limit, True) if limit is not None and limit < due else (due, False)


def backstop(case: Procedure, deadline: Deadline, start: datetime) -> datetime | None:
    """The latest instant the court's date leaves to a clock that runs from `start`, if any."""
    court = case.court_date
    if deadline.before_court is None or court is None:
        return None
    stop = before(case, court, deadline.before_court)
    return next((limit for limit in (stop, court) if limit > start), None)


def reminder(case: Procedure, deadline: Deadline, duty: Duty) -> datetime | None:
    """The reminder's instant: the part `remind_at` of the time there really is, whole seconds."""
    if deadline.remind_at is None or duty.due is None or duty.started is None or not duty.length:
        return None
    if duty.length.clock is Clock.WALL:
        whole, wall = duty.due - duty.started, True
    else:
        whole, wall = working_time(case.case.calendar).between(duty.started, duty.due), False
    part = timedelta(seconds=int(whole.total_seconds() * deadline.remind_at))
    at = duty.started + part if wall else working_time(case.case.calendar).add(duty.started, part)
    return at if duty.started < at < duty.due else None


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


# --- opening and closing ----------------------------------------------------------------------


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
            excluded=excluded(case, acts, role),
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
        excluded=excluded(case, acts, task.held_by),
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
    """The duty with whoever holds it today."""
    now = holders(case.case.roster, duty.role, frozenset(duty.excluded))
    return duty.model_copy(update={"holders": now})


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


# --- what the clock brings --------------------------------------------------------------------


def next_instant(duty: Duty) -> Instant | None:
    """The next instant at which this duty wants attention, or None."""
    instants = [duty.remind_at] if duty.remind_at else []
    if duty.due and not duty.overdue:
        instants.append(duty.due)
    return min(instants, default=None)


def ring(case: Procedure, duty: Duty, at: Instant) -> None:
    """The clock has reached an instant of this duty: remind, hand over, flag, or close a window."""
    if duty.due and not duty.overdue and duty.due <= at:
        _missed(case, duty, at)
    else:
        _remind(case, duty, at)


def _remind(case: Procedure, duty: Duty, at: Instant) -> None:
    deadline = case.deadline(duty.clock)
    again = after(case, at, deadline.repeat) if duty.overdue and deadline.repeat else None
    replace(case, duty.model_copy(update={"remind_at": again}))
    say(case, duty, "overdue" if duty.overdue else "reminder")
    label = f"Reminded: {duty.label}"
    write(case, Kind.REMINDED, label, at, before=case.here, due=duty.due, clauses=(duty.clause,))


def _missed(case: Procedure, duty: Duty, at: Instant) -> None:
    if duty.at_due:
        replace(case, duty.model_copy(update={"overdue": True, "remind_at": None}))
        case.system(duty.at_due, at)
        return
    deadline = case.deadline(duty.clock)
    rest = duty.rungs[duty.rungs.index(duty.role) + 1 :] if duty.role in duty.rungs else ()
    # Handed to a rung nobody can stand on, it would be nobody's; it stays where it is known.
    next_up = held(case, duty.model_copy(update={"role": rest[0]})) if rest else None
    if deadline.fresh is not None and next_up is not None and next_up.holders:
        _hand_over(case, duty, rest[0], deadline, at)
    else:
        _stay_overdue(case, duty, deadline, at)


def _hand_over(case: Procedure, duty: Duty, to: Role, deadline: Deadline, at: Instant) -> None:
    """Ownership moves one rung up with a fresh clock; the earlier owner can no longer decide."""
    assert deadline.fresh is not None
    was = duty.due
    # A fresh clock keeps its full length: the court's date already shaped the one that was missed.
    due = after(case, at, deadline.fresh)
    decides = any(case.acts_by_code[code].decides for code in duty.acts)
    for holder in duty.holders:
        what = "no_longer_yours" if decides else "overdue"
        tell_person(case, holder.person, holder.role, what, duty.label, duty.clause)
    moved_up = duty.model_copy(
        update={
            "role": to,
            "missed": duty.missed + 1,
            "past": (*duty.past, (duty.role, at)),
            "started": at,
            "length": deadline.fresh,
            "due": due,
            "backstop": False,
            **_RUNNING,
        }
    )
    moved_up = moved_up.model_copy(update={"remind_at": reminder(case, deadline, moved_up)})
    moved_up = held(case, moved_up)
    replace(case, moved_up)
    moved(case, moved_up, was)
    say(case, moved_up, "yours_now")
    for role in deadline.tells:
        tell(case, role, "told_overdue", duty.label, duty.clause)
    if moved_up.missed > 1:
        case.flag(SENIOR_ATTENTION)
    label = f"Deadline passed: {duty.label} is now with the next person"
    write(case, Kind.ESCALATED, label, at, before=case.here, due=was, clauses=(duty.clause,))


def _stay_overdue(case: Procedure, duty: Duty, deadline: Deadline, at: Instant) -> None:
    """Nobody is left to take over: it stays where it is, late, and is reminded of again."""
    again = after(case, at, deadline.repeat) if deadline.repeat else None
    late = duty.model_copy(
        update={"overdue": True, "missed": duty.missed + 1, "remind_at": again, **_RUNNING}
    )
    replace(case, late)
    moved(case, late, duty.due)
    say(case, late, "overdue")
    for role in deadline.tells:
        tell(case, role, "told_overdue", duty.label, duty.clause)
    if late.missed > 1:
        case.flag(SENIOR_ATTENTION)
    label = f"Deadline passed: {duty.label} is overdue"
    code = "overdue"
    write(
        case,
        Kind.FLAGGED,
        label,
        at,
        before=case.here,
        due=duty.due,
        code=code,
        clauses=(duty.clause,),
    )


# --- pause, resume, a changed calendar --------------------------------------------------------


def time_left(case: Procedure, duty: Duty, at: datetime) -> timedelta:
    """The working time a running clock still has."""
    assert duty.due is not None
    return working_time(case.case.calendar).between(at, max(at, duty.due))


def pause(case: Procedure, duty: Duty, at: Instant) -> None:
    """Stop a working-hours clock. The court's date does not pause: a back-stop stays (3.1, D-09)."""
    limit = backstop(case, case.deadline(duty.clock), at)
    stopped = duty.model_copy(
        update={
            "paused_at": at,
            "left": time_left(case, duty, at),
            "due": limit,
            "backstop": limit is not None,
            "remind_at": None,
        }
    )
    replace(case, stopped)
    moved(case, stopped, duty.due)


def resume(case: Procedure, duty: Duty, at: Instant) -> None:
    """Start a paused clock again with what was left of it."""
    left = Amount(clock=Clock.WORKING, length=max(duty.left or timedelta(0), timedelta(minutes=1)))
    again = duty.model_copy(update=_RUNNING)
    again = started(case, again, left, at)
    replace(case, again)
    moved(case, again, duty.due)
    say(case, again, "to_do")


def recalculate(case: Procedure, duty: Duty) -> None:
    """Work a due instant out again on a new calendar; it never moves earlier (3.1)."""
    if duty.due is None or duty.started is None or duty.length is None or duty.overdue:
        return
    deadline = case.deadline(duty.clock)
    due, backstop = due_instant(case, deadline, duty.length, duty.started)
    if due <= duty.due:
        return
    new = duty.model_copy(update={"due": due, "backstop": backstop})
    remind = reminder(case, deadline, new) if duty.remind_at else None
    new = new.model_copy(update={"remind_at": remind})
    replace(case, new)
    moved(case, new, duty.due)
    say(case, new, "due_moved")
