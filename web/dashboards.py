"""Figures of many cases: how many, how late, how long, why refused; never a case or a person."""

from __future__ import annotations

import csv
import io
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from activities.figures import InMonth, InStep, Sums
from models.errors import BadInput
from models.looked import Seen
from models.policy import Clock
from procedures.registry import PROCEDURES, by_name
from runtime import showing
from runtime.dashboards import SMALL, dashboard, may_look, scope
from runtime.notices import MARKING
from web.administering_cases import day_of
from web.looking import NotForYou
from web.site import noted_list, page, reading, signed_in, site_of

FEW = f"1 to {SMALL - 1}"
TOO_FEW = "too few to say"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_HOUR = 3600
_PARTS = ("day", "month", "year")


@dataclass(frozen=True)
class Bar:
    """One bar of a chart, in per cent of the longest."""

    label: str
    words: str
    wide: float
    part: float = 0
    """The dark part of it, in per cent of the longest."""
    mark: float | None = None
    """Where a line across it stands."""


@dataclass(frozen=True)
class Table:
    """One table with its chart."""

    key: str
    title: str
    said: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...] = field(default=())


# --- the page -----------------------------------------------------------------------------------


async def show(request: Request) -> Response:
    """Every table with its chart, for the cases chosen."""
    signed_in(request)
    found = await _counted(request)
    if not found.faults:
        await _noted(request, found, found.tables)
    return page(
        request,
        "dashboards.html",
        status=422 if found.faults else 200,
        found=found,
        faults=found.faults,
        few=FEW,
        choices=[(kind.code, kind.title) for kind in PROCEDURES.values()],
        query=request.url.query,
    )


