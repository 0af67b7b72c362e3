"""What every answer has and every request must pass, whichever page it is for.

A request from another site, for another host, or too large never reaches a page. Every answer,
also that of a fault, says what the browser may do with it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.api.problems import by_status
from web.limits import ASSETS, Limits

LARGEST = 22 * 1024 * 1024
"""Bytes of a request: one document of 20 MB, and the fields beside it."""
PIECE = 20.0
"""Seconds of real time between two pieces of a request's body: a slow line sends some (R)."""
WHOLE = 600.0
"""Seconds of real time for all of it: the largest file on a slow line (R)."""
SAFE = frozenset({"GET", "HEAD"})
API = "/v1/"
_YEAR = 365 * 24 * 3600
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self' 'nonce-{nonce}'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With no-referrer a browser hides the origin of our own forms as well.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class _No:
    status: int
    said: str
    headers: dict[str, str] | None = None


class Guard:
    """Wraps the whole application, its own fault pages included.

    `shared` names, by path, the one other origin that may send something there; `tls` says that
    browsers reach us with TLS, though it may end at a proxy of ours.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str],
        shared: Mapping[str, str] | None = None,
        *,
        limits: Limits | None = None,
        tls: bool = False,
    ) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._shared = dict(shared or {})
        self._limits = limits
        self._tls = tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; anything but HTTP is for the application itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._tls:
            # The settings say so: what a proxy writes into a header, somebody else may write too.
            scope = {**scope, "scheme": "https"}
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                _say(MutableHeaders(scope=message), scope, nonce)
                self._share(MutableHeaders(scope=message), scope)
            await send(message)

        no = self._no(scope)
        app = self._app if no is None else _answer(scope, no)
        await app(scope, _in_time(receive), answered)

    def _no(self, scope: Scope) -> _No | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self._hosts:
            # A name that somebody else points at this machine would otherwise open it to them.
            return _No(421, "This address is not served here.")
        return self._too_often(scope) or self._unfit(scope, headers, f"{scope['scheme']}://{host}")

    def _too_often(self, scope: Scope) -> _No | None:
        wait = self._limits.wait(scope) if self._limits else 0
        if not wait:
            return None
        said = (
            "That was too often in a short time. Nothing was done."
            f" Wait {wait} seconds, then try again."
        )
        return _No(429, said, {"Retry-After": str(wait)})

    def _unfit(self, scope: Scope, headers: Headers, origin: str) -> _No | None:
        if scope["method"] in SAFE:
            return None
        if self._may_share(headers, scope):
            # A browser asks first whether it may send; it may, and nothing happens by asking.
            return _No(200, "") if scope["method"] == "OPTIONS" else _too_long(headers)
        if not _is_ours(headers, origin, api=_is_api(scope)):
            return _No(403, "This did not come from one of our own pages. Nothing was done.")
        # Without either there is no body at all, which programs send and browsers do not.
        bare = _is_api(scope) and "transfer-encoding" not in headers
        return _too_long(headers, bare=bare)

    def _may_share(self, headers: Headers, scope: Scope) -> bool:
        origin = self._shared.get(scope["path"])
        return origin is not None and headers.get("origin") == origin

    def _share(self, headers: MutableHeaders, scope: Scope) -> None:
        """Let the one origin read the answer, with the cookie of who is signed in here."""
        if self._may_share(Headers(scope=scope), scope):
            headers["Access-Control-Allow-Origin"] = self._shared[scope["path"]]
            headers["Access-Control-Allow-Credentials"] = "true"
            headers["Access-Control-Allow-Methods"] = "POST"
            headers["Access-Control-Allow-Headers"] = "content-type, x-namespace"
            headers["Vary"] = "Origin"


def _in_time(receive: Receive) -> Receive:
    """As `receive`, for a body that arrives in time; else as if its sender had gone."""
    ends = asyncio.get_running_loop().time() + WHOLE
    there = False

    async def received() -> Message:
        nonlocal there
        if there:
            # From here on it waits for the sender to go, which may take as long as the answer.
            return await receive()
        try:
            left = ends - asyncio.get_running_loop().time()
            async with asyncio.timeout(min(PIECE, left)):
                message = await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}
        there = not message.get("more_body", False)
        return message

    return received


def _too_long(headers: Headers, *, bare: bool = False) -> _No | None:
    length = headers.get("content-length", "0" if bare else "")
    if not length.isdecimal():
        return _No(411, "The length of this request is not given. Nothing was done.")
    if int(length) > LARGEST:
        return _No(413, "This is larger than 20 MB. Nothing was kept; go back.")
    return None


def _is_api(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.startswith(API) or path == API.rstrip("/")


def _answer(scope: Scope, no: _No) -> Response:
    if _is_api(scope):
        problem = by_status(no.status, no.said)
        problem.headers |= no.headers or {}
        return problem.answer()
    return PlainTextResponse(no.said, no.status, no.headers)


def _is_ours(headers: Headers, origin: str, *, api: bool) -> bool:
    fetched = headers.get("sec-fetch-site")
    if fetched is not None and fetched != "same-origin":
        return False
    # A program names no origin, a browser always does; and no cookie signs anybody in to the API.
    return headers.get("origin") in ((origin, None) if api else (origin,))


def _say(headers: MutableHeaders, scope: Scope, nonce: str) -> None:
    for name, value in _ALWAYS.items():
        headers[name] = value
    # What is given out as a file never runs here, should a browser show it all the same.
    sandbox = "; sandbox" if "content-disposition" in headers else ""
    headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce) + sandbox
    asset = scope["path"].startswith(ASSETS)
    headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if asset else "no-store"
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
