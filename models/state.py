"""All that a running case remembers: carried whole from run to run, never read from outside.

Every field holds an immutable value that is replaced, never changed in place. So a shallow copy is
a full snapshot, and a fact that fails half-way leaves the case exactly as it was.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from models.base import Instant, Value
from models.case import Decision, Duty, Opened, PersonId, Receipt
from models.people import Role, Roster
from models.working_time import CalendarSnapshot

IntakeT = TypeVar("IntakeT", bound=Value)
RecordT = TypeVar("RecordT", bound=Value)


class Done(Value):
    """One applied act: what the separation of duties looks back on."""

    act: str
    person: PersonId
    role: Role | None
    at: Instant
    seq: int
    before: str


class Pending(Value):
    """The first of two people has agreed; nothing changes until the second does (SD8, SD16)."""

    act: str
    person: PersonId
    role: Role
    decision: Decision


class Undo(Value):
    """What the last decision found, so that it can be corrected while nothing followed (6.6)."""

    act: str
    seq: int
    roles: tuple[Role, ...]
    state: str
    duties: tuple[Duty, ...]
    record: Any


class CaseState(BaseModel, Generic[IntakeT, RecordT]):
    """The state of one case of one procedure: `IntakeT` its form, `RecordT` what it gathers."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=False)

    opened: Opened
    intake: IntakeT
    record: RecordT
    state: str | None = None
    """Id of the step the case rests in; written only by the state machine."""
    seq: int = 0
    last_at: Instant
    roster: Roster
    calendar: CalendarSnapshot
    practitioner: PersonId
    """Who holds the case: the reporter until it is reassigned."""
    duties: tuple[Duty, ...] = ()
    assigned: dict[Role, PersonId] = Field(default_factory=dict)
    conflicted: tuple[PersonId, ...] = ()
    supporters: tuple[PersonId, ...] = ()
    """Reporters whose own report was joined to this case (6.4)."""
    flags: tuple[str, ...] = ()
    done: tuple[Done, ...] = ()
    held: tuple[Decision, ...] = ()
    pending: tuple[Pending, ...] = ()
    seen: dict[str, Receipt] = Field(default_factory=dict)
    fired: tuple[str, ...] = ()
    """Ids of alarms that have gone off: a court warning, a date that passed."""
    moved: tuple[tuple[int, Instant], ...] = ()
    """Entries that changed what a sender would have been shown: sequence number and instant."""
    people_stale: bool = False
    """Somebody was reassigned: the directory must be asked again before anything else."""
    undo: Undo | None = None
