"""All that a running case remembers: carried whole from run to run, never read from outside.

Every field holds an immutable value that is replaced, never changed in place. So a shallow copy is
a full snapshot, and a fact that fails half-way leaves the case exactly as it was.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from models.base import Instant, Value
from models.case import CaseRef, Decision, Duty, Letter, Opened, Receipt
from models.people import PersonId, Role, Roster
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


ReferralTo = Literal["C", "D", "E", "I", "K", "M", "O", "Q", "R", "U", "COMPLAINT", "PRESS"]
"""Where something may be referred to: a procedure by its letter, or what is outside all of them."""


class Referral(Value):
    """Something of this case that belongs to another process (APPX)."""

    to: ReferralTo
    at: Instant
    by: PersonId
    taken: bool = False
    not_needed: bool = False
    case: CaseRef | None = None


class Joining(Value):
    """A report that was joined to this case, and is still (6.4)."""

    case: CaseRef
    by: PersonId


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
    joined: tuple[Joining, ...] = ()
    """Reports that were joined to this case (6.4)."""
    joined_to: CaseRef | None = None
    """The case that this one was joined to."""
    heard: tuple[str, ...] = ()
    """Ids of the letters other cases sent: each counts once."""
    letters: tuple[Letter, ...] = ()
    """What this case has to say to others; the shell posts them in this order, once."""
    referrals: tuple[Referral, ...] = ()
    closed_at: Instant | None = None
    flags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    """Other cases about the same post (6.4.3)."""
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
    not_opened: bool = False
    """The report was refused before any step began: its calendar was too short for the first one."""
    calendar_ended: bool = False
    """An instant could not be worked out on the calendar: the case rests until a message comes."""

    # An act writes a dozen fields, of values that were checked; the base's bookkeeping of each
    # took as long as a guard. A misspelt field is the type checker's to find.
    __setattr__ = object.__setattr__
