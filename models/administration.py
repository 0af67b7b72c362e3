"""What administrators do beside the cases: absences, closed days, notices, looking in Temporal.

Each deed is one line of a list that is only ever added to. What holds at an instant is folded from
it, as a case is from its facts. Administrators keep the service right; they decide nothing (SD13).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from models.base import Instant, Value
from models.directory_rows import Absence, Day, PersonRef, day_begins, day_ends
from models.people import PersonId
from models.working_time import CalendarSnapshot, Holiday


class AbsenceRecorded(Value):
    """Somebody is away for these London days, both included; why is nobody's business (6.5)."""

    kind: Literal["absence_recorded"] = "absence_recorded"
    person: PersonRef
    first: Day
    last: Day
    delegate: PersonRef | None = None


class AbsenceWithdrawn(Value):
    """A recorded absence ends now, or never begins."""

    kind: Literal["absence_withdrawn"] = "absence_withdrawn"
    of: int


class CalendarProposed(Value):
    """One administrator proposes a day on which working time does not run (3.1).

    Without a day: that every open case gets the calendar as it is now, a longer one for instance.
    """

    kind: Literal["calendar_proposed"] = "calendar_proposed"
    day: Day | None
    name: str = Field(min_length=3, max_length=120)
    why: str = Field(min_length=10, max_length=500)
    """Who proclaimed it and where it is said; kept readable, so nothing of a case."""


class CalendarConfirmed(Value):
    """A second administrator confirms exactly what was shown."""

    kind: Literal["calendar_confirmed"] = "calendar_confirmed"
    of: int
    shown: str
    """Digest of the deadlines that were shown (hexadecimal SHA-256)."""
    calendar: str
    """Digest of the calendar that holds from now on."""


class CalendarDropped(Value):
    """A proposal is given up before anybody confirmed it."""

    kind: Literal["calendar_dropped"] = "calendar_dropped"
    of: int


class NoticesRetried(Value):
    """Notices that had been given up are tried again."""

    kind: Literal["notices_retried"] = "notices_retried"
    notices: tuple[str, ...]


class OpenedInTemporal(Value):
    """Somebody may read one case's payloads in Temporal's own pages for a short time."""

    kind: Literal["opened_in_temporal"] = "opened_in_temporal"
    case_id: str
    until: Instant


class PayloadsRead(Value):
    """Payloads of a case were made readable for somebody who may read them."""

    kind: Literal["payloads_read"] = "payloads_read"
    case_id: str
    count: int


What = Annotated[
    AbsenceRecorded
    | AbsenceWithdrawn
    | CalendarProposed
    | CalendarConfirmed
    | CalendarDropped
    | NoticesRetried
    | OpenedInTemporal
    | PayloadsRead,
    Field(discriminator="kind"),
]


class Deed(Value):
    """One line: who did what when. A reason, where one is asked for, lies sealed beside it."""

    seq: int
    by: PersonId
    at: Instant
    what: What


# --- absences -----------------------------------------------------------------------------------


class RecordedAbsence(Value):
    """An absence that an administrator recorded, as it stands."""

    seq: int
    by: PersonId
    at: Instant
    absence: Absence
    withdrawn: Instant | None = None

    @property
    def counts(self) -> bool:
        """False when it was withdrawn before it began."""
        return self.withdrawn is None or self.withdrawn > self.absence.start


def absence_of(recorded: AbsenceRecorded) -> Absence:
    """The row of the directory that a record makes: whole London days."""
    return Absence.made(
        person=recorded.person,
        start=day_begins(recorded.first),
        end=day_ends(recorded.last),
        delegate=recorded.delegate,
    )


def absences(deeds: Iterable[Deed]) -> dict[int, RecordedAbsence]:
    """Every recorded absence by its number; one withdrawn in the middle ends at that instant."""
    found: dict[int, RecordedAbsence] = {}
    for deed in deeds:
        if isinstance(deed.what, AbsenceRecorded):
            found[deed.seq] = RecordedAbsence(
                seq=deed.seq, by=deed.by, at=deed.at, absence=absence_of(deed.what)
            )
        elif isinstance(deed.what, AbsenceWithdrawn) and deed.what.of in found:
            found[deed.what.of] = _withdrawn(found[deed.what.of], deed.at)
    return found


def _withdrawn(one: RecordedAbsence, at: Instant) -> RecordedAbsence:
    begun = one.absence.start < at < one.absence.end
    # What has been stays: somebody was away until now.
    kept = one.absence.model_copy(update={"end": at}) if begun else one.absence
    return one.model_copy(update={"withdrawn": at, "absence": kept})


# --- the calendar -----------------------------------------------------------------------------


class CalendarChange(Value):
    """A proposed change as it stands: waiting, confirmed, or given up."""

    seq: int
    day: Day | None
    name: str
    why: str
    proposed_by: PersonId
    proposed_at: Instant
    confirmed_by: PersonId | None = None
    confirmed_at: Instant | None = None
    shown: str = ""
    dropped: bool = False

    @property
    def waiting(self) -> bool:
        """Whether it waits for the second administrator."""
        return self.confirmed_at is None and not self.dropped

    @property
    def id(self) -> str:
        """What cases call the change."""
        return f"calendar-{self.seq}"


def proposals(deeds: Iterable[Deed]) -> dict[int, CalendarChange]:
    """Every proposal by its number, in the order they were made."""
    found: dict[int, CalendarChange] = {}
    for deed in deeds:
        what = deed.what
        if isinstance(what, CalendarProposed):
            found[deed.seq] = CalendarChange(
                seq=deed.seq, day=what.day, name=what.name, why=what.why,
                proposed_by=deed.by, proposed_at=deed.at,
            )  # fmt: skip
        elif isinstance(what, CalendarConfirmed):
            change = {"confirmed_by": deed.by, "confirmed_at": deed.at, "shown": what.shown}
            found[what.of] = found[what.of].model_copy(update=change)
        elif isinstance(what, CalendarDropped):
            found[what.of] = found[what.of].model_copy(update={"dropped": True})
    return found


def with_closed_days(
    calendar: CalendarSnapshot, added: Iterable[CalendarChange]
) -> CalendarSnapshot:
    """A calendar with these days closed as well; its version counts those it did not have."""
    known = {holiday.day: holiday for holiday in calendar.holidays}
    new = {
        one.day: Holiday(day=one.day, name=one.name)
        for one in added
        if one.day is not None and one.day not in known
    }
    if not new:
        return calendar
    days = known | new
    return CalendarSnapshot(
        version=f"{calendar.version}+{len(new)}",
        first_day=calendar.first_day,
        last_day=calendar.last_day,
        holidays=tuple(days[day] for day in sorted(days)),
        opens=calendar.opens,
        closes=calendar.closes,
    )


# --- looking ------------------------------------------------------------------------------------


def may_read(deeds: Iterable[Deed], person: PersonId, at: datetime) -> tuple[str, ...]:
    """The cases whose payloads somebody may read at an instant, the one opened last first."""
    opened = (
        deed.what.case_id
        for deed in deeds
        if isinstance(deed.what, OpenedInTemporal)
        and deed.by == person
        and deed.at <= at < deed.what.until
    )
    return tuple(reversed(dict.fromkeys(opened)))
