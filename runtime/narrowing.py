"""Acting and reading with only some of one's roles, as a token may allow.

A narrowed caller never gets more than the directory gives; what everybody may do stays with them:
to report, to see what became of a report of one's own, to speak where one is written about, and to
say that somebody is in danger.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.case import Decision
from models.errors import Refused
from models.people import Role
from procedures import judge
from procedures.procedure import Procedure
from procedures.words import Act

EVERYBODY = frozenset({Role.COL, Role.REP, Role.AFF})
"""Roles that no token takes away, since no app role stands for them (INV-11, R)."""

Roles = frozenset[Role] | None
"""The only roles somebody may use; None: all they hold."""


def kept(roles: Iterable[Role], only: Roles) -> tuple[Role, ...]:
    """Those of the roles that may be used, in their order."""
    return tuple(role for role in roles if only is None or role in only | EVERYBODY)


def narrowed(case: Procedure, act: Act, decision: Decision, only: Roles) -> Decision:
    """The decision in a role that may be used: the first the case takes it in, else any colleague's.

    In the last event the case refuses it, and the refusal is recorded like every other. A role
    that the sender named is kept when it may be used.
    """
    if only is None:
        return decision
    usable = [role for role in Role if role in only | EVERYBODY]
    if decision.role is not None:
        usable = [role for role in usable if role is decision.role] or usable
    tried = (decision.model_copy(update={"role": role}) for role in usable)
    found = next((one for one in tried if _stands(case, act, one, only)), None)
    # A role that may be used can also be the one that somebody higher up now stands in for.
    return found or decision.model_copy(update={"role": Role.COL})


def _stands(case: Procedure, act: Act, decision: Decision, only: frozenset[Role]) -> bool:
    try:
        standing = judge.standing(case, act, decision)
    except Refused:
        return False
    except judge.Late:
        return True
    return bool(kept((standing.holder.role,), only))
