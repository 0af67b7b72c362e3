"""Forms begun and not sent, as their owner works on them: kept by the desk, not by the browser.

They outlast the browser, a sign-out and a restart. They are no record: nobody but their owner can
open one, and it goes when it is sent, when its owner says so, or when it has not been touched for
the time the settings say.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import structlog
from pydantic import ConfigDict, Field

from activities.drafts import KeptDraft
from models.base import Instant, Value
from models.errors import BadInput, CaseworkError, Unavailable
from runtime.desk_opening import OpeningDesk

log = structlog.get_logger("desk")

MOST = 20
"""Forms one person may have begun at once: none gives way to another unasked."""
GONE = "This form is not there any more: it was sent, deleted, or not touched for too long."
TRIES = 5
"""How often a change looks again when another came in between."""

Answers = dict[str, tuple[str, ...]]
"""What was typed or ticked, by the name of the field in the page."""


class Begun(Value):
    """A form begun and not sent. Instants are UTC."""

    # What was typed is kept as it was typed.
    model_config = ConfigDict(str_strip_whitespace=False)

    id: str
    person: str
    procedure: str
    token: str
    """One token makes one case, however often the form is sent."""
    answers: Answers = Field(default_factory=dict)
    changes: dict[str, int] = Field(default_factory=dict)
    """How often each page was changed: a page that was opened before a change is told of it."""
    revision: int = 1
    changed_at: Instant
    until: Instant
    """When it goes by itself if it is not touched again."""


class ChangedMeanwhile(CaseworkError):
    """The same page was changed elsewhere since it was opened. Nothing was overwritten."""

    def __init__(self, newest: Begun) -> None:
        super().__init__("This page was changed elsewhere since you opened it; nothing was lost.")
        self.newest = newest


class DraftingDesk(OpeningDesk):
    """A desk that keeps what somebody has begun to fill in."""

    def begin_form(self, procedure: str, person: str) -> Begun:
        """A new form of this person. Raises BadInput when they have begun too many."""
        owner, now = self.directory.find(person).id, self._clock()
        self.ledger.drafts.drop_old(now)
        if self.ledger.drafts.count(owner, now) >= MOST:
            raise BadInput(
                f"You have begun {MOST} forms. Send or delete one of them first; nothing was lost."
            )
        begun = Begun(
            id=uuid4().hex,
            person=owner,
            procedure=procedure,
            token=str(uuid4()),
            changed_at=now,
            until=now + self.keeps_forms,
        )
        self.ledger.drafts.put(_kept(begun))
        return begun

    def begun_form(self, id: str, person: str) -> Begun | None:
        """A form of this person; None when there is none: sent, deleted, too old, or not theirs."""
        kept = self.ledger.drafts.get(id, self.directory.find(person).id, self._clock())
        return None if kept is None else _begun(kept)

    def begun_forms(self, person: str) -> list[Begun]:
        """The forms a person has begun, the one touched last first.

        One that cannot be opened here is left out, and the log says so: it keeps nobody from work.
        """
        owner, now = self.directory.find(person).id, self._clock()
        try:
            return [_begun(kept) for kept in self.ledger.drafts.of(owner, now)]
        except CaseworkError as fault:
            log.warning("drafts_not_opened", error=type(fault).__name__)
            return []

    def answer_form(
        self, id: str, person: str, page: str, seen: int, merge: Callable[[Answers], Answers]
    ) -> Begun:
        """Keep what `merge` makes of a form's answers; only one page of it may change.

        `seen` is how often that page had been changed when it was opened. Raises ChangedMeanwhile
        when somebody changed it since then to something else, Unavailable when the form is gone.
        """
        for _ in range(TRIES):
            begun = self.begun_form(id, person)
            if begun is None:
                raise Unavailable(GONE)
            answers = merge(begun.answers)
            if answers == begun.answers and page in begun.changes:
                # Pressed twice: it is kept already.
                return begun
            if begun.changes.get(page, 0) != seen:
                raise ChangedMeanwhile(begun)
            changed = self._changed(begun, page, answers)
            if self.ledger.drafts.put(_kept(changed)):
                return changed
        raise Unavailable("This form is being changed elsewhere. Nothing was kept; try again.")

    def _changed(self, begun: Begun, page: str, answers: Answers) -> Begun:
        now = self._clock()
        return begun.model_copy(
            update={
                "answers": answers,
                "changes": {**begun.changes, page: begun.changes.get(page, 0) + 1},
                "revision": begun.revision + 1,
                "changed_at": now,
                "until": now + self.keeps_forms,
            }
        )

    def drop_form(self, id: str, person: str) -> None:
        """Delete a form of this person, if it is there; nothing of it is left."""
        self.ledger.drafts.drop(id, self.directory.find(person).id)


def _kept(begun: Begun) -> KeptDraft:
    content = begun.model_dump_json().encode()
    return KeptDraft(begun.id, begun.person, begun.revision, content, begun.changed_at, begun.until)


def _begun(kept: KeptDraft) -> Begun:
    return Begun.model_validate_json(kept.content)
