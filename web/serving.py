"""Serves the pages beside the worker, to this machine alone while the sign-in is a demonstration."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator

import structlog
import uvicorn

from models.errors import Misconfigured
from runtime.desk import Desk
from runtime.settings import Settings
from web.app import build
from web.guard import Guard

log = structlog.get_logger("web")

STOPPING = 5
"""Seconds of real time that an answer under way may still take when everything stops."""


def check(settings: Settings) -> None:
    """Raises Misconfigured when others could reach a sign-in that asks for no proof."""
    if settings.web and not _is_loopback(settings.web_host):
        raise Misconfigured(
            "CASEWORK_WEB_HOST is not an address of this machine alone, and the sign-in is a"
            " demonstration that asks for no password; nothing was started. Leave it out, or set"
            " CASEWORK_WEB=false."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # A name may lead anywhere tomorrow.
        return False


def address(settings: Settings) -> str:
    """Where the pages are, for a browser."""
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return f"http://{host}:{settings.web_port}"


class _Server(uvicorn.Server):
    """Stopped by the worker, which hears the signals for all its parts."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(settings: Settings, desk: Desk) -> AsyncIterator[str]:
    """Serve the pages meanwhile; gives a line that says where, or why not.

    A port that is taken or styles that are not built keep nobody from their cases: the command
    line works all the same.
    """
    try:
        app, listening = _app(settings, desk), _listen(settings)
    except (Misconfigured, OSError) as fault:
        log.warning("pages_not_served", port=settings.web_port)
        yield _without(settings, fault)
        return
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOPPING,
        )
    )
    running = asyncio.create_task(server.serve([listening]))
    try:
        yield f"Pages: {address(settings)}"
    finally:
        server.should_exit = True
        await running
        listening.close()


def _app(settings: Settings, desk: Desk) -> Guard:
    names = {address(settings).removeprefix("http://"), f"localhost:{settings.web_port}"}
    return build(desk, names)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.web_host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.web_host, settings.web_port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def _without(settings: Settings, fault: Exception) -> str:
    if isinstance(fault, Misconfigured):
        return f"Pages: not served. {fault}"
    return (
        f"Pages: not served, because port {settings.web_port} is taken by another program."
        " Everything else runs; choose another with CASEWORK_WEB_PORT."
    )
