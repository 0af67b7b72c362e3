"""When people are in post, away, or covered for: the part of the directory that knows time."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from models.directory_rows import Absence, Delegation, Person, day_begins, day_ends
from models.people import Role, Seat


class Away(NamedTuple):
    """Somebody's absence as it stands at an instant."""

    until: datetime
    """The first instant after it, UTC."""
    covered_by: tuple[str, ...]
    all_of_it: bool
    """Whether somebody covers in each of their roles; what nobody covers moves up (6.5)."""


class Diary:
    """When people are in post, away, or covered for. Built once, asked often."""

    def __init__(
        self,
        people: Iterable[Person],
        absences: Iterable[Absence],
        delegations: Iterable[Delegation],
    ) -> None:
        self._terms = {person.id: _term(person) for person in people}
        self._plain = {person: Seat(person=person) for person in self._terms}
        self._absences: dict[str, list[Absence]] = defaultdict(list)
        for absence in absences:
            self._absences[absence.person].append(absence)
        self._lent: dict[str, list[Delegation]] = defaultdict(list)
        for delegation in delegations:
            self._lent[delegation.of].append(delegation)
        self._moments = {
            person: moments for person in self._terms if (moments := self._all_moments(person))
        }

    def in_post(self, person: str, at: datetime) -> bool:
        """Whether the person works here at `at`; false for somebody unknown."""
        if person not in self._terms:
            return False
        first, gone = self._terms[person]
        return (first is None or first <= at) and (gone is None or at < gone)

    def seat(self, person: str, role: Role, subject: str, at: datetime) -> Seat:
        """The person in the role, with whoever covers. Nobody covers in their own case (SD4)."""
        if person not in self._moments:
            return self._plain[person]
        away = self._absence(person, at)
        covers = [away.delegate] if away else []
        covers += [
            lent.to for lent in self._lent.get(person, ()) if role in lent.roles and lent.covers(at)
        ]
        able = (one for one in covers if one and one != subject and self._able(one, at))
        return Seat(person=person, away=away is not None, delegate=next(able, None))

    def away(self, person: str, roles: Iterable[Role], at: datetime) -> Away | None:
        """Until when the person is away, and who covers in these roles; None when they are not."""
        absence = self._absence(person, at)
        if absence is None:
            return None
        covers = [self.seat(person, role, "", at).delegate for role in roles]
        names = dict.fromkeys(one for one in covers if one)
        return Away(absence.end, tuple(names), all_of_it=all(covers))

    def moments(self, people: Iterable[str], after: datetime) -> list[datetime]:
        """The instants after `after` at which something about these people may change."""
        found: set[datetime] = set()
        for person in people:
            if moments := self._moments.get(person):
                found.update(moments[bisect_right(moments, after) :])
        return sorted(found)

    def _absence(self, person: str, at: datetime) -> Absence | None:
        return next((one for one in self._absences.get(person, ()) if one.covers(at)), None)

    def _able(self, delegate: str, at: datetime) -> bool:
        return self.in_post(delegate, at) and self._absence(delegate, at) is None

    def _all_moments(self, person: str) -> list[datetime]:
        found = set(self._own_moments(person))
        covers = [(one, one.delegate) for one in self._absences.get(person, ())]
        lent = [(one, one.to) for one in self._lent.get(person, ())]
        for period, delegate in (*covers, *lent):
            found |= {period.start, period.end}
            # A delegate who goes away in the middle stops covering, and so changes the seat.
            found |= {one for one in self._own_moments(delegate) if period.covers(one)}
        return sorted(found)

    def _own_moments(self, person: str | None) -> set[datetime]:
        term = self._terms.get(person or "", (None, None))
        away = self._absences.get(person or "", ())
        return {one for one in term if one} | {end for one in away for end in (one.start, one.end)}


def _term(person: Person) -> tuple[datetime | None, datetime | None]:
    first = day_begins(person.started_on) if person.started_on else None
    gone = day_ends(person.left_on) if person.left_on else None
    return first, gone
