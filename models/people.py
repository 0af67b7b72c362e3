"""People, roles, and who holds what at an instant (policy analysis 4.1, 4.2, 6.5).

The `Directory` (a file, read by the shell) is asked for a `Roster`: everything the core needs to
know about people for *one* case at *one* instant. The roster travels with the decision and lies in
the trail, so the core needs no directory, and an auditor can judge again what was judged then.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from models.base import Instant, Value

PERSON_ID = r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$"
PersonId = Annotated[str, Field(pattern=PERSON_ID)]
"""Opaque id of a person in the directory: it may stand in the open part of the trail."""


class Role(StrEnum):
    """The role codes of the policy analysis 4.1. Codes never change; plain names are in policy/."""

    COL = "COL"
    REP = "REP"
    """The reporter: whoever opened this case; told, also everybody whose report was joined to it."""
    PR = "PR"
    AFF = "AFF"
    LM = "LM"
    SM = "SM"
    AD = "AD"
    ONC = "ONC"
    DOC = "DOC"
    """Director on call: the last rung of the emergency ladder (E-X1)."""
    HRBP = "HRBP"
    HRL = "HRL"
    """HR lead: where a missed HR deadline goes (E-T2)."""
    HSI = "HSI"
    HSL = "HSL"
    """Health and Safety lead (E-T3)."""
    COM = "COM"
    HOC = "HOC"
    LEG = "LEG"
    LDL = "LDL"
    """Legal duty lead: where a missed Legal deadline goes (D-T7)."""
    SAFE = "SAFE"
    IG = "IG"
    CPL = "CPL"
    ERI = "ERI"
    ITS = "ITS"
    OWN = "OWN"
    CMT = "CMT"
    ADM = "ADM"
    AUD = "AUD"
    SYS = "SYS"


IN_PERSON = (Role.PR, Role.AFF, Role.REP, Role.LM, Role.SM, Role.AD, Role.HRBP)
"""Roles that somebody holds in a case as themselves; the others are a whole team's."""

LADDERS: dict[Role, tuple[Role, ...]] = {
    Role.PR: (Role.PR, Role.LM, Role.SM, Role.AD),
    Role.LM: (Role.LM, Role.SM, Role.AD),
    Role.ONC: (Role.ONC, Role.DOC),
    Role.HRBP: (Role.HRBP, Role.HRL, Role.AD),
    Role.HSI: (Role.HSI, Role.HSL, Role.SM, Role.AD),
    Role.COM: (Role.COM, Role.HOC, Role.AD),
    Role.LEG: (Role.LEG, Role.LDL, Role.AD),
    Role.SAFE: (Role.SAFE, Role.LM, Role.SM, Role.AD),
    Role.IG: (Role.IG, Role.AD),
    Role.CPL: (Role.CPL, Role.AD),
    Role.ERI: (Role.ERI, Role.AD),
    Role.ITS: (Role.ITS, Role.AD),
    Role.OWN: (Role.OWN, Role.AD),
}
"""Who comes next when a role's deadline is missed or nobody can hold it (3.5, all R)."""


OWN_LINE = (Role.LM, Role.SM, Role.AD, Role.HRBP)
"""Roles that follow from whom a case is about: nobody stands in for their own, on any rung."""


def ladder(role: Role) -> tuple[Role, ...]:
    """The rungs from `role` upwards; a role without a ladder of its own is its only rung."""
    if role in LADDERS:
        return LADDERS[role]
    for rungs in LADDERS.values():
        if role in rungs:
            return rungs[rungs.index(role) :]
    return (role,)


class Why(StrEnum):
    """Why a person holds a role today."""

    OWN = "own"
    DELEGATE = "delegate"
    """A recorded delegation or absence names them (SD15)."""
    UP = "up"
    """Nobody below can: absent without delegate, conflicted, or vacant (6.5, SD3)."""


class Seat(Value):
    """One person in one role of one case, with what the directory says of them at the instant."""

    person: PersonId
    away: bool = False
    delegate: PersonId | None = None
    """Acts for `person`: while they are away, or beside them under a recorded delegation."""

    # Every decision brings dozens, compared with those before; the base's own way took longer
    # than the rest of the decision inside a workflow's sandbox.
    def __eq__(self, other: object) -> bool:
        return type(other) is Seat and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.person, self.away, self.delegate))


