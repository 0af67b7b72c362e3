"""The pages: how long an inbox and a case take with few and with many cases, and the first page.

The ledger is filled with real trails: cases folded by the core, kept under ids of their own as
the ledger files them. All of them are open, which is the worst case for an inbox.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import httpx2

from activities import chain, filing
from bench.figures import say
from bench.roads import roads
from models.case import Batch, Fact, Line
from procedures.procedure import Procedure
from procedures.registry import by_name
from runtime import building
from runtime.clock import utc_now
from runtime.desk import Desk
from runtime.keyring import KeyRing
from runtime.settings import PROJECT, Settings
from tests.conftest import free_port
from web.app import build
from web.build import built

FEW, MANY = 100, 20_000
IN_ONE = 100
LOOKS = 60
AT_ONCE = 8
REQUESTS = 400
STARTS = 5
PERSON = "com-1"
"""Of the team with most of the work: their inbox grows with the ledger."""
HOST = "127.0.0.1:8080"


async def run() -> None:
    """inbox_ms and case_ms with few and many cases, their ratios, requests a second, first page."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(home=Path(folder), ui=False)
        ring = KeyRing.create(settings.key_ring_file)
        ledger = building.open_ledger(settings)
        desk = building.build_desk(settings, ledger=ledger)
        fill = _cases(desk)
        few = await _filled_and_looked(desk, ring, fill, FEW, 0)
        many = await _filled_and_looked(desk, ring, fill, MANY, FEW)
        for name in ("inbox_ms", "case_ms"):
            say(f"{name}_ratio", many[name] / few[name], "times")
        ledger.close()
    first_page()


# --- filling ------------------------------------------------------------------------------------


def _cases(desk: Desk) -> Iterator[Batch]:
    """Cases of every procedure, open and waiting, each under an id of its own."""
    templates = cycle([_folded(desk, road.key, road.intake, road.by) for road in roads()])
    for number, (batch, case_id) in zip(count(1), templates):
        yield _renamed(batch, case_id, f"case-{number:012x}")


def _folded(desk: Desk, key: str, intake: dict[str, Any], by: str) -> tuple[Batch, str]:
    """One real case as the core opens it: what the ledger is handed."""
    opened = desk.prepare(key, intake, by, "case-to-be-named", utc_now() - timedelta(minutes=5))
    case: Procedure = by_name(key).begin(opened)
    lines = case.fold(opened).lines
    return case.batch(lines, str(opened.token)), opened.case_id


def _renamed(batch: Batch, old: str, new: str) -> Batch:
    def line(one: Line) -> Line:
        fact: Fact | None = one.private.fact
        named = None if fact is None else fact.model_copy(update={"case_id": new})
        return one.model_copy(
            update={
                "entry": one.entry.model_copy(update={"case_id": new}),
                "private": one.private.model_copy(update={"fact": named}),
            }
        )

    lines = tuple(line(one) for one in batch.lines)
    return batch.model_copy(update={"case_id": new, "lines": lines, "token": f"token-{new}"})


async def _filled_and_looked(
    desk: Desk, ring: KeyRing, fill: Iterator[Batch], upto: int, there: int
) -> dict[str, float]:
    for _ in range(0, upto - there, IN_ONE):
        # As the ledger files a batch, many in one transaction: nobody waits for these answers.
        with desk.ledger._database.write() as connection:  # noqa: SLF001
            for batch in islice(fill, min(IN_ONE, upto - there)):
                lines = [chain.ready(line, ring) for line in batch.lines]
                filing.file(connection, batch, lines, ring, utc_now())
    return await _looked(desk, upto)


# --- looking ------------------------------------------------------------------------------------


async def _looked(desk: Desk, cases: int) -> dict[str, float]:
    app = build(desk, [HOST])
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app),
        base_url=f"http://{HOST}",
        headers={"origin": f"http://{HOST}"},
    ) as browser:
        await _sign_in(browser)
        waiting = desk.inbox(PERSON, limit=1)[0].case_id
        paths = {"inbox_ms": "/inbox", "case_ms": f"/case/{waiting}"}
        found = {name: await _milliseconds(browser, path) for name, path in paths.items()}
        for name, value in found.items():
            say(f"{name}_{cases}", value, "ms")
        say(f"inbox_per_s_{cases}", await _rate(browser), "requests/s")
    return found


async def _sign_in(browser: httpx2.AsyncClient) -> None:
    shown = (await browser.get("/sign-in")).text
    token = shown.partition('name="csrf" value="')[2].partition('"')[0]
    answer = await browser.post("/sign-in", data={"csrf": token, "person": PERSON})
    assert answer.headers["location"] == "/inbox"


async def _milliseconds(browser: httpx2.AsyncClient, path: str) -> float:
    taken = []
    for _ in range(LOOKS):
        begun = time.perf_counter()
        answer = await browser.get(path)
        taken.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code == 200, path  # noqa: PLR2004
    return median(taken[LOOKS // 10 :])


async def _rate(browser: httpx2.AsyncClient) -> float:
    places = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with places:
            await browser.get("/inbox")

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(REQUESTS)))
    return REQUESTS / (time.perf_counter() - begun)


# --- the first page -----------------------------------------------------------------------------


def first_page() -> None:
    """first_page_s: from the start of the service, set up before, to its first page."""
    assert built(), "build the styles first: python -m web.build"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        taken = [_started(Path(folder)) for _ in range(STARTS)]
    # The first makes the key ring and the tables; the others are what happens every day.
    say("first_start_s", taken[0], "s")
    say("first_page_s", median(taken[1:]), "s")


def _started(home: Path) -> float:
    ports = {name: str(free_port()) for name in ("PORT", "UI_PORT", "WEB_PORT")}
    given = {f"CASEWORK_{name}": value for name, value in ports.items()}
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "worker.py"],
        cwd=PROJECT,
        env={"CASEWORK_HOME": str(home), "PYTHONPATH": str(PROJECT), **given},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as service:
        _wait_for(f"http://127.0.0.1:{ports['WEB_PORT']}/sign-in", service)
        taken = time.perf_counter() - begun
        service.send_signal(signal.SIGINT)
    return taken


def _wait_for(address: str, service: Any) -> None:
    while True:
        try:
            if httpx2.get(address, timeout=5).status_code == 200:  # noqa: PLR2004
                return
        except httpx2.TransportError:
            assert service.poll() is None, "the service did not start"
            time.sleep(0.02)
