"""London time for people: how an instant is written, and how a written time is read.

Inside, every instant is UTC. People read and write London civil time, which skips an hour in March
and repeats one in October; both are handled here and nowhere else.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from models.errors import BadInput

LONDON: Final = ZoneInfo("Europe/London")

FIRST: Final = datetime(1900, 1, 1, tzinfo=UTC)
END: Final = datetime(3000, 1, 1, tzinfo=UTC)
"""Between these lies every time of a case. Python's own first and last days cannot be shown in
London or counted on from: a case that held one would stop there for ever."""

# Not strftime: its names follow the machine's language, and a trail must read the same everywhere.
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # fmt: skip

_WRITTEN: Final = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[ T]"
    r"(?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
    r"(?: ?(?P<zone>GMT|BST|Z|[+-][0-9]{2}:[0-9]{2}))?"
)

HOW = (
    'Write a time like "2026-12-24 15:30" (London time), if need be with GMT or BST after it, '
    'or with its offset like "2026-12-24T15:30+00:00".'
)


def london_day(day: date) -> str:
    """A date as a person reads it: "Mon 30 Nov 2026"."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def london(at: datetime) -> str:
    """An instant as London wall time, to the minute: "Mon 30 Nov 2026 10:45 GMT" or "... BST"."""
    here = aware(at).astimezone(LONDON)
    return f"{london_day(here)} {here.hour:02}:{here.minute:02} {here.tzname()}"


def london_date(at: datetime | date) -> date:
    """The date in London at an instant; a date is returned as it is."""
    if isinstance(at, datetime):
        return aware(at).astimezone(LONDON).date()
    return at


def aware(at: datetime) -> datetime:
    """The instant itself; BadInput when it has no offset, which is never guessed."""
    if at.tzinfo is None:
        raise BadInput("A time without an offset was given. Nothing was done. " + HOW)
    return at


def parse_london(text: str) -> datetime:
    """The UTC instant of a written time; see `read_london` for what is accepted and refused."""
    return read_london(text)[0]


def read_london(text: str) -> tuple[datetime, str]:
    """The UTC instant of a written time, and a note for the reader ("" when all is plain).

    Without an offset the time is London civil time. The hour that is repeated in October is taken
    as the first of the two (still BST) and the note says so; "GMT" or "BST" after it chooses.
    Raises BadInput for a time that cannot be read or is not of 1900 to 2999, for the hour that does not exist in March, and
    for GMT or BST on a day when London is on the other one.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        raise BadInput("The time cannot be read. " + HOW)
    stamp, zone = f"{found['day']}T{found['time']}", found["zone"] or ""
    try:
        if zone in {"", "GMT", "BST"}:
            read = _from_civil(datetime.fromisoformat(stamp), zone)
        else:
            read = datetime.fromisoformat(stamp + zone).astimezone(UTC), ""
    except (ValueError, OverflowError) as fault:
        raise BadInput("There is no such date or time. " + HOW) from fault
    if not FIRST <= read[0] < END:
        raise BadInput("Only times from 1900 to 2999 are taken. " + HOW)
    return read


def _from_civil(local: datetime, zone: str) -> tuple[datetime, str]:
    readings = _readings(local)
    if not readings:
        raise BadInput(
            "The clocks go forward from 01:00 to 02:00 on that day, so this time does not exist "
            "in London. Give a time before 01:00 or from 02:00 on."
        )
    if zone and zone not in readings:
        raise BadInput(
            f"London is on {next(iter(readings))} at that time, not on {zone}. "
            "Leave the name of the zone out, or give the right one."
        )
    if zone:
        return readings[zone], ""
    first, *others = readings
    if not others:
        return readings[first], ""
    return readings[first], (
        f"The clocks go back on that day and this time comes twice: the first ({first}) was taken. "
        f"Write {others[0]} after it for the second."
    )


def _readings(local: datetime) -> dict[str, datetime]:
    """Every instant at which clocks in London show `local`, by the name of the zone, in order."""
    found: dict[str, datetime] = {}
    for fold in (0, 1):
        civil = local.replace(tzinfo=LONDON, fold=fold)
        at = civil.astimezone(UTC)
        # A time inside the skipped hour converts without complaint, but does not convert back.
        if at.astimezone(LONDON).replace(tzinfo=None) == local:
            found[str(civil.tzname())] = at
    return found