class Account(Value):
    """An official Cafcass-owned account in the register (Q, 2.13). Never a password."""

    id: str
    platform: str
    live: bool = True
    custodians: tuple[PersonId, ...] = ()


class Roster(Value):
    """Who is who for one case at one instant.

    `seats` maps a role code to its seats; LM, SM and AD are those of `subject`'s own chain.
    `until` is the next instant (UTC) at which the directory already knows it will change.
    `digest` names the version of the directory file it was read from.
    """

    at: Instant
    subject: PersonId
    digest: str
    seats: dict[Role, tuple[Seat, ...]]
    assigned: dict[Role, PersonId] = Field(default_factory=dict)
    """The reassignments it was asked with: a roster of other people does not count."""
    until: Instant | None = None
    accounts: tuple[Account, ...] = ()


class Holder(Value):
    """A person who may act in a role now, and why."""

    person: PersonId
    role: Role
    """The role they act in: the one asked for, or a higher one when it moved up."""
    why: Why = Why.OWN
    on_behalf_of: PersonId | None = None


def holders(
    roster: Roster, role: Role, excluded: frozenset[str] = frozenset()
) -> tuple[Holder, ...]:
    """Everybody who may hold `role` in this case now, in the order of the directory.

    A person in `excluded` (started the case, conflicted, decided before) never holds. A seat whose
    person is away goes to their delegate at once; without one, and when a role is vacant or all its
    people are excluded or away, it goes to the next rung of the ladder (6.5, SD3, SD4). A delegate
    who is themself excluded or away does not act, and delegations never chain (SD15).
    """
    return _seating(roster.seats).holders(role, excluded)


class _Seating:
    """Who holds what by one set of seats: a fact asks dozens of times, the next one of the same."""

    most = 500
    """Answers kept; each is small, but whom a case excludes differs from case to case."""

    def __init__(self, seats: dict[Role, tuple[Seat, ...]]) -> None:
        self.seats = seats
        self._away = frozenset(seat.person for many in seats.values() for seat in many if seat.away)
        self._known: dict[tuple[Role, frozenset[str]], tuple[Holder, ...]] = {}

    def holders(self, role: Role, excluded: frozenset[str]) -> tuple[Holder, ...]:
        """As `holders`, worked out once for each role and each set of people excluded."""
        known = self._known.get((role, excluded))
        if known is None:
            if len(self._known) >= self.most:
                self._known.clear()
            known = self._known[role, excluded] = self._found(role, excluded)
        return known

    def _found(self, role: Role, excluded: frozenset[str]) -> tuple[Holder, ...]:
        unable = excluded | self._away
        here = _on_rung(self.seats, role, excluded, unable)
        for rung in ladder(role)[1:]:
            if here:
                return here
            here = tuple(
                holder.model_copy(update={"why": Why.UP})
                for holder in _on_rung(self.seats, rung, excluded, unable)
            )
        return here


_last = _Seating({})
"""The seats asked of last: kept whole, so that no other dictionary can come to lie in its place."""


def _seating(seats: dict[Role, tuple[Seat, ...]]) -> _Seating:
    global _last  # noqa: PLW0603  # what is kept here is what would be worked out again
    last = _last
    if last.seats is not seats:
        _last = last = _Seating(seats)
    return last


def _on_rung(
    all_seats: dict[Role, tuple[Seat, ...]],
    role: Role,
    excluded: frozenset[str],
    unable: frozenset[str],
) -> tuple[Holder, ...]:
    seats = all_seats.get(role, ())
    found = {
        seat.person: Holder.made(person=seat.person, role=role)
        for seat in seats
        if seat.person not in unable
    }
    for seat in seats:
        # Cover for somebody who may not decide here would carry their conflict along (SD3).
        if seat.delegate and seat.delegate not in unable and seat.person not in excluded:
            cover = Holder.made(
                person=seat.delegate, role=role, why=Why.DELEGATE, on_behalf_of=seat.person
            )
            found.setdefault(seat.delegate, cover)
    return tuple(found.values())


class Sender(Value):
    """What the directory says of the person who sent a decision, at the instant it was received."""

    person: PersonId
    active: bool
    roles: tuple[Role, ...] = Field(default=())
    """The roles the person holds anywhere; ADM and AUD among them matter to SD13 and SD14."""
