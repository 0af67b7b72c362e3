"""What a case can be asked: where it is, who is who in it, which deadlines and duties it has."""

from __future__ import annotations

from functools import cache
from typing import Any, Self

from pydantic import ValidationError

from models.base import Instant
from models.case import (
    Batch,
    Duty,
    Line,
    Opened,
)
from models.errors import BadInput, Refused, VersionMissing
from models.people import Holder, Role, holders
from models.policy import Deadline
from models.state import CaseState
from models.together import faults_of_form
from models.working_time import CalendarTooShort
from procedures import clocks, common
from procedures.common import STARTED_IT
from procedures.declared import Declared
from procedures.turn import Turn
from procedures.words import Act, Apart, Outcome, Start, Step

REOPEN = "REOPEN"
"""The deadline that says how long a closed case may be opened again (6.9)."""

NOT_OPENED = "Not opened: its calendar was too short"
"""Where a case stands that was refused before its first step."""


@cache
def _state_type(intake: type[Any], record: type[Any]) -> type[CaseState[Any, Any]]:
    """Kept here, because pydantic forgets and makes again what nobody keeps."""
    return CaseState[intake, record]  # type: ignore[valid-type]


class Answering(Declared):
    """A case in one of the procedures: made, carried over, asked where it stands, written to."""

    @classmethod
    def read(cls, intake: dict[str, Any]) -> Any:
        """The form as a value; raises BadInput with one plain sentence a fault."""
        try:
            return cls.intake_form.model_validate(intake)
        except ValidationError:
            said = faults_of_form(cls.intake_form, intake)
            raise BadInput("The form cannot be used yet.", said) from None

    @classmethod
    def begin(cls, opened: Opened) -> Self:
        """A new case, at rest in its draft; fold the same `Opened` to open it."""
        intake = cls.read(opened.intake)
        state_type = _state_type(cls.intake_form, cls.record_form)
        return cls(
            state_type(
                opened=opened,
                intake=intake,
                record=cls.first_record(intake),
                last_at=opened.at,
                roster=opened.roster,
                calendar=opened.pins.calendar,
                practitioner=opened.roster.subject,
                conflicted=tuple(sorted(set(cls.conflicted_by(intake)))),
                state=cls.initial_state.id,
            )
        )

    @classmethod
    def resume(cls, state: dict[str, Any] | CaseState[Any, Any]) -> Self:
        """The case as it was when its state was carried over."""
        if isinstance(state, CaseState):
            state = state.model_dump()
        state_type = _state_type(cls.intake_form, cls.record_form)
        return cls(state_type.model_validate(state))

    @classmethod
    def clocks_used(cls) -> tuple[str, ...]:
        """Ids of every deadline the class body names: what a case pins of the catalogue."""
        steps = [state.clock for state in cls.states if isinstance(state, Step)]
        tasks = [task.clock for task in (*cls.tasks, *common.TASKS)]
        named = [*steps, *tasks, cls.registers_by, *cls.other_clocks, REOPEN]
        return tuple(dict.fromkeys(clock for clock in named if clock))

    @property
    def case(self) -> CaseState[Any, Any]:
        """All that the case remembers."""
        return self.model

    @property
    def turn(self) -> Turn:
        """The fact being folded; only effects and the writers of the trail use it."""
        assert self._turn is not None, "outside a fold"
        return self._turn

    @property
    def here(self) -> str:
        """Id of the state the case is in."""
        return self.model.state or ""

    @property
    def step(self) -> Start | Step | Outcome:
        """The state the case is in, with all the class body says of it."""
        return type(self).states_map[self.here]  # type: ignore[return-value]

    @property
    def closed(self) -> bool:
        """Whether the case is in a final state, or was refused before it had any."""
        return isinstance(self.step, Outcome) or self.case.not_opened

    @classmethod
    def of_version(cls, version: int) -> type[Self]:
        """The class body a case began with. Raises VersionMissing when it is not here."""
        known: tuple[type[Declared], ...] = (cls, *cls.earlier)
        for kind in known:
            if (kind.serves_from or kind.version) <= version <= kind.version:
                return kind  # type: ignore[return-value]
        raise VersionMissing(
            f"Version {version} of {cls.key} is not in this program, so its cases wait."
            " Put the procedure's earlier file back and name it in `earlier`."
        )

    def deadline(self, clock: str | None) -> Deadline:
        """A deadline of the catalogue as pinned when the case opened."""
        assert clock is not None
        known = self.case.opened.pins.deadlines.get(clock)
        if known is None:
            raise Refused("not_known_then", "This case began before that was possible.", "INV-17")
        return known

    def duty(self, duty_id: str) -> Duty | None:
        """An open duty by id."""
        return next((duty for duty in self.case.duties if duty.id == duty_id), None)

    def who_is(self, role: Role) -> tuple[Holder, ...]:
        """Who holds a role in this case today."""
        return holders(self.case.roster, role, frozenset(self.case.conflicted))

    @staticmethod
    def apart(act: Act) -> tuple[Apart, ...]:
        """The separation-of-duties rules an act falls under."""
        return (STARTED_IT, *act.apart) if act.decides else act.apart

    def role_names(self, codes: str) -> str:
        """Role codes joined by " or ", as plain names."""
        names = self.case.opened.pins.role_names
        return " or ".join(names.get(Role(code), code) for code in codes.split(" or "))

    def update(self, **changes: Any) -> None:
        """Write down what an act brought: the record is replaced, never changed in place."""
        self.case.record = self.case.record.model_copy(update=changes)

    def flag(self, name: str) -> None:
        """Raise a flag that everybody who sees the case sees."""
        if name not in self.case.flags:
            self.case.flags = (*self.case.flags, name)

    def unflag(self, name: str) -> None:
        """Lower a flag."""
        self.case.flags = tuple(flag for flag in self.case.flags if flag != name)

    def batch(self, lines: tuple[Line, ...], token: str | None = None) -> Batch:
        """What the ledger is given for these lines."""
        state = self.case
        return Batch(
            case_id=state.opened.case_id,
            procedure=self.key,
            lines=lines,
            state=self.here,
            label=NOT_OPENED if state.not_opened else self.step.label,
            closed=self.closed,
            subject=state.practitioner,
            started_by=state.opened.by,
            assigned=state.assigned,
            duties=state.duties,
            flags=state.flags,
            token=token,
        )

    # --- time ---------------------------------------------------------------------------------

    @property
    def wake_at(self) -> Instant | None:
        """The next instant (UTC) that matters, or None when only a person can move the case."""
        state = self.case
        if self.closed or state.calendar_ended:
            return None
        if state.people_stale:
            # Not before the newest roster: an older one would not be taken, over and over.
            return max(state.last_at, state.roster.at)
        instants = [at for duty in state.duties if (at := clocks.next_instant(duty))]
        try:
            instants += [alarm.at for alarm in self.alarms() if alarm.id not in state.fired]
        except CalendarTooShort:
            # At once: the tick that cannot work it out either says so in the trail.
            return max(state.last_at, state.roster.at)
        known = state.roster
        if known.until is not None and known.until > known.at:
            # One that ended before it began would ask again at the same instant, over and over.
            instants.append(known.until)
        # An alarm may lie before the case was opened: it rings at once, never in the past.
        return max(min(instants), state.last_at) if instants else None

    def snapshot(self) -> dict[str, Any]:
        """All that the case remembers; nothing in it is ever changed in place."""
        return dict(self.case.__dict__)

    def restore(self, saved: dict[str, Any]) -> None:
        """Be again as at a snapshot."""
        self.case.__dict__.update(saved)
