"""How a due instant comes about, for a person: the days and hours counted and skipped add up."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from models.base import Value
from models.errors import BadInput
from models.explanation import Counted, Explanation
from models.london import LONDON, london_date, read_london
from models.policy import Amount, Clock
from models.working_time import CalendarSnapshot, working_time

LONGEST = timedelta(hours=20_000)
"""Over two years of real time: nothing in the policy is as long."""

EVERY_HOUR = "every hour of every day"

_AMOUNT = re.compile(r"(\d{1,9}) ?(wh|wmin|h|min)")
_UNITS = {"h": timedelta(hours=1), "min": timedelta(minutes=1)}
_HOW = "Write an amount like 16h, 16wh or 30min. Nothing was counted."


class Reckoning(Value):
    """The answer to "when is it due?"."""

    explanation: Explanation
    note: str = ""
    """What had to be assumed to read the start, such as which of two equal hours."""


def reckon(start: str, amount: str, calendar: CalendarSnapshot, *, wall: bool = False) -> Reckoning:
    """When `amount` has passed since `start` (London time), in working time unless `wall`.

    Raises BadInput for what cannot be read, CalendarTooShort beyond the calendar.
    """
    at, note = read_london(start)
    found = _AMOUNT.fullmatch(amount.strip())
    if not found:
        raise BadInput(f"The amount cannot be read. {_HOW}")
    if wall and found[2].startswith("w"):
        raise BadInput(f"Working hours are not counted on the wall clock. {_HOW}")
    length = int(found[1]) * _UNITS[found[2].removeprefix("w")]
    if length > LONGEST:
        raise BadInput(f"The amount is too long; the longest is 20000h. {_HOW}")
    explain = every_hour if wall else working_time(calendar).explain
    return Reckoning(explanation=explain(at, length), note=note)


def explain(calendar: CalendarSnapshot, start: datetime, amount: Amount) -> Explanation:
    """How `amount` from `start` is counted, on whichever clock it runs."""
    if amount.clock is Clock.WALL:
        return every_hour(start, amount.length)
    return working_time(calendar).explain(start, amount.length)


def every_hour(start: datetime, length: timedelta) -> Explanation:
    """Wall-clock counting, London day by London day; a day of a clock change has 23 or 25 hours."""
    try:
        due = start + length
        steps: list[Counted] = []
        at = start
        while at < due:
            day = london_date(at)
            midnight = datetime.combine(day + timedelta(days=1), time(), LONDON).astimezone(UTC)
            until = min(due, midnight)
            steps.append(Counted(day=day, start=at, end=until, amount=until - at))
            at = until
    except OverflowError:
        raise BadInput("The time lies beyond all time that can be counted.") from None
    return Explanation(start=start, length=length, due=due, calendar=EVERY_HOUR, steps=tuple(steps))
