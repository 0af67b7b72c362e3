"""kill -9 in the middle of cases: nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from temporalio.client import Client

from models.case import Kind, Receipt
from models.errors import Unavailable
from runtime import audit, building, temporal
from runtime.desk import Desk
from runtime.settings import PREFIX, PROJECT, Settings
from tests.service import REASON, intake

CASES = 6
ROUNDS = 3


class Running:
    """The whole service as its own process, started the way `make run` starts it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        chosen = {"HOME": self.settings.home, "PORT": self.settings.port, "UI": "false"}
        given = {f"{PREFIX}{name}": str(value) for name, value in chosen.items()}
        path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(PROJECT / "worker.py"),
            env=given | path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if b"The service runs" in line:
                return
        raise AssertionError("the service did not start")

    async def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        assert self.process.stdout is not None
        await self.process.stdout.read()
        return await self.process.wait()

    def server(self) -> int:
        """Process id of the Temporal server below it."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])


@pytest.fixture
async def service(on_files: Settings) -> AsyncIterator[Running]:
    running = Running(on_files)
    yield running
    if running.process is not None and running.process.returncode is None:
        running.process.kill()
        await running.process.wait()


@pytest.fixture
def on_files(settings_factory: Callable[..., Settings]) -> Settings:
    return settings_factory()


async def _desk(settings: Settings) -> Desk:
    client: Client = await temporal.connect(settings, identity="desk")
    return building.build_desk(settings, client=client)


async def _keep_sending(desk: Desk, case_id: str, answered: dict[str, Receipt]) -> None:
    """Send numbered evidence as fast as it is answered; what was not answered is sent again."""
    for number in range(400):
        name = f"{case_id}-{number}"
        fields = {"sha256": f"{number:064x}", "kind": "pdf", "title": "an invented document"}
        while name not in answered:
            try:
                receipt = await desk.decide(
                    case_id, "add_evidence", "fca-1", reason=REASON, fields=fields, id=name
                )
                answered[name] = receipt
            except Unavailable:
                await asyncio.sleep(0.1)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("victim", ["service", "server"])
async def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(
    on_files: Settings, service: Running, victim: str
) -> None:
    await service.start()
    desk = await _desk(on_files)
    cases = [(await desk.open("D", intake(), "fca-1")).case_id for _ in range(CASES)]
    answered: dict[str, Receipt] = {}
    for _ in range(ROUNDS):
        sending = [asyncio.create_task(_keep_sending(desk, each, answered)) for each in cases]
        await asyncio.sleep(0.7)
        if victim == "server":
            # The service ends by itself when its server is gone; it is started again by hand.
            os.kill(service.server(), signal.SIGKILL)
            assert service.process is not None
            assert service.process.stdout is not None
            await service.process.stdout.read()
            await service.process.wait()
        else:
            await service.end(signal.SIGKILL)
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        await service.start()
        desk = await _desk(on_files)
    for each in cases:
        last = await desk.decide(each, "start_considering", "lm-1", reason=REASON)
        assert last.outcome in ("applied", "refused")
    assert await service.end(signal.SIGTERM) == 0

    assert len(answered) > CASES * ROUNDS
    for case_id in cases:
        trail = desk.trail(case_id)
        decided = [line.entry.decision for line in trail if line.entry.kind is Kind.APPLIED]
        assert len(decided) == len(set(decided)), "a decision happened twice"
        lost = {name for name in answered if name.startswith(case_id)} - set(decided)
        assert not lost, "an acknowledged decision is not in the trail"
    assert all(each.ok for each in audit.audit(desk.ledger))


async def test_what_was_under_way_when_everything_went_is_not_said_to_be_undone(
    on_files: Settings, service: Running
) -> None:
    await service.start()
    desk = await _desk(on_files)
    case_id = (await desk.open("D", intake(), "fca-1")).case_id
    await service.end(signal.SIGKILL)

    with pytest.raises(Unavailable, match=r"may still be applied: .* --id mine-1, which never"):
        await desk.decide(case_id, "start_considering", "lm-1", reason=REASON, id="mine-1")
    with pytest.raises(Unavailable, match=r"may still be opened: .* makes no second case"):
        await desk.open("D", intake(), "fca-1")


async def test_ctrl_c_stops_every_child(service: Running) -> None:
    await service.start()
    server = service.server()

    assert await service.end(signal.SIGINT) == 0

    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


async def test_a_second_service_on_the_same_files_says_so(
    on_files: Settings, service: Running
) -> None:
    await service.start()
    second = Running(on_files)

    with pytest.raises(AssertionError, match="did not start"):
        await second.start()

    assert await service.end(signal.SIGTERM) == 0


async def test_a_lost_key_ring_stops_the_start_and_makes_no_new_one(
    on_files: Settings, service: Running
) -> None:
    await service.start()
    await service.end(signal.SIGTERM)
    on_files.key_ring_file.unlink()

    with pytest.raises(AssertionError, match="did not start"):
        await service.start()

    assert not on_files.key_ring_file.exists()
