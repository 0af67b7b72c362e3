"""Who looked at a case: one line a look, chained, with no text of the case in it (SD14).

Everybody's looks are kept, not only those of auditors. Lines are never changed, and each carries
the hash of the one before, so one taken out shows; the number of the last is kept beside them.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

from pydantic import Field

from models.base import Instant, Value
from models.case import PersonId
from models.people import Role


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


class Door(StrEnum):
    """By which way they came."""

    PAGES = "pages"
    API = "api"
    COMMAND_LINE = "command_line"


class Look(Value):
    """One look. Whoever named nobody at the command line is known by their account there."""

    case_id: str = Field(max_length=64)
    seq: int = Field(default=1, ge=1)
    """Its place among the looks at this case; given by the ledger."""
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


def look_link(prev: str, body: str) -> str:
    """The hash of a line: its canonical JSON, chained to the line before it."""
    return sha256(f'{{"body":{body},"prev":"{prev}"}}'.encode()).hexdigest()
