"""Who may see how much of a case (4.3, all R): everything, what their own task needs, or a receipt."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from models.errors import Refused
from models.people import Role
from procedures.evidence_readers import readers
from procedures.registry import by_name
from runtime import evidence
from runtime.narrowing import Roles, kept

if TYPE_CHECKING:
    from runtime.desk import Desk

IN_DANGER = (Role.ONC, Role.DOC, Role.SAFE)
"""Who is asked because of danger sees all while it is open: nothing may delay them (INV-11, R)."""

FOR_A_TASK = (
    "platform",
    "post_url",
    "author_handle",
    "visibility",
    "discovered_at",
    "targets",
    "scope",
    "compliance_date",
)
"""Fields of a form that whoever has a task in the case may see: the post and the request (4.3)."""


class Sight(StrEnum):
    """How much of a case somebody sees."""

    EVERYTHING = "everything"
    TASK = "task"
    RECEIPT = "receipt"


def sight(desk: Desk, case_id: str, person: str, only: Roles = None) -> Sight:
    """How much somebody sees of a case today. Raises Refused to whom it is not for, or BadInput.

    `only` are the roles they may use, None all they hold.
    """
    return admitted(desk, case_id, person, only)[0]


def admitted(desk: Desk, case_id: str, person: str, only: Roles = None) -> tuple[Sight, Role]:
    """As `sight`, with the role that lets them see it: the record of looks names it."""
    view = desk.show(case_id)
    row = view.case
    who = desk.directory.find(person).id
    roles = set(kept(evidence.roles_of(desk, row, who, desk.now()), only)) - {Role.AUD}
    for role in readers(by_name(row.procedure).code):
        if role in roles:
            return Sight.EVERYTHING, role
    asked = (holder.role for one in view.duties for holder in one.holders if holder.person == who)
    open_to = kept(asked, only)
    for role in open_to:
        if role in IN_DANGER:
            return Sight.EVERYTHING, role
    if open_to:
        return Sight.TASK, open_to[0]
    if row.started_by == who:
        return Sight.RECEIPT, Role.REP
    raise Refused(
        "not_a_reader",
        "There is no such case, or it is not for you. Whoever works on it can tell you more.",
        "4.3",
    )
