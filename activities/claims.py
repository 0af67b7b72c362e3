"""Who was first: one case per submission token, and one open case per matter (policy 6.4)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from activities.tables import identity, register, submission
from models.base import Value

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


class Claim(Value):
    """The answer to a claim: the case of this token, and the open case of the same matter."""

    case_id: str
    """The case the token was first claimed for: the one proposed, or an earlier one."""
    same_as: str | None = None
    """The first open case with the same identity, if that is another one."""


def claim(connection: Connection, token: str, case_id: str, identity_key: str | None) -> Claim:
    """Claim a token for a case, and the matter it is about. A token claimed before answers again.

    Only a digest of `identity_key` is kept; a key that can be guessed should come keyed already.
    """
    first = connection.execute(
        _insert(connection, submission)
        .values(token=token, case_id=case_id)
        .on_conflict_do_nothing(index_elements=["token"])
        .returning(submission.c.case_id)
    ).scalar_one_or_none()
    if first is None:
        found = sa.select(submission.c.case_id, submission.c.same_as)
        row = connection.execute(found.where(submission.c.token == token)).one()
        return Claim(case_id=row.case_id, same_as=row.same_as)
    same_as = _same(connection, identity_key, case_id) if identity_key else None
    if same_as is not None:
        connection.execute(
            sa.update(submission).where(submission.c.token == token).values(same_as=same_as)
        )
    return Claim(case_id=case_id, same_as=same_as)


def release(connection: Connection, case_id: str) -> None:
    """Let go of the matter claimed for a case that was never opened; an opened one keeps it."""
    opened = sa.exists().where(register.c.case_id == case_id)
    connection.execute(sa.delete(identity).where(identity.c.case_id == case_id, ~opened))


def set_identity_open(connection: Connection, case_id: str, *, is_open: bool) -> None:
    """Say whether the case still stands for its matter; one that never did is left alone."""
    connection.execute(_SET_OPEN, {"of": case_id, "to": is_open})


_SET_OPEN = (
    sa.update(identity)
    .where(identity.c.case_id == sa.bindparam("of"), identity.c.open != sa.bindparam("to"))
    .values(open=sa.bindparam("to"))
)


def _same(connection: Connection, key: str, case_id: str) -> str | None:
    digest = sha256(key.encode()).hexdigest()
    wanted = _insert(connection, identity).values(key=digest, case_id=case_id, open=True)
    connection.execute(
        wanted.on_conflict_do_update(
            index_elements=["key"],
            set_={"case_id": wanted.excluded.case_id, "open": True},
            where=identity.c.open.is_(False),
        )
    )
    holder: str = connection.execute(
        sa.select(identity.c.case_id).where(identity.c.key == digest)
    ).scalar_one()
    return None if holder == case_id else holder


def _insert(connection: Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
