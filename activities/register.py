"""What lists, search and the inbox read: one row a case, and the open work of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from activities.tables import duty, duty_holder, entry, noted, register
from models.base import Instant, Value
from models.case import Entry, Kind
from models.people import IN_PERSON, Holder, Role, Why
from procedures.registry import PROCEDURES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection


class CaseRow(Value):
    """One case as the register knows it. Instants are UTC."""

    case_id: str
    procedure: str
    state: str
    label: str
    closed: bool
    seq: int
    head: str
    subject: str
    started_by: str
    assigned: dict[Role, str]
    flags: tuple[str, ...]
    opened_at: Instant
    closed_at: Instant | None
    next_due: Instant | None
    """The earliest due instant of its open work."""
    token: str | None


class CaseFilter(Value):
    """Which cases to list; everything given must hold."""

    procedure: str | None = None
    state: str | None = None
    closed: bool | None = None
    subject: str | None = None
    started_by: str | None = None
    belongs_to: str | None = None
    """Who reported it, or the practitioner whose family case it is about."""
    holder: str | None = None
    """A person who may do some of the open work."""
    flag: str | None = None
    due_before: Instant | None = None
    opened_from: Instant | None = None
    opened_before: Instant | None = None
    refused: bool | None = None
    """True: something was refused in it."""
    reference: str | None = None
    """A case's reference or its beginning: "case-" and small hexadecimal digits."""
    behind: str | None = None
    """A case's reference: only those that come behind it in the list, whatever was opened since."""


class Order(StrEnum):
    """How a list of cases is sorted."""

    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"
    """What is due first comes first; cases where nothing is due come last."""
    STATE = "state"


class DutyRow(Value):
    """One piece of open work of a case."""

    case_id: str
    duty: str
    role: Role
    base: Role
    label: str
    step: bool
    mandatory: bool
    missed: int
    overdue: bool
    acts: tuple[str, ...]
    holders: tuple[Holder, ...]
    excluded: tuple[str, ...]
    clock: str | None
    clause: str
    opened_at: Instant
    due: Instant | None
    remind_at: Instant | None
    paused: bool


class InboxRow(Value):
    """One piece of open work that one person may do, and why they."""

    case_id: str
    procedure: str
    state: str
    case_label: str
    """Plain name of the state the case rests in."""
    case_opened_at: Instant
    flags: tuple[str, ...]
    """Of the case: "emergency" while somebody may be in danger."""
    seq: int
    """The last line of the trail: what the person is shown, and sends back with a decision."""
    head: str
    duty: str
    label: str
    step: bool
    mandatory: bool
    acts: tuple[str, ...]
    role: Role
    why: Why
    on_behalf_of: str | None
    missed: int
    overdue: bool
    clock: str | None
    clause: str
    opened_at: Instant
    due: Instant | None
    remind_at: Instant | None
    paused: bool


class Share(StrEnum):
    """Whose work it is that waits for somebody."""

    MINE = "mine"
    """They hold the role in the case as themselves."""
    TEAM = "team"
    """Of a whole team; any of them may take it."""
    COVERED = "covered"
    """Of somebody who is away and whom they cover for."""


