"""How a list was narrowed, as the record of looks keeps it: ids, codes and instants (SD14).

A filter comes from an address, where anybody may type anything: what is no id or code that is known
here is kept as UNKNOWN, so that no name and no text of a case gets into the record.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from procedures.registry import PROCEDURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from activities.register import CaseFilter
    from models.directory import Directory

UNKNOWN = "unknown"
_PEOPLE = frozenset({"subject", "started_by", "belongs_to", "holder"})
_CASE = re.compile(r"(case|rehearsal)-[0-9a-f]{1,12}")


def asked(wanted: CaseFilter, directory: Directory, **more: str | int) -> dict[str, str]:
    """What a filter asked for, by the names of its fields; `more` are codes and numbers of ours."""
    known = {one.id for one in directory.people}
    return dict(_said(wanted, known)) | {name: str(one) for name, one in more.items() if one}


def case_asked(text: str) -> str:
    """The reference of a case, or its beginning, as somebody gave it, if it can be one."""
    return text if _CASE.fullmatch(text) else UNKNOWN


def said_instant(at: datetime) -> str:
    """An instant in UTC, as a record of looks has it."""
    return at.isoformat().replace("+00:00", "Z")


def _said(wanted: CaseFilter, people: set[str]) -> Iterator[tuple[str, str]]:
    for name, value in wanted:
        if value is None:
            continue
        if isinstance(value, bool):
            yield name, "yes" if value else "no"
        elif isinstance(value, datetime):
            yield name, said_instant(value)
        elif name in ("behind", "reference"):
            yield name, case_asked(value)
        else:
            yield name, value if value in (people if name in _PEOPLE else _codes()) else UNKNOWN


@cache
def _codes() -> frozenset[str]:
    """The keys of procedures and the ids of their states."""
    kinds = PROCEDURES.values()
    return frozenset(PROCEDURES) | {str(one.id) for kind in kinds for one in kind.states}
