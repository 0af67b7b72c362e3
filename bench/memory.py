"""Memory of the worker with 100 and with 2,000 open cases: a process of its own, as in production."""

from __future__ import annotations

import asyncio
import tempfile
from itertools import cycle
from pathlib import Path

from bench.figures import say
from bench.roads import Road, roads
from bench.workers import worker
from runtime import building, temporal
from runtime.keyring import KeyRing
from runtime.server import EmbeddedServer
from runtime.settings import Settings
from tests.conftest import free_port
from tests.service import Service

FEW, MANY = 100, 2000
AT_ONCE = 16


async def run() -> None:
    """worker_mb with few and with many open cases, every procedure in turn, and their ratio."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(home=Path(folder), port=free_port(), ui=False)
        KeyRing.create(settings.key_ring_file)
        building.open_ledger(settings).close()
        async with EmbeddedServer(settings), worker("ours", settings) as pid:
            client = await temporal.connect(settings)
            ledger = building.open_ledger(settings)
            desk = building.build_desk(settings, ledger=ledger, client=client)
            service = Service(settings, client, ledger, desk)
            await open_cases(service, FEW)
            few = _resident_mb(pid)
            await open_cases(service, MANY - FEW)
            many = _resident_mb(pid)
    say("worker_mb_100", few, "MB")
    say("worker_mb_2000", many, "MB")
    say("worker_mb_ratio", many / few, "times")


async def open_cases(service: Service, count: int) -> None:
    """Open cases, every procedure in turn, some at once."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(road: Road) -> None:
        async with places:
            await road.open(service)

    await asyncio.gather(*(one(road) for road, _ in zip(cycle(roads()), range(count))))


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024
