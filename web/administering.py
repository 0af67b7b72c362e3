"""What every page for administrators begins with, the first of them, and that of one case (SD13).

They see where a case stands, its times, roles and clauses; never a reason or what was filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from activities.register import CaseFilter
from models.case import Line
from models.errors import BadInput
from models.looked import Seen
from models.people import Role
from procedures.registry import by_name
from runtime import showing
from web.looking import NotForYou
from web.sessions import Session
from web.site import noted, page, posted, reading, see_other, signed_in, site_of

LATELY = timedelta(days=7)
"""Real time over which refused acts are counted."""

PLACES = (
    ("Overview", "/administer"),
    ("Cases", "/administer/cases"),
    ("Stuck", "/administer/stuck"),
    ("Notices", "/administer/notices"),
    ("Absences", "/administer/absences"),
    ("Calendar", "/administer/calendar"),
)
"""The pages for administrators, in the order of their own list of links."""


def administrator(request: Request) -> tuple[Session, str]:
    """The session and the administrator behind it. Raises NotSignedIn, or NotForYou."""
    session, person = signed_in(request)
    if Role.ADM not in site_of(request).usable(session):
        raise NotForYou
    return session, person


async def form_of(request: Request) -> tuple[Any, str, Session]:
    """What an administrator sent, and who. Raises HTTPException for a form that is not ours."""
    session, _ = signed_in(request)
    form = await posted(request, session)
    _, person = administrator(request)
    return form, person, session


def ours(request: Request, template: str, **given: Any) -> Response:
    """A page for administrators, with the links to the others."""
    return page(request, template, ours=PLACES, **given)


def number_of(request: Request) -> int:
    """The number in an address. Raises NotForYou when there is none."""
    number = _number(request.path_params["number"])
    if number is None:
        raise NotForYou
    return number


def page_of(request: Request) -> int:
    """Which page of a list is asked for; the first, if that is no number."""
    return max(_number(request.query_params.get("page", "1")) or 1, 1)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,6}", text) else None


def faults_of(error: BadInput) -> list[tuple[str, str]]:
    """The faults of an input as the summary on a page shows them: field and words."""
    found = []
    for problem in error.problems or (str(error),):
        field, colon, words = problem.partition(": ")
        known = colon and " " not in field
        found.append((field, _sentence(words)) if known else ("", _sentence(problem)))
    return found


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


# --- the first page -----------------------------------------------------------------------------


async def overview(request: Request) -> Response:
    """What waits for an administrator, and what was refused lately."""
    administrator(request)
    desk = site_of(request).desk

    def read() -> dict[str, Any]:
        still_open, now = CaseFilter(closed=False), desk.now()
        overdue = still_open.model_copy(update={"due_before": now})
        return {
            "open_cases": desk.search(still_open).total,
            "overdue": desk.search(overdue).total,
            "failed": len(desk.failed_notices(limit=1000)),
            "waiting": [one for one in desk.proposals() if one.waiting],
            "away": [one for one in desk.absences() if one.counts and one.absence.covers(now)],
            "refused": [_refused(one) for one in desk.refusals(LATELY)],
        }

    return ours(request, "administer.html", **await reading(read))


def _refused(one: Any) -> dict[str, Any]:
    kind = by_name(one.procedure)
    act = kind.acts_by_code.get(one.act)
    label = f"{act.label} ({one.act})" if act else one.act or "A message that could not be read"
    return {"title": kind.title, "act": label, "code": one.code, "count": one.count}


# --- one case -----------------------------------------------------------------------------------


async def case(request: Request) -> Response:
    """One case as an administrator may see it: the register's facts, times, roles and clauses."""
    _, person = administrator(request)
    desk = site_of(request).desk
    case_id = request.path_params["case"]
    try:
        view = await reading(desk.show, case_id)
    except BadInput:
        raise NotForYou from None
    await noted(request, person, Seen.CASE, Role.ADM)
    lines = await reading(desk.trail, case_id)
    return ours(
        request,
        "administer_case.html",
        view=view,
        row=view.case,
        title=by_name(view.case.procedure).title,
        state=showing.state(view.case.procedure, view.case.state, view.case.label),
        happened=list(_happened(lines)),
        now=desk.now(),
        temporal=bool(site_of(request).temporal),
    )


def _happened(lines: list[Line]) -> Iterator[dict[str, Any]]:
    """Each entry by what is kept in the open: no reason, no answer, no words of a refusal."""
    for line in lines:
        one = line.entry
        yield {
            "seq": one.seq,
            "when": one.london,
            "what": one.label,
            "act": one.act,
            "kind": one.kind.value.replace("_", " "),
            "who": one.actor,
            "role": one.role,
            "code": (one.code or "").replace("_", " "),
            "clauses": ", ".join(one.clauses),
        }


async def start_again(request: Request) -> Response:
    """Let a case that Temporal lost go on from the ledger."""
    _, person, _ = await form_of(request)
    case_id = request.path_params["case"]
    await site_of(request).desk.start_again(person, case_id)
    return see_other(f"/administer/case/{case_id}")
