"""What a procedure says of itself, each with what holds when it says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, ClassVar

import rfc8785
from statemachine import StateMachine

from models.base import Instant, Value
from models.people import PersonId, Role
from models.state import CaseState
from procedures import common
from procedures.common import COMMON
from procedures.turn import Turn
from procedures.words import Act, Alarm, Ask, Step, Task


class Declared(StateMachine):
    """What a class body may say, with what holds when it says nothing."""

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
        """What makes two reports the same case (6.4), or None; made by `matter`."""
        return None

    @classmethod
    def matter(cls, *parts: str) -> str:
        """An identity of these parts, in this procedure alone. Hashed: it is never readable."""
        return sha256(rfc8785.dumps([cls.key, *parts])).hexdigest()

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
