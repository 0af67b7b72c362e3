"""Signing in at the organisation's provider: there, back again, and once more before a decision."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.errors import Unavailable
from procedures.words import Act
from web.claims import NotValid
from web.provider import Answer, Asked, Provider
from web.sessions import Begun, Session
from web.site import (
    NotSignedIn,
    beginning,
    page,
    see_other,
    session_of,
    signed_in,
    site_of,
    with_cookie,
)

log = structlog.get_logger("web")

WITHIN = timedelta(minutes=10)
"""Real time in which a sign-in has to come back from the provider (R)."""


class NotLetIn(Exception):
    """A sign-in that came to nothing: what to say, and a class of fault to log."""

    def __init__(self, fault: str, said: str) -> None:
        super().__init__(fault)
        self.fault = fault
        self.said = said


_OVER = "This sign-in was begun in another window or is over. Nobody was signed in; sign in again."
_NOT_BELIEVED = "The sign-in provider's answer could not be believed. Nobody was signed in."
_REFUSED = "The sign-in provider did not sign you in. You may try again."
_UNKNOWN = (
    "You are signed in at your organisation, but its directory of people here does not name you,"
    " or there are no pages for you. Ask whoever keeps the directory."
)
_OLD = (
    "The sign-in provider did not ask you for your credentials again, so nothing was decided."
    " What you wrote is kept; go back to the page and try again."
)


def _provider(request: Request) -> Provider:
    """The provider. Raises NotSignedIn when there is none: the demonstration has its own page."""
    provider = site_of(request).provider
    if provider is None:
        raise NotSignedIn
    return provider


async def not_let_in(request: Request, error: Exception) -> Response:
    """The page of a sign-in that came to nothing."""
    assert isinstance(error, NotLetIn)
    log.warning("sign_in_failed", code=error.fault)
    heading = "You are not signed in"
    return page(request, "fault.html", status=403, heading=heading, said=error.said, problems=())


# --- there --------------------------------------------------------------------------------------


async def begin(request: Request) -> Response:
    """On to the provider; with credentials given anew when a page has asked for that."""
    provider = _provider(request)
    session = session_of(request) or site_of(request).sessions.begin()
    again = bool(session.person and session.back)
    asked = Asked(nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48))
    state = secrets.token_urlsafe(32)
    where = await provider.question(asked, state, again=again)
    begun = Begun(asked.nonce, asked.verifier, site_of(request).desk.now(), session.back, again)
    session.keep_begun(state, begun)
    return with_cookie(request, RedirectResponse(where, 303), session)


async def ask_again(request: Request) -> Response:
    """Says why credentials are wanted once more, and leads to the provider."""
    session, _ = signed_in(request)
    provider = _provider(request)
    if not session.back:
        return see_other("/")
    minutes = int(provider.ask_again.total_seconds() // 60)
    # The page of the act itself would only lead here again.
    case_page = re.sub(r"/(act/[^/]*|[^/]*)$", "", session.back)
    kept = session.back.partition("?")[0] in session.typed
    return page(request, "sign_in_again.html", minutes=minutes, kept=kept, back=case_page)


def wants_proof(request: Request, session: Session, act: Act) -> bool:
    """Whether this act decides and credentials were given too long ago, or nobody knows when."""
    return act.decides and is_long_since(request, session)


def is_long_since(request: Request, session: Session) -> bool:
    """Whether credentials were given too long ago to decide; never in a demonstration."""
    provider = site_of(request).provider
    if provider is None:
        return False
    now = site_of(request).desk.now()
    return session.proved is None or now - session.proved >= provider.ask_again


def to_prove(request: Request, session: Session, to: str = "") -> Response:
    """To the page that asks for credentials again, and from there back to this one.

    `to` is the act that a correction is to become, where one was chosen.
    """
    session.back = request.url.path + (f"?to={to}" if to else "")
    return see_other("/sign-in/again")


# --- and back -----------------------------------------------------------------------------------


async def back(request: Request) -> Response:
    """What the provider answered: a new session, with tokens nobody has seen before."""
    provider = _provider(request)
    session, begun = _begun(request)
    answer = await _answer(request, provider, begun)
    if begun.again and not _anew(provider, answer.proved, begun.at):
        raise NotLetIn("old_credentials", _OLD)
    person = _person(request, answer.named)
    made = _session(request, session, person)
    made.roles, made.proved = answer.roles, answer.proved
    # Whoever gives their credentials again goes on as themself; before the first time it is nobody.
    goes_on = session.person == (person if begun.again else None)
    where = (begun.back if goes_on else "") or beginning(site_of(request).usable(made))
    return with_cookie(request, see_other(where), made)


def _begun(request: Request) -> tuple[Session, Begun]:
    """The sign-in that this browser began; each state answers once."""
    session = session_of(request)
    if session is None:
        raise NotLetIn("no_session", _OVER)
    begun = session.begun.pop(request.query_params.get("state", ""), None)
    if begun is None or site_of(request).desk.now() - begun.at >= WITHIN:
        raise NotLetIn("state", _OVER)
    return session, begun


async def _answer(request: Request, provider: Provider, begun: Begun) -> Answer:
    said = request.query_params
    if not await provider.came_from(said.get("iss")):
        raise NotLetIn("iss", _NOT_BELIEVED)
    if "error" in said or not said.get("code"):
        raise NotLetIn("refused", _REFUSED)
    try:
        return await provider.answer(said["code"], Asked(begun.nonce, begun.verifier))
    except NotValid as no:
        raise NotLetIn(no.fault, _NOT_BELIEVED) from None


def _anew(provider: Provider, proved: datetime | None, asked: datetime) -> bool:
    return proved is not None and proved >= asked - provider.skew


def _person(request: Request, named: str) -> str:
    site = site_of(request)
    person = site.desk.directory.known_as(named)
    if person is None or not site.may_sign_in(person):
        raise NotLetIn("unknown_person", _UNKNOWN)
    return person


def _session(request: Request, before: Session, person: str) -> Session:
    sessions = site_of(request).sessions
    made = sessions.begin(person)
    if before.person == person:
        before.goes_on_as(made)
    sessions.end(before)
    return made


# --- signing out --------------------------------------------------------------------------------


async def ended(request: Request) -> Response:
    """After signing out here: the provider may still remember somebody."""
    provider = _provider(request)
    try:
        leads_on = await provider.leaving() is not None
    except Unavailable:
        leads_on = False
    return page(request, "signed_out.html", leads_on=leads_on)


async def leave(request: Request) -> Response:
    """On to the provider's own page for signing out."""
    where = await _provider(request).leaving()
    return see_other("/sign-in") if where is None else RedirectResponse(where, 303)
