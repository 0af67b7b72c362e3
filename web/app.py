"""The pages as one ASGI application: every route, what a fault looks like, and the guard round all."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from models.errors import BadInput, CaseworkError, Misconfigured, Refused, Unavailable
from runtime.desk import Desk
from web import (
    administering,
    administering_calendar,
    administering_cases,
    administering_people,
    auditing,
    auditing_checks,
    auditing_looks,
    dashboards,
    deciding,
    files,
    inbox,
    looking,
    oidc,
    reporting,
    signing_in,
    temporal_pages,
)
from web.api.app import build_api
from web.build import BUILT, built
from web.guard import API, LARGEST, Guard
from web.language import Speaking, later
from web.limits import ASSETS, Limits
from web.provider import Provider
from web.sessions import Sessions
from web.site import NotSignedIn, Site, page
from web.temporal_address import TemporalPages
from web.tokens import Tokens

log = structlog.get_logger("web")

Endpoint = Callable[[Request], Awaitable[Response]]


def _shows(path: str, endpoint: Endpoint) -> Route:
    return Route(path, endpoint, methods=["GET"])


def _takes(path: str, endpoint: Endpoint) -> Route:
    async def closing(request: Request) -> Response:
        try:
            return await endpoint(request)
        finally:
            # What was handed in lies in memory until its form is closed.
            await request.close()

    return Route(path, closing, methods=["POST"])


class _Under(Mount):
    """All below an address, also what has a line break in it, which the library's own lets by."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


ROUTES = (
    _shows("/", inbox.home),
    _shows("/sign-in", signing_in.ask),
    _takes("/sign-in", signing_in.sign_in),
    _takes("/sign-out", signing_in.sign_out),
    _shows("/sign-in/begin", oidc.begin),
    _shows("/sign-in/back", oidc.back),
    _shows("/sign-in/again", oidc.ask_again),
    _shows("/sign-in/ended", oidc.ended),
    _shows("/sign-in/leave", oidc.leave),
    _shows("/start", reporting.what_happened),
    _takes("/start", reporting.begin),
    _shows("/report/{draft}/check", reporting.check),
    _takes("/report/{draft}/check", reporting.send),
    _shows("/report/{draft}/sent", reporting.sent),
    _shows("/report/{draft}/delete", reporting.leave),
    _takes("/report/{draft}/delete", reporting.delete),
    _shows("/report/{draft}/{page}", reporting.show),
    _takes("/report/{draft}/{page}", reporting.answer),
    _shows("/inbox", inbox.inbox),
    _shows("/your-cases", inbox.your_cases),
    _shows("/administer", administering.overview),
    _shows("/administer/cases", administering_cases.search),
    _shows("/administer/stuck", administering_cases.stuck),
    _shows("/administer/notices", administering_people.notices),
    _takes("/administer/notices", administering_people.retry_notices),
    _shows("/administer/absences", administering_people.absences),
    _takes("/administer/absences", administering_people.record_absence),
    _takes("/administer/absences/{number}/withdraw", administering_people.withdraw_absence),
    _shows("/administer/calendar", administering_calendar.calendar),
    _takes("/administer/calendar", administering_calendar.propose),
    _shows("/administer/calendar/{number}", administering_calendar.proposal),
    _takes("/administer/calendar/{number}", administering_calendar.decide),
    _shows("/administer/case/{case}", administering.case),
    _takes("/administer/case/{case}/start-again", administering.start_again),
    _shows("/administer/case/{case}/reassign", administering_cases.ask_reassign),
    _takes("/administer/case/{case}/reassign", administering_cases.reassign),
    _shows("/administer/case/{case}/receipt/{decision}", administering_cases.receipt),
    _shows("/administer/case/{case}/temporal", temporal_pages.ask),
    _takes("/administer/case/{case}/temporal", temporal_pages.open_case),
    _shows("/dashboards", dashboards.show),
    _shows("/dashboards/{table}", dashboards.download),
    _shows("/audit", auditing.find),
    _shows("/audit/lists", auditing_looks.at_lists),
    _shows("/audit/person", auditing_looks.of_person),
    _shows("/audit/case/{case}", auditing.case),
    _shows("/audit/case/{case}/looks", auditing_looks.of_case),
    _shows("/audit/case/{case}/at", auditing.at_instant),
    _shows("/audit/case/{case}/at/{seq}", auditing.at),
    _shows("/audit/verify", auditing_checks.before_verifying),
    _takes("/audit/verify", auditing_checks.verify),
    _shows("/audit/verify/{job}", auditing_checks.verification),
    _shows("/audit/bundle", auditing_checks.before_a_bundle),
    _takes("/audit/bundle", auditing_checks.bundle),
    _shows("/case/{case}", looking.case),
    _shows("/case/{case}/act/{act}", deciding.ask),
    _takes("/case/{case}/act/{act}", deciding.take),
    _shows("/case/{case}/receipt/{decision}", deciding.receipt),
    _shows("/case/{case}/evidence/{sha256}", files.ask),
    _takes("/case/{case}/evidence/{sha256}", files.give),
    _shows("/case/{case}/advice/{seq}", files.ask_advice),
    _takes("/case/{case}/advice/{seq}", files.read_advice),
)
"""Every route; a test asks each of them for its headers and whether it needs somebody signed in."""


