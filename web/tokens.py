"""Who a request to the API comes from: a bearer token, read by whoever gave it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import structlog

from models.people import Role
from runtime.desk import Desk
from web.claims import NotValid
from web.provider import Provider
from web.site import NotSignedIn

log = structlog.get_logger("web")


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


class ProviderTokens:
    """Access tokens of the sign-in provider: JWTs for the API's own audience (RFC 9068)."""

    def __init__(self, provider: Provider, desk: Desk) -> None:
        self._provider = provider
        self._desk = desk

    async def person(self, request_token: str) -> Caller:
        """As Tokens. Somebody the directory does not know, or who has left, is nobody."""
        try:
            answer = await self._provider.bearer(request_token)
        except NotValid as no:
            log.warning("token_refused", code=no.fault)
            raise NotSignedIn from None
        person = self._desk.directory.known_as(answer.named)
        if person is None or not self._desk.directory.sender(person, self._desk.now()).active:
            log.warning("token_refused", code="unknown_person")
            raise NotSignedIn
        return Caller(person, answer.roles)
