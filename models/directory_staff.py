"""The people of a directory as its checks need them: who exists, who holds what."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from models.directory_rows import CHAIN, Person, standing
from models.people import Role, ladder

TELLING = 3
"""Letters that give a person away; fewer come up by chance."""


class Fault(NamedTuple):
    """One thing wrong. `where` is section, row number and key, as in the file."""

    where: tuple[str | int, ...]
    problem: str


Found = Iterator[tuple[str, str]]
"""Key at fault, and what is wrong with it."""


class Staff:
    """The people, looked up by id, with every role each of them really holds."""

    def __init__(self, people: Sequence[Person], unread: Collection[str]) -> None:
        self.by_id = {person.id: person for person in people}
        self.ids = frozenset(self.by_id) | frozenset(unread)
        rungs = standing(people)
        self._complete = not unread
        self._held = {
            one.id: frozenset(one.roles) | {role for role in CHAIN if one.id in rungs[role]}
            for one in people
        }
        self._signs = {sign: one.id for one in people for sign in _signs(one)}

    def unknown(self, ref: str | None) -> str | None:
        """What to say of a reference to nobody, or None when it is to somebody."""
        if ref is None or ref in self.ids:
            return None
        close = difflib.get_close_matches(ref, sorted(self.ids), n=1)
        hint = f"did you mean `{close[0]}`?" if close else "write the id of one of the people"
        return f"nobody here has the id `{ref}`; {hint}"

    def whose(self, account: str) -> str | None:
        """The person an account's id gives away, if any."""
        parts = words(account)
        runs = ("".join(parts[i:j]) for i, j in combinations(range(len(parts) + 1), 2))
        return next((self._signs[run] for run in runs if run in self._signs), None)

    def holds(self, person: str, *roles: Role) -> bool:
        """Whether the person holds one of these; true where an unreadable row leaves it open."""
        if person not in self._held or not (self._complete or set(roles).isdisjoint(CHAIN)):
            return True
        return not self._held[person].isdisjoint(roles)

    def roles(self, person: str) -> list[Role]:
        """Every role the person is known to hold."""
        return sorted(self._held.get(person, ()))

    def may_cover(self, delegate: str, role: Role) -> bool:
        """Whether `delegate` would themself be allowed in `role`, or is the next rung (SD15)."""
        if role not in CHAIN:
            return self.holds(delegate, *ladder(role)[:2])
        marked = delegate in self.by_id and self.by_id[delegate].may_cover
        return marked or self.holds(delegate, *CHAIN)


def words(text: str) -> list[str]:
    """The words of a name or id, small and without accents, for comparing."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.findall(r"[a-z0-9]+", plain)


def _signs(person: Person) -> Iterator[str]:
    """What gives a person's own account away: their id, their name, their mailbox."""
    mailbox = person.email.partition("@")[0]
    signs = ("".join(words(text)) for text in (person.id, person.name, mailbox))
    yield from (sign for sign in signs if len(sign) >= TELLING)
