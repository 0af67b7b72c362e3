"""Cases: opened from a form, rehearsed, listed, shown, and told entry by entry."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from activities.register import CaseFilter, CaseRow
from models import looked
from models.base import Value
from models.errors import BadInput
from models.people import Role
from procedures.registry import by_name
from runtime import lists_asked, repeats
from runtime.asks import find_reference, find_state
from runtime.desk import Desk
from runtime.desk_opening import Opening
from runtime.path_ahead import path_ahead
from runtime.possible import acts_for
from runtime.reading import FOR_A_TASK
from runtime.showing_trail import told, trail_document
from web.api.asking import (
    CaseId,
    Key,
    TheCaller,
    TheDesk,
    etag,
    far,
    look,
    no_query,
    sight,
)
from web.api.problems import Problem, faults
from web.api.shapes import (
    Case,
    Cases,
    Listed,
    NewCase,
    Opened,
    Rehearsed,
    Sees,
    Trail,
    TrailEntry,
    Work,
)
from web.tokens import Caller

router = APIRouter(tags=["cases"])
plain = [Depends(no_query)]

TOKEN = "submission_token"  # noqa: S105 - the name of a field
LOOKED_AT = 200
"""Cases looked through for one page: a caller who may see few of them asks again for more."""
REPLAYED = "Idempotent-Replayed"
KEY_USED = (
    "This Idempotency-Key was sent before with something else. Nothing was done now; send this"
    " with a new key."
)


# --- opening --------------------------------------------------------------------------------------


@router.post("/cases", status_code=201, dependencies=plain)
async def open_case(
    body: NewCase, key: Key, desk: TheDesk, caller: TheCaller, response: Response
) -> Opened:
    """Open a case. The Idempotency-Key makes one case, however often the form is sent."""
    form = _with_token(body.form, key)
    opening = await run_in_threadpool(_before, desk, caller, body.procedure, form, key)
    if opening is None:
        try:
            opening = await desk.open(body.procedure, form, caller.person, only=caller.roles)
        except BadInput as fault:
            raise _not_usable(fault) from None
        # Two at the same moment: the case is one of them, and the other must not be told it is its.
        await run_in_threadpool(_before, desk, caller, body.procedure, form, key)
    if opening.refused:
        raise Problem("form-refused", opening.message, case_id=opening.case_id)
    row = await run_in_threadpool(lambda: desk.show(opening.case_id).case)
    response.headers["Location"] = f"/v1/cases/{row.case_id}"
    response.headers["ETag"] = etag(row)
    response.headers[REPLAYED] = str(opening.repeated).lower()
    names = ("case_id", "procedure", "state", "label", "repeated", "warnings")
    return Opened(**{name: getattr(opening, name) for name in names})


def _with_token(form: dict[str, Any], key: UUID) -> dict[str, Any]:
    if form.get(TOKEN, str(key)) != str(key):
        said = {"pointer": f"#/form/{TOKEN}", "detail": "leave it out"}
        raise Problem(
            "not-usable", "The key is the form's token. Nothing was opened.", errors=[said]
        )
    return form | {TOKEN: str(key)}


def _before(
    desk: Desk, caller: Caller, procedure: str, form: dict[str, Any], key: UUID
) -> Opening | None:
    """The answer this very form got before. Raises Problem when the key was another form's."""
    before = repeats.form_before(desk, str(key))
    if before is None:
        return None
    if not repeats.same_form(desk, before, procedure, form, caller.person):
        raise Problem("key-used", KEY_USED)
    return desk.opened_with(str(key))


def _not_usable(fault: BadInput) -> Problem:
    return Problem("not-usable", str(fault), errors=faults(fault.problems, "/form"))


@router.post("/rehearsals", dependencies=plain)
def rehearse(body: NewCase, desk: TheDesk, caller: TheCaller) -> Rehearsed:
    """What a form would do: who decides what by when, each date explained. Nothing is sent."""
    form = {TOKEN: str(uuid4())} | body.form
    try:
        case = desk.dry_run(body.procedure, form, caller.person, only=caller.roles)
    except BadInput as fault:
        raise _not_usable(fault) from None
    return Rehearsed(path=path_ahead(case))


# --- listing --------------------------------------------------------------------------------------


class Wanted(Value):
    """Which cases to list; everything given must hold."""

    procedure: str | None = Field(default=None, max_length=64)
    state: str | None = Field(default=None, max_length=64)
    """Its id or code."""
    closed: bool | None = None
    overdue: bool = False
    mine: bool = False
    """Opened by the caller."""
    to_do: bool = False
    """With open work that the caller may do."""
    reference: str | None = Field(default=None, max_length=64)
    """A reference, or its beginning; with or without "case-"."""
    after: str | None = Field(default=None, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)
    """The `next` of the page before."""
    limit: int = Field(default=20, ge=1, le=100)


