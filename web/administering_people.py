"""Who is away and who covers; and notices that could not be delivered."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from models.errors import BadInput
from models.looked import Seen
from models.people import Role
from web.administering import administrator, faults_of, form_of, number_of, ours
from web.administering_cases import day_of
from web.reporting import colleagues
from web.site import noted_list, reading, see_other, site_of, text_in

BOXES = tuple(f"{name}-{box}" for name in ("first", "last") for box in ("day", "month", "year"))


async def absences(request: Request) -> Response:
    """Recorded absences, and the form for another."""
    administrator(request)
    return await _absences(request, {})


async def _absences(
    request: Request, typed: dict[str, str], faults: list[tuple[str, str]] | None = None
) -> Response:
    desk = site_of(request).desk
    rows = await reading(desk.absences)
    now = desk.now()
    return ours(
        request,
        "administer_absences.html",
        status=422 if faults else 200,
        rows=[one for one in rows if one.counts and one.absence.end > now],
        over=[one for one in rows if not (one.counts and one.absence.end > now)][:20],
        in_file=[one for one in _of_the_file(desk, rows) if one.end > now],
        left_out=desk.left_out(),
        colleagues=colleagues(request),
        typed=typed,
        faults=faults or [],
        now=now,
    )


def _of_the_file(desk: Any, rows: Any) -> list[Any]:
    recorded = [one.absence for one in rows]
    return [one for one in desk.directory.absences if one not in recorded]


async def record_absence(request: Request) -> Response:
    """Record one; the directory's own rules say what is wrong with it."""
    form, person, _ = await form_of(request)
    typed = {name: text_in(form, name) for name in ("person", "delegate", *BOXES)}
    days, faults = {}, []
    for name in ("first", "last"):
        written = " ".join(typed[f"{name}-{box}"] for box in ("day", "month", "year")).strip()
        try:
            days[name] = day_of(written)
        except ValueError:
            days[name] = None
        if days[name] is None:
            faults.append((name, f"Give the {name} day as day, month and year"))
    if not typed["person"]:
        faults.insert(0, ("person", "Choose who is away"))
    first, last = days["first"], days["last"]
    if faults or first is None or last is None:
        return await _absences(request, typed, faults)
    desk = site_of(request).desk
    try:
        await reading(
            desk.record_absence, person, typed["person"], first, last, typed["delegate"] or None
        )
    except BadInput as error:
        return await _absences(request, typed, faults_of(error))
    return see_other("/administer/absences")


async def withdraw_absence(request: Request) -> Response:
    """End one now, or take it back before it begins."""
    _, person, _ = await form_of(request)
    await reading(site_of(request).desk.withdraw_absence, person, number_of(request))
    return see_other("/administer/absences")


# --- notices ------------------------------------------------------------------------------------


async def notices(request: Request) -> Response:
    """Notices that were given up: to whom, of which case, and the fault by its code."""
    _, person = administrator(request)
    return await _notices(request, person, again=request.query_params.get("again"))


async def _notices(request: Request, person: str, **given: Any) -> Response:
    rows = await reading(site_of(request).desk.failed_notices)
    await noted_list(request, person, Seen.NOTICES, len(rows), {"failed": "yes"}, Role.ADM)
    return ours(request, "administer_notices.html", rows=rows, **given)


async def retry_notices(request: Request) -> Response:
    """Try those again that were chosen, or all."""
    form, person, _ = await form_of(request)
    desk = site_of(request).desk
    chosen = [one for one in form.getlist("notice") if isinstance(one, str)]
    if text_in(form, "all"):
        chosen = [one.id for one in await reading(desk.failed_notices, 1000)]
    if not chosen:
        faults = [("notice", "Choose at least one notice")]
        return await _notices(request, person, status=422, faults=faults)
    again = await reading(desk.retry_notices, person, chosen)
    return see_other(f"/administer/notices?again={len(again)}")