def build(  # noqa: PLR0913  # what it is built of, each named at the call
    desk: Desk,
    hosts: Iterable[str],
    clock: Callable[[], datetime] | None = None,
    *,
    tokens: Tokens | None = None,
    provider: Provider | None = None,
    limits: Limits | None = None,
    tls: bool = False,
    temporal: TemporalPages | None = None,
) -> Guard:
    """The application on a desk, answering to these hosts (`127.0.0.1:8080`) and no others.

    Without a provider the sign-in is a demonstration, without limits anybody may ask for ever.
    `tokens` reads the bearer tokens of the API; without it the API lets nobody in.
    `tls` says that browsers reach it with TLS, `temporal` where Temporal's own pages are: the one
    other origin that may ask for anything.

    Raises Misconfigured when the styles have not been built.
    """
    if not built():
        raise Misconfigured("The styles of the pages are not built; run `make setup` again.")
    # What is handed in stays in memory: a temporary file would lie on the disk in the clear.
    MultiPartParser.spool_max_size = LARGEST
    app = Starlette(
        routes=[
            *ROUTES,
            Route(temporal_pages.DECODE, temporal_pages.decode, methods=["POST"]),
            _Under(API.rstrip("/"), build_api(desk, tokens)),
            Mount(ASSETS.rstrip("/"), StaticFiles(directory=BUILT)),
        ],
        exception_handlers={
            NotSignedIn: signing_in.to_sign_in,
            oidc.NotLetIn: oidc.not_let_in,
            looking.NotForYou: _not_for_you,
            reporting.Sent: reporting.to_what_became,
            HTTPException: _plain,
            ClientDisconnect: _cut_off,
            CaseworkError: _said,
            Exception: _broken,
        },
    )
    app.add_middleware(Speaking)
    temporal = temporal or TemporalPages()
    app.state.site = Site(desk, Sessions(clock or desk.now), provider, temporal)
    shared = {temporal_pages.DECODE: temporal.origin} if temporal else {}
    return Guard(app, hosts, shared, limits=limits, tls=tls)


def _fault(
    request: Request, status: int, heading: str, said: str, problems: tuple[str, ...] = ()
) -> Response:
    return page(request, "fault.html", status=status, heading=heading, said=said, problems=problems)


async def _not_for_you(request: Request, _error: Exception) -> Response:
    said = later(
        "There is no such page, or it is not for you. Whoever works on the case can tell you more."
    )
    return _fault(request, 404, later("Nothing to see here"), said)


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code in (404, 405) and error.detail in ("Not Found", "Method Not Allowed"):
        return _fault(
            request, error.status_code, later("Page not found"), later("There is no such page.")
        )
    return _fault(request, error.status_code, later("This could not be done"), error.detail)


async def _said(request: Request, error: Exception) -> Response:
    assert isinstance(error, CaseworkError)
    if not isinstance(error, BadInput | Refused | Unavailable):
        # Its words are for the operator: they name files and settings.
        return await _broken(request, error)
    problems = error.problems if isinstance(error, BadInput) else ()
    kinds = ((BadInput, 422), (Refused, 403), (Unavailable, 503))
    status = next(number for kind, number in kinds if isinstance(error, kind))
    return _fault(request, status, later("This could not be done"), str(error), problems)


async def _cut_off(request: Request, _error: Exception) -> Response:
    said = later("Not all of this arrived in time. Nothing was done; go back and send it again.")
    return _fault(request, 408, later("This could not be done"), said)


async def _broken(request: Request, error: Exception) -> Response:
    log.error("page_failed", error=type(error).__name__)
    said = later("Something went wrong here. Look at the case before you send anything again.")
    return _fault(request, 500, later("This did not work"), said)
