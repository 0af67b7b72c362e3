"""The directory of people: who is who for one case at one instant (policy analysis 4.1, 6.5).

A `Directory` is read once and never changes; it knows no file and no clock. It answers with a
`Roster`, which travels with every fact of a case, so the core needs no directory.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import rfc8785

from models.directory_diary import Away, Diary
from models.directory_faults import faults
from models.directory_rows import CHAIN, Absence, Delegation, Engagement, Person, climb, standing
from models.errors import BadInput, Misconfigured
from models.people import Account, Role, Roster, Seat, Sender

__all__ = ["Absence", "Account", "Delegation", "Directory", "Engagement", "Person"]

_NONE: Mapping[Role, str] = MappingProxyType({})

_Groups = tuple[tuple[str, ...], ...]
"""People for a seat, best first: the first group with anybody in post is seated."""


class Directory:
    """People, absences, delegations and official accounts, known to be free of faults.

    Raises Misconfigured, one line a fault, when they are not.
    """

    def __init__(
        self,
        people: Iterable[Person],
        absences: Iterable[Absence] = (),
        delegations: Iterable[Delegation] = (),
        accounts: Iterable[Account] = (),
    ) -> None:
        self.people = tuple(people)
        self.absences = tuple(absences)
        self.delegations = tuple(delegations)
        self.accounts = tuple(accounts)
        wrong = faults(self.people, self.absences, self.delegations, self.accounts)
        if wrong:
            lines = (f"{'.'.join(map(str, fault.where))}: {fault.problem}" for fault in wrong)
            raise Misconfigured("\n".join(lines))
        self.digest = _digest(self)
        """SHA-256 of the canonical content; comments and layout of the file do not count."""
        self._by_id = {person.id: person for person in self.people}
        self._found = _names(self.people)
        self._rungs = standing(self.people)
        self._organisation = _organisation(self.people)
        self._diary = Diary(self.people, self.absences, self.delegations)

    def person(self, id_: str) -> Person:
        """The person with this id, in post or not. Raises BadInput."""
        try:
            return self._by_id[id_]
        except KeyError:
            raise BadInput("Nobody in the directory has this id; nothing was done.") from None

    def find(self, text: str) -> Person:
        """The person with this id, e-mail address or name, whatever its case.

        Raises BadInput when there is nobody, or more than one person of this name.
        """
        ids = self._found.get(_fold(text), ())
        if len(ids) == 1:
            return self._by_id[ids[0]]
        if ids:
            raise BadInput(f"{len(ids)} people have this name; give an id: {', '.join(ids)}.")
        raise BadInput("Nobody here has this id, e-mail address or name; look in the directory.")

    def known_as(self, text: str) -> str | None:
        """The id of whoever has this id or e-mail address, whatever its case; a name proves nothing."""
        wanted = _fold(text)
        found = [one.id for one in self.people if wanted in (_fold(one.id), _fold(one.email))]
        return found[0] if len(found) == 1 else None

    def sender(self, person: str, at: datetime) -> Sender:
        """What the directory says of whoever sends a decision at `at`.

        Somebody unknown, gone or not yet in post is not active and holds nothing. Somebody away
        is active: absence moves work, it does not take a role away.
        """
        if person not in self._by_id or not self._diary.in_post(person, at):
            return Sender(person=person, active=False)
        held = {*self._own_roles(person), Role.COL}
        return Sender(person=person, active=True, roles=tuple(sorted(held)))

    def away(self, person: str, at: datetime) -> Away | None:
        """Until when somebody is recorded as away at `at`, and who covers; None when they are not."""
        if person not in self._by_id:
            return None
        # Everybody reports and is written about, whatever else they do.
        return self._diary.away(person, sorted(self._own_roles(person)) or [Role.COL], at)

    def _own_roles(self, person: str) -> set[Role]:
        rungs = {rung for rung in CHAIN if person in self._rungs[rung]}
        return {*self._by_id[person].roles, *rungs}

    def roster(self, subject: str, at: datetime, assigned: Mapping[Role, str] = _NONE) -> Roster:
        """Who is who at `at` for a case about or started by `subject`.

        PR and AFF are the subject; LM, SM and AD the subject's own chain; a chain that ends early,
        or an Assistant Director who has left, is made good by the other Assistant Directors; the
        HR partner, when there is none, by the HR leads. Nobody is their own manager or HR
        partner. `assigned` puts one person in a role instead (*Reassign*, 6.9). A subject no
        longer in the file has no chain: the case goes to the Assistant Directors, never nowhere.
        """
        at = at.astimezone(UTC)
        plan = self._plan(subject, assigned)
        seats = self._seats(plan, subject, at)
        return Roster(
            at=at,
            subject=subject,
            digest=self.digest,
            seats=seats,
            assigned=dict(assigned),
            until=self._until(plan, subject, at, seats),
            accounts=self.accounts,
        )

    def _plan(self, subject: str, assigned: Mapping[Role, str]) -> dict[Role, _Groups]:
        own = self._by_id.get(subject)
        chain = climb(self._by_id, subject)
        seated = (*chain, subject)
        directors = self._organisation.get(Role.AD, ())
        leads = self._organisation.get(Role.HRL, ())
        partner = (own.hr_partner,) if own and own.hr_partner else ()
        return {
            **{role: (many,) for role, many in self._organisation.items()},
            Role.PR: ((subject,),),
            Role.AFF: ((subject,),),
            Role.LM: (chain[:1],),
            Role.SM: (chain[1:2],),
            Role.AD: (chain[2:3], _without(directors, seated), _without(directors, (subject,))),
            Role.HRBP: (partner, _without(leads, (subject,))),
            **{role: ((person,),) for role, person in assigned.items()},
        }

    def _seats(
        self, plan: Mapping[Role, _Groups], subject: str, at: datetime
    ) -> dict[Role, tuple[Seat, ...]]:
        return {
            role: next(filter(None, (self._group(role, one, subject, at) for one in groups)), ())
            for role, groups in plan.items()
        }

    def _group(
        self, role: Role, people: tuple[str, ...], subject: str, at: datetime
    ) -> tuple[Seat, ...]:
        return tuple(
            self._diary.seat(person, role, subject, at)
            for person in people
            if self._diary.in_post(person, at)
        )

    def _until(
        self,
        plan: Mapping[Role, _Groups],
        subject: str,
        at: datetime,
        seats: Mapping[Role, tuple[Seat, ...]],
    ) -> datetime | None:
        people = {person for groups in plan.values() for group in groups for person in group}
        return next(
            (
                moment
                for moment in self._diary.moments(people, at)
                if self._seats(plan, subject, moment) != seats
            ),
            None,
        )


def _organisation(people: Iterable[Person]) -> dict[Role, tuple[str, ...]]:
    found: dict[Role, list[str]] = defaultdict(list)
    for person in people:
        for role in dict.fromkeys(person.roles):
            found[role].append(person.id)
    return {role: tuple(many) for role, many in found.items()}


def _without(people: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    out = frozenset(others)
    return tuple(person for person in people if person not in out)


def _names(people: Iterable[Person]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for person in people:
        for text in (person.id, person.email, person.name):
            found[_fold(text)][person.id] = None
    return {text: tuple(ids) for text, ids in found.items()}


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _digest(directory: Directory) -> str:
    content = {
        section: [row.model_dump(mode="json") for row in getattr(directory, section)]
        for section in ("people", "absences", "delegations", "accounts")
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
