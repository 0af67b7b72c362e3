"""What somebody may see counted: a manager their cases, policy owner and administrators all (R).

Only sums leave this module. Whoever could not read the cases behind a small sum is not given it:
a number under five might be somebody they know.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
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

    Raises Refused to whom no dashboard is for, BadInput for an unknown procedure or dates the
    wrong way round.
    """
    now = desk.now()
    roles = set(kept(desk.directory.sender(person, now).roles, only))
    if not may_look(roles):
        raise Refused("not_a_reader", "These figures are for managers and the policy owner.", "4.3")
    if first is not None and last is not None and last < first:
        raise BadInput("The last day lies before the first; nothing was counted.")
    wanted = Wanted(procedure=by_name(procedure).key if procedure else None, first=first, last=last)
    hides = True
    if not COUNTING & roles:
        subjects, hides = _theirs(desk, person, only)
        wanted = wanted.model_copy(update={"subjects": subjects, "assigned": person})
    sums = desk.ledger.sums(wanted, now, policy.calendar())
    return Dashboard(sums=sums, everybody=wanted.subjects is None, hides=hides)


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
