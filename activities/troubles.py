"""What the ledger knows of trouble: work that nobody holds, and acts that were refused."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from pydantic_core import from_json

from activities.tables import duty, duty_holder, entry, register
from models.base import Instant, Value
from models.case import Kind
from models.people import Role

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Connection


class Unheld(Value):
    """One piece of open work without a holder."""

    case_id: str
    procedure: str
    label: str
    role: Role
    due: Instant | None
    clause: str


class Refusals(Value):
    """How often one act was refused for one reason."""

    procedure: str
    act: str
    code: str
    count: int


def unheld(connection: Connection, limit: int) -> list[Unheld]:
    """Open work of open cases that nobody holds, the earliest due first."""
    held = sa.exists().where(
        duty_holder.c.case_id == duty.c.case_id, duty_holder.c.duty == duty.c.duty
    )
    query = (
        sa.select(
            duty.c.case_id,
            register.c.procedure,
            duty.c.label,
            duty.c.role,
            duty.c.due,
            duty.c.clause,
        )
        .join(register, register.c.case_id == duty.c.case_id)
        .where(register.c.closed.is_(False), ~held)
        .order_by(duty.c.due.is_(None), duty.c.due, duty.c.case_id)
        .limit(limit)
    )
    return [Unheld.model_validate(found._asdict()) for found in connection.execute(query)]


_REFUSED = f'"kind":"{Kind.REFUSED.value}"'


def refusals(connection: Connection, since: datetime) -> list[Refusals]:
    """Refused acts since an instant, the most frequent first. Codes and counts; no case text."""
    # Looked for as text first: only a few bodies need to be taken apart.
    query = sa.select(entry.c.body).where(
        entry.c.at >= since, entry.c.body.contains(_REFUSED, autoescape=True)
    )
    found = Counter(_key(from_json(body)) for body in connection.execute(query).scalars())
    rows = (
        Refusals(procedure=procedure, act=act, code=code, count=count)
        for (procedure, act, code), count in found.items()
    )
    return sorted(rows, key=lambda one: (-one.count, one.procedure, one.act, one.code))


def _key(body: dict[str, Any]) -> tuple[str, str, str]:
    return body["procedure"], body["act"] or "", body["code"] or ""


def late(connection: Connection, before: datetime, limit: int) -> list[str]:
    """Open cases with work whose time passed before an instant and that nothing came of.

    A clock that runs out reminds, hands over or flags within seconds; where it did none of these,
    the case itself stands still.
    """
    query = (
        sa.select(duty.c.case_id)
        .join(register, register.c.case_id == duty.c.case_id)
        .where(register.c.closed.is_(False), duty.c.due < before, duty.c.overdue.is_(False))
        .distinct()
        .order_by(duty.c.case_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())
