"""What auditors read: which cases there are, the trail of one, and how it stood (SD14).

They act on nothing. Each page of a case is recorded as a look before it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from activities.chain import KeptLine
from models.case import Line
from models.errors import BadInput, CaseworkError
from models.looked import Seen
from models.people import Role
from procedures.registry import PROCEDURES, by_name
from runtime import past, showing
from runtime.desk import Desk
from runtime.desk_reading import CaseView
from runtime.evidence import Item
from runtime.trail_told import EntryTold, trail_told
from web import picture
from web.auditing_sets import Asked, cases_of, instant, states
from web.looking import NotForYou
from web.sessions import Session
from web.site import noted, noted_list, page, reading, see_other, signed_in, site_of
from web.story import recorded

PER_PAGE = 25
NOTICES = 100_000
"""More than any case ever sent."""
CANNOT_BE_READ = (
    "An entry of this case is not one any more, so the trail cannot be shown in words. Verify the"
    " case, and take its evidence bundle: it holds every entry as it lies there."
)
CANNOT_BE_FOLDED = (
    "How the case stood cannot be worked out here: the recorded facts do not make what was recorded,"
    " or their key is not on this machine. Verify the case."
)


def auditor(request: Request) -> tuple[Session, str]:
    """The session and the auditor behind it. Raises NotSignedIn, or NotForYou."""
    session, person = signed_in(request)
    if Role.AUD not in site_of(request).usable(session):
        raise NotForYou
    return session, person


# --- finding ------------------------------------------------------------------------------------


async def find(request: Request) -> Response:
    """Every case there is, narrowed by what is asked for."""
    _, person = auditor(request)
    asked = Asked.of(request.query_params)
    number = page_number(request)
    desk = site_of(request).desk
    try:
        rows = await reading(cases_of, desk, asked, PER_PAGE + 1, (number - 1) * PER_PAGE)
        faults: list[tuple[str, str]] = []
    except BadInput as fault:
        rows, faults = [], [_fault(one) for one in fault.problems]
    if not faults:
        codes = await reading(asked.codes, desk, number)
        await noted_list(request, person, Seen.CASES, len(rows[:PER_PAGE]), codes, Role.AUD)
    return page(
        request,
        "audit_find.html",
        status=422 if faults else 200,
        asked=asked,
        faults=faults,
        rows=rows[:PER_PAGE],
        more=len(rows) > PER_PAGE,
        number=number,
        procedures=[(key, kind.title) for key, kind in PROCEDURES.items()],
        states=states(),
        title_of=lambda key: by_name(key).title,
        state_of=showing.state,
    )


def page_number(request: Request) -> int:
    """Which page of a list is asked for; the first, if that is no number."""
    text = request.query_params.get("page", "1")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1  # noqa: PLR2004
    return max(number, 1)


def _fault(problem: str) -> tuple[str, str]:
    name, _, said = problem.partition(": ")
    return name, said


# --- one case -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """What the ledger holds of one case. `lines` is None when an entry cannot be read."""

    view: CaseView
    title: str
    state: str
    kept: Sequence[KeptLine]
    lines: Sequence[Line] | None
    entries: tuple[EntryTold, ...] = ()
    evidence: tuple[Item, ...] = ()

    @property
    def refused(self) -> tuple[EntryTold, ...]:
        """The entries that changed nothing."""
        return tuple(one for one in self.entries if one.refused)


def read(desk: Desk, people: showing.People, case_id: str, person: str) -> Read:
    """One case, whole. Raises NotForYou when there is none."""
    try:
        view = desk.show(case_id)
    except BadInput:
        raise NotForYou from None
    row = view.case
    kept = desk.ledger.lines_of(case_id)
    known: dict[str, Any] = {
        "view": view,
        "title": by_name(row.procedure).title,
        "state": showing.state(row.procedure, row.state, row.label),
        "kept": kept,
    }
    try:
        lines = desk.ledger.opened(kept)
    except ValidationError:
        return Read(lines=None, **known)
    notices = desk.ledger.outbox(case_id=case_id, limit=NOTICES)
    entries = tuple(
        replace(one, said=tuple(recorded(line, people)))
        for line, one in zip(lines, trail_told(lines, kept, notices, people), strict=True)
    )
    return Read(lines=lines, entries=entries, evidence=_files(desk, case_id, person), **known)


def _files(desk: Desk, case_id: str, person: str) -> tuple[Item, ...]:
    try:
        return tuple(desk.evidence_of(case_id, person))
    except CaseworkError:
        # A damaged custody list, or a trail that cannot be worked through: verifying says which.
        return ()


async def case(request: Request) -> Response:
    """The trail of a case, entry by entry."""
    _, person = auditor(request)
    site, case_id = site_of(request), request.path_params["case"]
    found = await reading(read, site.desk, site.people, case_id, person)
    await noted(request, person, Seen.TRAIL, Role.AUD)
    return page(
        request, "audit_case.html", found=found, row=found.view.case, unreadable=CANNOT_BE_READ
    )


# --- through time -------------------------------------------------------------------------------


async def at_instant(request: Request) -> Response:
    """On to the last entry by an instant that somebody typed."""
    _, person = auditor(request)
    site, case_id = site_of(request), request.path_params["case"]
    given = request.query_params
    wanted = instant(given.get("day", ""), given.get("time", ""))
    found = await reading(read, site.desk, site.people, case_id, person)
    if not found.lines:
        return see_other(f"/audit/case/{case_id}")
    return see_other(f"/audit/case/{case_id}/at/{past.seq_at(found.lines, wanted)}")


async def at(request: Request) -> Response:
    """A case as it stood once an entry was written."""
    _, person = auditor(request)
    site, case_id = site_of(request), request.path_params["case"]
    found = await reading(read, site.desk, site.people, case_id, person)
    seq = _seq(request.path_params["seq"], len(found.kept))
    await noted(request, person, Seen.PAST, Role.AUD)
    stood, drawing = await reading(_stood, found.lines, seq)
    return page(
        request,
        "audit_past.html",
        found=found,
        row=found.view.case,
        seq=seq,
        last=len(found.kept),
        stood=stood,
        drawing=drawing,
        one=found.entries[seq - 1] if found.entries else None,
        why_not=CANNOT_BE_FOLDED,
    )


def _seq(text: str, last: int) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or not 1 <= int(text) <= last:  # noqa: PLR2004
        raise NotForYou
    return int(text)


def _stood(
    lines: Sequence[Line] | None, seq: int
) -> tuple[past.Stood | None, picture.Drawing | None]:
    if lines is None:
        return None, None
    try:
        found = past.stood(lines, seq)
    except (CaseworkError, KeyError, ValueError):
        return None, None
    then = seq < len(lines)
    return found, picture.drawing(
        found.procedure, found.version, found.state, found.been, then=then
    )
