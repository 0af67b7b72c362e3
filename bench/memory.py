"""Memory of the worker with 100 and with 2,000 open cases: a process of its own, as in production."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from bench.figures import say
from bench.workers import worker
from runtime import building, temporal
from runtime.desk import Desk
from runtime.keyring import KeyRing
from runtime.server import EmbeddedServer
from runtime.settings import Settings
from tests.conftest import free_port
from tests.service import intake

FEW, MANY = 100, 2000
AT_ONCE = 16


async def run() -> None:
    """worker_mb with few and with many open cases, and their ratio."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(home=Path(folder), port=free_port(), ui=False)
        KeyRing.create(settings.key_ring_file)
        building.open_ledger(settings).close()
        async with EmbeddedServer(settings), worker("ours", settings) as pid:
            desk = building.build_desk(settings, client=await temporal.connect(settings))
            await _open(desk, FEW)
            few = _resident_mb(pid)
            await _open(desk, MANY - FEW)
            many = _resident_mb(pid)
    say("worker_mb_100", few, "MB")
    say("worker_mb_2000", many, "MB")
    say("worker_mb_ratio", many / few, "times")


async def _open(desk: Desk, count: int) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with places:
            await desk.open("D", intake(), "fca-1")

    await asyncio.gather(*(one() for _ in range(count)))


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024
