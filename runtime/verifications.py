"""Verifications that run beside everything else: started by an auditor, looked at whenever.

They live in this process and end with it; few run at once and few are kept.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from models.errors import CaseworkError, Unavailable
from models.people import PersonId
from runtime.verifying import CaseVerdict, looks_at_lists, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activities.looks import LooksVerdict
    from runtime.desk import Desk

log = structlog.get_logger("verification")

AT_ONCE = 2
"""Verifications that may run at the same time: each keeps one core busy."""
KEPT = 20
"""Verifications kept to look at, the newest ones."""
MOST_CASES = 1000
"""Cases of one verification; the command line checks all there are."""


@dataclass
class Verification:
    """One run: which cases, how far it is, what it found."""

    id: str
    by: PersonId
    began: datetime
    cases: tuple[str, ...]
    done: list[CaseVerdict] = field(default_factory=list)
    lists: LooksVerdict | None = None
    """The record of looks at lists, which belongs to no case; checked before the cases."""
    ended: datetime | None = None
    stopped: str = ""
    """Why it ended before its end, in words; empty when it did not."""

    @property
    def wrong(self) -> list[CaseVerdict]:
        """The cases in which something differs."""
        return [one for one in self.done if not one.ok]

    @property
    def lists_differ(self) -> bool:
        """Whether the record of looks at lists is not as it was written."""
        return self.lists is not None and not self.lists.ok

    def total(self, name: str) -> int:
        """The sum of a count over the cases done: entries, facts, events, ..."""
        return sum(getattr(one, name) for one in self.done)

    def histories(self, how: str) -> int:
        """In how many cases Temporal's replay came out so."""
        return sum(one.history == how for one in self.done)


class Verifications:
    """The verifications of one process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._kept: dict[str, Verification] = {}
        self._running: set[asyncio.Task[None]] = set()

    def start(self, person: PersonId, cases: Sequence[str]) -> Verification:
        """Begin one; it goes on when whoever began it leaves. Raises Unavailable when too many run.

        To be called where the pages' event loop runs.
        """
        if len(self._running) >= AT_ONCE:
            raise Unavailable(
                f"{AT_ONCE} verifications are running already; nothing was started. Try again when"
                " one has ended."
            )
        id_ = secrets.token_urlsafe(12)
        made = Verification(id_, person, self._desk.now(), tuple(cases[:MOST_CASES]))
        self._kept[made.id] = made
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        task = asyncio.create_task(self._run(made))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return made

    def find(self, id_: str) -> Verification | None:
        """One of those kept, or None."""
        return self._kept.get(id_)

    def newest(self) -> list[Verification]:
        """Those kept, the newest first."""
        return list(reversed(self._kept.values()))

    async def _run(self, job: Verification) -> None:
        try:
            job.lists = await asyncio.to_thread(looks_at_lists, self._desk)
            for case_id in job.cases:
                job.done.append(await verify(self._desk, case_id))
        except CaseworkError as fault:
            job.stopped = str(fault)
        except Exception as error:
            log.exception("verification_failed")
            job.stopped = f"Something unexpected went wrong ({type(error).__name__})."
        finally:
            job.ended = self._desk.now()
