"""Temporal's own pages for administrators: the reason for looking, and the payloads made readable.

The endpoint speaks Temporal's protocol of remote codecs to those pages alone, from another port of
this machine. It asks who is signed in here, and answers for cases they have just opened.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models.errors import BadInput, Refused
from web.administering import administrator, faults_of, form_of, ours
from web.looking import NotForYou
from web.site import NotSignedIn, reading, signed_in, site_of, text_in

DECODE = "/codec/decode"
"""Where Temporal's pages ask; they are told the part before the last stroke."""


async def ask(request: Request) -> Response:
    """Why do you look? Without a reason nothing is opened."""
    administrator(request)
    return await _ask(request)


async def _ask(
    request: Request, reason: str = "", faults: list[tuple[str, str]] | None = None
) -> Response:
    site, case_id = site_of(request), request.path_params["case"]
    try:
        row = (await reading(site.desk.show, case_id)).case
    except BadInput:
        raise NotForYou from None
    if not site.temporal:
        raise NotForYou
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
        return await _ask(request, reason, faults_of(error))
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
        _, person = signed_in(request)
        asked = json.loads(await request.body() or b"null")
        return JSONResponse({"payloads": await site_of(request).desk.payloads(person, asked)})
    except NotSignedIn:
        return JSONResponse({"message": "Sign in to our own pages first."}, 401)
    except Refused as no:
        return JSONResponse({"message": str(no)}, 403)
    except (BadInput, ValueError):
        return JSONResponse({"message": "Send payloads as Temporal's pages do."}, 400)
