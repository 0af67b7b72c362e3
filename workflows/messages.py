"""What crosses the wire to a case, read so that nothing can wedge or fail it (M1-M6).

Every signal and update lands in one dynamic handler as raw payloads: a message with the wrong name,
the wrong number of arguments or the wrong shape becomes an `Unreadable` fact, recorded as refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import rfc8785
from pydantic import TypeAdapter, ValidationError
from temporalio.common import RawValue

from models.base import Value
from models.case import (
    CalendarChanged,
    Decision,
    Fact,
    Joined,
    Opened,
    PeopleChanged,
    Receipt,
    Unreadable,
)
from models.chain import is_simple

DECIDE = "decide"
PEOPLE_CHANGED = "people_changed"
CALENDAR_CHANGED = "calendar_changed"
JOINED = "joined"

TOLERANCE = timedelta(minutes=5)
"""How far ahead of the server a desk's clock may run before its stamp is refused."""

REHEARSALS = "rehearsal-"
"""What the reference of a rehearsed case begins with; the desk never gives such a one."""

MOST = 64 * 1024
"""The largest message a case reads, in bytes: files are never sent through it (M14)."""

_MARKS = (b"not_encrypted", b"not_genuine", b"unknown_key")
_DIGEST = 64

_READERS: dict[str, TypeAdapter[Any]] = {
    DECIDE: TypeAdapter(Decision),
    PEOPLE_CHANGED: TypeAdapter(PeopleChanged),
    CALENDAR_CHANGED: TypeAdapter(CalendarChanged),
    JOINED: TypeAdapter(Joined),
}


class Carried(Value):
    """A case on its way from one run to the next: nothing acknowledged is left behind (M8)."""

    state: dict[str, Any]
    waiting: tuple[Fact, ...] = ()
    ahead: timedelta = timedelta(0)
    posted: int = 0
    """Letters to other cases that were delivered already."""

    @property
    def version(self) -> int:
        """Of the class body the case began with."""
        return int(self.state["opened"]["pins"]["procedure"])


class CaseStart(Value):
    """The input of a case's workflow: a case that opens, or one that goes on in a new run."""

    opened: Opened | None = None
    carried: Carried | None = None
    rehearsal: bool = False
    """The case lives in its story's time, which begins at the instant it is opened. Its reference
    says so, and the desk never gives such a reference."""


class CaseEnd(Value):
    """What a finished workflow leaves in Temporal; the trail itself is in the ledger."""

    case_id: str
    state: str
    seq: int


def read(name: str, args: Sequence[RawValue], now: datetime) -> Fact:
    """The message as a fact. Never raises: whatever cannot be read comes back as `Unreadable`."""
    try:
        return _read(name, args, now)
    except Exception:  # noqa: BLE001  # a handler that raises wedges the case for ever (M4)
        return _unreadable(name, args, now, "unreadable")


def _read(  # noqa: PLR0911  # each way a message can be wrong has its own code
    name: str, args: Sequence[RawValue], now: datetime
) -> Fact:
    reader = _READERS.get(name)
    if reader is None:
        return _unreadable(name, args, now, "unknown_message")
    if len(args) != 1:
        return _unreadable(name, args, now, "wrong_number_of_arguments")
    payload = args[0].payload
    encoding = payload.metadata.get("encoding")
    if encoding == b"binary/unreadable":
        return _not_believed(name, args, now)
    if encoding not in (b"json/plain", b"json/pydantic"):
        return _unreadable(name, args, now, "unreadable_payload")
    if len(payload.data) > MOST:
        return _unreadable(name, args, now, "too_large")
    try:
        fact: Fact = reader.validate_json(payload.data, strict=True)
    except (ValidationError, ValueError, RecursionError):
        return _unreadable(name, args, now, "wrong_shape")
    if not _can_be_kept(fact):
        return _unreadable(name, args, now, "cannot_be_kept_exactly")
    if _latest(fact) > now + TOLERANCE:
        return _unreadable(name, args, now, "from_the_future")
    return _without_our_own(fact)


def _latest(fact: Fact) -> datetime:
    """When it was sent, or who was who in it: a roster of tomorrow would outlast every true one."""
    roster = getattr(fact, "roster", None)
    return fact.at if roster is None else max(fact.at, roster.at)


def _not_believed(name: str, args: Sequence[RawValue], now: datetime) -> Unreadable:
    """What the codec marked; its data is the digest of what came."""
    code, digest = args[0].payload.metadata.get("code", b""), args[0].payload.data
    if code not in _MARKS or len(digest) != _DIGEST or digest.strip(b"0123456789abcdef"):
        # The mark itself was sent, by somebody who has the keys: its words are theirs.
        return _unreadable(name, args, now, "unreadable_payload")
    return Unreadable(at=now, name=name, code=code.decode(), digest=digest.decode())


def _without_our_own(fact: Fact) -> Fact:
    """The fact without what only the case that takes it may write there."""
    if isinstance(fact, Joined) and fact.roster is not None:
        return fact.model_copy(update={"roster": None})
    if isinstance(fact, Decision) and fact.newer is not None:
        return fact.model_copy(update={"newer": None})
    return fact


def _can_be_kept(fact: Fact) -> bool:
    """Whether the chain can hold it: otherwise the case would stop at its next entry."""
    if isinstance(fact, Decision):
        reason, fields = fact.reason, fact.fields
    elif isinstance(fact, Joined):
        reason, fields = "", fact.intake
    else:
        return True
    try:
        reason.encode()
        return is_simple(fields) or bool(rfc8785.dumps(fields))
    except (UnicodeError, rfc8785.CanonicalizationError):
        return False


def _unreadable(name: str, args: Sequence[RawValue], now: datetime, code: str) -> Unreadable:
    digest = sha256(b"\x00".join(arg.payload.data for arg in args)).hexdigest()
    known = name if name in _READERS else "other"
    return Unreadable(at=now, name=known, code=code, digest=digest)


def turned_away(fact: Unreadable, case_id: str, seq: int, state: str) -> Receipt:
    """The answer to somebody whose message could not be read."""
    return Receipt(
        decision="",
        case_id=case_id,
        outcome="refused",
        seq=seq,
        state=state,
        code=fact.code,
        message="The message could not be read. Nothing was changed; the refusal is recorded.",
        clause="INV-4",
    )
