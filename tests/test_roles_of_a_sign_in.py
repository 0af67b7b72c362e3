"""A sign-in may leave roles out: what is then still done in which role."""

from __future__ import annotations

import pytest

from models.case import Decision
from models.people import Role
from procedures.procedure import Procedure
from runtime.audit import refold
from runtime.narrowing import kept, narrowed
from tests.service import Service


@pytest.mark.parametrize(
    ("only", "left", "why"),
    [
        (None, ["LM", "SM", "COL"], "nothing is left out"),
        ({Role.LM}, ["LM", "COL"], "what every colleague may do stays"),
        (set(), ["COL"], "also when nothing else does"),
        ({Role.AD}, ["COL"], "a sign-in gives nothing that the directory does not"),
    ],
)
def test_a_sign_in_only_takes_away(only: set[Role] | None, left: list[str], why: str) -> None:
    held = (Role.LM, Role.SM, Role.COL)
    assert list(kept(held, None if only is None else frozenset(only))) == left, why


async def _with_nobody_as_manager(service: Service) -> tuple[Procedure, Decision]:
    """A case whose line manager is not there: the next-level manager stands in."""
    case_id = await service.open("fca-1")
    desk = service.desk
    row = desk.show(case_id).case
    above = desk.directory.roster(row.subject, desk.now()).seats[Role.SM][0].person
    decision = desk.decision(row, "start_considering", above, reason="", fields={})
    seats = {role: many for role, many in decision.roster.seats.items() if role is not Role.LM}
    roster = decision.roster.model_copy(update={"seats": seats})
    return refold(desk.trail(case_id)), decision.model_copy(update={"roster": roster})


@pytest.mark.parametrize(
    ("only", "role", "why"),
    [
        (None, None, "the core chooses"),
        ({Role.SM}, Role.SM, "they act as the next-level manager, and may"),
        (
            {Role.LM},
            Role.COL,
            "that they stand in for one they may use gives them none they may not",
        ),
        (set(), Role.COL, "as any colleague, whom the case then refuses"),
    ],
)
async def test_who_stands_in_for_another_needs_the_role_they_do_it_in(
    service: Service, only: set[Role] | None, role: Role | None, why: str
) -> None:
    case, decision = await _with_nobody_as_manager(service)
    usable = None if only is None else frozenset(only)
    act = case.acts["start_considering"]

    assert narrowed(case, act, decision, usable).role is role, why
