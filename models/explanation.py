"""How a due instant came about, day by day, so that a person can add it up again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from models.base import Instant, Value
from models.london import LONDON, london_day

BEFORE: Final = "before opening"
AFTER: Final = "closed for the day"

_ZERO: Final = timedelta(0)


class Counted(Value):
    """Working time counted on one day, from one instant to another."""

    kind: Literal["counted"] = "counted"
    day: date
    start: Instant
    end: Instant
    amount: timedelta

    def __str__(self) -> str:
        """In London time: "Thu 24 Dec 2026  15:30-17:00   1 h 30 min"."""
        start, end = _clock(self.start), _clock(self.end)
        first, last = (at.astimezone(LONDON).tzname() for at in (self.start, self.end))
        # In the night the clocks go back, "01:30-01:00" would not add up to a reader.
        hours = f"{start}-{end}" if first == last else f"{start} {first}-{end} {last}"
        return f"{london_day(self.day):<15}  {hours}   {_words(self.amount)}"


class Skipped(Value):
    """A day, or the part of it before opening, on which nothing was counted, and why."""

    kind: Literal["skipped"] = "skipped"
    day: date
    why: str

    def __str__(self) -> str:
        """As in "Fri 25 Dec 2026  closed: Christmas Day"."""
        plain = self.why in {BEFORE, AFTER}
        return f"{london_day(self.day):<15}  {'' if plain else 'closed: '}{self.why}"


Step = Annotated[Counted | Skipped, Field(discriminator="kind")]


class Explanation(Value):
    """How a due instant came about: each day counted or skipped; what is counted adds up."""

    start: Instant
    length: timedelta
    """Working time."""
    due: Instant
    calendar: str
    """Version of the calendar it was counted on."""
    steps: tuple[Step, ...]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.counted != self.length:
            raise ValueError("the days counted do not add up to the length")
        return self

    @property
    def counted(self) -> timedelta:
        """The sum of the amounts counted."""
        return sum((step.amount for step in self.steps if isinstance(step, Counted)), _ZERO)

    def lines(self) -> list[str]:
        """One line a step, in London time, and a last line with the total and the due instant."""
        here = self.due.astimezone(LONDON)
        due = f"{london_day(here)} {_clock(self.due)} {here.tzname()}"
        total = f"{'Total':<15}  {_words(self.counted)}, due {due} (calendar {self.calendar})"
        return [*map(str, self.steps), total]


def _clock(at: datetime) -> str:
    shown = at.astimezone(LONDON).time()
    return shown.isoformat("auto" if shown.second or shown.microsecond else "minutes")


def _words(amount: timedelta) -> str:
    """As in "1 h 30 min"; seconds only where there are any, so that the lines add up exactly."""
    minutes, rest = divmod(amount, timedelta(minutes=1))
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest.seconds}.{rest.microseconds:06}".rstrip("0").rstrip(".")
    parts = [(str(hours), "h"), (str(minutes), "min"), (seconds, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number != "0") or "0 h"
