"""A day that administrators close: how fast its cost is worked out, and how fast cases hear of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path

from bench.figures import say
from bench.memory import open_cases
from bench.workers import worker
from models.london import london_date
from runtime import building, temporal
from runtime.calendar_changes import News
from runtime.clock import utc_now
from runtime.desk import Desk
from runtime.keyring import KeyRing
from runtime.server import EmbeddedServer
from runtime.settings import Settings
from tests.conftest import free_port
from tests.service import Service

CASES = 400
WHY = "An invented holiday, to see how long it takes to bring it home."


async def run() -> None:
    """day_shown_per_s: cases whose old and new deadlines are worked out; day_told_per_s: told."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(home=Path(folder), port=free_port(), ui=False)
        KeyRing.create(settings.key_ring_file)
        building.open_ledger(settings).close()
        async with EmbeddedServer(settings), worker("ours", settings):
            client = await temporal.connect(settings)
            ledger = building.open_ledger(settings)
            directory = building.open_directory(settings, ledger)
            desk = building.build_desk(settings, ledger=ledger, directory=directory, client=client)
            await open_cases(Service(settings, client, ledger, desk), CASES)
            change = desk.propose_calendar("adm-1", _next_open_day(desk), "Invented day", WHY)
            news = News(client, ledger, settings.task_queue)
            say("day_shown_per_s", await _rate(news.once), "cases/s")
            desk.confirm_calendar("adm-2", change.seq, desk.shown(change.seq).digest)
            say("day_told_per_s", await _rate(news.once), "cases/s")


async def _rate(once: Callable[[], Awaitable[int]]) -> float:
    begun, touched = time.perf_counter(), 0
    while some := await once():
        touched += some
    return touched / (time.perf_counter() - begun)


def _next_open_day(desk: Desk) -> date:
    day = london_date(utc_now()) + timedelta(days=1)
    while desk.calendar.why_closed(day):
        day += timedelta(days=1)
    return day
