"""Which other cases are about the same post, and which only look like it (policy 6.4).

    linked    the same post under another procedure or another key: cases of their own (6.4.3)
    similar   the same author within 24 hours and no post in common: a suggestion, no more (6.4.5)

Found while the token is claimed, in the same transaction, so that of two forms sent at the same
moment the second always finds the first. Addresses and handles are kept as digests only.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from activities.tables import register, sighting, submission
from models.base import Instant, Value

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

WINDOW = timedelta(hours=24)
"""How far apart two openings may lie to look alike: real time, the edge included (6.4.5, R)."""

MOST = 50
"""Cases named at most, the earliest first: a post that many colleagues report is still one line."""


class About(Value):
    """What a case is about, as its procedure says it; normalised, and never kept readable."""

    procedure: str
    at: Instant
    """When the desk received the form, UTC."""
    posts: tuple[str, ...] = ()
    author: str | None = None
    apart_from: tuple[str, ...] = ()
    """Keys of procedures that are never linked with this one (4.3, 6.4.6)."""


class Found(NamedTuple):
    """Ids of other cases, the earliest first."""

    linked: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()


NOTHING = Found()


def take_turns(connection: Connection, about: About) -> None:
    """Let forms about one post or author claim one after the other; others do not wait.

    Only the first thing in a transaction: taken in one order and before every row, two claims can
    never wait for each other.
    """
    if connection.dialect.name == "sqlite":
        # One writer at a time anyway.
        return
    for mark in sorted({*_posts(about), *filter(None, [_author(about)])}):
        number = int(mark[:16], 16) - 2**63
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def noted(
    connection: Connection, case_id: str, about: About, matter: str | None, same_as: str | None
) -> Found:
    """Note what a new case is about, and give the other cases there are.

    `matter` is the digest of its identity, `same_as` the open case it would be joined to.
    """
    if not about.posts and about.author is None:
        return NOTHING
    connection.execute(sa.insert(sighting), _rows(case_id, about, matter))
    apart = [case_id] if same_as is None else [case_id, same_as]
    # A supporting report sees no other report of its own matter: the leading case does that.
    own = None if same_as is None else matter
    return Found(
        linked=_linked(connection, about, apart, own),
        similar=_similar(connection, about, apart),
    )


def forget(connection: Connection, case_id: str) -> None:
    """Forget what a case that was never opened was about; an opened one is remembered."""
    was_opened = sa.exists().where(register.c.case_id == case_id)
    connection.execute(sa.delete(sighting).where(sighting.c.case_id == case_id, ~was_opened))


def digest(text: str) -> str:
    """What is kept of a text that is never kept itself."""
    return sha256(text.encode()).hexdigest()


def _posts(about: About) -> list[str]:
    return sorted(set(map(digest, about.posts)))


def _author(about: About) -> str | None:
    return None if about.author is None else digest(about.author)


def _rows(case_id: str, about: About, matter: str | None) -> list[dict[str, object]]:
    return [
        {
            "case_id": case_id,
            "place": place,
            "procedure": about.procedure,
            "post": post,
            "author": _author(about),
            "matter": matter,
            "opened_at": about.at,
        }
        for place, post in enumerate(_posts(about) or [None])
    ]


def _others(apart: list[str]) -> sa.Select[Any]:
    """Other cases by their sightings, without reports that only support one of them."""
    is_open = sa.exists().where(
        register.c.case_id == sighting.c.case_id, register.c.closed.is_(False)
    )
    supports = submission.c.same_as.is_not(None) & ~is_open
    return (
        sa.select(sighting.c.case_id)
        .outerjoin(submission, submission.c.case_id == sighting.c.case_id)
        .where(sighting.c.case_id.not_in(apart), ~supports)
        .group_by(sighting.c.case_id)
        .order_by(sa.func.min(sighting.c.opened_at), sighting.c.case_id)
        .limit(MOST)
    )


def _linked(
    connection: Connection, about: About, apart: list[str], own: str | None
) -> tuple[str, ...]:
    if not about.posts:
        return ()
    query = _others(apart).where(
        sighting.c.post.in_(_posts(about)), sighting.c.procedure.not_in(about.apart_from)
    )
    if own is not None:
        query = query.where(
            (sighting.c.procedure != about.procedure)
            | sighting.c.matter.is_(None)
            | (sighting.c.matter != own)
        )
    return tuple(connection.execute(query).scalars())


def _similar(connection: Connection, about: About, apart: list[str]) -> tuple[str, ...]:
    if about.author is None:
        return ()
    other = sighting.alias()
    of_same_post = sa.exists().where(
        other.c.case_id == sighting.c.case_id, other.c.post.in_(_posts(about))
    )
    # One that is being opened at this moment is not in the register yet, and counts as open.
    is_closed = sa.exists().where(
        register.c.case_id == sighting.c.case_id, register.c.closed.is_(True)
    )
    query = _others(apart).where(
        sighting.c.author == _author(about),
        sighting.c.procedure == about.procedure,
        sighting.c.opened_at.between(about.at - WINDOW, about.at + WINDOW),
        ~of_same_post,
        ~is_closed,
    )
    return tuple(connection.execute(query).scalars())
