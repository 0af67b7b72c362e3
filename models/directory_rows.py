"""The rows of the directory of people: who works here, who is away, who acts for whom.

Times in a row are London wall times or dates; they are read into UTC at once. A period is open at
its end: a person is away from `start` up to, but not at, `end`. A date as an end counts whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from models.base import Instant, Value
from models.errors import BadInput
from models.london import LONDON, parse_london
from models.people import Role

CHAIN = (Role.LM, Role.SM, Role.AD)
"""The roles that follow from managing people, nearest first; AD may also be given by name."""

PersonRef = Annotated[
    str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64, description="an id like fca-1")
]
_NAME = r"^[^\x00-\x1f\x7f]+$"
_EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"


def _read_day(value: Any) -> Any:
    # pydantic alone would take a number for a date, in seconds since 1970.
    return date.fromisoformat(value.strip()) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_read_day), Field(ge=date(1980, 1, 1), lt=date(2100, 1, 1))]
"""A day in London. The bounds catch slips of the pen."""


class Engagement(StrEnum):
    """How a person belongs to the organisation. Only employees have a line manager by contract."""

    EMPLOYEE = "employee"
    ASSOCIATE = "associate"
    BOARD = "board"
    CONTRACTOR = "contractor"


class Person(Value):
    """One person. Never a shared mailbox: a decision must have somebody behind it (INV-14)."""

    id: PersonRef
    """Opaque and never reused: it stands in trails, logs and workflow ids for years."""
    name: str = Field(min_length=1, max_length=120, pattern=_NAME)
    email: str = Field(max_length=254, pattern=_EMAIL)
    roles: tuple[Role, ...] = ()
    """Roles held everywhere; LM and SM are not among them, they follow from `line_manager`."""
    kind: Engagement = Engagement.EMPLOYEE
    line_manager: PersonRef | None = None
    stand_in: PersonRef | None = None
    """Acts as line manager of somebody who has none: contract owner, governance lead (3.5)."""
    top: bool = False
    """Nobody is above this person; the chain of managers ends here."""
    hr_partner: PersonRef | None = None
    may_cover: bool = False
    """May cover for a manager without managing anybody, a deputy for instance (SD15)."""
    started_on: Day | None = None
    left_on: Day | None = None
    """Last day in post; from the next London midnight they hold nothing."""

    @property
    def manager(self) -> str | None:
        """The line manager, or whoever stands in for one."""
        return self.line_manager or self.stand_in


def day_begins(day: date) -> datetime:
    """The UTC instant of the London midnight that begins a day."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def day_ends(day: date) -> datetime:
    """The UTC instant of the London midnight after a day."""
    return day_begins(day + timedelta(days=1))


def _read(value: Any, of_day: Callable[[date], datetime]) -> Any:
    if isinstance(value, datetime):
        value = value.isoformat(sep=" ")
    if isinstance(value, date):
        value = value.isoformat()
    if not isinstance(value, str):
        return value
    try:
        return of_day(date.fromisoformat(value.strip()))
    except ValueError:
        return _read_time(value)
    except OverflowError:
        raise ValueError("there is no such day; write one before 2100") from None


def _read_time(text: str) -> datetime:
    try:
        return parse_london(text)
    except BadInput as wrong:
        # pydantic gathers only ValueError; the row's other faults must still be found.
        raise ValueError(f"{wrong} A date alone is also read.") from None


_Bounds = Field(ge=datetime(1980, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 2, tzinfo=UTC))
From = Annotated[Instant, BeforeValidator(lambda value: _read(value, day_begins)), _Bounds]
To = Annotated[Instant, BeforeValidator(lambda value: _read(value, day_ends)), _Bounds]


class Period(Value):
    """A stretch of time with its first instant and the first instant after it, UTC."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    start: From = Field(validation_alias="from")
    end: To

    def covers(self, at: datetime) -> bool:
        """Whether `at` lies inside; the last instant does not."""
        return self.start <= at < self.end

    def meets(self, other: Period) -> bool:
        """Whether the two have an instant in common."""
        return self.start < other.end and other.start < self.end


class Absence(Period):
    """A recorded absence. Only a recorded one moves work at once (6.5)."""

    person: PersonRef
    end: To = Field(validation_alias="to")
    delegate: PersonRef | None = None


class Delegation(Period):
    """Authority for named roles, lent to somebody beside or instead of its owner (SD15)."""

    of: PersonRef
    to: PersonRef
    roles: tuple[Role, ...] = Field(min_length=1)
    end: To = Field(validation_alias="until")
    reason: str = Field(min_length=1, max_length=200)


def climb(by_id: Mapping[str, Person], subject: str) -> tuple[str, ...]:
    """At most three managers above the subject, nearest first; shorter where the chain ends."""
    rungs: list[str] = []
    here = by_id.get(subject)
    while here and here.manager and len(rungs) < len(CHAIN):
        if here.top and rungs:
            break
        rungs.append(here.manager)
        # Above the top person stands only who acts in that person's own cases.
        here = None if here.top else by_id.get(here.manager)
    return tuple(rung for rung in rungs if rung != subject)


def standing(people: Iterable[Person]) -> dict[Role, frozenset[str]]:
    """Who is line manager, next-level manager or Assistant Director of anybody at all."""
    by_id = {person.id: person for person in people}
    found: dict[Role, set[str]] = {role: set() for role in CHAIN}
    for subject in by_id:
        for role, manager in zip(CHAIN, climb(by_id, subject), strict=False):
            found[role].add(manager)
    found[Role.AD].update(one.id for one in by_id.values() if Role.AD in one.roles)
    return {role: frozenset(many) for role, many in found.items()}
