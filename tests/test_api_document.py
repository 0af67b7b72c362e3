"""The API's document: current, true, complete, and explained on a page for people."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from runtime.settings import PROJECT
from tests.api_help import V1, Program
from tests.service import Service
from web.api.app import described
from web.api.door import OPEN
from web.api.problems import KINDS, TYPE

DOCUMENT: dict[str, Any] = json.loads(described())
OPERATIONS = [(path, method) for path, found in DOCUMENT["paths"].items() for method in found]
PAGE = PROJECT / "docs" / "api.md"

each = pytest.mark.parametrize(("path", "method"), OPERATIONS)


def _operation(path: str, method: str) -> dict[str, Any]:
    return dict(DOCUMENT["paths"][path][method])


def _fits(value: object, schema: dict[str, Any]) -> None:
    whole = schema | {"components": DOCUMENT["components"]}
    jsonschema_rs.Draft202012Validator(whole).validate(value)


def test_the_committed_document_is_current() -> None:
    committed = (PROJECT / "docs" / "api" / "openapi.json").read_text(encoding="utf-8")

    assert committed == described(), "run `make publish` and read the diff"


async def test_the_document_is_served_to_anybody(service: Service) -> None:
    program = Program(service, "lm-1")
    del program.client.headers["authorization"]

    assert (await program.client.get(f"{V1}/openapi.json")).json() == DOCUMENT


def test_it_is_openapi_3_1_and_names_every_operation_once() -> None:
    ids = [_operation(*one)["operationId"] for one in OPERATIONS]

    assert DOCUMENT["openapi"].startswith("3.1.")
    assert len(ids) == len(set(ids)) >= 14


@each
def test_every_operation_says_what_it_is_and_who_may_ask(path: str, method: str) -> None:
    operation = _operation(path, method)

    assert operation["description"]
    assert operation.get("security", DOCUMENT["security"]) == (
        [] if path in OPEN else [{"bearer": []}]
    )


@each
def test_every_operation_shows_an_example_that_fits_its_schema(path: str, method: str) -> None:
    operation = _operation(path, method)
    good = next(
        operation["responses"][code] for code in ("200", "201") if code in operation["responses"]
    )
    for kind, place in good["content"].items():
        if kind == "application/json":
            _fits(place["example"], place["schema"])
    for place in operation.get("requestBody", {"content": {}})["content"].values():
        _fits(place["example"], place["schema"])
    for parameter in operation.get("parameters", ()):
        if parameter["required"]:
            _fits(parameter["example"], parameter["schema"])


@each
def test_every_fault_of_an_operation_is_a_problem(path: str, method: str) -> None:
    faults = {
        code: one for code, one in _operation(path, method)["responses"].items() if code >= "4"
    }

    assert {"405", "500", "503"} <= set(faults)
    assert path in OPEN or {"401", "429"} <= set(faults)
    for answer in faults.values():
        ((kind, place),) = answer["content"].items()
        assert kind == "application/problem+json"
        assert place["schema"] == {"$ref": "#/components/schemas/Problem"}
        if "example" in place:
            _fits(place["example"], place["schema"])


def test_links_lead_to_operations_there_are() -> None:
    ids = {_operation(*one)["operationId"] for one in OPERATIONS}
    links = [
        link
        for one in OPERATIONS
        for answer in _operation(*one)["responses"].values()
        for link in answer.get("links", {}).values()
    ]

    assert {link["operationId"] for link in links} <= ids
    assert len(links) >= 10


def test_no_example_holds_anything_but_what_is_invented() -> None:
    text = json.dumps(DOCUMENT)

    assert "Pemberton-Ash" in text
    assert not re.search(r"/tmp/|/home/|eyJ|password", text)  # noqa: S108


# --- the page for people --------------------------------------------------------------------------


def test_the_page_explains_every_type_of_problem() -> None:
    page = PAGE.read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", page, re.MULTILINE))

    assert explained == {(name, str(kind.status)) for name, kind in KINDS.items()}
    assert TYPE in page


def test_the_page_names_every_operation() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(GET|POST) /v1(/[^`]*)` \|", page, re.MULTILINE))
    there = {(method.upper(), path) for path, method in OPERATIONS}

    assert named == there | {("GET", "/openapi.json")}
