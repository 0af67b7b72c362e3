"""Closing a day: proposed by one administrator, with every deadline shown, confirmed by another."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from models.errors import BadInput, Refused
from models.looked import Seen
from models.people import Role
from runtime.desk_calendar import PAGE
from web.administering import administrator, faults_of, form_of, number_of, ours, page_of
from web.administering_cases import day_of
from web.looking import NotForYou
from web.oidc import is_long_since, to_prove
from web.site import noted_list, reading, see_other, site_of, text_in

FIELDS = ("what", "day-day", "day-month", "day-year", "name", "why")
NEWEST = "The calendar as it is now"


async def calendar(request: Request) -> Response:
    """The calendar that holds, what was proposed, and the form for another day."""
    administrator(request)
    return await _calendar(request, {"what": "day"})


async def _calendar(
    request: Request, typed: dict[str, str], faults: list[tuple[str, str]] | None = None
) -> Response:
    desk = site_of(request).desk
    known = await reading(lambda: desk.calendar)
    today = desk.now().date()
    return ours(
        request,
        "administer_calendar.html",
        status=422 if faults else 200,
        known=known,
        ahead=[one for one in known.holidays if one.day >= today][:12],
        proposals=await reading(desk.proposals),
        typed=typed,
        faults=faults or [],
    )


async def propose(request: Request) -> Response:
    """Record a proposal; nothing changes by it."""
    form, person, _ = await form_of(request)
    typed = {name: text_in(form, name) for name in FIELDS}
    desk, day = site_of(request).desk, None
    if typed["what"] != "newest":
        try:
            day = day_of(" ".join(typed[name] for name in FIELDS[1:4]).strip())
        except ValueError:
            day = None
        if day is None:
            return await _calendar(request, typed, [("day", "Give the day as day, month and year")])
    name = typed["name"] if day else NEWEST
    try:
        made = await reading(desk.propose_calendar, person, day, name, typed["why"])
    except BadInput as error:
        return await _calendar(request, typed, faults_of(error))
    return see_other(f"/administer/calendar/{made.seq}")


async def proposal(request: Request) -> Response:
    """One proposal with the old and new deadline of every case, or how far its news has got."""
    _, person = administrator(request)
    return await _proposal(request, person)


async def _proposal(request: Request, person: str, said: str = "") -> Response:
    desk, number = site_of(request).desk, number_of(request)
    at = page_of(request)
    try:
        # So that few cases are there at once, also where no worker runs beside the pages.
        if (await reading(desk.proposal, number)).waiting:
            await reading(desk.work_out, number)
        shown = await reading(desk.shown, number, PAGE, (at - 1) * PAGE)
    except BadInput:
        raise NotForYou from None
    narrowed = {"change": str(number), "page": str(at)}
    await noted_list(request, person, Seen.DEADLINES, len(shown.rows), narrowed, Role.ADM)
    return ours(
        request,
        "administer_proposal.html",
        status=422 if said else 200,
        shown=shown,
        change=shown.day,
        tally=shown.tally,
        mine=shown.day.proposed_by == person,
        page=at,
        pages=max(1, -(-shown.tally.cases // PAGE)),
        said=said,
        faults=[("", said)] if said else [],
    )


async def decide(request: Request) -> Response:
    """Confirm what was shown, give it up, or have it worked out again."""
    form, person, session = await form_of(request)
    desk, number = site_of(request).desk, number_of(request)
    todo = text_in(form, "todo")
    if todo == "confirm" and is_long_since(request, session):
        return to_prove(request, session)
    try:
        if todo == "confirm":
            await reading(desk.confirm_calendar, person, number, text_in(form, "shown"))
        elif todo == "drop":
            await reading(desk.drop_calendar, person, number)
        elif todo == "again":
            await reading(desk.work_out_again, person, number)
    except (BadInput, Refused) as error:
        return await _proposal(request, person, str(error))
    return see_other(f"/administer/calendar/{number}")
