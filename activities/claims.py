"""Who was first: one case per submission token, and one open case per matter (policy 6.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from activities import links
from activities.links import NOTHING, About, digest
from activities.tables import identity, register, submission
from models.base import Value

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


class Claim(Value):
    """The answer to a claim: the case of this token, and the other cases that belong to it."""

    case_id: str
    """The case the token was first claimed for: the one proposed, or an earlier one."""
    same_as: str | None = None
    """The first open case with the same identity, if that is another one."""
    linked: tuple[str, ...] = ()
    """Cases, open or closed, about the same post under another procedure or key (6.4.3)."""
    similar: tuple[str, ...] = ()
    """Open cases that look alike: the same author within 24 hours, another post (6.4.5)."""


def claim(
    connection: Connection,
    token: str,
    case_id: str,
    identity_key: str | None,
    about: About | None = None,
) -> Claim:
    """Claim a token for a case, and the matter it is about. A token claimed before answers again.

    Only a digest of `identity_key` is kept; a key that can be guessed should come keyed already.
    """
    if about is not None:
        links.take_turns(connection, about)
    first = connection.execute(
        _insert(connection, submission)
        .values(token=token, case_id=case_id)
        .on_conflict_do_nothing(index_elements=["token"])
        .returning(submission.c.case_id)
    ).scalar_one_or_none()
    if first is None:
        return _claimed(connection, token)
    matter = digest(identity_key) if identity_key else None
    same_as = _same(connection, matter, case_id, about) if matter else None
    found = links.noted(connection, case_id, about, matter, same_as) if about else NOTHING
    if same_as is not None or any(found):
        kept = {"same_as": same_as, "linked": list(found.linked), "similar": list(found.similar)}
        connection.execute(sa.update(submission).where(submission.c.token == token).values(**kept))
    return Claim(case_id=case_id, same_as=same_as, linked=found.linked, similar=found.similar)


def _claimed(connection: Connection, token: str) -> Claim:
    row = connection.execute(sa.select(submission).where(submission.c.token == token)).one()
    return Claim(
        case_id=row.case_id,
        same_as=row.same_as,
        linked=tuple(row.linked or ()),
        similar=tuple(row.similar or ()),
    )


def is_open(connection: Connection, identity_key: str, procedure: str) -> bool:
    """Whether an open case stands for this matter. A ledger without tables knows of none."""
    if not sa.inspect(connection).has_table(identity.name):
        return False
    holder = sa.select(identity.c.procedure).where(
        identity.c.key == digest(identity_key), identity.c.open.is_(True)
    )
    row = connection.execute(holder).one_or_none()
    return row is not None and row.procedure in (None, procedure)


def release(connection: Connection, case_id: str) -> None:
    """Let go of the matter claimed for a case that was never opened; an opened one keeps it."""
    opened = sa.exists().where(register.c.case_id == case_id)
    connection.execute(sa.delete(identity).where(identity.c.case_id == case_id, ~opened))
    links.forget(connection, case_id)


def set_identity_open(connection: Connection, case_id: str, *, is_open: bool) -> None:
    """Say whether the case still stands for its matter; one that never did is left alone."""
    connection.execute(_SET_OPEN, {"of": case_id, "to": is_open})


_SET_OPEN = (
    sa.update(identity)
    .where(identity.c.case_id == sa.bindparam("of"), identity.c.open != sa.bindparam("to"))
    .values(open=sa.bindparam("to"))
)


def _same(connection: Connection, matter: str, case_id: str, about: About | None) -> str | None:
    procedure = about.procedure if about else None
    wanted = _insert(connection, identity).values(
        key=matter, case_id=case_id, open=True, procedure=procedure
    )
    taken = {name: wanted.excluded[name] for name in ("case_id", "open", "procedure")}
    connection.execute(
        wanted.on_conflict_do_update(
            index_elements=["key"], set_=taken, where=identity.c.open.is_(False)
        )
    )
    holder = connection.execute(
        sa.select(identity.c.case_id, identity.c.procedure).where(identity.c.key == matter)
    ).one()
    # Two procedures that spell their keys alike are two matters all the same (6.4.3, 6.4.6).
    foreign = None not in (holder.procedure, procedure) and holder.procedure != procedure
    return None if foreign or holder.case_id == case_id else str(holder.case_id)


def _insert(connection: Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
