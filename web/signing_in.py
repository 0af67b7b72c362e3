"""The page where one signs in, and signing out.

Without a provider it is a demonstration: choose one of the example people; nobody is asked for a
password. That proves nothing about who sits there, so it is served to this machine alone.
"""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import policy
from models.people import Role
from web.guard import SAFE
from web.language import bare, later
from web.site import (
    beginning,
    page,
    posted,
    see_other,
    session_of,
    signed_in,
    site_of,
    text_in,
    with_cookie,
)

_OURS = re.compile(r"(/[A-Za-z0-9_-]+)+")
"""An address of ours with nothing in it but names of pages and ids."""


async def ask(request: Request) -> Response:
    """Who are you? A browser that is new here gets a session for the form alone."""
    session = session_of(request)
    lost = bool(session and not session.person and session.back)
    if site_of(request).provider is not None:
        return page(request, "sign_in_provider.html", lost=lost)
    session = session or site_of(request).sessions.begin()
    shown = page(request, "sign_in.html", session=session, choices=_choices(request), lost=lost)
    return with_cookie(request, shown, session)


async def to_sign_in(request: Request, _error: Exception) -> Response:
    """To the sign-in; what somebody unknown sent is not received, and they are told so there.

    The words themselves are let go: whoever sits there when a session is over need not be the one
    it belonged to, so nothing may be kept in that one's name. Pages to write on say beforehand
    until when the session lasts.
    """
    answer, page_of_it = see_other("/sign-in"), _came_from(request)
    if request.method in SAFE or page_of_it is None:
        return answer
    session = session_of(request)
    if session is None or session.person:
        session = site_of(request).sessions.begin()
    session.back = page_of_it
    return with_cookie(request, answer, session)


def _came_from(request: Request) -> str | None:
    """The page that a form was on: what it was sent to, or the nearest above it that is shown."""
    path = request.url.path
    if not _OURS.fullmatch(path) or path.startswith("/sign-"):
        return None
    shown = [
        one.path_regex
        for one in request.app.routes
        if isinstance(one, Route) and "GET" in (one.methods or ())
    ]
    while path and not any(one.match(path) for one in shown):
        path = path.rpartition("/")[0]
    return path or None


async def sign_in(request: Request) -> Response:
    """A new session with new tokens for the person chosen; with a provider there is no choice."""
    site, session = site_of(request), session_of(request)
    if site.provider is not None:
        raise HTTPException(404)
    if session is None:
        return see_other("/sign-in")
    person = text_in(await posted(request, session), "person")
    known = {id_ for id_, _ in _choices(request)}
    if person not in known:
        faults = [("person", later("Choose who you are"))]
        return page(request, "sign_in.html", status=422, choices=_choices(request), faults=faults)
    where = "" if session.person else session.back
    site.sessions.end(session)
    return with_cookie(
        request, see_other(where or beginning(site.roles_of(person))), site.sessions.begin(person)
    )


async def sign_out(request: Request) -> Response:
    """End this session, or with `everywhere` all of this person's."""
    session, person = signed_in(request)
    form = await posted(request, session)
    sessions = site_of(request).sessions
    if text_in(form, "everywhere"):
        sessions.end_all_of(person)
    sessions.end(session)
    return see_other("/sign-in/ended" if site_of(request).provider else "/sign-in")


def _choices(request: Request) -> list[tuple[str, str]]:
    """Everybody with pages, by name, with the roles they hold."""
    site = site_of(request)
    people = (one for one in site.desk.directory.people if site.may_sign_in(one.id))
    found = [(one.id, f"{one.name} \u2013 {_roles(request, one.id)}") for one in people]
    return sorted(found, key=lambda one: one[1])


def _roles(request: Request, person: str) -> str:
    site = site_of(request)
    sender = site.desk.directory.sender(person, site.desk.now())
    names = [bare(policy.book().roles[role].name) for role in sender.roles if role is not Role.COL]
    return ", ".join(names) or bare("any colleague")
