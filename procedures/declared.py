"""What a procedure says of itself, and what a case can be asked: states, acts, people, deadlines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from pydantic import ValidationError
from statemachine import StateMachine

from models.base import Instant, Value
from models.case import (
    Batch,
    Duty,
    Line,
    Opened,
    PersonId,
)
from models.errors import BadInput, CaseworkError, Refused
from models.forms import problems
from models.people import Holder, Role, holders
from models.policy import Deadline
from models.state import CaseState
from models.working_time import CalendarTooShort
from procedures import clocks, common
from procedures.common import COMMON, STARTED_IT
from procedures.turn import Turn
from procedures.words import Act, Alarm, Apart, Ask, Outcome, Start, Step, Task

REOPEN = "REOPEN"
"""The deadline that says how long a closed case may be opened again (6.9)."""


NOT_OPENED = "Not opened: its calendar was too short"
"""Where a case stands that was refused before its first step."""


class Declared(StateMachine):
    """What a class body may say, with what holds when it says nothing, and what a case answers."""

    key: ClassVar[str]
    """The procedure's id for ever: in trails, workflow types, file names."""
    code: ClassVar[str]
    title: ClassVar[str]
    version: ClassVar[int] = 1
    """Raised when the class body changes; a running case keeps the one it began with."""
    serves_from: ClassVar[int | None] = None
    """The lowest version whose cases this class body leads as well: it only added to that one."""
    earlier: ClassVar[tuple[type[Declared], ...]] = ()
    """Class bodies of lower versions, for the cases that began with them."""
    intake_form: ClassVar[type[Value]]
    record_form: ClassVar[type[Value]]
    starters: ClassVar[tuple[Role, ...]]
    opening: ClassVar[str]
    """Name of the act that opens a case."""
    seat: ClassVar[Role | None] = Role.PR
    """The role in which the person the case is about sits in it: PR, AFF, or none of the two."""
    tasks: ClassVar[tuple[Task, ...]] = ()
    """Tasks of this procedure, beside those every procedure has."""
    settles: ClassVar[tuple[str, ...]] = ()
    """Names of the system's acts tried after every act: a case that has become complete moves."""
    acts: ClassVar[dict[str, Act]] = {}
    acts_by_code: ClassVar[dict[str, Act]] = {}

    model: CaseState[Any, Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Keep the acts with all they say: the state machine itself remembers only their names."""
        super().__init_subclass__(**kwargs)
        own = {name: act for name, act in vars(cls).items() if isinstance(act, Act)}
        for name, act in own.items():
            act.event = name
        cls.acts = {**cls.acts, **own} if cls.acts else {**COMMON, **own}
        # A common act that a procedure replaces is still found by the name its tasks know it by.
        common_ones = {name: cls.acts[name] for name in COMMON}
        cls.acts_by_code = {**common_ones, **{act.code: act for act in cls.acts.values()}}

    def __init__(self, state: CaseState[Any, Any]) -> None:
        # Not the base's: a case is led by a machine it shares with others (procedures/engine.py).
        self.model = state
        self._turn: Turn | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model.opened.case_id!r}, at={self.model.state!r})"

    # --- what a procedure says of itself; each may be overridden ------------------------------

    @classmethod
    def first_record(cls, intake: Any) -> Value:
        """The empty record of a new case."""
        raise NotImplementedError

    @classmethod
    def faults_at(cls, intake: Any, at: Instant) -> tuple[str, ...]:
        """What is wrong with a readable form at the instant it is sent, one sentence each."""
        return ()

    @classmethod
    def identity(cls, intake: Any) -> str | None:
        """What makes two reports the same case (6.4), or None."""
        return None

    @classmethod
    def subject(cls, intake: Any, by: PersonId) -> PersonId:
        """Whose case it is, and whose managers decide in it: the reporter, unless the form says."""
        return by

    @classmethod
    def people_in(cls, intake: Any) -> dict[str, PersonId]:
        """The colleagues a form names, by field: each must be in the directory and in post."""
        return {}

    @classmethod
    def conflicted_by(cls, intake: Any) -> tuple[PersonId, ...]:
        """Who is conflicted out of the case from the start: named in the post, related (SD3)."""
        return ()

    def danger(self, ask: Ask, *, task: bool) -> None:
        """The form says that somebody is in danger: the emergency path starts at once (6.2)."""
        common.raise_emergency(self, ask, task=task)  # type: ignore[arg-type]

    def concern(self, ask: Ask, *, task: bool) -> None:
        """The form says that a child or an adult may be at risk: safeguarding at once (6.3)."""
        common.raise_safeguarding(self, ask, task=task)  # type: ignore[arg-type]

    def joined_by(self, other: Any, ask: Ask) -> None:
        """A further report of the same was joined: take the strictest of the two forms (6.4)."""

    @classmethod
    def posts(cls, intake: Any) -> tuple[str, ...]:
        """The posts a form is about, normalised: what other cases are linked by (6.4.3)."""
        return ()

    @classmethod
    def author(cls, intake: Any) -> str | None:
        """Whose post it is, platform and handle normalised: what look-alikes share (6.4.5)."""
        return None

    apart_from: ClassVar[tuple[str, ...]] = ()
    """Keys of procedures whose cases are never linked with these, in either direction (6.4.6)."""

    def hears(self, role: Role) -> bool:
        """Whether a role is told things by notice; the seat a case does not have never is."""
        return role not in (Role.PR, Role.AFF) or role is self.seat

    @property
    def court_date(self) -> Instant | None:
        """The court's compliance or hearing instant, if there is one: it shapes back-stops."""
        return None

    def is_urgent(self, clock: str, at: Instant) -> bool:
        """Whether the urgent amount of a deadline applies from `at`."""
        return False

    def clock_of(self, clock: str) -> str:
        """The deadline that stands in for one of the class body as the case is now; or itself."""
        return clock

    def clock_started(self, clock: str) -> Instant | None:
        """When a clock began that a step only takes part in; None: it begins with the step."""
        return None

    def calendar_changed(self, at: Instant) -> None:
        """Work out again what the record holds of due instants; none moves earlier."""

    def is_work(self, step: Step) -> bool:
        """Whether a step just entered is anybody's work; without it only its tasks are."""
        return True

    def tasks_wanted(self) -> Iterator[Task]:
        """The tasks of this procedure that the case needs now; others of its tasks are closed."""
        return iter(())

    def alarms(self) -> Iterator[Alarm]:
        """Instants that matter to the whole case."""
        return iter(())

    refusing: ClassVar[str | None] = None
    """Name of the system's act that refuses an intake."""
    joining: ClassVar[str | None] = None
    """Name of the system's act that joins a case to the one already open (6.4)."""
    other_clocks: ClassVar[tuple[str, ...]] = ()
    """Deadlines used beside those of steps and tasks: alarms and warnings."""
    asks_legal_first: ClassVar[bool] = False
    """Whether its cases pin the list of when Legal's advice is compulsory (2.3)."""
    registers_by: ClassVar[str | None] = None
    """The deadline for registering, counted from `received`; recorded only."""

    def intake_refusal(self) -> tuple[str, str] | None:
        """Code and plain words of why the system refuses the intake; None when it does not."""
        return None

    def received(self) -> Instant | None:
        """When what the form reports reached the reporter."""
        return None

    def copied(self) -> tuple[Role, ...]:
        """Roles told beside those who hold the first step."""
        return ()

    # --- making and reading -------------------------------------------------------------------

    @classmethod
    def read(cls, intake: dict[str, Any]) -> Any:
        """The form as a value; raises BadInput with one plain sentence a fault."""
        try:
            return cls.intake_form.model_validate(intake)
        except ValidationError as error:
            raise BadInput("The form cannot be used yet.", problems(error)) from None

    @classmethod
    def begin(cls, opened: Opened) -> Self:
        """A new case, at rest in its draft; fold the same `Opened` to open it."""
        intake = cls.read(opened.intake)
        state_type = CaseState[cls.intake_form, cls.record_form]  # type: ignore[name-defined]
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
        state_type = CaseState[cls.intake_form, cls.record_form]  # type: ignore[name-defined]
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
        return self.case.state or ""

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
        """The class body a case began with. Raises CaseworkError when it is no longer here."""
        known: tuple[type[Declared], ...] = (cls, *cls.earlier)
        for kind in known:
            if (kind.serves_from or kind.version) <= version <= kind.version:
                return kind  # type: ignore[return-value]
        raise CaseworkError(
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
        if state.roster.until is not None:
            instants.append(state.roster.until)
        # An alarm may lie before the case was opened: it rings at once, never in the past.
        return max(min(instants), state.last_at) if instants else None

    def snapshot(self) -> dict[str, Any]:
        """All that the case remembers; nothing in it is ever changed in place."""
        return dict(self.case.__dict__)

    def restore(self, saved: dict[str, Any]) -> None:
        """Be again as at a snapshot."""
        self.case.__dict__.update(saved)
