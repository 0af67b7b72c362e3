"""Searching all cases, those that are stuck, and giving a role of a case to somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

import policy
from activities.ledger_of_deeds import Found
from activities.register import CaseFilter, Order
from models.directory_rows import day_begins, day_ends
from models.errors import BadInput
from models.forms import MEANINGFUL, meaningful
from models.looked import Seen
from models.people import Role
from procedures.registry import PROCEDURES, by_name
from runtime import lists_asked, showing
from runtime.asks import find_reference
from runtime.desk_administering import PAGE
from web.administering import administrator, form_of, ours, page_of
from web.looking import NotForYou
from web.oidc import is_long_since, to_prove
from web.reporting import colleagues
from web.sessions import Typed
from web.site import noted, noted_list, reading, see_other, site_of, text_in

ASKED = ("reference", "procedure", "state", "holder", "status", "opened_from", "opened_to", "sort")
"""What an address of the search may carry: codes, ids and days, nothing of a case."""

STATUSES = (
    ("open", "Open"),
    ("overdue", "Open and overdue"),
    ("closed", "Closed"),
    ("all", "Open and closed"),
)
SORTS = (
    (Order.DUE.value, "What is due first"),
    (Order.NEWEST.value, "The newest first"),
    (Order.OLDEST.value, "The oldest first"),
    (Order.STATE.value, "By procedure and state"),
)


async def search(request: Request) -> Response:
    """Every case that a filter lets through, a page at a time; the ledger sorts and counts."""
    _, person = administrator(request)
    desk, asked = site_of(request).desk, _asked(request.query_params)
    at = page_of(request)
    wanted, faults = _wanted(request, asked)
    found = Found([], 0)
    if not faults:
        found = await reading(desk.search, wanted, Order(asked["sort"]), at)
        narrowed = lists_asked.asked(wanted, desk.directory, sort=asked["sort"], page=at)
        await noted_list(request, person, Seen.CASES, len(found.rows), narrowed, Role.ADM)
    pages = max(1, -(-found.total // PAGE))
    return ours(
        request,
        "administer_cases.html",
        status=422 if faults else 200,
        asked=asked,
        faults=faults,
        rows=[(row, by_name(row.procedure).title, showing.state_now(row)) for row in found.rows],
        total=found.total,
        page=at,
        pages=pages,
        address=lambda other: f"/administer/cases?{urlencode({**asked, 'page': other})}",
        now=desk.now(),
        procedures=[(key, kind.title) for key, kind in PROCEDURES.items()],
        states=_states(),
        statuses=STATUSES,
        sorts=SORTS,
        colleagues=colleagues(request),
    )


def _asked(given: Mapping[str, str]) -> dict[str, str]:
    asked = {name: given.get(name, "").strip()[:64] for name in ASKED}
    asked["status"] = asked["status"] if asked["status"] in dict(STATUSES) else "open"
    asked["sort"] = asked["sort"] if asked["sort"] in dict(SORTS) else Order.DUE.value
    return asked


def _wanted(request: Request, asked: dict[str, str]) -> tuple[CaseFilter, list[tuple[str, str]]]:
    if asked["reference"]:
        # Whoever has a reference knows one case, which may be closed, or anywhere.
        try:
            return CaseFilter(reference=find_reference(asked["reference"])), []
        except BadInput as fault:
            return CaseFilter(), [("reference", str(fault))]
    faults: list[tuple[str, str]] = []
    days = {}
    for name in ("opened_from", "opened_to"):
        try:
            days[name] = day_of(asked[name])
        except ValueError:
            faults.append((name, "Write a day such as 27 11 2026"))
    first, last = days.get("opened_from"), days.get("opened_to")
    if first and last and last < first:
        faults.append(("opened_to", "Write a day that is not before the first"))
    status = asked["status"]
    return CaseFilter(
        procedure=asked["procedure"] or None,
        state=asked["state"] or None,
        holder=asked["holder"] or None,
        closed=None if status == "all" else status == "closed",
        due_before=site_of(request).desk.now() if status == "overdue" else None,
        opened_from=day_begins(first) if first else None,
        opened_before=day_ends(last) if last else None,
    ), faults


def day_of(text: str) -> date | None:
    """A day as people write it: 27 11 2026, 27/11/2026 or 2026-11-27. Raises ValueError."""
    if not text:
        return None
    parts = text.replace("/", " ").replace("-", " ").split()
    if len(parts) != 3:  # noqa: PLR2004 - day, month, year
        raise ValueError
    first, month, last = (int(part) for part in parts)
    found = date(first, month, last) if len(parts[0]) == 4 else date(last, month, first)  # noqa: PLR2004
    if not 1980 <= found.year < 2100:  # noqa: PLR2004 - as the directory's own bounds
        raise ValueError
    return found


def _states() -> list[tuple[str, str]]:
    """Every state there is, by procedure; the same id in two of them means either."""
    found: dict[str, str] = {}
    for kind in PROCEDURES.values():
        for one in kind.states:
            words = f"{kind.code}: {one.name}"
            known = found.get(str(one.id))
            found[str(one.id)] = f"{known}; {words}" if known else words
    return sorted(found.items(), key=lambda one: one[1])


# --- stuck --------------------------------------------------------------------------------------


async def stuck(request: Request) -> Response:
    """What does not go on by itself, each with what to do."""
    _, person = administrator(request)
    found = await site_of(request).desk.stuck()
    await noted_list(request, person, Seen.STUCK, len(found.troubles), role=Role.ADM)
    return ours(request, "administer_stuck.html", found=found)


# --- giving a role to somebody else -------------------------------------------------------------


async def ask_reassign(request: Request) -> Response:
    """The form that gives a role of one case to somebody else."""
    session, person = administrator(request)
    if is_long_since(request, session):
        return to_prove(request, session)
    kept = session.typed.get(request.url.path)
    if kept is None:
        return await _reassign(request, person, {"decision": str(uuid4())})
    # The case is shown as it stands now, so that is what they act on.
    typed = {name: text for name, text in kept.words.items() if name not in ("saw", "head")}
    return await _reassign(request, person, typed)


async def reassign(request: Request) -> Response:
    """Send it as the act it is: the policy says whether it may be, and the trail keeps it."""
    form, person, session = await form_of(request)
    names = ("decision", "saw", "head", "role", "to", "reason")
    typed = {name: text_in(form, name) for name in names}
    if is_long_since(request, session):
        session.keep_typed(request.url.path, Typed(typed, {}))
        return to_prove(request, session)
    faults = [(name, f"Choose {what}") for name, what in _CHOICES.items() if not typed[name]]
    if not meaningful(typed["reason"]):
        faults.append(("reason", f"Give a reason of at least {MEANINGFUL} letters"))
    if faults:
        return await _reassign(request, person, typed, faults)
    desk, case_id = site_of(request).desk, request.path_params["case"]
    receipt = await desk.decide(
        case_id,
        "reassign",
        person,
        role=Role.ADM,
        reason=typed["reason"],
        fields={"role": typed["role"], "to": typed["to"]},
        saw=int(typed["saw"]) if typed["saw"].isdecimal() else 0,
        saw_hash=typed["head"],
        id=typed["decision"],
    )
    session.typed.pop(request.url.path, None)
    session.keep(receipt)
    return see_other(f"/administer/case/{case_id}/receipt/{receipt.decision}")


_CHOICES = {"role": "a role", "to": "a person"}


async def _reassign(
    request: Request,
    person: str,
    typed: dict[str, str],
    faults: list[tuple[str, str]] | None = None,
) -> Response:
    desk, case_id = site_of(request).desk, request.path_params["case"]
    try:
        view = await reading(desk.show, case_id)
    except BadInput:
        raise NotForYou from None
    await noted(request, person, Seen.CASE, Role.ADM)
    roles = policy.book().roles
    held = list(dict.fromkeys(duty.role for duty in view.duties))
    first = [(code.value, f"{roles[code].name} (has open work)") for code in held]
    rest = [(code.value, name.name) for code, name in roles.items() if code not in held]
    return ours(
        request,
        "administer_reassign.html",
        status=422 if faults else 200,
        row=view.case,
        roles=first + [one for one in rest if one[0] not in _NEVER],
        colleagues=colleagues(request),
        faults=faults or [],
        typed={"saw": str(view.case.seq), "head": view.case.head} | typed,
    )


_NEVER = {Role.COL.value, Role.REP.value, Role.ADM.value, Role.AUD.value, Role.SYS.value}
"""Roles that nobody holds in a case by being given them."""


async def receipt(request: Request) -> Response:
    """What became of it; another session looks at the case."""
    session, _ = administrator(request)
    case_id = request.path_params["case"]
    found = session.receipts.get(request.path_params["decision"])
    if found is None or found.case_id != case_id:
        return see_other(f"/administer/case/{case_id}")
    row = site_of(request).desk.show(case_id).case
    lines = list(showing.receipt(found, row.procedure))
    return ours(request, "administer_receipt.html", receipt=found, lines=lines, row=row)
