"""The table of who may do what, held against the running service: every act by real updates.

A case is put into each state with one role and relation in turn, and every act is sent to it; the
nightly form does so for every role and relation in every state.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from models.case import Decision, Line, Receipt
from models.people import Role
from procedures.procedure import Outcome, Procedure, Start
from procedures.registry import PROCEDURES
from runtime import recovery
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
from tests.nightly import NIGHTLY
from tests.service import Service, running
from workflows.messages import DECIDE, Carried

each = pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)


@pytest.fixture(scope="module", autouse=True)
def _let_go() -> Iterator[None]:
    if NIGHTLY:
        # A collection among that many cases holds them all for longer than Temporal waits.
        gc.disable()
    yield
    gc.enable()
    helping.forget()


Who = tuple[str, Role, Relation]


def _groups(procedure: type[Procedure]) -> Iterator[Who]:
    pairs = [(role, one) for role in roles_of(procedure) for one in relations_of(procedure, role)]
    steps = [s.id for s in procedure.states if not isinstance(s, Start | Outcome)]
    for number, step in enumerate(steps):
        # A stride without a common factor: after enough steps every pair has had its turn.
        here = pairs if NIGHTLY else [pairs[(number * 37 + 11) % len(pairs)]]
        yield from ((step, role, relation) for role, relation in here)


@pytest.fixture
async def apart(service: Service, tmp_path: Path) -> AsyncIterator[Service]:
    """A worker with a ledger of its own: these cases begin in the middle, so no audit holds."""
    shared = service.settings
    changes = {"home": tmp_path, "key_ring": shared.key_ring_file, "task_queue": "who-may"}
    async with running(shared.model_copy(update=changes), service.client) as whole:
        yield whole


@pytest.mark.timeout(7200 if NIGHTLY else 240)
@each
async def test_the_service_hears_exactly_whom_the_table_names(
    procedure: type[Procedure], apart: Service
) -> None:
    wrong = []
    for number, who in enumerate(_groups(procedure)):
        wrong += await _wrong(apart, procedure, who, f"rehearsal-{procedure.key}-{number}")
    assert wrong == []


async def _wrong(
    service: Service, procedure: type[Procedure], who: Who, case_id: str
) -> list[tuple[str, str, str, str, str | None]]:
    here, role, relation = who
    seen = helping.standing(procedure.key)[here]
    case, person = helping.as_if(procedure.key, here, role, relation)
    found, fresh = [], 0
    await _put(service, f"{case_id}-{fresh}", seen, case)
    for name, act in procedure.acts.items():
        if name in BY_THE_CORE:
            continue
        decision = helping.decision_of(case, seen.at, name, person)
        receipt = await _answer(service, f"{case_id}-{fresh}", decision)
        expected = possible(act, procedure.states_map[here])
        expected = expected and may(procedure, act, role, relation)
        expected = expected and not helping.kept_apart(case, name, person)
        if helping.heard(case, receipt, name) is not expected:
            found.append((here, str(role), str(relation), name, receipt.code))
        if receipt.outcome == "applied":
            # It did something: the next act is asked of a case that stands where this one stood.
            fresh += 1
            await _put(service, f"{case_id}-{fresh}", seen, case)
    return found


async def _put(service: Service, case_id: str, seen: helping.Standing, case: Procedure) -> None:
    """Let a case run that stands where a story left it, in the story's time."""
    lines = tuple(_of(line, case_id) for line in seen.lines)
    state = case.case.model_dump(mode="json")
    state["opened"]["case_id"] = case_id
    batch = case.batch(lines, f"token of {case_id}").model_copy(update={"case_id": case_id})
    service.ledger.append(batch, seen.at)
    carried = Carried(state=state, ahead=seen.at - utc_now())
    queue = service.settings.task_queue
    await recovery.start_run(service.client, case.key, case_id, carried, queue)


def _of(line: Line, case_id: str) -> Line:
    return line.model_copy(update={"entry": line.entry.model_copy(update={"case_id": case_id})})


async def _answer(service: Service, case_id: str, decision: Decision) -> Receipt:
    sent = decision.model_copy(update={"case_id": case_id, "id": f"{case_id}:{decision.act}"[-64:]})
    handle = service.client.get_workflow_handle(case_id)
    receipt: Receipt = await handle.execute_update(DECIDE, sent, id=sent.id, result_type=Receipt)
    return receipt
