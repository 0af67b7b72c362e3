"""Who looked, as auditors read it: at a case, at lists, and one person at everything (SD14).

That an auditor reads it is a look like any other, and stands in what they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from models.errors import BadInput
from models.looked import LISTS, Look, Seen
from models.people import Role
from runtime.desk import Desk
from runtime.lists_asked import said_instant
from web.auditing import auditor, page_number
from web.auditing_sets import day_begins, day_ends
from web.looking import NotForYou
from web.site import noted, noted_list, page, reading, site_of

PER_PAGE = 50


async def of_case(request: Request) -> Response:
    """Who looked at a case, this look included."""
    _, person = auditor(request)
    desk, case_id = site_of(request).desk, request.path_params["case"]
    try:
        view = await reading(desk.show, case_id)
    except BadInput:
        raise NotForYou from None
    await noted(request, person, Seen.LOOKS, Role.AUD)
    verdict = next(iter(await reading(lambda: list(desk.ledger.looks.checked(case_id)))), None)
    try:
        rows = await reading(desk.looks, case_id)
    except ValidationError:
        rows = []
    return page(request, "audit_looks.html", row=view.case, looks=rows, verdict=verdict)


async def at_lists(request: Request) -> Response:
    """Who looked at lists of cases, the newest first, this look included."""
    _, person = auditor(request)
    book, number = site_of(request).desk.ledger.looks, page_number(request)
    total = (await reading(book.newest, LISTS, 1)).total + 1
    pages = -(-total // PER_PAGE)
    number = min(number, pages)
    here = min(PER_PAGE, total - (number - 1) * PER_PAGE)
    await noted_list(request, person, Seen.LOOKS, here, {"page": str(number)}, Role.AUD)
    found = await reading(book.newest, LISTS, PER_PAGE, (number - 1) * PER_PAGE)
    return page(request, "audit_lists.html", found=found, number=number, pages=pages)


# --- one person ---------------------------------------------------------------------------------


class Wanted(NamedTuple):
    """Whose looks, and of which time."""

    person: str
    """Their id."""
    since: datetime | None
    before: datetime | None

    @property
    def codes(self) -> dict[str, str]:
        """For the record of looks."""
        times = {"since": self.since, "before": self.before}
        return {"person": self.person, **{k: said_instant(at) for k, at in times.items() if at}}


@dataclass(frozen=True)
class Asked:
    """What was asked for, as it was typed."""

    person: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Asked:
        """From a query; anything else in it is passed over."""
        return cls(**{name: str(given.get(name, "")).strip()[:200] for name in cls.__annotations__})

    @property
    def query(self) -> str:
        """The same as the end of an address."""
        return urlencode({name: text for name, text in self.__dict__.items() if text})

    def wanted(self, desk: Desk) -> Wanted:
        """Raises BadInput with one problem a field, as "name: what is wrong"."""
        faults: list[str] = []
        person = ""
        try:
            person = desk.who_looked(self.person)
        except BadInput as fault:
            faults.append(f"person: {fault}")
        since = day_begins("since", self.since, faults)
        before = day_ends("until", self.until, faults)
        if faults:
            raise BadInput("The search cannot be used.", tuple(faults))
        return Wanted(person, since, before)


async def of_person(request: Request) -> Response:
    """What one person looked at, the newest first."""
    _, auditing = auditor(request)
    desk, asked = site_of(request).desk, Asked.of(request.query_params)
    if not asked.query:
        return page(request, "audit_person.html", asked=asked, faults=[], looks=None)
    try:
        wanted = await reading(asked.wanted, desk)
    except BadInput as wrong:
        faults = [one.split(": ", 1) for one in wrong.problems]
        return page(
            request, "audit_person.html", status=422, asked=asked, faults=faults, looks=None
        )
    found: list[Look] = await reading(desk.ledger.looks.of_person, *wanted)
    number = min(page_number(request), max(-(-len(found) // PER_PAGE), 1))
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    codes = wanted.codes | {"page": str(number)}
    await noted_list(request, auditing, Seen.PERSON, len(shown), codes, Role.AUD)
    return page(
        request,
        "audit_person.html",
        asked=asked,
        faults=[],
        person=wanted.person,
        looks=shown,
        total=len(found),
        number=number,
        more=len(found) > number * PER_PAGE,
    )
