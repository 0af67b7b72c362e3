"""The door of the API: who asks, what kind of body, how large; and no fault leaves unexplained.

Nobody gets past without a token but to what is open to all, so no operation can forget to ask.
"""

from __future__ import annotations

import traceback
from pathlib import Path

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import Unavailable
from web.api import strict_json
from web.api.problems import Problem
from web.api.strict_json import NotJson
from web.site import NotSignedIn
from web.tokens import Caller, Tokens

log = structlog.get_logger("web")

LARGEST = 256 * 1024
"""Bytes of a JSON body; forms and decisions are far smaller, files have a way of their own."""
OPEN = frozenset({"/health", "/openapi.json"})
"""Answered to anybody: that the service runs, and how to ask it."""
FILES = "/evidence"
BEARER = "bearer "
MARKING = "OFFICIAL-SENSITIVE"


class Door:
    """Wraps the API. What a request says of its sender stands in `scope["state"]["caller"]`."""

    def __init__(self, app: ASGIApp, tokens: Tokens | None) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; every fault is answered as a problem and none is raised further."""
        started = False

        async def answered(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._say(scope, MutableHeaders(scope=message))
            await send(message)

        try:
            await self._let_in(scope, receive, answered)
        except Problem as problem:
            await problem.answer()(scope, receive, answered)
        except Exception as fault:  # noqa: BLE001 - told by class and place: its words may be case text
            # The application answers what breaks in it, and hands it on all the same.
            if not started:
                await broken(fault).answer()(scope, receive, answered)

    def _say(self, scope: Scope, headers: MutableHeaders) -> None:
        headers["Protective-Marking"] = MARKING
        if getattr(self._tokens, "demonstration", False) and "caller" in scope.get("state", {}):
            headers["Casework-Sign-In"] = "demonstration"

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        headers = Headers(scope=scope)
        if path not in OPEN:
            scope.setdefault("state", {})["caller"] = await self._caller(headers)
        if scope["method"] == "POST":
            receive = await _body(path, headers, receive)
        await self._app(scope, receive, send)

    async def _caller(self, headers: Headers) -> Caller:
        given = headers.get("authorization", "")
        if self._tokens is None or not given.lower().startswith(BEARER):
            raise _nobody()
        try:
            return await self._tokens.person(given[len(BEARER) :].strip())
        except NotSignedIn:
            raise _nobody() from None
        except Unavailable as fault:
            raise Problem("unavailable", str(fault)) from None


def _nobody() -> Problem:
    return Problem("not-signed-in", "Send a valid bearer token. Nothing was done.")


def broken(fault: Exception) -> Problem:
    """The problem of something unexpected; the log knows its class and place by the instance."""
    at = traceback.extract_tb(fault.__traceback__)
    place = f"{Path(at[-1].filename).stem}:{at[-1].lineno}" if at else ""
    problem = Problem(
        "broken",
        "Something went wrong here. Look at the case before you send anything again, and give an"
        " administrator the instance.",
    )
    log.error("api_failed", error=type(fault).__name__, error_at=place, instance=problem.instance)
    return problem


async def _body(path: str, headers: Headers, receive: Receive) -> Receive:
    """What was sent, looked at before anything else does; files are looked at piece by piece."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if path.endswith(FILES):
        if kind != "multipart/form-data":
            raise Problem("media-type", "Send the file as multipart/form-data. Nothing was kept.")
        return receive
    raw = await _whole(receive)
    if not raw:
        return _again(raw)
    if kind != "application/json":
        raise Problem("media-type", "Send JSON, as application/json. Nothing was done.")
    try:
        strict_json.read(raw)
    except NotJson as fault:
        raise Problem("not-readable", f"{fault} Nothing was done.") from None
    return _again(raw)


async def _whole(receive: Receive) -> bytes:
    raw = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            # A part that can be read would be taken for the whole.
            raise Problem("not-readable", "Not all of the body arrived in time. Nothing was done.")
        raw += bytes(message.get("body", b""))
        if len(raw) > LARGEST:
            raise Problem("too-large", "A body of JSON may have 256 kB. Nothing was done.")
        if not message.get("more_body"):
            return raw


def _again(raw: bytes) -> Receive:
    """The body once more, for whoever reads it next."""
    left = [raw]

    async def receive() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    return receive
