"""What a case does to the world: its trail is filed, and it asks who is who. Nothing else.

Notices are not sent from here: filing the trail puts them into the outbox in the same transaction,
and the relay delivers them with its own retries.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from temporalio import activity

from activities.ledger import Ledger, LedgerConflict
from activities.names import FILE_TRAIL, WHO_IS_WHO, WhoQuestion
from models.case import Batch, Filed
from models.directory import Directory
from models.people import Roster


class CaseworkActivities:
    """The activities of every case; they are handed the ledger, the directory and the clock."""

    def __init__(
        self,
        ledger: Ledger,
        directory: Callable[[], Directory],
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._directory = directory
        self._clock = clock

    @activity.defn(name=FILE_TRAIL)
    def file_trail(self, batch: Batch) -> Filed:
        """Append entries, open work and notices in one transaction; safe to run twice.

        A worker killed between this and its answer leaves entries that the next one has never
        heard of. They are in the ledger, so they happened: the case is told, and catches up.
        """
        try:
            return self._ledger.append(batch, self._clock())
        except LedgerConflict:
            recorded = self._recorded(batch)
            if not recorded.recorded:
                # The ledger is behind the case, or cannot be read: somebody must look.
                raise
            return recorded

    def _recorded(self, batch: Batch) -> Filed:
        known = batch.lines[0].entry.seq - 1
        newer = [line for line in self._ledger.trail(batch.case_id) if line.entry.seq > known]
        facts = tuple(line.private.fact for line in newer if line.private.fact is not None)
        return Filed(seq=known + len(newer), head="", recorded=facts)

    @activity.defn(name=WHO_IS_WHO)
    def who_is_who(self, question: WhoQuestion) -> Roster:
        """The directory's answer for one case at one instant."""
        return self._directory().roster(question.subject, question.at, question.assigned)

    @property
    def all(self) -> list[Callable[..., object]]:
        """What the worker registers."""
        return [self.file_trail, self.who_is_who]
