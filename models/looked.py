"""Who looked at a case or at a list of them: one line a look, with no text of a case in it (SD14).

Everybody's looks are kept, not only those of auditors. Lines are never changed, and each carries
the hash of the one before, so one taken out shows; the number of the last is kept beside them.
A case has a chain of its own; looks at lists, which show many cases, make one chain together.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

from pydantic import Field

from models.base import Instant, Value
from models.people import PersonId, Role

LISTS = "lists"
"""Stands where the reference of a case does in the chain of looks at lists; no case is called so."""


class Seen(StrEnum):
    """What somebody was shown. Ids are kept for ever: lines name them."""

    CASE = "case"
    """Where it stands, as far as it is for them."""
    ACT = "act"
    """The form of one act, with what is decided on."""
    TRAIL = "trail"
    PAST = "past"
    """How it stood at an earlier entry."""
    LOOKS = "looks"
    """Who had looked at it."""
    BUNDLE = "bundle"
    """The evidence bundle, taken away as a file."""
    VERIFICATION = "verification"

    # Of many cases at once; in the chain of looks at lists, LOOKS and VERIFICATION are of them all.
    INBOX = "inbox"
    OWN_CASES = "own_cases"
    """The cases that somebody reported or that are about their families."""
    CASES = "cases"
    """Cases found by a search."""
    STUCK = "stuck"
    """Cases that do not go on by themselves."""
    NOTICES = "notices"
    DEADLINES = "deadlines"
    """What a closed day moves, case by case."""
    FIGURES = "figures"
    """Sums of many cases."""
    PERSON = "person"
    """What one person had looked at."""


class Door(StrEnum):
    """By which way they came."""

    PAGES = "pages"
    API = "api"
    COMMAND_LINE = "command_line"


class Look(Value):
    """One look. Whoever named nobody at the command line is known by their account there."""

    case_id: str = Field(max_length=64)
    """The case, or LISTS."""
    seq: int = Field(default=1, ge=1)
    """Its place among the looks at this case, or among those at lists; given by the ledger."""
    person: PersonId | None = None
    account: str = Field(default="", max_length=64)
    """The account of the machine on which the command line ran."""
    role: Role | None = None
    """The role that let them see it, where one was asked for."""
    seen: Seen
    door: Door
    at: Instant
    london: str
    """The same instant as London wall time, as entries of the trail have it."""
    asked: dict[str, str] = Field(default_factory=dict)
    """How a list was narrowed: ids, codes, numbers and instants, never what somebody typed."""
    rows: int | None = Field(default=None, ge=0)
    """How many rows of a list were shown."""

    @property
    def of_lists(self) -> bool:
        """Whether it was at a list, not at one case."""
        return self.case_id == LISTS


def look_link(prev: str, body: str) -> str:
    """The hash of a line: its canonical JSON, chained to the line before it."""
    return sha256(f'{{"body":{body},"prev":"{prev}"}}'.encode()).hexdigest()
