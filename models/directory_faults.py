"""Everything that can be wrong with a directory of people, found in one go.

A fault names people by id only: a message may end in a log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

from models.directory_cover import absence_faults, chains, delegation_faults, overlaps
from models.directory_rows import Absence, Delegation, Engagement, Person
from models.directory_staff import TELLING, Fault, Found, Staff, words
from models.people import Account, Role

WORKED_OUT = frozenset({Role.COL, Role.REP, Role.AFF, Role.LM, Role.SM, Role.SYS})
"""Roles that follow from the case or from `line_manager`; nobody is given them in the file."""

ALONE = {Role.ADM: "SD13", Role.AUD: "SD14"}
"""Roles that never decide, so whoever holds one holds no other."""

_RESERVED = "system"
_CUSTODIANS = 2


def faults(
    people: Sequence[Person],
    absences: Sequence[Absence] = (),
    delegations: Sequence[Delegation] = (),
    accounts: Sequence[Account] = (),
    *,
    unread: Collection[str] = (),
) -> tuple[Fault, ...]:
    """Every fault of these rows. `unread` are ids of rows that could not be read themselves."""
    staff = Staff(people, unread)
    return (
        *_each("people", people, lambda person: _person(staff, person)),
        *_repeated(people),
        *_circles(staff, people),
        *_each("absences", absences, lambda absence: absence_faults(staff, absence)),
        *_each("delegations", delegations, lambda one: delegation_faults(staff, one)),
        *overlaps(absences, delegations),
        *chains(staff, absences, delegations),
        *_each("accounts", accounts, lambda account: _account(staff, account)),
        *_repeated_accounts(accounts),
    )


_Row = TypeVar("_Row")


def _each(section: str, rows: Sequence[_Row], check: Callable[[_Row], Found]) -> Iterator[Fault]:
    for number, row in enumerate(rows):
        yield from (Fault((section, number, key), problem) for key, problem in check(row))


# --- people -----------------------------------------------------------------------------------


def _person(staff: Staff, person: Person) -> Found:
    yield from _identity(person)
    yield from _roles(person)
    yield from _manager(staff, person)
    if unknown := staff.unknown(person.hr_partner):
        yield "hr_partner", unknown
    elif person.hr_partner == person.id:
        yield "hr_partner", "nobody is their own HR partner; name another, or leave this out"
    elif person.hr_partner and not staff.holds(person.hr_partner, Role.HRBP, Role.HRL):
        yield "hr_partner", f"`{person.hr_partner}` holds neither HRBP nor HRL; name one who does"
    if person.started_on and person.left_on and person.left_on < person.started_on:
        yield "left_on", "this is before started_on; correct one of the two dates"


def _identity(person: Person) -> Found:
    if person.id == _RESERVED:
        yield "id", f"`{_RESERVED}` is kept for the service itself; choose another id"
    names = {word for word in words(person.name) if len(word) >= TELLING}
    if names & set(person.id.split("-")):
        yield "id", "an id must not carry the person's name; write one like fca-1"


def _roles(person: Person) -> Found:
    for role in person.roles:
        if role in WORKED_OUT:
            yield "roles", f"{role} is worked out from the case and line_manager; leave it out"
        if role in ALONE and len(set(person.roles)) > 1:
            yield (
                "roles",
                f"{role} never decides ({ALONE[role]}); give the other roles to somebody else",
            )
    if {Role.OWN, Role.CMT} <= set(person.roles):
        yield "roles", "the policy owner cannot approve the policy (SD17); give CMT to another"
    if person.may_cover and not set(person.roles).isdisjoint(ALONE):
        yield "may_cover", "who holds ADM or AUD never covers for a manager; leave this out"


def _manager(staff: Staff, person: Person) -> Found:
    for key in ("line_manager", "stand_in"):
        ref: str | None = getattr(person, key)
        if unknown := staff.unknown(ref):
            yield key, unknown
        elif ref == person.id:
            yield key, "nobody is their own line manager; name somebody else"
        elif ref in staff.by_id and not set(staff.by_id[ref].roles).isdisjoint(ALONE):
            yield key, f"`{ref}` holds ADM or AUD and never decides (SD13, SD14); name another"
    employee = person.kind is Engagement.EMPLOYEE
    if person.top and person.line_manager:
        yield "top", "this person has a line_manager, so is not at the top; remove one of the two"
    elif employee and not person.top and not person.line_manager:
        yield "id", "no line manager; write `line_manager: <id>`, or `top: true` for the one person"
    elif employee and not person.top and person.stand_in:
        yield "stand_in", "an employee has a line manager; remove stand_in"
    elif not employee and person.line_manager:
        yield (
            "line_manager",
            f"write `stand_in:` for {_a(person.kind)}; line_manager is not for them",
        )
    elif not employee and not person.stand_in:
        yield "id", f"{_a(person.kind)} needs somebody named; write `stand_in: <id>`"


def _a(kind: Engagement) -> str:
    names = {
        Engagement.ASSOCIATE: "an associate",
        Engagement.BOARD: "a Board Member",
        Engagement.CONTRACTOR: "a contractor",
    }
    return names.get(kind, "an employee")


def _repeated(people: Sequence[Person]) -> Iterator[Fault]:
    ids: set[str] = set()
    owners: dict[str, str] = {}
    for row, person in enumerate(people):
        if person.id in ids:
            yield Fault(("people", row, "id"), f"`{person.id}` is used above; ids are unique")
        ids.add(person.id)
        owner = owners.setdefault(person.email.casefold(), person.id)
        if owner != person.id:
            yield Fault(
                ("people", row, "email"),
                f"`{owner}` has this e-mail address; a shared mailbox is not a person, "
                "write this person's own",
            )


def _circles(staff: Staff, people: Sequence[Person]) -> Iterator[Fault]:
    rows = {person.id: row for row, person in enumerate(people)}
    cleared: set[str] = set()
    for person in people:
        path: list[str] = []
        here: str | None = person.id
        while here in staff.by_id and here not in cleared and here not in path:
            path.append(here)
            # A top person's stand-in serves that person's own cases only: no circle.
            here = None if staff.by_id[here].top else staff.by_id[here].manager
        if here in path:
            circle = path[path.index(here) :]
            first = min(circle, key=rows.__getitem__)
            if len(circle) > 1:  # one's own manager has been said already
                yield _circle(staff.by_id[first], rows[first], circle)
        cleared.update(path)


def _circle(first: Person, row: int, circle: list[str]) -> Fault:
    turn = circle.index(first.id)
    names = " > ".join([*circle[turn:], *circle[:turn], first.id])
    key = "line_manager" if first.line_manager else "stand_in"
    return Fault(("people", row, key), f"line management runs in a circle: {names}; break it")


# --- official accounts ------------------------------------------------------------------------


def _account(staff: Staff, account: Account) -> Found:
    if "@" in account.id:
        yield "id", "this looks like an e-mail address; write an id like official-x-1 (2.13)"
    elif owner := staff.whose(account.id):
        yield (
            "id",
            f"this looks like an account of `{owner}`; write an id like official-x-1 (2.13)",
        )
    for custodian in account.custodians:
        if unknown := staff.unknown(custodian):
            yield "custodians", unknown
    if account.live and len(set(account.custodians)) < _CUSTODIANS:
        yield "custodians", "a live account has at least two custodians; name another person"


def _repeated_accounts(accounts: Sequence[Account]) -> Iterator[Fault]:
    ids: set[str] = set()
    for row, account in enumerate(accounts):
        if account.id in ids:
            yield Fault(("accounts", row, "id"), f"`{account.id}` is used above; ids are unique")
        ids.add(account.id)