# Whoever a comment is about is no holder of the case: an inbox must not be how they hear of it.
_OF_PRACTITIONERS = [key for key, kind in PROCEDURES.items() if kind.seat is Role.PR]
_ONE = sa.select(register).where(register.c.case_id == sa.bindparam("of"))
INBOX = (
    sa.select(
        register.c.case_id,
        register.c.procedure,
        register.c.state,
        register.c.label.label("case_label"),
        register.c.opened_at.label("case_opened_at"),
        register.c.flags,
        register.c.seq,
        register.c.head,
        duty.c.duty,
        duty.c.label,
        duty.c.step,
        duty.c.mandatory,
        duty.c.acts,
        duty_holder.c.role,
        duty_holder.c.why,
        duty_holder.c.on_behalf_of,
        duty.c.missed,
        duty.c.overdue,
        duty.c.clock,
        duty.c.clause,
        duty.c.opened_at,
        duty.c.due,
        duty.c.remind_at,
        duty.c.paused,
    )
    .select_from(duty_holder)
    .join(duty, sa.and_(duty.c.case_id == duty_holder.c.case_id, duty.c.duty == duty_holder.c.duty))
    .join(register, register.c.case_id == duty_holder.c.case_id)
    .where(duty_holder.c.person == sa.bindparam("person"))
    # `place` holds the order: overdue, then by due instant, then what has none. It is not worked
    # out here, so that a page of an inbox costs as much among twenty thousand cases as among ten.
    .order_by(duty_holder.c.place, duty_holder.c.case_id, duty_holder.c.duty, duty_holder.c.role)
)
_COVERS = duty_holder.c.why == Why.DELEGATE.value
_IN_PERSON = duty_holder.c.role.in_([role.value for role in IN_PERSON])
_SHARES = {
    Share.MINE: sa.and_(sa.not_(_COVERS), _IN_PERSON),
    Share.TEAM: sa.and_(sa.not_(_COVERS), sa.not_(_IN_PERSON)),
    Share.COVERED: _COVERS,
}
_COUNTS = (
    sa.select(duty_holder.c.role, duty_holder.c.why, sa.func.count())
    .where(duty_holder.c.person == sa.bindparam("person"))
    .group_by(duty_holder.c.role, duty_holder.c.why)
)
_LAST = sa.select(entry.c.body).join(
    register, sa.and_(register.c.case_id == entry.c.case_id, register.c.seq == entry.c.seq)
)


def row(connection: Connection, case_id: str) -> CaseRow | None:
    """One case, or None when the ledger has never heard of it."""
    found = connection.execute(_ONE, {"of": case_id}).first()
    return None if found is None else _case(found)


def of_token(connection: Connection, token: str) -> CaseRow | None:
    """The case that a submission token made; None while there is none."""
    found = connection.execute(sa.select(register).where(register.c.token == token)).first()
    return None if found is None else _case(found)


_ORDERS: dict[Order, tuple[sa.ColumnElement[Any], ...]] = {
    Order.NEWEST: (register.c.opened_at.desc(), register.c.case_id.desc()),
    Order.OLDEST: (register.c.opened_at, register.c.case_id),
    Order.DUE: (register.c.next_due, register.c.case_id),
    Order.STATE: (register.c.procedure, register.c.state, register.c.opened_at),
}


def cases(
    connection: Connection,
    wanted: CaseFilter,
    limit: int,
    offset: int,
    order: Order = Order.NEWEST,
) -> list[CaseRow]:
    """Cases in an order, the newest first unless another is given."""
    conditions = _conditions(wanted)
    if order is not Order.DUE:
        return _sorted(connection, conditions, order, limit, offset)
    # In two goes: one sort that puts what has no time last could not follow the index.
    dated = [*conditions, register.c.next_due.is_not(None)]
    found = _sorted(connection, dated, order, limit, offset)
    if len(found) == limit:
        return found
    before = offset - _counted(connection, dated)
    undated = [*conditions, register.c.next_due.is_(None)]
    return found + _sorted(connection, undated, order, limit - len(found), max(before, 0))


def _sorted(
    connection: Connection,
    conditions: Sequence[sa.ColumnElement[bool]],
    order: Order,
    limit: int,
    offset: int,
) -> list[CaseRow]:
    query = sa.select(register).where(*conditions).order_by(*_ORDERS[order])
    return [_case(found) for found in connection.execute(query.limit(limit).offset(offset))]


def count(connection: Connection, wanted: CaseFilter) -> int:
    """How many cases a filter lets through."""
    return _counted(connection, _conditions(wanted))


def _counted(connection: Connection, conditions: Sequence[sa.ColumnElement[bool]]) -> int:
    query = sa.select(sa.func.count()).select_from(register).where(*conditions)
    return int(connection.execute(query).scalar_one())


def open_ids(connection: Connection, before: datetime) -> list[str]:
    """The references of cases opened before an instant and still open."""
    query = sa.select(register.c.case_id).where(register.c.closed.is_(False))
    return list(connection.execute(query.where(register.c.opened_at < before)).scalars())


