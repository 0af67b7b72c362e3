"""What waits for somebody, and the cases they have: read from the ledger, so their last act counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from activities.register import CaseFilter, CaseRow, InboxRow, Share
from models.errors import Refused
from models.london import london_date, london_day
from models.looked import Seen
from models.people import Role
from procedures.registry import by_name
from runtime import showing
from runtime.desk import Desk
from runtime.narrowing import kept
from runtime.reading import Sight, sight
from web.reporting import begun_before
from web.sessions import Session
from web.site import beginning, noted_own, page, reading, see_other, signed_in, site_of

AT_ONCE = 25
"""Rows of one table on a page."""
LATELY = 5
"""Reports shown beside the work; the rest are on a page of their own."""
_FAR = 10**6


@dataclass(frozen=True)
class Paged:
    """Which part of a list a page shows."""

    number: int
    pages: int
    name: str
    """The parameter of the address that says which."""

    @property
    def offset(self) -> int:
        """Rows before it."""
        return (self.number - 1) * AT_ONCE


def paged(request: Request, name: str, total: int) -> Paged:
    """The page that an address asks for, or the nearest there is."""
    pages = max((total + AT_ONCE - 1) // AT_ONCE, 1)
    wanted = request.query_params.get(name, "")
    number = (
        int(wanted)
        if wanted.isascii() and wanted.isdecimal() and len(wanted) < len(str(_FAR))
        else 1
    )
    return Paged(min(max(number, 1), pages), pages, name)


@dataclass(frozen=True)
class Waiting:
    """One piece of work in an inbox."""

    row: InboxRow
    late: bool
    danger: bool
    """Somebody may be in danger, and nobody has said yet that they are safe."""
    title: str
    opened: str
    """The day in London."""
    acts: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The work of one share that waits, a page of it."""

    share: Share
    total: int
    paged: Paged
    items: tuple[Waiting, ...]


async def home(request: Request) -> Response:
    """On to where somebody begins: the work that waits, for most."""
    session, _ = signed_in(request)
    return see_other(beginning(site_of(request).usable(session)))


async def inbox(request: Request) -> Response:
    """What waits for somebody: theirs, their role's, and what they cover; overdue first."""
    session, person = signed_in(request)
    desk = site_of(request).desk
    grouped = _groups if session.roles is None else _narrowed
    groups = await reading(grouped, request, desk, session)
    await noted_own(request, person, Seen.INBOX, sum(one.total for one in groups))
    return page(
        request,
        "inbox.html",
        away=_away(request, person),
        groups=groups,
        begun=await begun_before(request, person),
        mine=await reading(_reported, desk, person),
    )


def _away(request: Request, person: str) -> str:
    """Why nothing waits for somebody, when they are away."""
    site = site_of(request)
    absence = site.desk.directory.away(person, site.desk.now())
    return showing.away(absence, site.people) if absence else ""


def _groups(request: Request, desk: Desk, session: Session) -> list[Group]:
    person = str(session.person)
    now, waiting = desk.now(), desk.waiting(person)
    return [_group(request, desk, person, share, total, now) for share, total in waiting.items()]


def _group(  # noqa: PLR0913  # whose, which share of it, how much, when
    request: Request, desk: Desk, person: str, share: Share, total: int, now: datetime
) -> Group:
    part = paged(request, share.value, total)
    rows = desk.inbox(person, share, AT_ONCE, part.offset) if total else []
    return Group(share, total, part, tuple(_waiting(row, now) for row in rows))


def _narrowed(request: Request, desk: Desk, session: Session) -> list[Group]:
    """As `_groups`, of the work in roles that the sign-in gives; the ledger counts all roles."""
    now, groups = desk.now(), []
    for share in Share:
        rows = desk.inbox(str(session.person), share)
        rows = [row for row in rows if kept((row.role,), session.roles)]
        part = paged(request, share.value, len(rows))
        shown = rows[part.offset : part.offset + AT_ONCE]
        groups.append(Group(share, len(rows), part, tuple(_waiting(row, now) for row in shown)))
    return groups


def _waiting(row: InboxRow, now: datetime) -> Waiting:
    kind = by_name(row.procedure)
    acts = tuple(act.label for act in kind.acts.values() if act.code in row.acts)
    return Waiting(
        row=row,
        late=row.overdue or (row.due is not None and row.due < now),
        danger="emergency" in row.flags,
        title=kind.title,
        opened=london_day(london_date(row.case_opened_at)),
        acts=acts,
    )


def _reported(desk: Desk, person: str) -> list[tuple[CaseRow, str]]:
    rows = desk.cases(CaseFilter(started_by=person), LATELY)
    return [(row, by_name(row.procedure).title) for row in rows]


# --- one's own cases ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Own:
    """A case that somebody reported or holds, as far as they may see it."""

    row: CaseRow
    title: str
    state: str
    last: str = ""
    """What happened last, where they may see what happens."""
    when: str = ""


async def your_cases(request: Request) -> Response:
    """The cases somebody reported or holds, the newest first, with what happened last in each."""
    session, person = signed_in(request)
    desk = site_of(request).desk
    wanted = _wanted(person, session)
    part = paged(request, "page", await reading(desk.ledger.count, wanted))
    found = await reading(_own, desk, session, wanted, part)
    await noted_own(request, person, Seen.OWN_CASES, len(found))
    return page(request, "your_cases.html", away=_away(request, person), found=found, paged=part)


def _wanted(person: str, session: Session) -> CaseFilter:
    """What they reported is theirs in every sign-in; their families' cases, as a practitioner."""
    if kept((Role.PR,), session.roles):
        return CaseFilter(belongs_to=person)
    return CaseFilter(started_by=person)


def _own(desk: Desk, session: Session, wanted: CaseFilter, part: Paged) -> list[Own]:
    rows = desk.cases(wanted, AT_ONCE, part.offset)
    entries = desk.ledger.last_entries([row.case_id for row in rows])
    return [
        _of(row, entries[row.case_id].label, entries[row.case_id].london)
        if _sees_what_happens(desk, row, session)
        else Own(row, by_name(row.procedure).title, "Closed" if row.closed else "Open")
        for row in rows
    ]


def _of(row: CaseRow, last: str, when: str) -> Own:
    state = showing.state(row.procedure, row.state, row.label)
    return Own(row, by_name(row.procedure).title, state, last, when)


def _sees_what_happens(desk: Desk, row: CaseRow, session: Session) -> bool:
    try:
        return sight(desk, row.case_id, str(session.person), session.roles) is not Sight.RECEIPT
    except Refused:
        return False
