"""Workers in processes of their own, as in production: `python -m bench.workers ours FOLDER PORT`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import Worker

from bench.bare import BareCase, note
from runtime import building, logging, process, temporal
from runtime.settings import PROJECT, Settings


async def serve(kind: str, settings: Settings) -> None:
    """Run one worker until the process is ended."""
    if kind == "bare":
        plain = await Client.connect(settings.address)
        worker = Worker(plain, task_queue="bare", workflows=[BareCase], activities=[note])
    else:
        client = await temporal.connect(settings, identity="worker")
        ledger = building.open_ledger(settings)
        directory = building.open_directory(settings, ledger)
        worker = building.build_worker(client, settings, ledger, directory)
        process.settle()
    print("ready", flush=True)
    await worker.run()


@contextlib.asynccontextmanager
async def worker(kind: str, settings: Settings) -> AsyncIterator[int]:
    """A worker process; yields its process id."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.workers", kind, str(settings.home), str(settings.port)),
        cwd=PROJECT,
        env={"PATH": os.defpath},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    try:
        yield process.pid
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    logging.configure(json=True)
    _, which, folder, port = sys.argv
    # Each as it would be run: ours as `worker.py` does, the bare one as anybody would.
    run = process.run if which == "ours" else asyncio.run
    run(serve(which, Settings(home=Path(folder), port=int(port), ui=False)))
