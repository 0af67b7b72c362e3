"""The direction of the court: which "no" if it is none, who reads along, the order to follow (D-02).

Read beside the class body in court_directed_access.py, as are all the rules of access.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from models.access import (
    AccessIntake,
    Asker,
    DirectedTo,
    DirectionType,
    OrderStatus,
)
from models.policy import Mark
from procedures.words import Ask, guard

if TYPE_CHECKING:
    from procedures.court_directed_access import CourtDirectedAccess as Access

R = Mark.RECONSTRUCTED

TOLERANCE = timedelta(minutes=5)
"""How far ahead of the server a colleague's own clock may be (9.1)."""


def refusal(form: AccessIntake) -> tuple[str, str] | None:
    """Why the system refuses the intake (D-02): code and plain words; None when it is a direction."""
    if form.asked_by is not Asker.COURT or form.order_status is OrderStatus.NONE:
        return "no_court_direction", (
            "Only a court's direction allows this. Colleagues must not seek out families' content"
            " (2.1); if it matters, ask the court for a direction."
        )
    if form.order_status is OrderStatus.UNSIGNED_DRAFT:
        return "no_sealed_order", (
            "A draft order is not a direction. Register it when the sealed order arrives, or note"
            " the judge's spoken direction."
        )
    return _not_this_procedure(form)


def _not_this_procedure(form: AccessIntake) -> tuple[str, str] | None:
    if form.directed_to not in (DirectedTo.CAFCASS, DirectedTo.NAMED_FCA):
        return "not_directed_to_cafcass", (
            "The court directed somebody else, so this is not Cafcass's to carry out (2.12)."
        )
    if form.direction_type is DirectionType.CONSIDER:
        return "only_to_consider", (
            "The order says to consider access, not to access. Legal has been told and will advise"
            " whether to ask the court for a direction."
        )
    if form.direction_type in (DirectionType.CONTACT, DirectionType.OTHER):
        return "another_direction", (
            "The order asks for something other than access. Legal has been told and will advise."
        )
    if not form.practitioner_holds_case:
        return "not_the_case_holder", (
            "The direction is registered by the practitioner who holds the case."
        )
    return None


def legal_is_copied(form: AccessIntake) -> bool:
    """Whether Legal reads the direction from the start (D-01, 9.5)."""
    document = form.order_document
    page_missing = document is not None and document.pages_received < document.pages
    return (
        form.law_type == "public"
        or form.direction_type is not DirectionType.ACCESS
        or form.order_status is OrderStatus.ORAL
        or form.unclear
        or page_missing
        or form.child_account
        or form.court_date is None
        or form.notice_to_person == "not given"
        or form.interaction_ordered
        or "messages" in form.scope.content
    )


@guard("2.13", R)
def order_is_awaited(case: Access, ask: Ask) -> str | None:
    """A sealed order is still to follow."""
    return "The sealed order is already here." if case.case.record.order_followed else None


def order_came(case: Access, ask: Ask) -> None:
    """The sealed order has followed the spoken direction."""
    case.update(order_followed=True)
    case.turn.evidence.append(ask.form.order_document.sha256)


def registered(case: Access, ask: Ask) -> None:
    """Keep the hash of the order that the direction came with."""
    form: AccessIntake = ask.form
    if form.order_document is not None:
        case.turn.evidence.append(form.order_document.sha256)
