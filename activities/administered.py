"""What administrators did, in the ledger's database: append-only and chained, one chain for all.

A line holds ids, codes, days and instants, kept in the open; a reason somebody gave lies sealed
beside it, and its sealed form is part of the chain.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from activities.tables import administered
from models.administration import Deed, What
from models.chain import GENESIS, canonical, link

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from activities.chain import Cipher


class KeptDeed(NamedTuple):
    """One row as it lies in the ledger."""

    seq: int
    body: str
    sealed: bytes | None
    prev: str
    hash: str


_IN_ORDER = sa.select(administered).order_by(administered.c.seq)
_LAST = sa.select(administered.c.seq, administered.c.hash).order_by(administered.c.seq.desc())


def add(  # noqa: PLR0913  # the parts of a deed, and what seals its reason
    connection: Connection, what: What, by: str, at: datetime, reason: str, cipher: Cipher | None
) -> Deed:
    """Put a deed behind the last one; its `seq` is given here."""
    last = connection.execute(_LAST.limit(1)).one_or_none()
    seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
    deed = Deed(seq=seq, by=by, at=at, what=what)
    sealed = cipher.seal(reason.encode(), place(seq)) if reason and cipher else None
    body = canonical(deed).decode()
    row = KeptDeed(seq, body, sealed, prev, _link(prev, body, sealed))
    connection.execute(sa.insert(administered), row._asdict())
    return deed


def place(seq: int) -> bytes:
    """What a sealed reason is bound to."""
    return f"administered:{seq}".encode()


def _link(prev: str, body: str, sealed: bytes | None) -> str:
    return link(prev, body, sha256(sealed or b"").hexdigest())


def rows(connection: Connection, after: int = 0) -> list[KeptDeed]:
    """The rows behind a number, in order."""
    query = _IN_ORDER.where(administered.c.seq > after)
    return [KeptDeed(*row) for row in connection.execute(query)]


def deed_of(kept: KeptDeed) -> Deed:
    """The deed of a row."""
    return Deed.model_validate_json(kept.body)


def holds(kept: Sequence[KeptDeed]) -> bool:
    """Whether the rows follow each other as they were written, from the first."""
    prev = GENESIS
    for seq, row in enumerate(kept, start=1):
        if row.seq != seq or row.prev != prev or row.hash != _link(prev, row.body, row.sealed):
            return False
        prev = row.hash
    return True
