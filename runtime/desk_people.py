"""Who is away, recorded beside the directory file by administrators (6.5)."""

from __future__ import annotations

from datetime import date

from pydantic import ValidationError

from models.administration import (
    AbsenceRecorded,
    AbsenceWithdrawn,
    Deed,
    RecordedAbsence,
    absences,
)
from models.errors import BadInput, Refused
from models.forms import problems
from models.london import london_date
from models.people import Role
from runtime.desk_reading import ReadingDesk
from runtime.staffing import Staffing, refuse_what_does_not_fit


class PeopleDesk(ReadingDesk):
    """A desk that knows administrators, and takes absences from them."""

    def administrator(self, person: str) -> str:
        """The id of somebody who is an administrator now. Raises Refused, or BadInput."""
        who = self.directory.find(person).id
        sender = self.directory.sender(who, self.now())
        if not sender.active or Role.ADM not in sender.roles:
            raise Refused(
                "not_an_administrator", "This is for administrators; nothing was done.", "SD13"
            )
        return who

    def absences(self) -> list[RecordedAbsence]:
        """Absences that were recorded here, those that begin last first."""
        found = absences(self._deeds.all()).values()
        return sorted(found, key=lambda one: (one.absence.start, one.seq), reverse=True)

    def left_out(self) -> tuple[int, ...]:
        """Numbers of recorded absences that no longer fit the directory file."""
        return self._directory.left_out if isinstance(self._directory, Staffing) else ()

    def record_absence(
        self, by: str, person: str, first: date, last: date, delegate: str | None = None
    ) -> Deed:
        """Record that somebody is away for these London days, both included (6.5).

        Open cases hear of it within seconds. Raises BadInput with every fault, in plain words.
        """
        who = self.administrator(by)
        directory = self.directory
        try:
            new = AbsenceRecorded(
                person=directory.find(person).id,
                first=first,
                last=last,
                delegate=directory.find(delegate).id if delegate else None,
            )
        except ValidationError as error:
            raise BadInput(
                "The absence cannot be read; nothing was recorded.", problems(error)
            ) from None
        if last < london_date(self.now()):
            raise BadInput(
                "The absence lies in the past; nothing was recorded.",
                ("last: write today or later",),
            )
        refuse_what_does_not_fit(directory, new)
        return self._people_change(self.ledger.note(new, who, self.now()))

    def withdraw_absence(self, by: str, number: int) -> Deed:
        """End a recorded absence now, or take it back before it begins. Raises BadInput."""
        who, now = self.administrator(by), self.now()

        def if_so(before: list[Deed]) -> None:
            one = absences(before).get(number)
            if one is None or one.withdrawn is not None or one.absence.end <= now:
                raise BadInput("There is no such absence, or it is over; nothing was changed.")

        return self._people_change(
            self.ledger.note(AbsenceWithdrawn(of=number), who, now, if_so=if_so)
        )

    def _people_change(self, deed: Deed) -> Deed:
        if isinstance(self._directory, Staffing):
            self._directory.look_again()
        return deed
