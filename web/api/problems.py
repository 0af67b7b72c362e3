"""Every fault of the API as a problem document (RFC 9457), with a stable type.

A problem never repeats what was typed: no value, no unknown field's name, no path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import uuid4

from starlette.responses import JSONResponse

MEDIA = "application/problem+json"
TYPE = "urn:casework:problem:"


class Kind(NamedTuple):
    """One type of problem: its status and the title it always has."""

    status: int
    title: str


KINDS: dict[str, Kind] = {
    "not-readable": Kind(400, "This cannot be read"),
    "key-required": Kind(400, "An Idempotency-Key is needed"),
    "not-signed-in": Kind(401, "No valid token"),
    "not-allowed": Kind(403, "This is not yours to do"),
    "not-yours-to-read": Kind(403, "This is not yours to read"),
    "from-elsewhere": Kind(403, "This comes from another site"),
    "not-found": Kind(404, "There is nothing here for you"),
    "method-not-allowed": Kind(405, "This cannot be done here"),
    "not-now": Kind(409, "The case does not stand for this now"),
    "held": Kind(409, "This came late and is kept"),
    "form-refused": Kind(409, "The procedure refuses this form"),
    "length-required": Kind(411, "The length is not given"),
    "moved-on": Kind(412, "The case has moved on"),
    "too-large": Kind(413, "This is too large"),
    "media-type": Kind(415, "This kind of content is not taken"),
    "misdirected": Kind(421, "This address is not served here"),
    "not-usable": Kind(422, "This cannot be used as it is"),
    "key-used": Kind(422, "This key was used for something else"),
    "against-a-rule": Kind(422, "A rule of the procedure speaks against this"),
    "match-required": Kind(428, "If-Match is needed"),
    "too-many": Kind(429, "Too many requests"),
    "broken": Kind(500, "This did not work"),
    "unavailable": Kind(503, "Not available at the moment"),
}
"""Every type there is. Names are never changed or used again within v1."""


class Problem(Exception):
    """A fault on its way to whoever asked. `more` are members beside those of the standard."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        errors: Iterable[dict[str, str]] = (),
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers or {}
        self.more = more
        self.instance = uuid4().urn
        """This one occurrence; it says nothing else, and of what broke the log says it too."""

    @property
    def document(self) -> dict[str, Any]:
        """What is answered."""
        status, title = KINDS[self.kind]
        return {
            "type": TYPE + self.kind,
            "title": title,
            "status": status,
            "detail": self.detail,
            "instance": self.instance,
            "errors": self.errors,
            **self.more,
        }

    def answer(self) -> JSONResponse:
        """The problem as an answer."""
        status = KINDS[self.kind].status
        headers = dict(self.headers)
        if status == KINDS["not-signed-in"].status:
            headers["WWW-Authenticate"] = 'Bearer realm="casework"'
        return JSONResponse(self.document, status, headers, media_type=MEDIA)


def by_status(status: int, detail: str) -> Problem:
    """The problem for a bare status, as the guard and the router find them."""
    usual = {403: "from-elsewhere", 422: "not-usable"}
    found = (name for name, kind in KINDS.items() if kind.status == status)
    return Problem(usual.get(status) or next(found, "not-readable"), detail)


UNKNOWN = "is not a field of this form"
_ROW = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")


def faults(sentences: Iterable[str], below: str = "") -> list[dict[str, str]]:
    """Sentences like "targets.0.account: is missing" as errors, each with its JSON pointer."""
    return [_error(one, below) for one in sentences]


def _error(sentence: str, below: str) -> dict[str, str]:
    where, _, said = sentence.partition(": ")
    if said == UNKNOWN:
        # Its name is what somebody typed; the group it stands in is not.
        where, said = where.rpartition(".")[0], "has a field that is not known here"
        return {
            "pointer": f"#{below}" + "/".join(["", *filter(None, where.split("."))]),
            "detail": said,
        }
    if said and _ROW.fullmatch(where):
        return {"pointer": f"#{below}/{where.replace('.', '/')}", "detail": said}
    return {"pointer": f"#{below}", "detail": sentence}
