"""Evidence files and privileged advice on pages: given out by a press of a button, never by a link.

Reading either is kept in a custody list, so it is asked for with a form; the line is written first.
"""

from __future__ import annotations

from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from models import looked
from models.evidence import Deed, FileKind, Part, Purpose
from runtime import advice
from runtime.evidence import Item
from runtime.notices import MARKING
from runtime.verbs_of_evidence import DEEDS
from web.looking import NotForYou, Seen, see
from web.sessions import Session
from web.site import noted, page, posted, reading, signed_in, site_of, text_in
from web.story import Happened, fields_in_words

PARTS = {
    Part.WORKING_COPY: "The working copy, without what it says of camera, place and author",
    Part.ORIGINAL: "The original, as it came",
}
PURPOSES = {
    Purpose.CASE_WORK: "Work on this case",
    Purpose.DISCLOSURE: "For the court, a party or the police, cleared as the policy asks",
}
_TYPES = {
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.WEBP: "image/webp",
    FileKind.PDF: "application/pdf",
}


async def ask(request: Request) -> Response:
    """One file of a case: what it is, who had it in hand, and which part of it is wanted."""
    session, person = signed_in(request)
    seen, item = await _item(request, session)
    await noted(request, person, looked.Seen.CASE, seen.role)
    return _asked(request, seen, item)


def _asked(
    request: Request, seen: Seen, item: Item, faults: tuple[tuple[str, str], ...] = ()
) -> Response:
    return page(
        request,
        "file.html",
        status=422 if faults else 200,
        seen=seen,
        row=seen.view.case,
        item=item,
        faults=list(faults),
        parts=PARTS,
        purposes=PURPOSES,
        deeds=DEEDS,
    )


async def _seen(request: Request, session: Session) -> Seen:
    site, case_id = site_of(request), request.path_params["case"]
    person = str(session.person)
    return cast("Seen", await reading(see, site.desk, site.people, case_id, person, session.roles))


async def _item(request: Request, session: Session) -> tuple[Seen, Item]:
    """A file of the case that this person may read. Raises NotForYou."""
    seen = await _seen(request, session)
    for item in seen.evidence:
        if item.sha256 == request.path_params["sha256"] and item.stored is not None:
            return seen, item
    raise NotForYou


async def give(request: Request) -> Response:
    """Give a file out, once its custody list says so. The browser keeps it and does not show it."""
    session, _ = signed_in(request)
    form = await posted(request, session)
    seen, item = await _item(request, session)
    part, purpose = text_in(form, "part"), text_in(form, "purpose")
    faults = [] if part in list(Part) else [("part", "Choose which of the two")]
    faults += [] if purpose in list(PURPOSES) else [("purpose", "Say what it is for")]
    if faults:
        return _asked(request, seen, item, tuple(faults))
    content = await reading(_read, request, session, Part(part), Purpose(purpose))
    return Response(content, headers=_as_a_file(item, Part(part)))


def _read(request: Request, session: Session, part: Part, purpose: Purpose) -> bytes:
    case_id, digest = request.path_params["case"], request.path_params["sha256"]
    return site_of(request).desk.read_evidence(
        case_id,
        digest,
        str(session.person),
        part=part,
        purpose=purpose,
        did=Deed.EXPORTED,
        only=session.roles,
    )


def _as_a_file(item: Item, part: Part) -> dict[str, str]:
    """A name that says nothing of the case: it may be seen in a list of downloads."""
    assert item.stored is not None
    copy = "-copy" if part is Part.WORKING_COPY else ""
    name = f"{MARKING}-evidence-{item.sha256[:12]}{copy}.{item.stored.kind.value}"
    return {
        "Content-Type": _TYPES[item.stored.kind],
        "Content-Disposition": f'attachment; filename="{name}"',
    }


# --- privileged advice --------------------------------------------------------------------------


async def ask_advice(request: Request) -> Response:
    """What reading privileged advice means, before it is read."""
    session, person = signed_in(request)
    seen, entry = await _entry(request, session)
    await noted(request, person, looked.Seen.CASE, seen.role)
    return page(request, "advice.html", seen=seen, row=seen.view.case, entry=entry, read=None)


async def _entry(request: Request, session: Session) -> tuple[Seen, Happened]:
    """A privileged entry that this person may read. Raises NotForYou."""
    seen, number = await _seen(request, session), request.path_params["seq"]
    for one in seen.story:
        if str(one.seq) == number and one.seq in seen.advice:
            return seen, one
    raise NotForYou


async def read_advice(request: Request) -> Response:
    """The advice; that it was read is in its custody list by then."""
    session, person = signed_in(request)
    await posted(request, session)
    seen, entry = await _entry(request, session)
    desk = site_of(request).desk
    read = await reading(
        advice.read, desk, seen.view.case.case_id, entry.seq, person, session.roles
    )
    rows = [("Reason", read.reason)] if read.reason else []
    rows += list(fields_in_words(read.fields, entry.asked, site_of(request).people))
    return page(request, "advice.html", seen=seen, row=seen.view.case, entry=entry, read=rows)
