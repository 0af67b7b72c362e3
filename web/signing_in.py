"""The page where one signs in, and signing out.

Without a provider it is a demonstration: choose one of the example people; nobody is asked for a
password. That proves nothing about who sits there, so it is served to this machine alone.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import policy
from models.people import Role
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


async def ask(request: Request) -> Response:
    """Who are you? A browser that is new here gets a session for the form alone."""
    if site_of(request).provider is not None:
        return page(request, "sign_in_provider.html")
    session = session_of(request) or site_of(request).sessions.begin()
    return with_cookie(
        request, page(request, "sign_in.html", session=session, choices=_choices(request)), session
    )


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
    site.sessions.end(session)
    return with_cookie(
        request, see_other(beginning(site.roles_of(person))), site.sessions.begin(person)
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
