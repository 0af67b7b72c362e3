"""Builds the service and runs it: Temporal server (unless another is set), worker, relay, pages.

`make run` starts this. Ctrl-C or `kill` stops it in order: the worker finishes what it has begun,
then the server is stopped.
"""

from __future__ import annotations

from runtime import loading  # first of all: from here on Ctrl-C ends it without a traceback

# isort: split
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import structlog
from temporalio.worker import Worker

from models.errors import CaseworkError, Misconfigured
from runtime import (
    building,
    calendar_changes,
    checks,
    logging,
    people_watch,
    process,
    recovery,
    relay,
    temporal,
)
from runtime.answers import STOPPED
from runtime.desk import Desk
from runtime.keyring import KeyRing
from runtime.server import EmbeddedServer
from runtime.settings import Settings, settings
from web import serving

log = structlog.get_logger("worker")

FINISH_SECONDS = 10.0
"""How long a stop waits for work begun, real time; a ledger that is away could hold it for ever."""


def main() -> None:
    """Run until told to stop; the exit code says how it ended.

    0 in order, 4 could not start, 130 stopped by Ctrl-C before it listened for one.
    """
    code = 0
    try:
        chosen = settings()
        logging.configure()
        process.run(serve(chosen))
    except CaseworkError as error:
        print(f"Stopped: {error}", file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        code = STOPPED
    sys.stdout.flush()
    sys.stderr.flush()
    # A plain return lets the SDK's native threads abort the process now and then (S4).
    os._exit(code)


async def serve(chosen: Settings) -> None:
    """Start everything, say what to do next, and run until a signal or the server's own end."""
    serving.check(chosen)
    make_key_at_first_start(chosen)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    ledger = building.open_ledger(chosen)
    directory = building.open_directory(chosen, ledger)
    async with _server(chosen) as server:
        client = await temporal.connect(chosen, identity="worker")
        await checks.or_stop(chosen, ledger)
        worker = building.build_worker(client, chosen, ledger, directory)
        running = asyncio.create_task(worker.run())
        try:
            await recovery.start_missing(client, ledger, chosen.task_queue)
            jobs = [
                asyncio.create_task(relay.run(ledger, directory, chosen)),
                asyncio.create_task(people_watch.run(client, ledger, directory)),
                asyncio.create_task(calendar_changes.run(client, ledger, chosen.task_queue)),
            ]
            desk = building.build_desk(chosen, ledger=ledger, directory=directory, client=client)
            async with _pages(chosen, desk) as said:
                process.settle()
                print(_welcome(chosen, said), flush=True)
                await _until(stop, server, jobs)
            log.info("stopping")
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
        finally:
            await _finish(worker, running)
    ledger.close()


async def _finish(worker: Worker, running: asyncio.Task[None]) -> None:
    """Let the worker finish what it has begun, within bounds: what it cannot, another will."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FINISH_SECONDS):
            await worker.shutdown()
            await running
            return
    log.warning("worker_not_finished")
    running.cancel()


def make_key_at_first_start(chosen: Settings) -> None:
    """Make the key ring when there is nothing yet it could have encrypted; never beside old data."""
    if not chosen.encryption or chosen.key_ring_file.exists():
        return
    data = [file for file in (chosen.temporal_file, chosen.home / "ledger.db") if file.exists()]
    if data or chosen.database.get_secret_value():
        raise Misconfigured(
            f"The key ring {chosen.key_ring_file} is missing, but there may be cases encrypted with"
            " it. Nothing was started. Put the file back from where it is kept safe; a new key could"
            " not read them. If there never was one, make it once with `casework key new`."
        )
    checks.can_be_written(chosen)
    KeyRing.create(chosen.key_ring_file)
    print(f"A new key ring was made: {chosen.key_ring_file}. Keep a copy of it somewhere safe.")


@contextlib.asynccontextmanager
async def _server(chosen: Settings) -> AsyncIterator[EmbeddedServer | None]:
    if not chosen.embedded:
        yield None
        return
    async with EmbeddedServer(chosen) as server:
        yield server


@contextlib.asynccontextmanager
async def _pages(chosen: Settings, desk: Desk) -> AsyncIterator[str]:
    if not chosen.web:
        yield ""
        return
    async with serving.serving(chosen, desk) as said:
        yield said


async def _until(
    stop: asyncio.Event, server: EmbeddedServer | None, jobs: list[asyncio.Task[None]]
) -> None:
    """Until somebody stops it. A server or a job that ends by itself ends the service, loudly."""
    waits: list[asyncio.Task[Any]] = [asyncio.create_task(stop.wait()), *jobs]
    if server is not None:
        waits.append(asyncio.create_task(server.wait()))
    done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in set(waits) - set(jobs) - done:
        task.cancel()
    if not stop.is_set():
        raise Misconfigured(
            "A part of the service ended by itself, so it was stopped. Nothing acknowledged is lost;"
            " start it again with `make run`."
        )


def _welcome(chosen: Settings, pages: str) -> str:
    where = chosen.address if chosen.embedded else "the server of your Temporal profile"
    lines = [
        f"The service runs: Temporal at {where}, files in {chosen.home}.",
        "Now, in another terminal:",
        "  .venv/bin/casework doctor",
        "  .venv/bin/casework open D --form examples/direction.yaml --as fca-1",
        "  .venv/bin/casework inbox --as lm-1",
    ]
    if pages:
        lines.append(pages)
    if chosen.embedded and chosen.ui:
        lines.append(f"Temporal's own pages: http://127.0.0.1:{chosen.ui_port}")
    lines.append("Ctrl-C stops everything.")
    return "\n".join(lines)


loading.done()

if __name__ == "__main__":
    main()
