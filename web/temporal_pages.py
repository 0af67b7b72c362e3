"""Temporal's own pages for administrators: the reason for looking, and the payloads made readable.

The endpoint speaks Temporal's protocol of remote codecs to those pages alone, from another port of
this machine. It asks who is signed in here, and answers for cases they have just opened.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models.errors import BadInput, Refused
from models.looked import Seen
from models.people import Role
from web.administering import administrator, faults_of, form_of, ours
from web.api import strict_json
from web.api.strict_json import NotJson
from web.looking import NotForYou
from web.site import NotSignedIn, noted, reading, site_of, text_in

DECODE = "/codec/decode"
"""Where Temporal's pages ask; they are told the part before the last stroke."""


async def ask(request: Request) -> Response:
    """Why do you look? Without a reason nothing is opened."""
    _, person = administrator(request)
    return await _ask(request, person)


async def _ask(
    request: Request, person: str, reason: str = "", faults: list[tuple[str, str]] | None = None
) -> Response:
    site, case_id = site_of(request), request.path_params["case"]
    try:
        row = (await reading(site.desk.show, case_id)).case
    except BadInput:
        raise NotForYou from None
    if not site.temporal:
        raise NotForYou
    await noted(request, person, Seen.CASE, Role.ADM)
    return ours(
        request,
        "administer_temporal.html",
        status=422 if faults else 200,
        row=row,
        reason=reason,
        faults=faults or [],
        elsewhere=request.url.hostname != urlsplit(site.temporal.address).hostname,
    )


async def open_case(request: Request) -> Response:
    """Record who looks and why, and show the way; the door stays open for a quarter of an hour."""
    form, person, _ = await form_of(request)
    site, case_id = site_of(request), request.path_params["case"]
    reason = text_in(form, "reason")
    try:
        deed = await reading(site.desk.open_in_temporal, person, case_id, reason)
    except BadInput as error:
        return await _ask(request, person, reason, faults_of(error))
    return ours(
        request,
        "administer_temporal_open.html",
        case_id=case_id,
        address=site.temporal.of(case_id),
        until=deed.what.until,
        endpoint=f"{request.url.scheme}://{request.url.netloc}{DECODE.rpartition('/')[0]}",
    )


async def decode(request: Request) -> Response:
    """Payloads in, payloads out; 401 and 403 to whoever may not read them, as JSON."""
    try:
        _, person = administrator(request)
        asked = strict_json.read(await request.body() or b"null")
        return JSONResponse({"payloads": await site_of(request).desk.payloads(person, asked)})
    except NotSignedIn:
        return JSONResponse({"message": "Sign in to our own pages first."}, 401)
    except NotForYou:
        return JSONResponse({"message": "This is for administrators."}, 403)
    except Refused as no:
        return JSONResponse({"message": str(no)}, 403)
    except (BadInput, NotJson):
        return JSONResponse({"message": "Send payloads as Temporal's pages do."}, 400)
