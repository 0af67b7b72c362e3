"""What somebody may see counted: a manager their cases, policy owner and administrators all (R).

Only sums leave this module. Whoever could not read the cases behind a small sum is not given it:
a number under five might be somebody they know. Nor may they narrow sums to days, because what is
counted up to two days after each other tells the number between (R).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import policy
from activities.figures import Sums, Wanted
from models.base import Value
from models.errors import BadInput, Refused
from models.people import Role, Roster, holders
from procedures.evidence_readers import readers
from procedures.registry import PROCEDURES, by_name
from runtime.narrowing import Roles, kept

if TYPE_CHECKING:
    from models.directory import Directory
    from runtime.desk import Desk

SMALL = 5
"""Below this a number is not said to who may not read the cases behind it (R)."""
LEADING = frozenset({Role.LM, Role.SM, Role.AD})
COUNTING = frozenset({Role.OWN, Role.ADM})
"""They see all cases counted, and none of them (SD13, R)."""


WHOLE_MONTHS = (
    "You may not read all of the cases behind these figures, so they are counted by whole months"
    " only. Nothing was counted."
)


class Scope(Value):
    """Whose cases somebody may see counted, and how closely."""

    subjects: dict[str, tuple[str, ...]] | None = None
    """By procedure; None: everybody's."""
    hides: bool
    """They may not read all of these cases: numbers under five are not said, and months are whole."""


class Dashboard(Value):
    """The sums of the cases that somebody may see counted."""

    sums: Sums
    everybody: bool
    """All cases there are; else those of the person's own teams and those they may read."""
    hides: bool
    """Numbers under five are not to be said."""


def may_look(roles: Iterable[Role]) -> bool:
    """Whether there are dashboards for somebody with these roles."""
    return bool((LEADING | COUNTING) & set(roles))


def dashboard(  # noqa: PLR0913  # for whom, of what, in which roles
    desk: Desk,
    person: str,
    procedure: str | None = None,
    first: date | None = None,
    last: date | None = None,
    *,
    only: Roles = None,
) -> Dashboard:
    """Count the cases opened in these London days, both included, as far as somebody may.

    `only` are the roles they may use, None all they hold.

    Raises Refused to whom no dashboard is for, BadInput for an unknown procedure, dates the wrong
    way round, or part of a month where only whole ones may be counted (R).
    """
    found = scope(desk, person, only)
    if first is not None and last is not None and last < first:
        raise BadInput("The last day lies before the first; nothing was counted.")
    if found.hides and (problems := tuple(_parts_of_months(first, last))):
        raise BadInput(WHOLE_MONTHS, problems)
    wanted = Wanted(procedure=by_name(procedure).key if procedure else None, first=first, last=last)
    if found.subjects is not None:
        wanted = wanted.model_copy(update={"subjects": found.subjects, "assigned": person})
    sums = desk.ledger.sums(wanted, desk.now(), policy.calendar())
    return Dashboard(sums=sums, everybody=found.subjects is None, hides=found.hides)


def scope(desk: Desk, person: str, only: Roles = None) -> Scope:
    """Whose cases somebody may see counted. Raises Refused to whom no dashboard is for."""
    roles = set(kept(desk.directory.sender(person, desk.now()).roles, only))
    if not may_look(roles):
        raise Refused("not_a_reader", "These figures are for managers and the policy owner.", "4.3")
    if COUNTING & roles:
        return Scope(hides=True)
    subjects, hides = _theirs(desk, person, only)
    return Scope(subjects=subjects, hides=hides)


def _parts_of_months(first: date | None, last: date | None) -> Iterator[str]:
    if first is not None and first.day != 1:
        yield "first: Begin with the first day of a month: you are given whole months only"
    if last is not None and (last + timedelta(days=1)).day != 1:
        yield "last: End with the last day of a month: you are given whole months only"


def _theirs(desk: Desk, person: str, only: Roles) -> tuple[dict[str, tuple[str, ...]], bool]:
    """By procedure, whose cases a manager sees counted; and whether some they may not read."""
    directory, now = desk.directory, desk.now()
    about = desk.ledger.subjects()
    team = below(directory, person) & set(about)
    rosters = {one: directory.roster(one, now) for one in about}
    seated = {one: frozenset(kept(_roles(seats, person), only)) for one, seats in rosters.items()}
    read = {
        key: {one for one, roles in seated.items() if _may_read(key, roles)} for key in PROCEDURES
    }
    beyond = any(team - people for people in read.values())
    return {key: tuple(sorted(people | team)) for key, people in read.items()}, beyond


def _may_read(key: str, roles: frozenset[Role]) -> bool:
    kind = PROCEDURES[key]
    not_here = {Role.PR, Role.AFF} - {kind.seat}
    return bool((roles - not_here) & set(readers(kind.code)))


def _roles(roster: Roster, person: str) -> frozenset[Role]:
    """The roles somebody holds towards a colleague today, cover for others included."""
    named = (seat for many in roster.seats.values() for seat in many)
    if not any(person in (seat.person, seat.delegate) for seat in named):
        return frozenset()
    return frozenset(
        role
        for role in roster.seats
        if any(holder.person == person for holder in holders(roster, role))
    )


def below(directory: Directory, person: str) -> set[str]:
    """Everybody in the teams that somebody leads, and in the teams of those."""
    found: set[str] = set()
    new = {person}
    while new:
        new = {one.id for one in directory.people if one.manager in new} - found - {person}
        found |= new
    return found
