"""What a new case pins for life: only what its procedure uses, so that histories stay small."""

from __future__ import annotations

from datetime import date, datetime

from models.case import Pins
from models.policy import PolicyBook
from models.working_time import CalendarSnapshot
from procedures.procedure import Procedure

YEARS_BACK = 1
"""How many calendar years before its own a case takes along: an order may be found late."""
YEARS_AHEAD = 3
"""How many further calendar years a case takes along; the desk refuses to open beyond them."""


def pins(
    procedure: type[Procedure], book: PolicyBook, calendar: CalendarSnapshot, at: datetime
) -> Pins:
    """The pins of a case opened at `at` (UTC)."""
    used = procedure.clocks_used()
    return Pins(
        policy=book.version,
        procedure=procedure.version,
        deadlines={key: line for key, line in book.deadlines.items() if key in used},
        calendar=part_of(calendar, at),
        role_names={role: name.name for role, name in book.roles.items()},
        legal_first=book.legal_first if procedure.asks_legal_first else (),
    )


def part_of(
    calendar: CalendarSnapshot, at: datetime, now: datetime | None = None
) -> CalendarSnapshot:
    """The part of a calendar a case may need: the year before it opened, and the years ahead.

    Ahead of `now`, when a case that was opened at `at` gets another calendar later.
    """
    first = max(calendar.first_day, date(at.year - YEARS_BACK, 1, 1))
    last = min(calendar.last_day, date((now or at).year + YEARS_AHEAD, 12, 31))
    kept = tuple(one for one in calendar.holidays if first <= one.day <= last)
    # Not model_copy: it would take the digest of the whole calendar along.
    return CalendarSnapshot(
        version=calendar.version,
        first_day=first,
        last_day=last,
        holidays=kept,
        opens=calendar.opens,
        closes=calendar.closes,
    )
