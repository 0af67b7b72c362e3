"""Evidence files: what may be kept, who had one in hand, and the line that says so (6.7, INV-9).

A file is known by the SHA-256 of its original bytes. Whatever is done with it adds a custody line;
lines are never changed, and each carries the hash of the one before, so one taken out shows.
"""

from __future__ import annotations

import re
from enum import StrEnum
from hashlib import sha256

from pydantic import Field

from models.base import Instant, Value
from models.forms import Sha256
from models.people import PersonId, Role

LARGEST = 20 * 1024 * 1024
"""Bytes one file may have (9.1)."""

DIGEST = re.compile(r"[0-9a-f]{64}")


class FileKind(StrEnum):
    """The kinds of file that are kept, by what they hold and not by their names (9.1)."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    PDF = "pdf"


class Part(StrEnum):
    """The file as it came, or the copy of it that says nothing of camera, place and author."""

    ORIGINAL = "original"
    WORKING_COPY = "working_copy"


class Stored(Value):
    """A file as the store knows it."""

    sha256: Sha256
    size: int = Field(ge=1, le=LARGEST)
    """Bytes of the original."""
    kind: FileKind
    working_copy: Sha256
    """SHA-256 of the copy without metadata."""


class Deed(StrEnum):
    """What was done with a file. Ids are kept for ever: custody lines name them."""

    TAKEN_IN = "taken_in"
    OFFERED_AGAIN = "offered_again"
    """The same bytes were handed in once more; one file is kept."""
    NAMED_IN_TRAIL = "named_in_trail"
    LEFT_UNREFERENCED = "left_unreferenced"
    """Kept, but the case did not take it: its decision was refused or held."""
    READ = "read"
    EXPORTED = "exported"
    """Written to a file outside the store."""


class Purpose(StrEnum):
    """Why a file was in somebody's hands. Listed, because a custody line holds no case text."""

    CASE_WORK = "case_work"
    AUDIT = "audit"
    DISCLOSURE = "disclosure"
    """For the court, a party or the police, cleared as the policy asks (INV-7)."""


class Handling(Value):
    """Who has a file in hand, for which case, in which role, when (UTC) and why."""

    case_id: str = Field(max_length=64)
    person: PersonId
    role: Role | None = None
    purpose: Purpose = Purpose.CASE_WORK
    at: Instant


class CustodyLine(Value):
    """One line of a file's custody list (6.7)."""

    sha256: Sha256
    seq: int = Field(ge=1)
    did: Deed
    part: Part = Part.ORIGINAL
    by: Handling
    decision: str = ""
    """Id of the decision that named the file, or that was not taken."""
    code: str = ""
    """Why a decision was not taken, as its receipt says."""
    stored: Stored | None = None
    """With `taken_in`: what it was."""


def custody_link(prev: str, body: str) -> str:
    """The hash of a custody line: its canonical JSON, chained to the line before it."""
    return sha256(f'{{"body":{body},"prev":"{prev}"}}'.encode()).hexdigest()
