"""Which cases an auditor asks for: the fields of the search, as a filter, as words, as a query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from activities.register import CaseFilter, CaseRow
from models.errors import BadInput
from models.london import parse_london
from procedures.registry import PROCEDURES
from runtime import lists_asked, showing
from runtime.asks import find_reference
from runtime.desk import Desk

FIELDS = ("case", "procedure", "state", "open", "since", "until", "refused")
_DAY = re.compile(r"([0-9]{1,2})[ /.-]([0-9]{1,2})[ /.-]([0-9]{4})")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Asked:
    """What was asked for, as it was typed; nothing in it may be more than an id or a date."""

    case: str = ""
    procedure: str = ""
    state: str = ""
    """Procedure and state, as in "court_proceedings.removed"."""
    open: str = ""
    since: str = ""
    until: str = ""
    refused: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Asked:
        """From a query or a form; anything else in it is passed over."""
        found = {name: given.get(name) for name in FIELDS}
        return cls(**{name: str(one).strip()[:64] for name, one in found.items() if one})

    @property
    def fields(self) -> dict[str, str]:
        """What was filled in."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name)}

    @property
    def query(self) -> str:
        """The same as the end of an address."""
        return urlencode(self.fields)

    def filter(self) -> CaseFilter:
        """Raises BadInput with one problem a field, as "name: what is wrong"."""
        faults: list[str] = []
        since, before = (
            day_begins("since", self.since, faults),
            day_ends("until", self.until, faults),
        )
        if self.state and self.state not in states():
            faults.append("state: Choose one that is listed")
        if self.procedure and self.procedure not in PROCEDURES:
            faults.append("procedure: Choose one that is listed")
        reference = _reference(self.case, faults)
        if faults:
            raise BadInput("The search cannot be used.", tuple(faults))
        kind, _, state = self.state.partition(".")
        if reference:
            return CaseFilter(reference=reference)
        return CaseFilter(
            procedure=kind or self.procedure or None,
            state=state or None,
            closed={"yes": False, "no": True}.get(self.open),
            opened_from=since,
            opened_before=before,
            refused=True if self.refused else None,
        )

    def codes(self, desk: Desk, page: int) -> dict[str, str]:
        """For the record of looks. Raises BadInput, as `filter`."""
        return lists_asked.asked(self.filter(), desk.directory, page=page)

    @property
    def words(self) -> str:
        """In a sentence, for the manifest of a bundle."""
        parts = [self.case and f"the case {self.case}"]
        parts.append(self.procedure and PROCEDURES[self.procedure].title)
        parts.append(self.state and states()[self.state])
        parts.append({"yes": "still open", "no": "closed"}.get(self.open, ""))
        parts.append(self.since and f"opened from {self.since}")
        parts.append(self.until and f"opened until {self.until}")
        parts.append(self.refused and "with something refused")
        return ", ".join(filter(None, parts)) or "every case"


def cases_of(desk: Desk, asked: Asked, limit: int, offset: int = 0) -> list[CaseRow]:
    """The cases asked for, the newest first. Raises BadInput, as `Asked.filter`."""
    return desk.cases(asked.filter(), limit, offset)


@cache
def states() -> dict[str, str]:
    """Every state a case can be in, with the letter of its procedure: for a list to choose from."""
    return {
        f"{key}.{state.id}": f"{kind.code}: {showing.state(key, str(state.id), state.label)}"
        for key, kind in PROCEDURES.items()
        for state in kind.states
        if not state.initial
    }


def instant(day: str, time: str) -> datetime:
    """An instant from two boxes, London time. Raises BadInput."""
    faults: list[str] = []
    if day_begins("day", day, faults) is None:
        raise BadInput("Write the day like 27 11 2026, and go back to do so.")
    return parse_london(f"{_iso(day)} {time.strip() or '23:59'}")


def _reference(text: str, faults: list[str]) -> str | None:
    try:
        return find_reference(text) if text else None
    except BadInput as fault:
        faults.append(f"case: {fault}")
        return None


def day_begins(name: str, text: str, faults: list[str]) -> datetime | None:
    """The beginning of a day in London as somebody typed it; None, and a fault, if it is none."""
    return _midnight(name, text, faults, timedelta(0))


def day_ends(name: str, text: str, faults: list[str]) -> datetime | None:
    """The beginning of the day after one, as `day_begins`."""
    return _midnight(name, text, faults, timedelta(days=1))


def _midnight(name: str, text: str, faults: list[str], later: timedelta) -> datetime | None:
    if not text:
        return None
    try:
        # By the calendar, not by 24 hours: a day of a clock change has 23 or 25.
        day = date.fromisoformat(_iso(text)) + later
        return parse_london(f"{day.isoformat()} 00:00")
    except (BadInput, ValueError, OverflowError):
        faults.append(f"{name}: Write a day like 27 11 2026")
        return None


def _iso(text: str) -> str:
    found = _DAY.fullmatch(text.strip())
    if found:
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    if _ISO.fullmatch(text.strip()):
        return text.strip()
    raise ValueError("not a day")