async def download(request: Request) -> Response:
    """One table as CSV, for the same cases as the page it was chosen on."""
    signed_in(request)
    counted = await _counted(request)
    if counted.faults:
        raise BadInput("Nothing was counted.", tuple(said for _, said in counted.faults))
    wanted = request.path_params["table"]
    found = next((one for one in counted.tables if f"{one.key}.csv" == wanted), None)
    if found is None:
        raise NotForYou
    await _noted(request, counted, [found])
    text = io.StringIO()
    csv.writer(text).writerows([found.heads, *found.rows])
    # Whoever opens the file later no longer sees the page's marking.
    name = f"{MARKING}-{found.key}.csv"
    return Response(
        text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


_Faults = list[tuple[str, str]]


@dataclass(frozen=True)
class Counted:
    """What was asked for, and the tables of it, or what is wrong with it."""

    filters: dict[str, str]
    days: dict[str, date | None]
    faults: _Faults
    everybody: bool
    hides: bool
    """Small numbers are not said, and only whole months are counted."""
    tables: tuple[Table, ...] = ()


async def _counted(request: Request) -> Counted:
    session, person = signed_in(request)
    desk = site_of(request).desk
    if not may_look(site_of(request).usable(session)):
        raise NotForYou
    filters = {name: value.strip() for name, value in request.query_params.items()}
    days, faults = _days(filters)
    if not faults:
        try:
            count = partial(dashboard, only=session.roles)
            procedure = filters.get("procedure") or None
            found = await reading(count, desk, person, procedure, days["first"], days["last"])
        except BadInput as fault:
            faults = _faults(fault)
        else:
            tables = tuple(made(found.sums, hides=found.hides) for made in TABLES)
            return Counted(filters, days, [], found.everybody, found.hides, tables)
    whose = await reading(partial(scope, only=session.roles), desk, person)
    box = "month" if whose.hides else "day"
    placed = [(f"{name}-{box}" if name in days else name, said) for name, said in faults]
    return Counted(filters, days, placed, whose.subjects is None, whose.hides)


def _faults(fault: BadInput) -> _Faults:
    named = [one.partition(": ") for one in fault.problems]
    dates = [(name, words) for name, _, words in named if name in ("first", "last")]
    return dates or [("first", str(fault))]


async def _noted(request: Request, counted: Counted, tables: Sequence[Table]) -> None:
    """Keep that somebody looks at these figures; what was asked for was counted, so it is known."""
    _, person = signed_in(request)
    asked = {name: day.isoformat() for name, day in counted.days.items() if day}
    if counted.filters.get("procedure"):
        asked["procedure"] = by_name(counted.filters["procedure"]).key
    asked |= {"table": tables[0].key} if len(tables) == 1 else {}
    await noted_list(request, person, Seen.FIGURES, sum(len(one.rows) for one in tables), asked)


def _days(filters: dict[str, str]) -> tuple[dict[str, date | None], _Faults]:
    """The two days asked for; without a day of the month, the first or the last of it."""
    days: dict[str, date | None] = {}
    faults: _Faults = []
    for name, said in (("first", "The first day"), ("last", "The last day")):
        day, month, year = (filters.get(f"{name}-{part}", "") for part in _PARTS)
        days[name] = None
        if day or month or year:
            try:
                found = day_of(f"{day or 1} {month} {year}")
            except ValueError:
                faults.append((name, f"{said} must be a date, such as 27 11 2026"))
            else:
                days[name] = found if day or name == "first" else _end_of(found)
    return days, faults


def _end_of(day: date | None) -> date | None:
    return day and day.replace(day=monthrange(day.year, day.month)[1])


# --- the tables ---------------------------------------------------------------------------------


def _standing(sums: Sums, *, hides: bool) -> Table:
    most = max((one.open for one in sums.standing), default=0)
    bars = tuple(
        Bar(
            _procedure(one.procedure),
            f"{_number(one.open, hides=hides)} open, {_number(one.overdue, hides=hides)} overdue",
            _share(one.open, most, hides=hides),
            _share(one.overdue, most, hides=hides),
        )
        for one in sums.standing
    )
    rows = ((one.procedure, one.opened, one.open, one.overdue) for one in sums.standing)
    return Table(
        "open",
        "Open and overdue",
        "The cases as they stand now. The dark part of a bar is overdue.",
        ("Procedure", "Opened", "Open now", "Overdue now"),
        tuple((_procedure(key), *_numbers(rest, hides=hides)) for key, *rest in rows),
        bars,
    )


def _months(sums: Sums, *, hides: bool) -> Table:
    return _by_month(
        sums,
        "months",
        "Opened and closed by month",
        {"opened": "Opened", "closed": "Closed", "refused": "Acts refused", "held": "Acts late"},
        hides=hides,
    )


def _escalations(sums: Sums, *, hides: bool) -> Table:
    return _by_month(
        sums,
        "escalations",
        "Deadlines missed by month",
        {"escalated": "Passed to the next person up", "overdue": "Overdue with nobody above"},
        hides=hides,
    )


def _by_month(sums: Sums, key: str, title: str, kinds: dict[str, str], *, hides: bool) -> Table:
    found = [one for one in sums.months if one.kind in kinds]
    places = sorted({(one.month, one.procedure) for one in found}, reverse=True)
    counts = {(one.month, one.procedure, one.kind): one.number for one in found}
    first, *_ = kinds
    shown = {place: [counts.get((*place, kind), 0) for kind in kinds] for place in places}
    totals = _totals([one for one in found if one.kind == first])
    # A sum beside all of its parts but one would tell that one.
    unsaid = {one.month for one in found if one.kind == first and _is_few(one.number, hides=hides)}
    most = max((number for month, number in totals.items() if month not in unsaid), default=0)
    return Table(
        key,
        title,
        f"London months, by when it happened. The bars show: {kinds[first].lower()}.",
        ("Month", "Procedure", *kinds.values()),
        tuple(
            (_month(month), _procedure(procedure), *_numbers(shown[month, procedure], hides=hides))
            for month, procedure in places
        ),
        tuple(
            Bar(_month(month), TOO_FEW, 0)
            if month in unsaid
            else Bar(_month(month), str(number), _share(number, most, hides=hides))
            for month, number in totals.items()
        ),
    )


def _totals(found: Iterable[InMonth]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for one in found:
        totals[one.month] = totals.get(one.month, 0) + one.number
    return dict(sorted(totals.items(), reverse=True))


def _refusals(sums: Sums, *, hides: bool) -> Table:
    most = max((one.number for one in sums.refusals), default=0)
    return Table(
        "refusals",
        "Acts refused, by reason",
        "The reasons that the rules gave when they said no.",
        ("Procedure", "Reason", "Times"),
        tuple(
            (_procedure(one.procedure), _reason(one.code), _number(one.number, hides=hides))
            for one in sums.refusals
        ),
        tuple(
            Bar(
                f"{PROCEDURES[one.procedure].code}: {_reason(one.code)}",
                _number(one.number, hides=hides),
                _share(one.number, most, hides=hides),
            )
            for one in sums.refusals
            if one.procedure in PROCEDURES
        ),
    )


def _steps(sums: Sums, *, hides: bool) -> Table:
    steps = sorted(sums.steps, key=_order)
    longest = max((_longest(one, hides=hides) for one in steps), default=0)
    return Table(
        "steps",
        "Time in each step against its deadline",
        "In hours: working hours, Monday to Friday 9 to 5, or all where the deadline counts all."
        " The line across a bar is the deadline. A deadline that was stopped for a while is missed"
        " only when the policy says so.",
        (
            "Step",
            "Hours that count",
            "Deadline",
            "Left it",
            "Average",
            "Longest",
            "Deadline missed",
            "In it now",
            "Longest in it now",
        ),
        tuple(_step(one, hides=hides) for one in steps),
        tuple(_step_bar(one, longest, hides=hides) for one in steps if one.average is not None),
    )


def _longest(one: InStep, *, hides: bool) -> float:
    """What a bar has to have room for; an average that is not said must not set the scale."""
    told = not hides or one.left >= SMALL
    return max((one.average or 0) if told else 0, one.allowed or 0)


def _order(one: InStep) -> tuple[str, int, str]:
    kind = PROCEDURES.get(one.procedure)
    names = [state.id for state in kind.states] if kind else []
    place = names.index(one.state) if one.state in names else len(names)
    return one.procedure, place, one.clock


def _step(one: InStep, *, hides: bool) -> tuple[str, ...]:
    return (
        _label(one),
        _unit(one),
        _hours(one.allowed),
        _number(one.left, hides=hides),
        _hours(one.average, one.left, hides=hides),
        _hours(one.longest, one.left, hides=hides),
        _number(one.over, hides=hides),
        _number(one.here, hides=hides),
        _hours(one.longest_here, one.here, hides=hides),
    )


def _step_bar(one: InStep, longest: float, *, hides: bool) -> Bar:
    average = _hours(one.average, one.left, hides=hides)
    of = f", deadline {_hours(one.allowed)}" if one.allowed else ""
    told = average != TOO_FEW
    return Bar(
        _label(one),
        f"{average}{f' {_unit(one)} hours on average' if told else ''}{of}",
        100 * (one.average or 0) / longest if longest and told else 0,
        mark=100 * one.allowed / longest if one.allowed and longest else None,
    )


TABLES: tuple[Callable[..., Table], ...] = (_standing, _steps, _months, _escalations, _refusals)


# --- words and numbers --------------------------------------------------------------------------


def _procedure(key: str) -> str:
    kind = PROCEDURES.get(key)
    return f"{kind.title} ({kind.code})" if kind else key


def _label(one: InStep) -> str:
    kind: Any = PROCEDURES.get(one.procedure)
    found = kind.states_map.get(one.state) if kind else None
    return showing.state(one.procedure, one.state, found.label if found else one.state)


def _unit(one: InStep) -> str:
    return "all" if one.clock == Clock.WALL.value else "working"


def _reason(code: str) -> str:
    return code.replace("_", " ") or "no reason given"


def _month(month: str) -> str:
    year, _, number = month.partition("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def _number(number: int, *, hides: bool) -> str:
    return FEW if _is_few(number, hides=hides) else str(number)


def _is_few(number: int, *, hides: bool) -> bool:
    return hides and 0 < number < SMALL


def _numbers(numbers: Iterable[int], *, hides: bool) -> Iterator[str]:
    return (_number(one, hides=hides) for one in numbers)


def _hours(seconds: float | None, cases: int = SMALL, *, hides: bool = False) -> str:
    if seconds is None:
        return "none"
    return TOO_FEW if hides and cases < SMALL else f"{seconds / _HOUR:.1f}"


def _share(number: int, most: int, *, hides: bool) -> float:
    known = number if not hides or number >= SMALL else 0
    return 100 * known / most if most else 0
