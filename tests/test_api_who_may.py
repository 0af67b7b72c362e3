"""The table of who may do what, held against the API: the same cells by real requests.

As `test_who_may_at_the_door`: a case is put into each state with one role and relation in turn, and
every act is sent to it with the token of that person, in the time of the story the case is from.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from models.people import Role
from procedures.procedure import Outcome, Procedure, Start
from procedures.registry import PROCEDURES
from runtime import building
from runtime.clock import utc_now
from runtime.publish.who_may import (
    BY_THE_CORE,
    Relation,
    may,
    possible,
    relations_of,
    roles_of,
)
from tests import who_may_help as helping
from tests.api_help import Program
from tests.nightly import NIGHTLY
from tests.service import Service, running
from tests.test_who_may_at_the_door import _put

each = pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)

Who = tuple[str, Role, Relation]
EVERY = 1 if NIGHTLY else 5
"""Which states get a turn in the quick form: every fifth, with another pair in each."""


@pytest.fixture(scope="module", autouse=True)
def _let_go() -> Iterator[None]:
    yield
    helping.forget()


class Clock:
    """The instant at which the desk receives what is sent: the story's."""

    def __init__(self) -> None:
        self.at = utc_now()

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Apart:
    """A service with a ledger of its own, and a desk in the time of stories."""

    service: Service
    clock: Clock


@pytest.fixture
async def apart(service: Service, tmp_path: Path) -> AsyncIterator[Apart]:
    """These cases begin in the middle, so no audit holds: no other test may meet them."""
    shared = service.settings
    changes = {"home": tmp_path, "key_ring": shared.key_ring_file, "task_queue": "api-who-may"}
    async with running(shared.model_copy(update=changes), service.client) as whole:
        clock = Clock()
        desk = building.build_desk(
            whole.settings, ledger=whole.ledger, client=service.client, clock=clock
        )
        yield Apart(replace(whole, desk=desk), clock)


def _groups(procedure: type[Procedure]) -> Iterator[Who]:
    pairs = [(role, one) for role in roles_of(procedure) for one in relations_of(procedure, role)]
    steps = [s.id for s in procedure.states if not isinstance(s, Start | Outcome)]
    for number, step in enumerate(steps[::EVERY]):
        here = pairs if NIGHTLY else [pairs[(number * 41 + 7) % len(pairs)]]
        yield from ((step, role, relation) for role, relation in here)


@pytest.mark.timeout(7200 if NIGHTLY else 240)
@each
async def test_the_api_hears_exactly_whom_the_table_names(
    procedure: type[Procedure], apart: Apart
) -> None:
    wrong: list[Any] = []
    for number, who in enumerate(_groups(procedure)):
        wrong += await _wrong(apart, procedure, who, f"rehearsal-api-{procedure.key[:9]}-{number}")
    assert wrong == []


async def _wrong(
    apart: Apart, procedure: type[Procedure], who: Who, name: str
) -> list[tuple[str, str, str, str, int, str]]:
    here, role, relation = who
    seen = helping.standing(procedure.key)[here]
    case, person = helping.as_if(procedure.key, here, role, relation)
    apart.clock.at = seen.at
    program = Program(apart.service, person)
    case_id, found, fresh = f"{name}-0".replace("_", ""), [], 0
    await _put(apart.service, case_id, seen, case)
    await _put(apart.service, f"{case_id}-other", seen, case)
    # The desk itself wants to know which case a report is joined to.
    other = {"other": f"{case_id}-other"}
    for act_name, act in procedure.acts.items():
        if act_name in BY_THE_CORE:
            continue
        fields = other if act.joins else {}
        answer = await _sent(apart.service, program, case_id, act_name, fields)
        expected = possible(act, procedure.states_map[here])
        expected = expected and may(procedure, act, role, relation)
        expected = expected and not helping.kept_apart(case, act_name, person)
        if not act.by_people:
            # What only the system does is no act of anybody's here: it is not even sent.
            heard = answer.status_code not in (404, 422)
        else:
            heard = _heard(case, answer, act_name)
        if heard is not expected:
            code = str(answer.json().get("receipt", {}).get("code"))
            found.append((here, str(role), str(relation), act_name, answer.status_code, code))
        if answer.status_code == 200:
            fresh += 1
            case_id = f"{name}-{fresh}".replace("_", "")
            await _put(apart.service, case_id, seen, case)
    return found


async def _sent(
    service: Service, program: Program, case_id: str, act: str, fields: dict[str, str]
) -> httpx2.Response:
    row = service.desk.show(case_id).case
    shown = f'"{row.seq}-{row.head}"'
    path, key = f"/cases/{case_id}/decisions", str(uuid4())
    return await program.post(path, {"act": act, "fields": fields}, key=key, match=shown)


def _heard(case: Procedure, answer: httpx2.Response, act: str) -> bool:
    """Whether the act's own rules were asked at all; what says no before is a 403 or a 409."""
    if answer.status_code == 200:
        return True
    code = answer.json()["receipt"]["code"]
    rules = {rule.id.lower() for rule in case.apart(case.acts[act])}
    heard = code not in helping.NOT_HEARD | rules
    assert heard or answer.status_code in (403, 409), (act, code, answer.status_code)
    return heard
