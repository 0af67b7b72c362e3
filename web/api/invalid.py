"""What FastAPI finds wrong with a request, as a problem in plain words that repeats no input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError

from models.forms import in_words
from web.api.problems import Problem

_NEEDED = {
    "idempotency-key": (
        "key-required",
        "Send a UUID of your own as Idempotency-Key. Nothing was done.",
    ),
    "if-match": (
        "match-required",
        "Send the ETag of the case as If-Match: it says what you were shown. Nothing was done.",
    ),
}


def from_validation(fault: RequestValidationError) -> Problem:
    """The problem of a request that is not as the operation wants it."""
    found = fault.errors()
    for one in found:
        name = str(one["loc"][-1]).lower()
        if one["type"] == "missing" and one["loc"][0] == "header" and name in _NEEDED:
            kind, said = _NEEDED[name]
            return Problem(kind, said)
    if any(one["loc"][0] == "path" for one in found):
        return Problem("not-found", "There is nothing of that name here.")
    errors = [_error(one) for one in found]
    return Problem(
        "not-usable", "The request is not as it should be. Nothing was done.", errors=errors
    )


def _error(fault: Mapping[str, Any]) -> dict[str, str]:
    place, *rest = fault["loc"]
    unknown = fault["type"] == "extra_forbidden"
    # Its name is what somebody typed; the group it stands in is not.
    parts = [str(one) for one in (rest[:-1] if unknown else rest)]
    words = "has a field that is not known here" if unknown else in_words(fault)
    if place == "body":
        return {"pointer": "/".join(["#", *parts]), "detail": words}
    return {"parameter": ".".join(parts), "detail": words}
