"""Demonstration tokens: `demonstration-lm-1` speaks for lm-1, and nobody is asked for a proof.

They are read only where the sign-in of the pages is a demonstration as well, which is served to
this machine alone. `demonstration-lm-1+LM+COL` may use these roles of theirs only.
"""

from __future__ import annotations

from models.errors import BadInput
from models.people import Role
from runtime.desk import Desk
from web.site import NotSignedIn
from web.tokens import Caller

PREFIX = "demonstration-"


class DemonstrationTokens:
    """Reads the tokens that anybody can write, for the people of the directory."""

    demonstration = True
    """Every answer says so."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def person(self, request_token: str) -> Caller:
        """Whom the token names. Raises NotSignedIn unless it is somebody in post."""
        name, *roles = request_token.removeprefix(PREFIX).split("+")
        if not request_token.startswith(PREFIX) or not set(roles) <= set(Role):
            raise NotSignedIn
        try:
            person = self._desk.directory.person(name).id
        except BadInput:
            raise NotSignedIn from None
        if not self._desk.directory.sender(person, self._desk.now()).active:
            raise NotSignedIn
        return Caller(person, frozenset(map(Role, roles)) if roles else None)
