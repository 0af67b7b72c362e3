"""What can be wrong with absences and delegations (6.5, SD15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import TypeVar

from models.directory_rows import CHAIN, Absence, Delegation, Period
from models.directory_staff import Fault, Found, Staff
from models.people import Role, ladder


def absence_faults(staff: Staff, absence: Absence) -> Found:
    """What is wrong with one absence."""
    if unknown := staff.unknown(absence.person):
        yield "person", unknown
    if absence.end <= absence.start:
        yield "to", "this is not after `from`; correct one of the two"
    delegate = absence.delegate
    if unknown := staff.unknown(delegate):
        yield "delegate", unknown
    elif delegate == absence.person:
        yield "delegate", "nobody covers for themself; name somebody else, or leave this out"
    elif delegate:
        for role in staff.roles(absence.person):
            if not staff.may_cover(delegate, role):
                yield "delegate", _not_allowed(delegate, role)


def delegation_faults(staff: Staff, delegation: Delegation) -> Found:
    """What is wrong with one delegation."""
    for key in ("of", "to"):
        if unknown := staff.unknown(getattr(delegation, key)):
            yield key, unknown
    if delegation.end <= delegation.start:
        yield "until", "this is not after `from`; correct one of the two"
    if delegation.of == delegation.to:
        yield "to", "nobody delegates to themself; name somebody else"
        return
    for role in delegation.roles:
        if not staff.holds(delegation.of, role):
            yield "roles", f"`{delegation.of}` does not hold {role}; only a role held can be lent"
        elif not staff.may_cover(delegation.to, role):
            yield "to", _not_allowed(delegation.to, role)


def _not_allowed(delegate: str, role: Role) -> str:
    if role in CHAIN:
        return (
            f"`{delegate}` manages nobody and may not act as {role} (SD15); name a manager, "
            "or mark them `may_cover: true`"
        )
    rungs = " or ".join(ladder(role)[:2])
    return f"`{delegate}` may not act as {role} (SD15); name somebody who holds {rungs}"


def overlaps(absences: Sequence[Absence], delegations: Sequence[Delegation]) -> Iterator[Fault]:
    """Two rows that say different things of the same person at the same time."""
    for one, row, other in _pairs(absences, "person"):
        if one.meets(other):
            yield Fault(
                ("absences", row, "from"),
                f"`{other.person}` has another absence at this time; write the two as one",
            )
    for lent, row, again in _pairs(delegations, "of"):
        shared = set(lent.roles) & set(again.roles)
        if shared and lent.meets(again):
            yield Fault(
                ("delegations", row, "roles"),
                f"{_list(shared)} of `{again.of}` is already lent at this time; "
                "end one of the two earlier",
            )


_P = TypeVar("_P", bound=Period)


def _pairs(rows: Sequence[_P], key: str) -> Iterator[tuple[_P, int, _P]]:
    """Every two rows about the same person, with the row number of the second."""
    grouped: dict[str, list[tuple[int, _P]]] = defaultdict(list)
    for row, one in enumerate(rows):
        grouped[getattr(one, key)].append((row, one))
    for many in grouped.values():
        for (_, first), (row, second) in combinations(many, 2):
            yield first, row, second


def chains(
    staff: Staff, absences: Sequence[Absence], delegations: Sequence[Delegation]
) -> Iterator[Fault]:
    """Lending what was itself only lent. Two absences make no chain: cover is not passed on."""
    lent: dict[str, list[tuple[str, frozenset[Role], Period]]] = defaultdict(list)
    for absence in absences:
        if absence.delegate:
            roles = frozenset(staff.roles(absence.person))
            lent[absence.delegate].append((absence.person, roles, absence))
    for one in delegations:
        lent[one.to].append((one.of, frozenset(one.roles), one))
    for row, onward in enumerate(delegations):
        for owner, roles, period in lent[onward.of]:
            shared = roles & set(onward.roles)
            if owner != onward.of and shared and period.meets(onward):
                yield Fault(
                    ("delegations", row, "of"),
                    f"`{onward.of}` covers for `{owner}` in {_list(shared)} at this time, and "
                    "delegations never chain (SD15); name another delegate in one of the two",
                )


def _list(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(roles))