def _conditions(wanted: CaseFilter) -> list[sa.ColumnElement[bool]]:
    given = wanted.model_dump(exclude_none=True)
    plain = ("procedure", "state", "closed", "subject", "started_by")
    found: list[sa.ColumnElement[bool]] = [
        register.c[name] == given[name] for name in plain if name in given
    ]
    if wanted.due_before is not None:
        found.append(register.c.next_due < wanted.due_before)
    if wanted.opened_from is not None:
        found.append(register.c.opened_at >= wanted.opened_from)
    if wanted.opened_before is not None:
        found.append(register.c.opened_at < wanted.opened_before)
    if wanted.refused:
        refusals = sa.select(noted.c.case_id).where(noted.c.kind == Kind.REFUSED)
        found.append(register.c.case_id.in_(refusals))
    if wanted.reference is not None:
        found += _begins(wanted.reference)
    if wanted.behind is not None:
        found.append(_behind(wanted.behind))
    if wanted.flag is not None:
        # A list of enumerated codes as JSON text; the quotes make it the whole code.
        text = sa.cast(register.c.flags, sa.Text)
        found.append(text.contains(f'"{wanted.flag}"', autoescape=True))
    if wanted.belongs_to is not None:
        about = sa.and_(
            register.c.subject == wanted.belongs_to, register.c.procedure.in_(_OF_PRACTITIONERS)
        )
        found.append(sa.or_(register.c.started_by == wanted.belongs_to, about))
    if wanted.holder is not None:
        theirs = sa.select(duty_holder.c.case_id).where(duty_holder.c.person == wanted.holder)
        found.append(register.c.case_id.in_(theirs))
    return found


def _begins(reference: str) -> tuple[sa.ColumnElement[bool], ...]:
    # From here to there, and not LIKE: so the primary key finds it in both databases. References
    # are all of one shape, so that every order of letters puts a "g" behind what may follow.
    return register.c.case_id >= reference, register.c.case_id < f"{reference}g"


def _behind(case_id: str) -> sa.ColumnElement[bool]:
    here = sa.select(register.c.opened_at).where(register.c.case_id == case_id).scalar_subquery()
    return sa.or_(
        register.c.opened_at < here,
        sa.and_(register.c.opened_at == here, register.c.case_id < case_id),
    )


def duties(connection: Connection, case_id: str) -> list[DutyRow]:
    """The open work of one case: the step first, then its tasks by due instant."""
    query = sa.select(duty).where(duty.c.case_id == case_id)
    query = query.order_by(duty.c.step.desc(), duty.c.due.asc().nulls_last(), duty.c.duty)
    return [DutyRow.model_validate(found._asdict()) for found in connection.execute(query)]


def inbox(
    connection: Connection,
    person: str,
    share: Share | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[InboxRow]:
    """What a person may do now in any case: overdue first, then by due instant.

    With `share` only that part of it.
    """
    query = INBOX if share is None else INBOX.where(_SHARES[share])
    query = query.limit(limit).offset(offset)
    return [
        InboxRow.model_validate(found._asdict())
        for found in connection.execute(query, {"person": person})
    ]


def waiting(connection: Connection, person: str) -> dict[Share, int]:
    """How much waits for a person, by whose work it is."""
    found = dict.fromkeys(Share, 0)
    for role, why, number in connection.execute(_COUNTS, {"person": person}):
        found[_share(role, why)] += number
    return found


def _share(role: str, why: str) -> Share:
    if why == Why.DELEGATE.value:
        return Share.COVERED
    return Share.MINE if role in IN_PERSON else Share.TEAM


def last_entries(connection: Connection, case_ids: Sequence[str]) -> dict[str, Entry]:
    """The newest entry of each of these cases."""
    found = connection.execute(_LAST.where(entry.c.case_id.in_(case_ids))).scalars()
    entries = (Entry.model_validate_json(body) for body in found)
    return {one.case_id: one for one in entries}


def _case(found: sa.Row[Any]) -> CaseRow:
    return CaseRow.model_validate(found._asdict())
