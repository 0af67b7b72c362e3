"""What the clock brings to a duty: reminded, missed, paused, recalculated (3.1, 3.5, 6.5).

Silence is never consent (INV-3): a deadline that passes reminds, hands over and flags. The one act
time takes alone is to close a window, and then it is an act of the procedure, named `at_due`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from models.base import Instant
from models.case import Duty, Kind
from models.people import Role
from models.policy import Amount, Clock, Deadline
from procedures.duties import held, moved, replace, say, started
from procedures.instants import after, backstop, due_instant, reminder, time_left
from procedures.turn import tell, tell_person, write

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure


SENIOR_ATTENTION = "senior_attention"
_RUNNING = {"paused_at": None, "left": None}
"""A clock that is not paused, or not any more: the court's date came while it was."""


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
