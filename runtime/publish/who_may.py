"""Who may do what: role x state x act x relation, worked out from what the class bodies declare.

The table says who is *heard*: guards, forms and reasons are asked afterwards. It is held against
the core and against the running service by tests, each of which judges in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from models.people import OWN_LINE, Role
from policy import book
from procedures.procedure import Outcome, Procedure, Start
from procedures.words import Act
from runtime.publish.markdown import page, section, table


class Relation(StrEnum):
    """What somebody is to the case, beside the role they hold."""

    NONE = "none"
    OPENED_IT = "opened the case"
    ABOUT = "the case is about them"
    CONFLICTED = "conflicted"


BY_THE_CORE = ("correct_decision", "adopt")
"""Whoever could take the act that is corrected or adopted; they have no table of their own."""


def roles_of(procedure: type[Procedure]) -> tuple[Role, ...]:
    """The roles people can hold in a case of this procedure, and those of the whole organisation."""
    seats = {Role.PR, Role.AFF} - {procedure.seat}
    return tuple(role for role in Role if role is not Role.SYS and role not in seats)


def relations_of(procedure: type[Procedure], role: Role) -> tuple[Relation, ...]:
    """The relations in which somebody of this role can stand to a case."""
    if role is procedure.seat:
        return (Relation.ABOUT, Relation.CONFLICTED)
    if role is Role.REP:
        return (Relation.OPENED_IT, Relation.CONFLICTED)
    return tuple(Relation)


def possible(act: Act, state: Start | Outcome | object) -> bool:
    """Whether the act is open in a state at all."""
    name = str(getattr(state, "id", ""))
    if isinstance(state, Outcome):
        return act.opens_again(name) is not None
    if act.reopens is not None:
        return False
    return not act.sources or name in act.sources


def may(procedure: type[Procedure], act: Act, role: Role, relation: Relation) -> bool:
    """Whether somebody of this role and relation is heard when the act is open."""
    if not act.by_people or role is Role.AUD:
        return False
    if Role.COL in act.who and not act.decides:
        return True
    if relation is Relation.CONFLICTED or (role is Role.ADM and Role.ADM not in act.who):
        return False
    if act.decides and relation is not Relation.NONE:
        return False
    if Role.COL in act.who or (relation is Relation.OPENED_IT and Role.REP in act.who):
        return True
    held = relation is not Relation.ABOUT or role not in OWN_LINE
    own = relation is Relation.ABOUT and procedure.seat in act.who
    return own or (held and role in act.who)


def pages(procedure: type[Procedure]) -> str:
    """The table of one procedure as a page: who is heard, act by act and relation by relation."""
    return page(
        f"# Who may do what: {procedure.title}",
        "Made by `make publish` from the class itself: change the class, then publish. Do not edit.",
        "A name here means that the person is heard: the rules of the act are asked after that."
        " Who took a part earlier may be kept apart as well: see the sheet.",
        *(
            section(str(relation).capitalize(), _table(procedure, relation))
            for relation in Relation
        ),
    )


def _table(procedure: type[Procedure], relation: Relation) -> str:
    return table(("Act", "In", "Heard"), _rows(procedure, relation))


def _rows(procedure: type[Procedure], relation: Relation) -> Iterator[tuple[str, str, str]]:
    for name, act in procedure.acts.items():
        if name in BY_THE_CORE or not act.by_people or name == procedure.opening:
            continue
        heard = [
            role
            for role in roles_of(procedure)
            if relation in relations_of(procedure, role) and may(procedure, act, role, relation)
        ]
        yield f"{act.code} {act.label}", _where(procedure, act), _names(procedure, heard, relation)


def _where(procedure: type[Procedure], act: Act) -> str:
    states = [one for one in procedure.states if not isinstance(one, Start) and possible(act, one)]
    steps = [one for one in procedure.states if not isinstance(one, Start | Outcome)]
    if states == steps:
        return "any step"
    return ", ".join(str(getattr(one, "code", one.id)) for one in states)


def _names(procedure: type[Procedure], heard: list[Role], relation: Relation) -> str:
    everybody = [role for role in roles_of(procedure) if relation in relations_of(procedure, role)]
    if not heard:
        return "nobody"
    if heard == everybody:
        return "everybody"
    if heard == [role for role in everybody if role is not Role.AUD]:
        return "everybody but auditors"
    return ", ".join(book().roles[role].name for role in heard)
