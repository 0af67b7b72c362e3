"""Forms begun and not sent: sealed, their owner's alone, gone when sent, deleted or too old.

A draft is no record: nothing of it is in a trail, and it may be written over. What was typed lies
in the sealed column only, bound to the draft's id and to whoever began it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlalchemy import exc

from activities.tables import draft
from models.errors import Misconfigured

if TYPE_CHECKING:
    from datetime import datetime

    from activities.chain import Cipher
    from activities.database import Database


class KeptDraft(NamedTuple):
    """One draft as its owner gets it back. Instants are UTC."""

    id: str
    person: str
    revision: int
    """Counts up with every change; a change says which one it was made on."""
    content: bytes
    """What was sealed; the ledger does not read it."""
    changed_at: datetime
    until: datetime
    """When it goes by itself."""


class Drafts:
    """The drafts in the ledger's database. Every method raises Unavailable while it is away."""

    def __init__(self, database: Database, cipher: Cipher | None) -> None:
        self._database = database
        self._cipher = cipher

    def put(self, kept: KeptDraft) -> bool:
        """Keep a draft as it is now; on disk when it returns.

        Its first revision is 1. Any other takes the place of the one before it; False, and nothing
        changed, when that is not the newest any more or is gone.
        """
        values = {
            "sealed": self._key.seal(kept.content, _place(kept.id, kept.person)),
            "revision": kept.revision,
            "changed_at": kept.changed_at,
            "until": kept.until,
        }
        if kept.revision == 1:
            return self._added(values | {"id": kept.id, "person": kept.person})
        before = (*_own(kept.id, kept.person), draft.c.revision == kept.revision - 1)
        with self._database.write() as connection:
            done = connection.execute(sa.update(draft).where(*before).values(**values))
        return bool(done.rowcount)

    def _added(self, values: dict[str, object]) -> bool:
        try:
            with self._database.write() as connection:
                connection.execute(sa.insert(draft), values)
        except exc.IntegrityError:
            return False
        return True

    def get(self, id: str, person: str, now: datetime) -> KeptDraft | None:
        """A draft of this person; None when there is none, or its time is over.

        Raises Unavailable when its key is not here, CaseworkError when it was altered.
        """
        query = sa.select(draft).where(*_own(id, person), draft.c.until > now)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else self._opened(row)

    def of(self, person: str, now: datetime) -> list[KeptDraft]:
        """The drafts of a person, the one changed last first. Raises as `get`."""
        query = (
            sa.select(draft)
            .where(draft.c.person == person, draft.c.until > now)
            .order_by(draft.c.changed_at.desc(), draft.c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [self._opened(row) for row in rows]

    def count(self, person: str, now: datetime) -> int:
        """How many drafts a person has."""
        query = sa.select(sa.func.count()).select_from(draft)
        query = query.where(draft.c.person == person, draft.c.until > now)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def drop(self, id: str, person: str) -> None:
        """Delete a draft of this person, if it is there."""
        with self._database.write() as connection:
            connection.execute(sa.delete(draft).where(*_own(id, person)))

    def drop_old(self, now: datetime) -> int:
        """Delete every draft whose time is over; how many there were."""
        with self._database.write() as connection:
            return connection.execute(sa.delete(draft).where(draft.c.until <= now)).rowcount

    @property
    def _key(self) -> Cipher:
        if self._cipher is None:
            raise Misconfigured("There is no key to seal drafts with, so none is kept or opened.")
        return self._cipher

    def _opened(self, row: sa.Row[tuple[object, ...]]) -> KeptDraft:
        content = self._key.open(row.sealed, _place(row.id, row.person))
        return KeptDraft(row.id, row.person, row.revision, content, row.changed_at, row.until)


def _own(id: str, person: str) -> tuple[sa.ColumnElement[bool], ...]:
    return draft.c.id == id, draft.c.person == person


def _place(id: str, person: str) -> bytes:
    """The context that binds a sealed draft to its id and its owner."""
    return f"draft:{id}:{person}".encode()
