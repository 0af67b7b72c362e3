"""Who a request to the API comes from: a bearer token, read by whoever gave it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from models.people import Role


@dataclass(frozen=True)
class Caller:
    """Whoever a token speaks for."""

    person: str
    """Their id in the directory."""
    roles: frozenset[Role] | None = None
    """The only roles of theirs the token may use; None: all that the directory gives them."""


class Tokens(Protocol):
    """Reads bearer tokens. What it is given is never logged, kept or shown."""

    async def person(self, request_token: str) -> Caller:
        """Whom the token speaks for.

        Raises web.site.NotSignedIn when it is not valid here and now, Unavailable when the
        provider that could say so cannot be reached.
        """
        ...
