"""The table of who may do what, held against the core: every role, state, act and relation.

The table is worked out from what a class body declares; the core judges a decision, with a real
directory, in a case that a story left in that state. The whole product is asked, but for acts that
no outcome is open to: one outcome speaks for all, except in the nightly form.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import pytest

from models.people import Role
from procedures.procedure import Outcome, Procedure, Start
from procedures.registry import PROCEDURES
from procedures.words import Act
from runtime.publish.who_may import (
    BY_THE_CORE,
    Relation,
    may,
    possible,
    relations_of,
    roles_of,
)
from tests import who_may_help as helping
from tests.nightly import NIGHTLY

each = pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)


@pytest.fixture(scope="module", autouse=True)
def _let_go() -> Iterator[None]:
    yield
    helping.forget()


class Asked(NamedTuple):
    """One cell of the table."""

    state: str
    act: str
    role: Role
    relation: Relation


@each
def test_there_is_a_case_in_every_state(procedure: type[Procedure]) -> None:
    states = {state.id for state in procedure.states if not isinstance(state, Start)}
    assert set(helping.standing(procedure.key)) == states


@each
def test_the_core_hears_exactly_whom_the_table_names(procedure: type[Procedure]) -> None:
    asked = list(cells(procedure))
    assert len(asked) > 10_000
    assert [cell for cell in asked if not agrees(procedure, cell)] == []


def cells(procedure: type[Procedure]) -> Iterator[Asked]:
    """Every cell there is."""
    pairs = [(role, one) for role in roles_of(procedure) for one in relations_of(procedure, role)]
    acts = {name: act for name, act in procedure.acts.items() if name not in BY_THE_CORE}
    for state in procedure.states:
        if not isinstance(state, Start):
            here = acts if _all(procedure, state) else _opening_again(acts)
            for name, (role, relation) in product(here, pairs):
                yield Asked(state.id, name, role, relation)


def _all(procedure: type[Procedure], state: object) -> bool:
    outcomes = [one for one in procedure.states if isinstance(one, Outcome)]
    return NIGHTLY or not isinstance(state, Outcome) or state is outcomes[0]


def _opening_again(acts: dict[str, Act]) -> list[str]:
    return [name for name, act in acts.items() if act.reopens is not None]


def agrees(procedure: type[Procedure], cell: Asked) -> bool:
    """Whether the core hears this person exactly when the table says so."""
    seen = helping.standing(procedure.key)[cell.state]
    case, person = helping.as_if(procedure.key, cell.state, cell.role, cell.relation)
    saved = case.snapshot()
    receipt = case.fold(helping.decision_of(case, seen.at, cell.act, person)).receipt
    case.restore(saved)
    assert receipt is not None
    act = procedure.acts[cell.act]
    open_here = possible(act, procedure.states_map[cell.state])
    expected = open_here and may(procedure, act, cell.role, cell.relation)
    apart = helping.kept_apart(case, cell.act, person)
    return helping.heard(case, receipt, cell.act) is (expected and not apart)
