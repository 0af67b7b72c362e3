"""Custody lists in the ledger's database: who had a file, when and why; append-only and chained.

One chain a file. A line holds ids, codes and instants only, so it is kept in the open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from activities.tables import custody
from models.chain import GENESIS, canonical
from models.evidence import CustodyLine, custody_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

_LAST = (
    sa.select(custody.c.seq, custody.c.hash)
    .where(custody.c.sha256 == sa.bindparam("of"))
    .order_by(custody.c.seq.desc())
    .limit(1)
)


class KeptCustody(NamedTuple):
    """One row as it lies in the ledger."""

    sha256: str
    seq: int
    case_id: str
    body: str
    prev: str
    hash: str


def add(connection: Connection, line: CustodyLine) -> CustodyLine:
    """Put a line behind the last one of its file; its `seq` is given here."""
    last = connection.execute(_LAST, {"of": line.sha256}).one_or_none()
    seq, prev = (last.seq + 1, last.hash) if last else (1, GENESIS)
    line = line.model_copy(update={"seq": seq})
    body = canonical(line).decode()
    row = KeptCustody(line.sha256, seq, line.by.case_id, body, prev, custody_link(prev, body))
    connection.execute(sa.insert(custody), row._asdict())
    return line


def rows(
    connection: Connection, *, sha256: str | None = None, case_id: str | None = None
) -> list[KeptCustody]:
    """The rows of one file, or of every file that one case had in hand, in order."""
    query = sa.select(custody).order_by(custody.c.sha256, custody.c.seq)
    if sha256 is not None:
        query = query.where(custody.c.sha256 == sha256)
    if case_id is not None:
        query = query.where(custody.c.case_id == case_id)
    return [KeptCustody(*row) for row in connection.execute(query)]


def line_of(kept: KeptCustody) -> CustodyLine:
    """The line of a row."""
    return CustodyLine.model_validate_json(kept.body)


def holds(kept: Sequence[KeptCustody]) -> bool:
    """Whether the rows of one file follow each other as they were written, from the first."""
    prev = GENESIS
    for seq, row in enumerate(kept, start=1):
        if row.seq != seq or row.prev != prev or row.hash != custody_link(prev, row.body):
            return False
        try:
            line = line_of(row)
        except ValueError:
            return False
        if (line.sha256, line.seq, line.by.case_id) != row[:3]:
            return False
        prev = row.hash
    return True
