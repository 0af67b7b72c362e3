"""The policy as data, read from the files beside this one: deadlines, roles, clauses, calendars.

Each line of data says where it comes from: a clause of the policy or guidelines, L (law) or R
(reconstructed). Everything is read once, checked, and immutable; a case pins a copy.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from models.base import Value
from models.people import Role
from models.policy import Clause, Deadline, LegalFirst, Mark, PolicyBook, RoleName
from models.working_time import CalendarSnapshot, Holiday
from policy.reading import PolicyFile


class Never(Value):
    """Something no manager can endorse a departure from (PRE-2, list X; R)."""

    id: str
    text: str
    mark: Mark
    source: str


@cache
def book() -> PolicyBook:
    """Deadlines, role names and clauses. Raises Misconfigured, naming the file and the line."""
    clauses = PolicyFile("clauses.yaml")
    roles = PolicyFile("roles.yaml").values(RoleName, key="role")
    with clauses.faults("version"):
        return PolicyBook(
            version=clauses.data.get("version"),
            deadlines=PolicyFile("deadlines.yaml").values(Deadline, key="id"),
            roles={Role(code): name for code, name in roles.items()},
            clauses=clauses.values(Clause, key="id", under="clauses"),
            legal_first=tuple(
                PolicyFile("compulsory_legal.yaml").values(LegalFirst, key="id").values()
            ),
        )


@cache
def never() -> tuple[Never, ...]:
    """What cannot be departed from. Raises Misconfigured, naming the file and the line."""
    return tuple(PolicyFile("never.yaml").values(Never, key="id").values())


class Rule(Value):
    """A rule of the policy analysis that trails name beside the clauses, in our own words."""

    id: str
    text: str
    mark: Mark
    source: str


@cache
def rules() -> dict[str, Rule]:
    """The rules beside the clauses, by id. Raises Misconfigured, naming the file and the line."""
    return PolicyFile("rules.yaml").values(Rule, key="id")


@cache
def calendar() -> CalendarSnapshot:
    """Working days in England and Wales: the internal clock. Raises Misconfigured."""
    return _snapshot(PolicyFile("calendar/england-and-wales.yaml"), {})


@cache
def uk_calendar() -> CalendarSnapshot:
    """England and Wales with the holidays of every other part of the kingdom: FOI only.

    Raises Misconfigured.
    """
    at_home = {holiday.day: holiday.name for holiday in calendar().holidays}
    return _snapshot(PolicyFile("calendar/united-kingdom.yaml"), at_home)


def _snapshot(file: PolicyFile, others: dict[Any, str]) -> CalendarSnapshot:
    with file.faults("holidays"):
        days = {**others, **file.data["holidays"]}
        return CalendarSnapshot(
            version=file.data["version"],
            first_day=file.data["first_day"],
            last_day=file.data["last_day"],
            holidays=tuple(Holiday(day=day, name=days[day]) for day in sorted(days)),
        )
