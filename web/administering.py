"""What every page for administrators begins with: who may be here, and the way round (SD13)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from models.people import Role
from web.looking import NotForYou
from web.sessions import Session
from web.site import page, signed_in, site_of


def administrator(request: Request) -> tuple[Session, str]:
    """The session and the administrator behind it. Raises NotSignedIn, or NotForYou."""
    session, person = signed_in(request)
    if Role.ADM not in site_of(request).usable(session):
        raise NotForYou
    return session, person


async def overview(request: Request) -> Response:
    """Where an administrator begins."""
    administrator(request)
    return page(request, "administer.html")
