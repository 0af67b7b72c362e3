"""One matter, several reports: a letter from another case arrives, or a joined report comes back (6.4)."""

from __future__ import annotations

from typing import Any

from models.base import Instant
from models.case import SYSTEM, Joined, Kind, No, Returned
from models.errors import BadInput
from models.forms import CommonIntake, YesNoUnsure
from models.people import Holder, Role
from models.policy import Mark
from models.state import Joining
from procedures import duties
from procedures.foreseeing import Foreseeing
from procedures.turn import tell_person, write
from procedures.words import Ask


class WrittenTo(Foreseeing):
    """A case that other cases write to."""

    def _first_questions(self, ask: Ask, intake: CommonIntake, *, tasks: bool) -> None:
        """Danger, safeguarding and a personal account, asked first on every form (6.2, 6.3, 2.1)."""
        if intake.immediate_danger:
            self.danger(ask, task=tasks)
        if intake.safeguarding_concern is not YesNoUnsure.NO:
            self.concern(ask, task=tasks)
        if intake.used_personal_account:
            self.flag("conduct")

    def _joined(self, fact: Joined) -> None:
        """A further report of the same matter: it counts here, and its reporter is remembered."""
        state = self.case
        if fact.id in state.heard:
            return
        self._known_as_of(fact)
        other = self._read_other(fact)
        if other is None:
            self._unreadable_report(fact)
            return
        state.heard = (*state.heard, fact.id)
        state.joined = tuple(one for one in state.joined if one.case != fact.report)
        if fact.separated:
            self._note(fact.at, "separated", "A joined report goes on as a case of its own again")
            return
        state.joined = (*state.joined, Joining(case=fact.report, by=fact.by))
        if self.closed:
            self._note(fact.at, "joined_late", "A further report came when the case had closed")
            return
        # What is restored by a correction would not know of this report.
        state.undo = None
        act = self.acts[self.joining or self.opening]
        ask = Ask(act, fact.at, None, Holder(person=SYSTEM, role=Role.SYS), Role.SYS)
        self.keep_out(self.conflicted_by(other))
        self._first_questions(ask, other, tasks=True)
        self.joined_by(other, ask)
        self._from_the_earliest(fact.opened_at)
        self._settle(ask)
        self._note(fact.at, "joined", "A further report of the same matter was joined")

    def _known_as_of(self, fact: Joined | Returned) -> None:
        """Keep who is who with what another case sent, which cannot know: the trail must (INV-17)."""
        if fact.roster is None:
            self.turn.fact = fact.model_copy(update={"roster": self.case.roster})
        else:
            self._new_roster(fact.roster, fact.at)

    def _read_other(self, fact: Joined) -> Any:
        """The form of another report, or None when no case of this procedure can have sent it."""
        if fact.procedure != self.key:
            return None
        try:
            return self.read(fact.intake)
        except BadInput:
            return None

    def _unreadable_report(self, fact: Joined) -> None:
        """A fold that raised would stop this case for ever; its own work goes on instead."""
        write(
            self, Kind.REFUSED, "A report that could not be read was not joined", fact.at,
            before=self.here, no=No.REFUSED, code="unreadable_report",
            message="Nothing in this case changed; the report is still in its own case.",
            clauses=("6.4",), mark=Mark.RECONSTRUCTED.value,
        )  # fmt: skip

    def _from_the_earliest(self, opened_at: Instant) -> None:
        """The earliest report counts for the first deadline, while its first owner has it (6.4)."""
        for duty in self.case.duties if opened_at < self.case.opened.at else ():
            if duty.step and duty.started == self.case.opened.at and not duty.missed:
                duties.count_from(self, duty, opened_at)

    def _note(self, at: Instant, code: str, label: str) -> None:
        for holder in (one for duty in self.case.duties if duty.step for one in duty.holders):
            tell_person(self, holder.person, holder.role, "told", label, "6.4")
        if self.closed:
            self.tell(Role.LM, "told", label, "6.4")
        write(
            self, Kind.FLAGGED, label, at, before=self.here, code=code, clauses=("6.4",),
            mark=Mark.RECONSTRUCTED.value,
        )  # fmt: skip

    def _returned(self, fact: Returned) -> None:
        """Nobody heard of this report: it is a case of its own again, whatever it was joined to."""
        state, before = self.case, self.here
        again = (act for act in self.acts.values() if act.opens_again(before))
        act = next(again, None)
        if state.joined_to != fact.to or act is None:
            return
        self._known_as_of(fact)
        state.joined_to = None
        ask = Ask(act, fact.at, None, Holder(person=SYSTEM, role=Role.SYS), Role.SYS)
        self.open_again(str(act.opens_again(before)), ask)
        label = "The case it was joined to has ended; this report goes on by itself"
        write(
            self, Kind.FLAGGED, label, fact.at, before=before, code="not_joined",
            clauses=("6.4",), mark=Mark.RECONSTRUCTED.value,
        )  # fmt: skip
