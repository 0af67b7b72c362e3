"""Throughput, latency, history size and audit, each against its counterpart on the same server."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from activities.register import CaseFilter
from bench.bare import BareCase
from bench.figures import say
from bench.roads import Road, roads
from bench.workers import worker
from procedures.registry import PROCEDURES
from runtime import audit, building, temporal
from runtime.keyring import KeyRing
from runtime.server import EmbeddedServer
from runtime.settings import Settings
from tests.conftest import free_port
from tests.service import Service

ROUNDS = 5
CASES = 40
AT_ONCE = 8
LATENCIES = 40
AUDITED = 28
HUMAN_ACTS = 11
CLOSE_TO_IT = {
    "court_directed_access": "fca-1",
    "employee_comments": "lm-1",
    "corporate_reputation": "com-1",
    "court_proceedings": "fca-1",
}
"""Somebody who may add evidence to a case of each road."""
HUMAN_PAUSE = 0.2
"""Seconds between acts, so that none meets the one before: a human is slower still."""


async def run() -> None:
    """cases_ratio, decide_ms_ratio, events_per_act, fold_per_s, audit_ratio, of each procedure.

    The figures of D, which the first issue asked for, have the plain names; those of the others end
    in their letter.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(home=Path(folder), port=free_port(), ui=False)
        KeyRing.create(settings.key_ring_file)
        building.open_ledger(settings).close()
        async with EmbeddedServer(settings):
            plain = await Client.connect(settings.address)
            async with worker("ours", settings), worker("bare", settings):
                service = await _desk(settings)
                for road in roads():
                    await _cases(service, plain, road)
                    await _latency(service, plain, road)
                    await _events(service, road)
                    await _audit(service, road)


def _name(figure: str, road: Road) -> str:
    code = PROCEDURES[road.key].code
    return figure if code == "D" else f"{figure}_{code}"


async def _desk(settings: Settings) -> Service:
    client = await temporal.connect(settings, identity="desk")
    ledger = building.open_ledger(settings)
    directory = building.open_directory(settings, ledger)
    desk = building.build_desk(settings, ledger=ledger, directory=directory, client=client)
    return Service(settings, client, ledger, desk)


async def _cases(service: Service, plain: Client, road: Road) -> None:
    async def our_case() -> None:
        await road.walk(service)

    async def bare_case() -> None:
        handle = await _bare(plain, len(road.moves))
        for number in range(len(road.moves)):
            await handle.execute_update(BareCase.act, f"act {number}")
        await handle.result()

    await _rate(our_case, AT_ONCE)
    await _rate(bare_case, AT_ONCE)
    pairs = [(await _rate(bare_case, CASES), await _rate(our_case, CASES)) for _ in range(ROUNDS)]
    say(_name("cases_per_s", road), median(own for _, own in pairs), "cases/s")
    say(_name("cases_ratio", road), median(own / bare for bare, own in pairs), "times")


async def _rate(case: Callable[[], Awaitable[None]], count: int) -> float:
    places = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with places:
            await case()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(count)))
    return count / (time.perf_counter() - begun)


async def _bare(plain: Client, acts: int) -> WorkflowHandle[BareCase, int]:
    return await plain.start_workflow(BareCase.run, acts, id=str(uuid4()), task_queue="bare")


async def _latency(service: Service, plain: Client, road: Road) -> None:
    pairs = []
    for _ in range(ROUNDS):
        handle = await _bare(plain, 1)
        case_id = await road.open(service)

        async def ping(handle: WorkflowHandle[BareCase, int] = handle) -> None:
            await handle.execute_update(BareCase.ping, "x")

        async def decide(case_id: str = case_id) -> None:
            await service.act(case_id, CLOSE_TO_IT[road.key], "add_evidence", **_evidence())

        pairs.append((await _milliseconds(ping), await _milliseconds(decide)))
        await handle.execute_update(BareCase.act, "last")
    say(_name("decide_ms", road), median(own for _, own in pairs), "ms")
    say(_name("decide_ms_ratio", road), median(own / bare for bare, own in pairs), "times")


def _evidence() -> dict[str, str]:
    return {"sha256": uuid4().hex * 2, "kind": "pdf", "title": "an invented document"}


async def _milliseconds(act: Callable[[], Awaitable[None]]) -> float:
    await act()
    taken = []
    for _ in range(LATENCIES):
        begun = time.perf_counter()
        await act()
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken)


async def _events(service: Service, road: Road) -> None:
    """At human pace: one act at a time, by update; the median, as one may meet a busy worker."""
    case_id = await road.open(service)
    grown = []
    for _ in range(HUMAN_ACTS):
        await asyncio.sleep(HUMAN_PAUSE)
        before = len((await service.handle(case_id).fetch_history()).events)
        await service.act(case_id, CLOSE_TO_IT[road.key], "add_evidence", **_evidence())
        grown.append(len((await service.handle(case_id).fetch_history()).events) - before)
    say(_name("events_per_act", road), median(grown), "events")


async def _audit(service: Service, road: Road) -> None:
    mine = CaseFilter(procedure=road.key, closed=True)
    ids = [row.case_id for row in service.desk.cases(mine, limit=AUDITED)]
    histories = [await service.handle(each).fetch_history() for each in ids]
    pairs, entries = [], 0
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        replayer = temporal.replayer(building.WORKFLOWS, service.settings)
        for history in histories:
            await replayer.replay_workflow(history)
        replayed = time.perf_counter() - begun
        begun = time.perf_counter()
        verdicts = [each for case_id in ids for each in audit.audit(service.ledger, case_id)]
        audited = time.perf_counter() - begun
        assert all(each.ok for each in verdicts)
        entries = sum(each.entries for each in verdicts)
        pairs.append((replayed, audited))
    say(_name("fold_per_s", road), median(entries / audited for _, audited in pairs), "entries/s")
    say(
        _name("audit_ratio", road),
        median(replayed / audited for replayed, audited in pairs),
        "times",
    )
