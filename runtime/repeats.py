"""What was sent before under the same key: a form by its token, a decision by its id.

Who sends a thing again gets the answer it got; who sends something else under the same key must be
told, for otherwise the answer to the first would be taken for one to the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.case import Decision, Line, Opened, Receipt
from models.errors import BadInput
from procedures.registry import by_name
from runtime.audit import refold

if TYPE_CHECKING:
    from runtime.desk import Desk

COMPARED = ("act", "person", "on_behalf_of", "reason", "saw", "saw_hash")


def form_before(desk: Desk, token: str) -> Opened | None:
    """The form that a token was sent with; None when it has made no case yet."""
    row = desk.ledger.of_token(token)
    fact = desk.ledger.trail(row.case_id)[0].private.fact if row else None
    return fact if isinstance(fact, Opened) else None


def same_form(desk: Desk, before: Opened, procedure: str, form: dict[str, Any], by: str) -> bool:
    """Whether somebody sends the very form of a case once more."""
    kind = by_name(procedure)
    if (kind.key, desk.directory.find(by).id) != (before.procedure, before.by):
        return False
    try:
        now: object = kind.read(form)
        return bool(now == kind.read(before.intake))
    except BadInput:
        return False


def decision_before(lines: list[Line], id_: str) -> Decision | None:
    """The decision of this id in a trail; None when it holds none."""
    facts = (line.private.fact for line in lines)
    return next((one for one in facts if isinstance(one, Decision) and one.id == id_), None)


def same_decision(before: Decision, now: Decision) -> bool:
    """Whether it is the very decision once more; the role counts where the sender names one."""
    roles = now.role is None or now.role is before.role
    alike = all(getattr(before, name) == getattr(now, name) for name in COMPARED)
    return alike and roles and before.fields == now.fields


def answered_before(lines: list[Line], id_: str) -> Receipt | None:
    """The receipt that a decision of this id got, as the case remembers it."""
    found = refold(lines).case.seen.get(id_)
    return found and found.model_copy(update={"repeated": True})
