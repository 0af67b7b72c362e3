"""What administrators do at the desk (SD13): they look after cases and people, and decide nothing.

Whoever is no administrator is refused, whichever door they come through. What is done is in the
list of deeds, with who and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from activities.ledger_of_deeds import Found
from activities.outbox import Notice, NoticeStatus
from activities.register import CaseFilter, Order
from activities.troubles import Refusals
from models.administration import Deed, OpenedInTemporal, PayloadsRead, may_read
from models.errors import BadInput, Refused, Unavailable
from models.forms import MEANINGFUL, meaningful
from procedures.registry import by_name
from runtime import decoding, recovery, stuck
from runtime.codec import CaseCodec
from runtime.desk_calendar import CalendarDesk

WINDOW = timedelta(minutes=15)
"""Real time for which a case's payloads may be read in Temporal's pages after a reason is given."""

PAGE = 50
"""Cases or notices on one page."""


class AdministeringDesk(CalendarDesk):
    """A desk for administrators: searching, stuck cases, notices, and Temporal's own pages.

    What changes something, or opens something, raises Refused to anybody else; who may look at the
    lists is for the door to ask (`administrator`).
    """

    # --- notices ------------------------------------------------------------------------------

    def failed_notices(self, limit: int = PAGE, offset: int = 0) -> list[Notice]:
        """Notices that were given up, the newest first; the fault is a code, never a text."""
        return self.ledger.outbox(status=NoticeStatus.FAILED, limit=limit, offset=offset)

    def retry_notices(self, by: str, ids: Sequence[str]) -> tuple[str, ...]:
        """Let given-up notices be tried again at once; which they were. Raises BadInput."""
        return self.ledger.retry_notices(ids, self.administrator(by), self.now())

    # --- looking ------------------------------------------------------------------------------

    def search(self, wanted: CaseFilter, order: Order = Order.NEWEST, page: int = 1) -> Found:
        """One page of cases; the ledger filters, sorts and counts."""
        return self.ledger.search(wanted, order, PAGE, (max(page, 1) - 1) * PAGE)

    def refusals(self, over: timedelta) -> list[Refusals]:
        """How often acts were refused lately, by act and code."""
        return self.ledger.refusals(self.now() - over)

    async def stuck(self) -> stuck.Stuck:
        """Everything that does not go on by itself, each with what to do."""
        try:
            client = await self._client()
        except Unavailable:
            client = None
        return await stuck.look(client, self.ledger, self.now())

    async def start_again(self, by: str, case_id: str) -> None:
        """Let a case that Temporal lost go on from the ledger. Raises BadInput, Unavailable."""
        self.administrator(by)
        if self._row(case_id).closed:
            raise BadInput("That case is closed; nothing was started.")
        await recovery.start_again(await self._client(), self.ledger, case_id, self._task_queue)

    # --- Temporal's own pages -----------------------------------------------------------------

    def open_in_temporal(self, by: str, case_id: str, reason: str) -> Deed:
        """Let somebody read one case's payloads in Temporal's pages for a short time, for a reason.

        Raises BadInput without a reason of some length. The reason is kept, sealed.
        """
        who, now = self.administrator(by), self.now()
        row = self._row(case_id)
        if not meaningful(reason):
            raise BadInput(
                "Say why; nothing was opened.",
                (f"reason: give a reason of at least {MEANINGFUL} letters",),
            )
        what = OpenedInTemporal(case_id=row.case_id, until=now + WINDOW)
        return self.ledger.note(what, who, now, reason=reason)

    async def payloads(self, by: str, asked: Any) -> list[dict[str, Any]]:
        """Payloads as JSON, readable where they belong to a case opened by this person just now.

        What is opened is recorded first. Raises Refused when no case is open to them.
        """
        who, now = self.administrator(by), self.now()
        open_now = may_read(self._deeds.all(), who, now)
        if not open_now:
            raise Refused(
                "not_open", "Open the case from our own pages first, with a reason.", "SD13"
            )
        client = await self._client()
        codec = client.data_converter.payload_codec
        if not isinstance(codec, CaseCodec):
            raise BadInput("Nothing is encrypted here; there is nothing to open.")
        cases = [decoding.ForCase(one, by_name(self._row(one).procedure)) for one in open_now]
        found = await decoding.opened(codec, client.namespace, cases, asked)
        for case_id, count in found.counts.items():
            if count:
                self.ledger.note(PayloadsRead(case_id=case_id, count=count), who, now)
        return found.payloads
