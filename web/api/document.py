"""The OpenAPI document of the API: what FastAPI reads from the operations, and what it cannot know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from web.api.door import FILES, OPEN
from web.api.problems import KINDS, MEDIA, TYPE

EXAMPLES = Path(__file__).with_name("examples.json")
"""One request and one answer of every operation, from invented cases."""

_ABOUT = """Casework over HTTP: open, list, show, decide, add evidence, verify.

Every request but two carries a bearer token. Everything answered is OFFICIAL-SENSITIVE.
Every fault is a problem document (RFC 9457) with a stable type; docs/api.md explains them all.
What is reconstructed, because the policy is silent, carries the mark R.
"""

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A fault (RFC 9457). It never repeats what was sent.",
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "properties": {
        "type": {"type": "string", "enum": [TYPE + name for name in KINDS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "This one occurrence."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "receipt": {"$ref": "#/components/schemas/Receipt"},
        "case_id": {"type": "string"},
        "code": {"type": "string"},
        "clause": {"type": "string"},
    },
}

_ALWAYS = (405, 421, 422, 429, 500, 503)
_WITH_A_TOKEN = (401,)
_WITH_A_CASE = (403, 404)
_SENT = (400, 411, 413, 415)
_BOUND = (409,)

_ETAG = {"description": "What was shown: send it back as If-Match.", "schema": {"type": "string"}}
_REPLAYED = {
    "description": "`true`: this key was answered before, and this is that answer.",
    "schema": {"type": "string", "enum": ["true", "false"]},
}
_LOCATION = {"description": "Where it is.", "schema": {"type": "string"}}
_HEADERS: dict[tuple[str, str], dict[str, Any]] = {
    ("post", "/cases"): {
        "ETag": _ETAG, "Location": _LOCATION, "Idempotent-Replayed": _REPLAYED,
    },
    ("get", "/cases/{case_id}"): {"ETag": _ETAG},
    ("get", "/cases/{case_id}/trail"): {"ETag": _ETAG},
    ("post", "/cases/{case_id}/decisions"): {"ETag": _ETAG, "Idempotent-Replayed": _REPLAYED},
    ("post", "/cases/{case_id}/evidence"): {
        "ETag": _ETAG, "Location": _LOCATION, "Idempotent-Replayed": _REPLAYED,
    },
}  # fmt: skip

_CASE = {"case_id": "$response.body#/case_id"}
_FOLLOWS = {
    "show": ("show_case", {}),
    "trail": ("show_trail", {}),
    "verify": ("verify", {}),
    "evidence": ("list_evidence", {}),
    "decide": ("decide", {"header.If-Match": "$response.header.ETag"}),
}
"""What may be asked of a case once it was opened or shown."""


def document(app: FastAPI) -> dict[str, Any]:
    """The whole document; the same classes always give the same."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=_ABOUT,
        routes=app.routes,
        servers=[{"url": "/v1"}],
    )
    components = made["components"]
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    components["schemas"]["Problem"] = _PROBLEM
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    made["security"] = [{"bearer": []}]
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
            _show(operation, examples.get(f"{method} {path}", {}))
    return made


def as_text(app: FastAPI) -> str:
    """The document as text."""
    return json.dumps(document(app), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    for status in _statuses(path, method):
        titles = [kind.title for kind in KINDS.values() if kind.status == status]
        answers[str(status)] = {
            "description": "; ".join(titles) + ".",
            "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    good = next(answers[code] for code in ("200", "201") if code in answers)
    good.setdefault("headers", {}).update(_HEADERS.get((method, path), {}))
    if path in OPEN:
        operation["security"] = []
    if (method, path) in (("post", "/cases"), ("get", "/cases/{case_id}")):
        good["links"] = {
            name: {"operationId": follows, "parameters": _CASE | more}
            for name, (follows, more) in _FOLLOWS.items()
        }


def _statuses(path: str, method: str) -> list[int]:
    found = {*_ALWAYS}
    if path not in OPEN:
        found |= {*_WITH_A_TOKEN}
    if "{" in path:
        found |= {*_WITH_A_CASE}
    if method == "post":
        found |= {*_SENT, 403}
    if path.endswith("/decisions"):
        found |= {412, 428, *_BOUND}
    if path.endswith(FILES) or path == "/cases":
        found |= {*_BOUND} if method == "post" else set()
    return sorted(found)


def _show(operation: dict[str, Any], example: dict[str, Any]) -> None:
    """Put the example of an operation where readers look for it."""
    for code, problem in example.get("problems", {}).items():
        operation["responses"][code]["content"][MEDIA]["example"] = problem
    for place in operation.get("requestBody", {}).get("content", {}).values():
        if "request" in example:
            place["example"] = example["request"]
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example.get("parameters", {}):
            parameter["example"] = example["parameters"][parameter["name"]]
    for code in ("200", "201"):
        for kind, place in operation["responses"].get(code, {}).get("content", {}).items():
            if "answer" in example and kind == "application/json":
                place["example"] = example["answer"]