@router.get("/cases")
def list_cases(query: Annotated[Wanted, Query()], desk: TheDesk, caller: TheCaller) -> Cases:
    """The cases a caller may see, the newest first."""
    wanted = _filter(query, desk, caller)
    rows = desk.cases(wanted, LOOKED_AT)
    near, others = _near(desk, caller), far(desk, caller)
    found: list[Listed] = []
    last: CaseRow | None = None
    for last in rows:
        how = sight(desk, last.case_id, caller) if near(last) else others
        if how is not None:
            found.append(_listed(last, how.sees))
        if len(found) == query.limit:
            break
    asked = lists_asked.asked(wanted, desk.directory, limit=query.limit)
    role = others.role if others else None
    desk.note_list(caller.person, looked.Seen.CASES, looked.Door.API, len(found), asked, role=role)
    at_the_end = last is None or (last is rows[-1] and len(rows) < LOOKED_AT)
    return Cases(cases=tuple(found), next=None if at_the_end or last is None else last.case_id)


def _filter(query: Wanted, desk: Desk, caller: Caller) -> CaseFilter:
    return CaseFilter(
        procedure=by_name(query.procedure).key if query.procedure else None,
        state=find_state(query.state) if query.state else None,
        closed=query.closed,
        started_by=caller.person if query.mine else None,
        holder=caller.person if query.to_do else None,
        due_before=desk.now() if query.overdue else None,
        reference=find_reference(query.reference) if query.reference else None,
        behind=query.after,
    )


def _near(desk: Desk, caller: Caller) -> Any:
    """Whether a case could be for somebody at all: most are not, and need not be folded to know."""
    now, who = desk.now(), caller.person
    held = {row.case_id for row in desk.inbox(who)}

    def near(row: CaseRow) -> bool:
        if row.started_by == who or row.case_id in held:
            return True
        seats = desk.directory.roster(row.subject, now, row.assigned).seats.values()
        return any(who in (seat.person, seat.delegate) for many in seats for seat in many)

    return near


def _listed(row: CaseRow, how: Sees) -> Listed:
    shown: dict[str, Any] = {}
    if how != "receipt":
        names = ("closed_at", "state", "label", "next_due")
        shown = {name: getattr(row, name) for name in names}
    return Listed(
        case_id=row.case_id,
        procedure=row.procedure,
        sees=how,
        closed=row.closed,
        opened_at=row.opened_at,
        **shown,
    )


# --- one case -------------------------------------------------------------------------------------


@router.get("/cases/{case_id}", dependencies=plain)
def show_case(case_id: CaseId, desk: TheDesk, caller: TheCaller, response: Response) -> Case:
    """Where a case stands, its open work, and what the caller may do; as far as it is for them."""
    how, role = look(desk, case_id, caller, looked.Seen.CASE)
    view = desk.show(case_id)
    row, kind = view.case, by_name(view.case.procedure)
    response.headers["ETag"] = etag(row)
    listed = _listed(row, how).model_dump(exclude={"next_due"})
    reads = role in (Role.AUD, Role.ADM)
    acts = () if reads else acts_for(desk, case_id, caller.person, caller.roles)
    if how == "receipt":
        possible = tuple(act for act in acts if not act.why_not)
        return Case(title=kind.title, acts=possible, **listed)
    state = kind.states_map[row.state]
    return Case(
        title=kind.title,
        code=getattr(state, "code", None),
        mark=getattr(state, "mark", None),
        flags=row.flags,
        duties=tuple(Work.of(one, desk.now()) for one in view.duties),
        acts=acts,
        form=_form(desk, case_id, how),
        **listed,
    )


def _form(desk: Desk, case_id: str, how: Sees) -> dict[str, Any] | None:
    if how == "register":
        return None
    _, fields = told(desk.trail(case_id)[0])
    full = how == "everything"
    return {
        name: value
        for name, value in fields.items()
        if name != TOKEN and (full or name in FOR_A_TASK)
    }


class Part(Value):
    """Which entries of a trail."""

    after: int = Field(default=0, ge=0, le=10**9)
    """Those behind this one."""
    limit: int = Field(default=200, ge=1, le=500)


@router.get("/cases/{case_id}/trail")
def show_trail(
    case_id: CaseId,
    query: Annotated[Part, Query()],
    desk: TheDesk,
    caller: TheCaller,
    response: Response,
) -> Trail:
    """Everything that happened to a case, in order, as far as it is for the caller."""
    how, _ = look(desk, case_id, caller, looked.Seen.TRAIL)
    if how == "receipt":
        raise Problem(
            "not-yours-to-read", "You reported it; what is done in the case is for those who do it."
        )
    response.headers["ETag"] = etag(desk.show(case_id).case)
    lines = desk.trail(case_id)
    part = lines[query.after : query.after + query.limit]
    entries = tuple(_entry(one, how) for one in trail_document(part))
    more = query.after + len(part) < len(lines)
    behind = query.after + len(part) if more and part else None
    return Trail(case_id=case_id, sees=how, entries=entries, next=behind)


def _entry(document: dict[str, Any], how: Sees) -> TrailEntry:
    if how != "everything":
        document = document | {"reason": None, "fields": None, "other_case": None}
    if how == "register":
        # As on the pages: neither what somebody wrote nor what they were told of it.
        document = document | {"message": ""}
    return TrailEntry.model_validate(document)
