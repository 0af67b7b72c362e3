"""The pages: how long an inbox and a case take with few and with many cases, and the first page.

The ledger is filled with real trails: cases folded by the core, kept under ids of their own as
the ledger files them. All of them are open, which is the worst case for an inbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
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
LOOKS = 40
TURNS = range(7)
AT_ONCE = 8
REQUESTS = 400
STARTS = 5
PERSON = "com-1"
"""Of the team with most of the work: their inbox grows with the ledger."""
HOST = "127.0.0.1:8080"


async def run() -> None:
    """inbox_ms and case_ms with few and with many cases, in turn; requests a second, first page."""
    async with contextlib.AsyncExitStack() as stack:
        few = await stack.enter_async_context(_filled(FEW))
        many = await stack.enter_async_context(_filled(MANY))
        for name, path in (("inbox_ms", "/inbox"), ("case_ms", "/case/{waiting}")):
            pairs = [(await few.milliseconds(path), await many.milliseconds(path)) for _ in TURNS]
            say(f"{name}_{FEW}", median(one for one, _ in pairs), "ms")
            say(f"{name}_{MANY}", median(other for _, other in pairs), "ms")
            say(f"{name}_ratio", median(other / one for one, other in pairs), "times")
        say(f"inbox_per_s_{FEW}", await few.rate(), "requests/s")
        say(f"inbox_per_s_{MANY}", await many.rate(), "requests/s")
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


@contextlib.asynccontextmanager
async def _filled(cases: int) -> AsyncIterator[Pages]:
    """The pages on a ledger of this many cases."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(home=Path(folder), ui=False)
        ring = KeyRing.create(settings.key_ring_file)
        with building.open_ledger(settings) as ledger:
            desk = building.build_desk(settings, ledger=ledger)
            _fill(desk, ring, cases)
            async with httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=build(desk, [HOST])),
                base_url=f"http://{HOST}",
                headers={"origin": f"http://{HOST}"},
            ) as browser:
                await _sign_in(browser)
                yield Pages(browser, desk.inbox(PERSON, limit=1)[0].case_id)


def _fill(desk: Desk, ring: KeyRing, cases: int) -> None:
    fill = islice(_cases(desk), cases)
    while some := list(islice(fill, IN_ONE)):
        # As the ledger files a batch, many in one transaction: nobody waits for these answers.
        with desk.ledger._database.write() as connection:  # noqa: SLF001
            for batch in some:
                lines = [chain.ready(line, ring) for line in batch.lines]
                filing.file(connection, batch, lines, ring, utc_now())


# --- looking ------------------------------------------------------------------------------------


@dataclass
class Pages:
    """Somebody's browser on the pages of one ledger."""

    browser: httpx2.AsyncClient
    waiting: str
    """A case that waits for them."""

    async def milliseconds(self, path: str) -> float:
        """How long a page takes, the median of some looks."""
        taken = []
        for _ in range(LOOKS):
            begun = time.perf_counter()
            answer = await self.browser.get(path.format(waiting=self.waiting))
            taken.append((time.perf_counter() - begun) * 1000)
            assert answer.status_code == 200, path  # noqa: PLR2004
        return median(taken[LOOKS // 10 :])

    async def rate(self) -> float:
        """Inboxes a second, some asked for at once."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            async with places:
                await self.browser.get("/inbox")

        begun = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(REQUESTS)))
        return REQUESTS / (time.perf_counter() - begun)


async def _sign_in(browser: httpx2.AsyncClient) -> None:
    shown = (await browser.get("/sign-in")).text
    token = shown.partition('name="csrf" value="')[2].partition('"')[0]
    answer = await browser.post("/sign-in", data={"csrf": token, "person": PERSON})
    assert answer.headers["location"] == "/inbox"


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
