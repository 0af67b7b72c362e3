"""Serves the pages beside the worker, to this machine alone while the sign-in is a demonstration.

With a provider others may reach them, with TLS: the pages' own, or that of a proxy before them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import structlog
import uvicorn

from models.errors import Misconfigured
from runtime.addresses import is_loopback
from runtime.desk import Desk
from runtime.settings import Settings
from web.api.demonstration import DemonstrationTokens
from web.app import build
from web.guard import Guard
from web.limits import Limits
from web.provider import Provider
from web.temporal_address import TemporalPages
from web.tokens import ProviderTokens, Tokens

log = structlog.get_logger("web")

STOPPING = 5
"""Seconds of real time that an answer under way may still take when everything stops."""


def check(settings: Settings) -> None:
    """Raises Misconfigured when somebody could sign in who should not, or be listened to."""
    if not settings.web:
        return
    if settings.oidc_issuer is None:
        if not is_loopback(settings.web_host):
            raise Misconfigured(
                "CASEWORK_WEB_HOST is not an address of this machine alone, and the sign-in is a"
                " demonstration that asks for no password; nothing was started. Leave it out, set"
                " up a sign-in provider (CASEWORK_OIDC_ISSUER), or set CASEWORK_WEB=false."
            )
        return
    if settings.web_url is None and not is_loopback(settings.web_host):
        raise Misconfigured(
            "CASEWORK_WEB_HOST lets others reach the pages, so CASEWORK_WEB_URL has to say under"
            " which https address they do; nothing was started."
        )
    _secret(settings)
    _certificate(settings)


def _secret(settings: Settings) -> str:
    """The client's secret, from its setting or its file. Raises Misconfigured."""
    if settings.oidc_client_secret_file is None:
        return settings.oidc_client_secret.get_secret_value()
    try:
        found = settings.oidc_client_secret_file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        found = ""
    if not found:
        raise Misconfigured(
            "The file of CASEWORK_OIDC_CLIENT_SECRET_FILE cannot be read or is empty; nothing was"
            " started."
        )
    return found


def _certificate(settings: Settings) -> None:
    """Raises Misconfigured when the certificate or its key cannot be used."""
    if settings.web_certificate is None or settings.web_certificate_key is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # An empty password, so that a locked key is a fault and not a question at the terminal.
        context.load_cert_chain(
            settings.web_certificate, settings.web_certificate_key, password=lambda: b""
        )
    except (OSError, ValueError):
        raise Misconfigured(
            "CASEWORK_WEB_CERTIFICATE and CASEWORK_WEB_CERTIFICATE_KEY cannot be read or do not"
            " belong together; nothing was started."
        ) from None


def address(settings: Settings) -> str:
    """Where the pages are, for a browser."""
    return settings.web_address


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
            ssl_certfile=settings.web_certificate,
            ssl_keyfile=settings.web_certificate_key,
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
    where = address(settings)
    names = {urlsplit(where).netloc}
    if settings.oidc_issuer is None:
        names.add(f"localhost:{settings.web_port}")
    provider = _provider(settings, where, desk)
    return build(
        desk,
        names,
        tokens=_tokens(settings, provider, desk),
        provider=provider,
        limits=Limits(settings, desk.now),
        tls=where.startswith("https://"),
        temporal=temporal_pages(settings),
    )


def _provider(settings: Settings, where: str, desk: Desk) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    return Provider(settings, _secret(settings), where, desk.now)


def _tokens(settings: Settings, provider: Provider | None, desk: Desk) -> Tokens | None:
    """Who reads the API's tokens: the provider, or, where there is none, whoever likes."""
    if provider is None:
        return DemonstrationTokens(desk)
    return ProviderTokens(provider, desk) if settings.oidc_audience else None


def temporal_pages(settings: Settings) -> TemporalPages:
    """Temporal's own pages, where the embedded server shows them."""
    if not (settings.embedded and settings.ui):
        return TemporalPages()
    return TemporalPages(f"http://127.0.0.1:{settings.ui_port}", settings.namespace)


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
