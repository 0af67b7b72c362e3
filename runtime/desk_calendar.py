"""Closed days: proposed by one administrator, shown to both, confirmed by the second (3.1, SD13)."""

from __future__ import annotations

from datetime import date

from pydantic import ValidationError

from activities.recalculations import Recalculation, Tally
from models.administration import (
    CalendarChange,
    CalendarConfirmed,
    CalendarDropped,
    CalendarProposed,
    Deed,
    proposals,
)
from models.base import Value
from models.errors import BadInput, Refused
from models.forms import problems
from models.london import london_date, london_day
from runtime import calendar_changes
from runtime.desk_people import PeopleDesk

PAGE = 50
"""Cases on one page of a proposal."""


class Shown(Value):
    """A closed day as an administrator is shown it, and what a confirmation of it is bound to."""

    day: CalendarChange
    tally: Tally
    rows: tuple[Recalculation, ...]
    missing: int
    """Cases it has not been worked out for yet."""
    moved_on: int
    """Cases that have gone on since it was worked out for them."""
    digest: str


class CalendarDesk(PeopleDesk):
    """A desk that takes changes of the calendar. Every writing method raises Refused, as SD13 says."""

    def proposals(self) -> list[CalendarChange]:
        """Every day that was proposed, the newest proposal first."""
        return list(reversed(proposals(self._deeds.all()).values()))

    def proposal(self, number: int) -> CalendarChange:
        """One proposal. Raises BadInput."""
        try:
            return proposals(self._deeds.all())[number]
        except KeyError:
            raise BadInput("There is no such proposal; nothing was done.") from None

    def propose_calendar(self, by: str, day: date | None, name: str, why: str) -> CalendarChange:
        """Propose that working time does not run on a day; nothing changes until it is confirmed.

        Without a day, that every open case gets the calendar as it is now.
        Raises BadInput when the day is shut already, past, or outside the calendar.
        """
        who, now = self.administrator(by), self.now()
        try:
            new = CalendarProposed(day=day, name=name, why=why)
        except ValidationError as error:
            raise BadInput("The day cannot be proposed like this.", problems(error)) from None
        if day is not None:
            self._can_be_shut(day)

        def if_so(before: list[Deed]) -> None:
            if any(one.waiting and one.day == day for one in proposals(before).values()):
                raise BadInput("This day is proposed already.", ("day: look at that proposal",))

        return self.proposal(self.ledger.note(new, who, now, if_so=if_so).seq)

    def _can_be_shut(self, day: date) -> None:
        known = self.calendar
        fault = ""
        if not known.first_day <= day <= known.last_day:
            fault = f"the calendar ends on {london_day(known.last_day)}; bring a longer one first"
        elif why := known.why_closed(day):
            fault = f"this day is closed already: {why}"
        elif day < london_date(self.now()):
            fault = "this day is past; working time has run on it"
        if fault:
            raise BadInput("The day cannot be proposed like this.", (f"day: {fault}",))

    def work_out(self, number: int, most: int = calendar_changes.SLICE) -> int:
        """Work out some more of what a proposal would move; how many cases it was."""
        day = self.proposal(number)
        return calendar_changes.work_out(self.ledger, self._deeds, day, self.now(), most)

    def work_out_again(self, by: str, number: int) -> None:
        """Forget what was worked out for a waiting proposal; the worker begins anew."""
        self.administrator(by)
        if self.proposal(number).waiting:
            self.ledger.work_out_again(number)

    def shown(self, number: int, limit: int | None = PAGE, offset: int = 0) -> Shown:
        """A proposal with the old and new deadline of every case, a page at a time."""
        day = self.proposal(number)
        waiting = day.waiting
        return Shown(
            day=day,
            tally=self.ledger.tally(number),
            rows=tuple(self.ledger.recalculations(number, limit, offset)),
            missing=len(self._to_work_out(day)) if waiting else 0,
            moved_on=self.ledger.moved_on(number) if waiting else 0,
            digest=calendar_changes.shown(self.ledger, self._deeds, day) if waiting else day.shown,
        )

    def _to_work_out(self, day: CalendarChange) -> list[str]:
        return self.ledger.to_work_out(day.seq, day.proposed_at, 1_000_000)

    def confirm_calendar(self, by: str, number: int, shown: str) -> CalendarChange:
        """Confirm a proposal as a second person, bound to exactly what was shown (SD13).

        Every open case hears of it, and new cases begin with it. Raises Refused when it is one's
        own, BadInput when it is no longer what was shown.
        """
        who, now = self.administrator(by), self.now()
        day = self.proposal(number)
        made = calendar_changes.calendar(self._deeds, also=day)
        new = CalendarConfirmed(of=number, shown=shown, calendar=made.digest)

        def if_so(before: list[Deed]) -> None:
            known = proposals(before)
            if not known[number].waiting:
                raise BadInput(
                    "This proposal was confirmed or given up already; nothing was changed."
                )
            if known[number].proposed_by == who:
                raise Refused(
                    "same_person", "You proposed it; another administrator confirms it.", "SD13"
                )
            # Asked here, where nobody else can write: what was shown is what is confirmed.
            if self._to_work_out(day) or shown != calendar_changes.shown(
                self.ledger, self._deeds, day
            ):
                raise BadInput(
                    "What you were shown is not what would be confirmed. Nothing was changed; look"
                    " at it again."
                )

        self.ledger.note(new, who, now, if_so=if_so)
        for other in self.proposals():
            if other.waiting:
                # It was worked out without this day.
                self.ledger.work_out_again(other.seq)
        return self.proposal(number)

    def drop_calendar(self, by: str, number: int) -> Deed:
        """Give a proposal up before it is confirmed. Raises BadInput when it no longer waits."""
        who, now = self.administrator(by), self.now()

        def if_so(before: list[Deed]) -> None:
            one = proposals(before).get(number)
            if one is None or not one.waiting:
                raise BadInput("There is no such proposal that waits; nothing was changed.")

        return self.ledger.note(CalendarDropped(of=number), who, now, if_so=if_so)
