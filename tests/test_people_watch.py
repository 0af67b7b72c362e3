"""An edit of the directory reaches running cases at once (6.5)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.client import Client

from models.case import Kind
from runtime import people_watch
from runtime.clock import utc_now
from runtime.settings import PROJECT, Settings
from tests.service import running

EXAMPLE = PROJECT / "examples" / "directory.yaml"


async def test_an_absence_written_into_the_file_moves_open_work_at_once(
    client: Client,
    settings_factory: Callable[..., Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(people_watch, "EVERY", 0.05)
    file = tmp_path / "directory.yaml"
    before = EXAMPLE.read_text()
    file.write_text(before)
    settings = settings_factory(directory=file, task_queue="people-watch")
    same_keys = {"home": settings.home, "key_ring": settings.key_ring_file}
    async with running(settings.model_copy(update=same_keys), client) as service:
        case_id = await service.open()
        [duty] = service.ledger.duties(case_id)
        assert [holder.person for holder in duty.holders] == ["lm-1"]
        watch = asyncio.create_task(
            people_watch.run(client, service.ledger, lambda: service.desk.directory)
        )
        await asyncio.sleep(0.2)
        today = utc_now().date().isoformat()
        absence = f"absences:\n  - {{person: lm-1, from: {today}, to: {today}}}"
        file.write_text(before.replace("absences: []", absence))
        for _ in range(100):
            if len(service.ledger.trail(case_id)) > 1:
                break
            await asyncio.sleep(0.05)
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch

        entry = service.ledger.trail(case_id)[-1].entry
        [duty] = service.ledger.duties(case_id)
        assert entry.kind is Kind.HOLDER_CHANGED
        assert [holder.person for holder in duty.holders] == ["hop-1"]
        assert [each.person for each in entry.tells] == ["hop-1"]
        await service.handle(case_id).terminate()
