"""Who is signed in, kept on the server: the browser holds a random token and nothing else.

Roles are no part of it: they are looked up when somebody acts.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from models.case import Receipt
from models.people import Role
from runtime.desk_opening import Opening

IDLE = timedelta(minutes=30)
"""Real time without a request after which a session ends (R)."""
LONGEST = timedelta(hours=8)
"""Real time after which it ends in any case (R)."""
MOST = 2000
"""Sessions kept at once; the one used least lately gives way."""
RECEIPTS = 50
"""Receipts, and answers to forms, kept in a session, so that a page loaded again does not send again."""
TYPED = 20
"""Forms of acts kept while somebody gives their credentials again."""
BEGUN = 5
"""Sign-ins begun and not ended that one browser may have, as in several windows."""


@dataclass(frozen=True)
class Begun:
    """A sign-in that a browser was sent to the provider for."""

    nonce: str
    verifier: str
    at: datetime
    back: str
    """The page to come back to."""
    again: bool
    """Credentials have to be given anew, whatever the provider remembers."""


@dataclass(frozen=True)
class Typed:
    """What somebody typed with a decision, as they typed it."""

    words: dict[str, str]
    """The reason, and what they had been shown."""
    answers: dict[str, tuple[str, ...]]


@dataclass
class Session:
    """One browser. Before signing in it has a token for its form and nobody behind it."""

    token: str
    csrf: str
    began: datetime
    used: datetime
    person: str | None = None
    sent: dict[str, Opening] = field(default_factory=dict)
    """What became of forms sent here, by their id: the form itself is gone by then."""
    roles: frozenset[Role] | None = None
    """The only roles this sign-in lets them use; None: all that the directory gives them."""
    proved: datetime | None = None
    """When they last gave their credentials to the provider, UTC, if it said so."""
    back: str = ""
    """The page that asked for credentials again, to come back to; with nobody behind the session,
    the page from which something was sent that was not received."""
    begun: dict[str, Begun] = field(default_factory=dict)
    typed: dict[str, Typed] = field(default_factory=dict)
    """What was typed with a decision that was not applied, by its id, to be sent anew; or on a page
    that asked for credentials first, by its path."""
    receipts: dict[str, Receipt] = field(default_factory=dict)

    @property
    def until(self) -> datetime:
        """When it ends unless it is used before, UTC."""
        return min(self.used + IDLE, self.began + LONGEST)

    def sent_by_us(self, given: str) -> bool:
        """Whether a form carries this session's own token."""
        return hmac.compare_digest(self.csrf.encode(), given.encode())

    def keep(self, receipt: Receipt) -> None:
        """Keep what became of a decision, the newest ones only."""
        self.receipts[receipt.decision] = receipt
        _newest(self.receipts, RECEIPTS)

    def keep_opening(self, form: str, opening: Opening) -> None:
        """Keep what became of a form, the newest ones only."""
        self.sent[form] = opening
        _newest(self.sent, RECEIPTS)

    def keep_typed(self, of: str, typed: Typed) -> None:
        """Keep what was typed, by the page's path or the decision's id, the newest ones only."""
        self.typed[of] = typed
        _newest(self.typed, TYPED)

    def keep_begun(self, state: str, begun: Begun) -> None:
        """Keep what the provider's answer has to agree with, by its state."""
        self.begun[state] = begun
        _newest(self.begun, BEGUN)

    def goes_on_as(self, other: Session) -> None:
        """The same person in a new session: nothing they wrote is lost."""
        other.sent, other.receipts, other.typed = self.sent, self.receipts, self.typed


def _newest(kept: dict[str, Any], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]


class Sessions:
    """Every session of this process; they end with it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[str, Session] = {}

    def find(self, token: str | None) -> Session | None:
        """The session of a token while it lasts; looking counts as using it."""
        found = self._kept.get(token or "")
        if found is None:
            return None
        now = self._clock()
        if now >= found.until:
            self.end(found)
            return None
        found.used = now
        return found

    def begin(self, person: str | None = None) -> Session:
        """A new session with tokens of its own, so that none known before is worth anything."""
        now = self._clock()
        made = Session(
            token=secrets.token_urlsafe(32),
            csrf=secrets.token_urlsafe(32),
            began=now,
            used=now,
            person=person,
        )
        while len(self._kept) >= MOST:
            # Somebody signed in is the last to give way to browsers that only looked.
            self.end(min(self._kept.values(), key=lambda one: (one.person is not None, one.used)))
        self._kept[made.token] = made
        return made

    def end(self, session: Session) -> None:
        """Forget a session and everything in it."""
        self._kept.pop(session.token, None)

    def end_all_of(self, person: str) -> None:
        """Sign somebody out everywhere."""
        for one in [one for one in self._kept.values() if one.person == person]:
            self.end(one)
