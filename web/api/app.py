"""The API as one ASGI application: its operations, what a fault looks like, and the door round all."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models.errors import BadInput, CaseworkError, Misconfigured, Refused, Unavailable
from runtime.desk import Desk
from web.api import cases, decisions, files, reference
from web.api.decisions import kind_of
from web.api.document import as_text
from web.api.door import Door, broken
from web.api.invalid import from_validation
from web.api.problems import Problem, by_status, faults
from web.tokens import Tokens

VERSION = "1.0.0"
QUIET: Any = {
    "tracing": False,
    "metrics": False,
    # Its records of what failed hold what was sent: case text.
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def build_api(desk: Desk | None, tokens: Tokens | None) -> Door:
    """The API on a desk. Without `tokens` nobody gets in but to what is open to all."""
    app = operations()
    app.state.desk = desk
    return Door(app, tokens)


def operations() -> FastAPI:
    """Every operation, with no desk behind it yet: what the document is made from."""
    app = FastAPI(
        title="Casework",
        version=VERSION,
        telemetry=QUIET,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        form_limits={"max_files": 1, "max_fields": 40, "max_part_size": 64 * 1024},
    )
    for part in (cases, decisions, files, reference):
        app.include_router(part.router)

    app.add_route("/openapi.json", _described, methods=["GET"], include_in_schema=False)
    handlers: dict[Any, Any] = {
        Problem: _problem,
        RequestValidationError: _invalid,
        HTTPException: _plain,
        CaseworkError: _said,
        Exception: _broken,
    }
    app.exception_handlers.update(handlers)
    return app


@cache
def described() -> str:
    """The OpenAPI document, as it is served and as the committed file holds it."""
    return as_text(operations())


async def _described(_: Request) -> Response:
    return Response(described(), media_type="application/json")


async def _problem(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, Problem)
    return fault.answer()


async def _invalid(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)
    return from_validation(fault).answer()


async def _plain(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    said = {
        400: "What was sent cannot be read. Nothing was done.",
        404: "There is no such address.",
        405: "This address does not take that method.",
    }
    problem = by_status(fault.status_code, said.get(fault.status_code, "This was not taken."))
    problem.headers |= dict(fault.headers or {})
    return problem.answer()


async def _broken(_: Request, fault: Exception) -> Response:
    return broken(fault).answer()


async def _said(_: Request, fault: Exception) -> Response:
    if isinstance(fault, Refused):
        kind = kind_of(fault.code)
        return Problem(kind, str(fault), code=fault.code, clause=fault.clause).answer()
    if isinstance(fault, BadInput):
        return Problem("not-usable", str(fault), errors=faults(fault.problems)).answer()
    if isinstance(fault, Unavailable):
        return Problem("unavailable", str(fault), headers={"Retry-After": "5"}).answer()
    if isinstance(fault, Misconfigured):
        # Its words are for the operator: they name files and settings.
        return Problem("unavailable", "Something is not set up as it should be.").answer()
    return Problem("broken", "What is kept is not as it was. An administrator must look.").answer()
