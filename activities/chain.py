"""Lines of the trail as the ledger keeps them: sealed, opened, and checked link by link."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from pydantic_core import from_json

from activities.tables import utc_text
from models.base import Value
from models.case import Entry, Filed, Line, Private
from models.chain import GENESIS, canonical, commitment, link
from models.errors import CaseworkError, Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SALT = 32


class Cipher(Protocol):
    """Encrypts the case text of one entry, bound to its place (authenticated encryption).

    `context` names the case and the sequence number; opened with another context, a blob fails.
    """

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """Encrypt. Raises Misconfigured when there is no key to encrypt with."""

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Decrypt.

        Raises Unavailable when its key is not here (not yet, or destroyed), Misconfigured when the
        keys cannot be read; InvalidTag, ValueError or any other CaseworkError when the blob was
        altered or belongs elsewhere.
        """


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One row of the trail exactly as it lies in the ledger, with what its hash is made of.

    Nothing here is parsed: a row somebody tampered with can still be looked at.
    """

    case_id: str
    seq: int
    at: str
    """UTC, as text."""
    body: str
    """RFC 8785 JSON of the entry."""
    sealed: bytes
    salt_commit: str
    prev: str
    hash: str
    recorded_at: str
    """When the ledger wrote it, UTC; not part of the hash."""


class Fault(StrEnum):
    """What is wrong with a line, or with a case's chain."""

    EDITED_BODY = "edited_body"
    EDITED_PRIVATE = "edited_private"
    MISSING = "missing"
    SWAPPED = "swapped"
    REWRITTEN = "rewritten"
    """Self-consistent, but not the line its successor was chained to."""
    WRONG_HEAD = "wrong_head"
    """The register names another last entry than the trail ends with."""
    CUT_OFF = "cut_off"
    """The register knows of later entries than the trail holds."""
    NO_KEY = "no_key"
    """Only of a line: its key is not here. The chain can still be checked."""


class UnreadableLine(Line):
    """A line whose case text cannot be opened: `private` is empty and says nothing about it."""

    fault: Fault
    """NO_KEY or EDITED_PRIVATE."""


class Verdict(Value):
    """What a check of one case's chain found."""

    case_id: str
    entries: int
    head: str
    """Hash of the last line that was found."""
    fault: Fault | None = None
    broken_seq: int | None = None
    """The first sequence number at which the chain does not hold."""
    unreadable: int = 0
    """Lines whose key is not here: their chain was checked, their case text could not be."""

    @property
    def ok(self) -> bool:
        """True when nothing was found wrong."""
        return self.fault is None


def place(case_id: str, seq: int) -> bytes:
    """The context that binds a sealed blob to its line."""
    return f"{case_id}:{seq}".encode()


class Ready(NamedTuple):
    """A line made ready for the ledger: everything of it that does not depend on its place."""

    entry: Entry
    body: str
    private: bytes
    """Canonical JSON of the case text; never stored like this."""
    sealed: bytes
    salt_commit: str


def ready(line: Line, cipher: Cipher) -> Ready:
    """Write out and seal a line. Raises BadInput as `canonical` does."""
    entry = line.entry
    private = canonical(line.private)
    salt = os.urandom(_SALT)
    sealed = cipher.seal(salt + private, place(entry.case_id, entry.seq))
    return Ready(
        entry, canonical(entry, simple=True).decode(), private, sealed, commitment(salt, private)
    )


def chained(lines: Iterable[Ready], prev: str, at: datetime) -> Iterator[KeptLine]:
    """The rows of these lines, the first chained to `prev`; `at` is when they are recorded."""
    for line in lines:
        entry, digest = line.entry, link(prev, line.body, line.salt_commit)
        yield KeptLine(
            case_id=entry.case_id,
            seq=entry.seq,
            at=utc_text(entry.at),
            body=line.body,
            sealed=line.sealed,
            salt_commit=line.salt_commit,
            prev=prev,
            hash=digest,
            recorded_at=utc_text(at),
        )
        prev = digest


def opened(kept: KeptLine, cipher: Cipher | None) -> bytes | Fault:
    """The canonical JSON of the case text, or why it cannot be had."""
    found = salted(kept, cipher)
    return found if isinstance(found, Fault) else found.text


class Salted(NamedTuple):
    """What a commitment is made of; with both, anybody can check it."""

    salt: bytes
    text: bytes
    """Canonical JSON of the case text."""


def salted(kept: KeptLine, cipher: Cipher | None) -> Salted | Fault:
    """The case text with its salt, or why it cannot be had."""
    if cipher is None:
        return Fault.NO_KEY
    try:
        plain = cipher.open(kept.sealed, place(kept.case_id, kept.seq))
    except (Unavailable, Misconfigured):
        return Fault.NO_KEY
    except (InvalidTag, ValueError, TypeError, CaseworkError):
        return Fault.EDITED_PRIVATE
    found = Salted(plain[:_SALT], plain[_SALT:])
    return found if commitment(*found) == kept.salt_commit else Fault.EDITED_PRIVATE


def read(kept: KeptLine, cipher: Cipher | None) -> Line:
    """The line as the core made it; an UnreadableLine when its case text cannot be opened."""
    entry = Entry.model_validate_json(kept.body)
    private = opened(kept, cipher)
    if isinstance(private, Fault):
        return UnreadableLine(entry=entry, private=Private(), fault=private)
    return Line(entry=entry, private=Private.model_validate_json(private))


def check(
    case_id: str,
    lines: Sequence[KeptLine],
    texts: Sequence[bytes | Fault],
    registered: Filed | None,
) -> Verdict:
    """Check one case, its lines in order of `seq`, against itself and its row in the register.

    `texts` is what opening each line gave.
    """
    prev, unreadable = GENESIS, 0
    fault, broken = None, None
    for expected, (kept, text) in enumerate(zip(lines, texts, strict=True), start=1):
        fault = _fault(kept, expected, prev) or (text if text is Fault.EDITED_PRIVATE else None)
        if fault is not None:
            # The successor's link shows it, but the line before is the one that was rewritten.
            broken = max(expected - (fault is Fault.REWRITTEN), 1)
            break
        unreadable += text is Fault.NO_KEY
        prev = kept.hash
    else:
        fault, broken = _end(len(lines), prev, registered)
    return Verdict(
        case_id=case_id,
        entries=len(lines),
        head=lines[-1].hash if lines else GENESIS,
        fault=fault,
        broken_seq=broken,
        unreadable=unreadable,
    )


def _fault(kept: KeptLine, expected: int, prev: str) -> Fault | None:
    if kept.seq != expected:
        return Fault.MISSING
    try:
        # Not through the model: an entry of an older version of it must still verify.
        body = from_json(kept.body)
        says = body["case_id"], body["seq"]
        at = utc_text(datetime.fromisoformat(body["at"]))
    except (ValueError, TypeError, KeyError):
        return Fault.EDITED_BODY
    if says != (kept.case_id, kept.seq):
        return Fault.SWAPPED
    if link(kept.prev, kept.body, kept.salt_commit) != kept.hash or at != kept.at:
        return Fault.EDITED_BODY
    return None if kept.prev == prev else Fault.REWRITTEN


def _end(last: int, head: str, registered: Filed | None) -> tuple[Fault | None, int | None]:
    if registered is not None and registered.seq > last:
        return Fault.CUT_OFF, last + 1
    if registered is None or (registered.seq, registered.head) != (last, head):
        return Fault.WRONG_HEAD, max(last, 1)
    return None, None
