"""What the API takes and answers. Unknown fields are refused; instants are UTC, ISO 8601."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from activities.looks import LooksVerdict
from activities.register import DutyRow
from models.base import Instant, Value
from models.case import Entry, Receipt
from models.people import PersonId, Role, Why
from models.policy import Mark
from runtime.audit import Audit
from runtime.evidence import FileFault, Item
from runtime.path_ahead import PathAhead
from runtime.possible import ActFor

Marking = Literal["OFFICIAL-SENSITIVE"]
Sees = Literal["everything", "task", "receipt", "register"]
"""How much of a case a caller is shown (4.3, R); `register` is what administrators
see of every case: where it stands, and nothing that anybody wrote. Auditors see everything."""


# --- what is sent ---------------------------------------------------------------------------------


class NewCase(Value):
    """A form, and the procedure it opens."""

    procedure: str = Field(min_length=1, max_length=64)
    """Its letter or key."""
    form: dict[str, Any]
    """As the procedure's own schema says; the `submission_token` is the Idempotency-Key."""


class Act(Value):
    """One act of one person."""

    act: str = Field(min_length=1, max_length=64)
    """Its name or code."""
    reason: str = Field(default="", max_length=5000)
    fields: dict[str, Any] = Field(default_factory=dict)
    role: Role | None = None
    """The role they act in; left out, whichever they hold that may."""
    on_behalf_of: PersonId | None = None


# --- a case ---------------------------------------------------------------------------------------


class Work(Value):
    """One piece of open work."""

    duty: str
    label: str
    role: Role
    holders: tuple[PersonId, ...]
    acts: tuple[str, ...]
    """Codes of the acts it asks for."""
    mandatory: bool
    overdue: bool
    clock: str | None
    clause: str
    due: Instant | None
    paused: bool

    @classmethod
    def of(cls, row: DutyRow, now: Instant) -> Work:
        """The open work as it stands now."""
        names = set(cls.model_fields) - {"holders", "overdue"}
        return cls(
            holders=tuple(one.person for one in row.holders),
            overdue=row.overdue or (row.due is not None and row.due < now),
            **{name: getattr(row, name) for name in names},
        )


class Listed(Value):
    """One case in a list; what a caller may not see of it is null."""

    case_id: str
    procedure: str
    sees: Sees
    closed: bool
    opened_at: Instant
    closed_at: Instant | None = None
    state: str | None = None
    label: str | None = None
    next_due: Instant | None = None


class Cases(Value):
    """A page of cases, the newest first."""

    marking: Marking = "OFFICIAL-SENSITIVE"
    cases: tuple[Listed, ...]
    next: str | None = None
    """The next page's `after`; null at the end. A page may be short and still not be the last."""


class Case(Value):
    """A case as far as it is for the caller."""

    marking: Marking = "OFFICIAL-SENSITIVE"
    case_id: str
    procedure: str
    title: str
    sees: Sees
    closed: bool
    opened_at: Instant
    closed_at: Instant | None = None
    state: str | None = None
    code: str | None = None
    label: str | None = None
    mark: Mark | None = None
    flags: tuple[str, ...] = ()
    duties: tuple[Work, ...] = ()
    acts: tuple[ActFor, ...] = ()
    """Acts that people take, each with why this caller may not; empty `why_not`: they may."""
    form: dict[str, Any] | None = None
    """What the form said, as far as they see it."""


class Opened(Value):
    """A case that was opened."""

    marking: Marking = "OFFICIAL-SENSITIVE"
    case_id: str
    procedure: str
    state: str
    label: str
    repeated: bool
    warnings: tuple[str, ...] = ()
    """What looked like a slip in the form and was taken as it is."""


class Rehearsed(Value):
    """What a form would do if it were sent now. Nothing was opened or recorded."""

    marking: Marking = "OFFICIAL-SENSITIVE"
    path: PathAhead


class TrailEntry(Entry):
    """One entry of the trail; `reason` and `fields` are null where they are not for the caller."""

    reason: str | None = None
    fields: dict[str, Any] | None = None
    other_case: str | None = None
    case_text: str | None = None
    """Why its text cannot be opened here, where it cannot."""


class Trail(Value):
    """Everything that happened to a case, in order."""

    marking: Marking = "OFFICIAL-SENSITIVE"
    case_id: str
    sees: Sees
    entries: tuple[TrailEntry, ...]
    next: int | None = None
    """The next page's `after`; null at the end."""


class Answered(Value):
    """The answer to an act, given only after the trail holds it."""

    marking: Marking = "OFFICIAL-SENSITIVE"
    receipt: Receipt


# --- inbox, evidence, verification ----------------------------------------------------------------


class Waiting(Value):
    """One piece of open work that the caller may do, and why they."""

    case_id: str
    procedure: str
    state: str
    case_label: str
    etag: str
    """What a decision sends back as If-Match."""
    duty: str
    label: str
    acts: tuple[str, ...]
    role: Role
    why: Why
    on_behalf_of: PersonId | None
    mandatory: bool
    overdue: bool
    clock: str | None
    clause: str
    opened_at: Instant
    due: Instant | None
    paused: bool


class Inbox(Value):
    """What waits for the caller: overdue first, then by due instant."""

    marking: Marking = "OFFICIAL-SENSITIVE"
    person: PersonId
    away: str | None = None
    """Until when the caller is recorded as away, who covers, and who can change it; else null."""
    waiting: tuple[Waiting, ...]


class Evidence(Value):
    """The files a case names, each with its custody list."""

    marking: Marking = "OFFICIAL-SENSITIVE"
    case_id: str
    evidence: tuple[Item, ...]


class Added(Value):
    """What became of a file."""

    marking: Marking = "OFFICIAL-SENSITIVE"
    receipt: Receipt
    sha256: str
    working_copy: str


class Verification(Value):
    """Whether a case is as it was recorded: its chain, every value worked out again, its files, its looks."""

    marking: Marking = "OFFICIAL-SENSITIVE"
    case_id: str
    ok: bool
    audit: Audit
    files: tuple[FileFault, ...] = ()
    looks: LooksVerdict | None = None
    """The record of who looked at it."""


# --- reference ------------------------------------------------------------------------------------


class StateSheet(Value):
    """One state of a procedure."""

    id: str
    code: str
    label: str
    mark: Mark
    clause: str
    kind: Literal["start", "step", "outcome"]
    held_by: tuple[Role, ...] = ()
    clock: str | None = None


class ActSheet(Value):
    """One act of a procedure."""

    name: str
    code: str
    label: str
    mark: Mark
    clause: str
    who: tuple[Role, ...]
    decides: bool
    """A deciding act needs a reason (INV-14)."""
    form: dict[str, Any]
    """JSON schema of its `fields`."""


class Sheet(Value):
    """A procedure, and what its form asks for."""

    key: str
    code: str
    title: str
    starters: tuple[Role, ...]
    form: dict[str, Any]
    """JSON schema of the form that opens it."""
    states: tuple[StateSheet, ...]
    acts: tuple[ActSheet, ...]


class Named(Value):
    """A procedure in the list."""

    key: str
    code: str
    title: str


class Procedures(Value):
    """Every procedure there is."""

    procedures: tuple[Named, ...]


class Due(Value):
    """When an amount of time has passed, day by day."""

    start: Instant
    length: timedelta
    due: Instant
    london: str
    calendar: str
    lines: tuple[str, ...]
    """The days counted and skipped; they add up to the length."""
    note: str = ""
    """What had to be assumed to read the start."""


class Health(Value):
    """The service runs and its ledger answers."""

    status: Literal["ok"] = "ok"
