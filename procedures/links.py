"""Other cases that belong to a new one: written into its trail, never merged (6.4, R)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.base import Instant
from models.case import Kind, Opened
from models.people import Role
from procedures.turn import tell_person, write

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure

LINKED = "linked"
LOOKS_ALIKE = "looks_alike"
_CLAUSE = "6.4"


def note(case: Procedure, fact: Opened) -> None:
    """Name the cases the ledger found, and tell whoever holds the first step, or the line manager.

    They are entries of their own: what an opening says of itself stays as it always was.
    """
    if fact.linked:
        case.case.links = fact.linked
        _flag(case, fact.at, LINKED, "The same post is handled in another case too", fact.linked)
    if fact.similar:
        label = "Another case looks alike: the same author within 24 hours. Judge if they are one"
        _flag(case, fact.at, LOOKS_ALIKE, label, fact.similar)


def _flag(case: Procedure, at: Instant, code: str, label: str, others: tuple[str, ...]) -> None:
    held = [holder for duty in case.case.duties if duty.step for holder in duty.holders]
    for holder in held or case.who_is(Role.LM):
        tell_person(case, holder.person, holder.role, "told", label, _CLAUSE)
    named = f"{label}: {', '.join(others)}"
    write(case, Kind.FLAGGED, named, at, before=case.here, code=code, clauses=(_CLAUSE,))
