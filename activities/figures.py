"""The sums behind the dashboards, counted by the database: never a case, a person or a text."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from activities.step_times import REFUSED, snapshots, spent
from activities.tables import noted, register, stay
from models.base import Value
from models.london import LONDON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Connection

    from models.working_time import CalendarSnapshot


class Wanted(Value):
    """Which cases are counted; everything given must hold."""

    procedure: str | None = None
    first: date | None = None
    """Opened on this London day or later."""
    last: date | None = None
    """Opened on this London day or earlier."""
    subjects: dict[str, tuple[str, ...]] | None = None
    """By procedure, whose cases; None: everybody's."""
    assigned: str | None = None
    """Beside those, the cases in which this person was put into a role by hand."""


class Standing(Value):
    """The cases of one procedure as they stand."""

    procedure: str
    opened: int
    open: int
    overdue: int
    """Open, and some work of it past its due instant."""


class InMonth(Value):
    """How often something happened in one London month, "2026-11"."""

    procedure: str
    month: str
    kind: str
    number: int


class Refusals(Value):
    """How often one reason code refused an act."""

    procedure: str
    code: str
    number: int


class InStep(Value):
    """The stays of cases in one step; times in seconds on the clock of its deadline."""

    procedure: str
    state: str
    clock: str
    """`wh` working time, `real` every hour."""
    allowed: float | None
    """What the deadlines of these stays gave, on average; None when there was none."""
    left: int
    """Stays that are over."""
    average: float | None
    longest: int | None
    over: int
    """Stays, over or not, in which a deadline passed."""
    here: int
    """Cases that are in it now."""
    longest_here: int | None


class Sums(Value):
    """Everything the dashboards show."""

    standing: tuple[Standing, ...]
    months: tuple[InMonth, ...]
    refusals: tuple[Refusals, ...]
    steps: tuple[InStep, ...]


def sums(connection: Connection, wanted: Wanted, now: datetime, today: CalendarSnapshot) -> Sums:
    """Count. `today` is the calendar of stays from before their own was kept."""
    return Sums(
        standing=tuple(_standing(connection, wanted, now)),
        months=tuple(_months(connection, wanted)),
        refusals=tuple(_refusals(connection, wanted)),
        steps=tuple(_steps(connection, wanted, now, today)),
    )


def subjects(connection: Connection) -> list[str]:
    """Everybody a case is about."""
    return list(connection.execute(sa.select(register.c.subject).distinct()).scalars())


# --- which cases --------------------------------------------------------------------------------


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.procedure is not None:
        found.append(register.c.procedure == wanted.procedure)
    if wanted.first is not None:
        found.append(register.c.opened_at >= _midnight(wanted.first))
    if wanted.last is not None:
        found.append(register.c.opened_at < _midnight(wanted.last + timedelta(days=1)))
    if wanted.subjects is not None:
        theirs = [
            sa.and_(register.c.procedure == procedure, register.c.subject.in_(people))
            for procedure, people in wanted.subjects.items()
        ]
        if wanted.assigned is not None:
            # A map of roles to ids as JSON text; the quotes make it the whole id.
            text = sa.cast(register.c.assigned, sa.Text)
            theirs.append(text.contains(f'"{wanted.assigned}"', autoescape=True))
        found.append(sa.or_(sa.false(), *theirs))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON)


def _of(query: sa.Select[Any], table: sa.Table, wanted: Wanted) -> sa.Select[Any]:
    conditions = _conditions(wanted)
    if not conditions:
        return query
    joined = query.join(register, register.c.case_id == table.c.case_id)
    return joined.where(*conditions)


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


# --- sums ---------------------------------------------------------------------------------------


def _standing(connection: Connection, wanted: Wanted, now: datetime) -> Iterable[Standing]:
    is_open = register.c.closed.is_(False)
    query = (
        sa.select(
            register.c.procedure,
            sa.func.count().label("opened"),
            _count(is_open).label("open"),
            _count(sa.and_(is_open, register.c.next_due < now)).label("overdue"),
        )
        .where(*_conditions(wanted))
        .group_by(register.c.procedure)
        .order_by(register.c.procedure)
    )
    return (Standing(**one._asdict()) for one in connection.execute(query))


def _months(connection: Connection, wanted: Wanted) -> Iterable[InMonth]:
    what = (noted.c.procedure, noted.c.month, noted.c.kind)
    query = sa.select(*what, sa.func.count().label("number")).select_from(noted)
    query = _of(query, noted, wanted).group_by(*what).order_by(noted.c.month, *what)
    return (InMonth(**one._asdict()) for one in connection.execute(query))


def _refusals(connection: Connection, wanted: Wanted) -> Iterable[Refusals]:
    what = (noted.c.procedure, sa.func.coalesce(noted.c.code, "").label("code"))
    number = sa.func.count().label("number")
    query = sa.select(*what, number).select_from(noted).where(noted.c.kind == REFUSED)
    query = _of(query, noted, wanted).group_by(*what).order_by(noted.c.procedure, number.desc())
    return (Refusals(**one._asdict()) for one in connection.execute(query))


def _steps(
    connection: Connection, wanted: Wanted, now: datetime, today: CalendarSnapshot
) -> Iterable[InStep]:
    what = (stay.c.procedure, stay.c.state, stay.c.clock)
    query = sa.select(
        *what,
        sa.func.avg(stay.c.allowed).label("allowed"),
        _count(stay.c.left_at.is_not(None)).label("left"),
        sa.func.count(stay.c.worked).label("known"),
        sa.func.sum(stay.c.worked).label("worked"),
        sa.func.max(stay.c.worked).label("longest"),
        _count(stay.c.over.is_(True)).label("over"),
        _count(stay.c.left_at.is_(None)).label("here"),
    ).select_from(stay)
    query = _of(query, stay, wanted).group_by(*what).order_by(*what)
    found = [one._asdict() for one in connection.execute(query)]
    rest = _not_worked_out(connection, wanted, now, today)
    return (_step(one, rest) for one in found)


_Lengths = dict[tuple[str, str, str], tuple[list[int], list[int]]]
"""By procedure, step and clock: the lengths of stays that are over, and of those that run."""


def _not_worked_out(
    connection: Connection, wanted: Wanted, now: datetime, today: CalendarSnapshot
) -> _Lengths:
    """Stays whose length the ledger does not hold: those that still run, and those of long ago."""
    known = snapshots(connection)
    query = sa.select(
        stay.c.procedure,
        stay.c.state,
        stay.c.clock,
        stay.c.entered_at,
        stay.c.left_at,
        stay.c.calendar,
    ).where(stay.c.worked.is_(None))
    lengths: _Lengths = {}
    for one in connection.execute(_of(query, stay, wanted)):
        counted_on = known.get(one.calendar or "", today)
        length = spent(one.clock, one.entered_at, one.left_at or now, counted_on)
        over, running = lengths.setdefault((one.procedure, one.state, one.clock), ([], []))
        if length is not None:
            (running if one.left_at is None else over).append(length)
    return lengths


def _step(found: dict[str, Any], rest: _Lengths) -> InStep:
    over, running = rest.get((found["procedure"], found["state"], found["clock"]), ([], []))
    known = found.pop("known") + len(over)
    worked = (found.pop("worked") or 0) + sum(over)
    longest = [one for one in (found.pop("longest"), *over) if one is not None]
    allowed = found.pop("allowed")
    return InStep(
        **found,
        allowed=None if allowed is None else float(allowed),
        average=float(worked) / known if known else None,
        longest=max(longest, default=None),
        longest_here=max(running, default=None),
    )
