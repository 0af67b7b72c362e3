"""The policy as data: deadlines, clauses, plain role names. Pinned in every case when it opens."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from models.base import Value
from models.people import Role


class Mark(StrEnum):
    """Where a rule comes from. R is shown wherever a person sees the rule."""

    SEED = "S"
    LAW = "L"
    RECONSTRUCTED = "R"


class Clock(StrEnum):
    """Which hours count (3.1, 3.2). The three clocks are never mixed."""

    WORKING = "wh"
    """Monday-Friday 9-5 London, England and Wales bank holidays out."""
    WALL = "real"
    """Every hour of every day."""


_AMOUNT = re.compile(r"^(\d+) ?(wh|wmin|h|min)$")
_UNITS = {
    "wh": (Clock.WORKING, timedelta(hours=1)),
    "wmin": (Clock.WORKING, timedelta(minutes=1)),
    "h": (Clock.WALL, timedelta(hours=1)),
    "min": (Clock.WALL, timedelta(minutes=1)),
}


class Amount(Value):
    """A length of time on one clock: `16wh` working hours, `30min` or `12h` of real time."""

    clock: Clock
    length: timedelta = Field(gt=timedelta(0))

    def __str__(self) -> str:
        minutes = int(self.length.total_seconds() // 60)
        unit = "wh" if self.clock is Clock.WORKING else "h"
        if minutes % 60:
            return f"{minutes}{'wmin' if self.clock is Clock.WORKING else 'min'}"
        return f"{minutes // 60}{unit}"

    @property
    def words(self) -> str:
        """For a person: "16 working hours", "30 minutes"."""
        minutes = int(self.length.total_seconds() // 60)
        working = "working " if self.clock is Clock.WORKING else ""
        if minutes % 60:
            return f"{minutes} {working}minutes"
        hours = minutes // 60
        return f"{hours} {working}hour{'s' if hours != 1 else ''}"


def amount(text: Any) -> Any:
    """Read "16wh", "30min" or "12h"; anything else is left for pydantic to refuse."""
    if isinstance(text, str):
        found = _AMOUNT.match(text.strip())
        if not found:
            raise ValueError("an amount is written like 8wh, 30wmin, 12h or 30min")
        clock, unit = _UNITS[found[2]]
        return Amount(clock=clock, length=int(found[1]) * unit)
    return text


Length = Annotated[Amount, BeforeValidator(amount)]


class Deadline(Value):
    """One line of the deadline catalogue (3.5). All R, all configurable."""

    id: str
    what: str
    normal: Length
    urgent: Length | None = None
    remind_at: float | None = Field(default=0.5, gt=0, lt=1)
    """The part of the amount after which the reminder goes out; None: reminded at due only."""
    fresh: Length | None = None
    """What the next person up gets; None: nobody takes over, the holder is told it is overdue."""
    repeat: Length | None = None
    """How often the last rung is reminded, once nobody is left to take over."""
    before_court: Length | None = None
    """The court back-stop: never later than this long before the compliance or hearing date."""
    tells: tuple[Role, ...] = ()
    """Who else hears when it is missed."""
    then: str
    """What happens when it is missed, in plain words."""
    mark: Mark = Mark.RECONSTRUCTED
    source: str


class LegalFirst(Value):
    """One line of the list of when Legal's advice is compulsory in C (7.3)."""

    id: str
    text: str
    field: Literal["shown", "status", "orders", "author"] | None = None
    any_of: tuple[str, ...] = ()
    hearing_within: Length | None = None
    mark: Mark = Mark.RECONSTRUCTED
    source: str

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if (self.field is None) == (self.hearing_within is None):
            raise ValueError("say either field and any_of, or hearing_within")
        if (self.field is None) == bool(self.any_of):
            raise ValueError("any_of: the answers of the field, and only with a field")
        return self


class Clause(Value):
    """One clause of the seeds, in our own words."""

    id: str
    text: str
    source: str


class RoleName(Value):
    """The plain name of a role, and where it comes from."""

    role: Role
    name: str
    mark: Mark
    source: str


class PolicyBook(Value):
    """Everything of policy/ that a case pins when it opens."""

    version: str
    deadlines: dict[str, Deadline]
    roles: dict[Role, RoleName]
    clauses: dict[str, Clause]
    legal_first: tuple[LegalFirst, ...] = ()
    """When Legal's advice is compulsory in C (2.3, R)."""
