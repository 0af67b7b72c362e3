"""A case: the facts that reach it, the trail it leaves, the work it asks for.

    Fact (opened, decided, ticked, ...)  --core-->  Entry (trail)  and  Duty (open work)

A fact is everything that may influence a case; the core sees nothing else. Entries are the trail
(6.8). Duties are what people owe the case now; the inbox is made of them.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from models.base import Instant, Value
from models.people import Holder, PersonId, Role, Roster, Sender, Why
from models.policy import Amount, Deadline, LegalFirst
from models.working_time import CalendarSnapshot

SYSTEM: PersonId = "system"
CaseRef = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
"""The reference of a case, as the desk gives it; it says nothing about the case."""


def _is_empty(value: object) -> bool:
    """What is not there is not written, so a fact from before reads and writes as it did then."""
    return not value


# --- facts: what reaches a case ---------------------------------------------------------------


class Pins(Value):
    """What a case keeps for life, whatever is deployed later (INV-17, D12)."""

    policy: str
    """Policy version, "2.2"."""
    procedure: int
    """Version of the procedure's class body."""
    deadlines: dict[str, Deadline]
    calendar: CalendarSnapshot
    role_names: dict[Role, str]
    """Plain names of the roles, as people read them in messages."""
    legal_first: tuple[LegalFirst, ...] = ()
    """When Legal's advice is compulsory, in a procedure that asks (2.3)."""


class Opened(Value):
    """A case was opened. It is also the workflow's input: nothing else is read inside the case."""

    kind: Literal["opened"] = "opened"
    case_id: str
    procedure: str
    at: Instant
    by: PersonId
    token: str
    """The form's submission token: one case per token (6.4)."""
    pins: Pins
    roster: Roster
    sender: Sender
    intake: dict[str, Any]
    """The form as sent; read again by the procedure's own intake model."""
    same_as: str | None = None
    """An open case with the same identity, found by the ledger (6.4)."""
    linked: tuple[str, ...] = Field(default=(), exclude_if=_is_empty)
    """Other cases, open or closed, about the same post, found by the ledger (6.4.3)."""
    similar: tuple[str, ...] = Field(default=(), exclude_if=_is_empty)
    """Open cases that only look alike, found by the ledger: for a person to judge (6.4.5)."""


class Decision(Value):
    """One act of one person: the contract of the `decide` signal and update.

    It carries its own id (sent twice counts once), the case it is meant for, what the sender saw,
    and what the desk stamped: when it was received, and who was who at that instant.
    """

    kind: Literal["decided"] = "decided"
    id: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    case_id: str = Field(max_length=64)
    act: str = Field(max_length=64)
    person: PersonId
    role: Role | None = None
    """The role they say they act in; None: whichever they hold that may."""
    on_behalf_of: PersonId | None = None
    reason: str = Field(default="", max_length=5000)
    fields: dict[str, Any] = Field(default_factory=dict)
    saw: int | None = Field(default=None, ge=0, le=10**9)
    """The sequence number of the last trail entry the sender was shown."""
    saw_hash: str | None = None
    """The chain hash of that entry, checked by the desk against the ledger."""
    at: Instant
    """Received by the desk, UTC. This instant decides in time or late, not the processing."""
    roster: Roster
    sender: Sender
    newer: Roster | None = Field(default=None, exclude_if=_is_empty)
    """Who was who when it was taken, if the case knew more by then: written by the case alone."""


class Ticked(Value):
    """The clock reached an instant that matters to the case. `at` is that instant, not "now"."""

    kind: Literal["ticked"] = "ticked"
    at: Instant
    roster: Roster


class PeopleChanged(Value):
    """The directory changed: absence, cover, a new manager. Who holds what is worked out again."""

    kind: Literal["people_changed"] = "people_changed"
    at: Instant
    roster: Roster


class CalendarChanged(Value):
    """A holiday was proclaimed. Running deadlines are recalculated; none moves earlier (3.1)."""

    kind: Literal["calendar_changed"] = "calendar_changed"
    id: str
    at: Instant
    by: PersonId
    calendar: CalendarSnapshot


class Unreadable(Value):
    """A message that cannot be read as any of the above: recorded as refused, changes nothing."""

    kind: Literal["unreadable"] = "unreadable"
    at: Instant
    name: str = Field(max_length=64)
    code: str = Field(max_length=40)
    digest: str = Field(max_length=64)
    """SHA-256 of the message as received, so that its sender can prove what it was."""


class Joined(Value):
    """Another case says that its report is one of the matter this case is about (6.4)."""

    kind: Literal["joined"] = "joined"
    id: str = Field(max_length=80)
    """Counts once, however often it is delivered."""
    at: Instant
    procedure: str
    report: CaseRef
    """Reference of the case that was joined."""
    by: PersonId
    opened_at: Instant
    """When that report was received: the earliest one counts."""
    intake: dict[str, Any]
    separated: bool = False
    """It was a mistake: the report goes on as a case of its own."""
    roster: Roster | None = Field(default=None, exclude_if=_is_empty)
    """Who was who here when it arrived: written by the case that takes it, never by its sender."""


class Returned(Value):
    """The case that this one was joined to has ended: nobody there heard of this report."""

    kind: Literal["returned"] = "returned"
    at: Instant
    to: str
    roster: Roster | None = Field(default=None, exclude_if=_is_empty)
    """Who was who when it came back, as in `Joined`."""


Fact = Annotated[
    Opened | Decision | Ticked | PeopleChanged | CalendarChanged | Joined | Returned | Unreadable,
    Field(discriminator="kind"),
]


class Letter(Value):
    """What a case has to say to another; its shell posts it once the trail holds the reason."""

    to: str
    fact: Joined


# --- the trail --------------------------------------------------------------------------------


class Kind(StrEnum):
    """What an entry says. The four "no"s stay apart: see `No`."""

    OPENED = "opened"
    APPLIED = "applied"
    FIRST_OF_TWO = "first_of_two"
    """One of two people agreed; nothing changes until the second does (SD8, SD16)."""
    REFUSED = "refused"
    HELD = "held"
    """Late and not applied; kept for the new owner, who may adopt it (6.6)."""
    REMINDED = "reminded"
    ESCALATED = "escalated"
    FLAGGED = "flagged"
    EXPIRED = "expired"
    HOLDER_CHANGED = "holder_changed"
    RECALCULATED = "recalculated"


class No(StrEnum):
    """The four different "no"s, never mixed (policy README, point 10)."""

    NOT_AGREED = "not_agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Tell(Value):
    """One person to be told one thing. The outbox makes a notice of it."""

    person: PersonId
    role: Role
    what: str
    """Code of the notice's words; never case text."""
    about: str = ""
    """Plain name of the step, task or act."""
    due: Instant | None = None
    clause: str = ""


class GuardResult(Value):
    """One rule that was asked, and whether it let the act pass."""

    id: str
    passed: bool


class Entry(Value):
    """One line of the trail (6.8). Everything here may be shown to whoever may see the case.

    Case text (the reason, what was filled in) lies in `Private`, kept apart and encrypted.
    """

    seq: int
    case_id: str
    procedure: str
    kind: Kind
    act: str | None = None
    """Id of the event as in the policy analysis, "D-04"."""
    label: str
    """What happened, in the policy's plain words."""
    before: str
    after: str
    actor: PersonId
    role: Role | None = None
    why: Why | None = None
    on_behalf_of: PersonId | None = None
    at: Instant
    london: str
    """The same instant as London wall time, "Mon 30 Nov 2026 10:45 GMT"."""
    in_time: bool | None = None
    due: Instant | None = None
    no: No | None = None
    code: str | None = None
    """Refusal code or flag, enumerated."""
    message: str = ""
    """Plain words to the sender: what happened, what was kept, what to do. No case text."""
    guards: tuple[GuardResult, ...] = ()
    clauses: tuple[str, ...] = ()
    mark: str = "S"
    policy: str
    opened: tuple[DutyLine, ...] = ()
    closed: tuple[str, ...] = ()
    moved: tuple[DutyLine, ...] = ()
    """Duties whose owner or due instant changed; `was_due` holds the old instant."""
    tells: tuple[Tell, ...] = ()
    evidence: tuple[str, ...] = ()
    decision: str | None = None
    saw: int | None = None
    sealed: bool = False
    """Privileged: shown only as "given at, by, conclusion" (4.3)."""


class Private(Value):
    """The case text of one entry, and the fact it came from. Encrypted at rest, hashed salted."""

    reason: str = ""
    fields: dict[str, Any] = Field(default_factory=dict)
    fact: Fact | None = None
    """On the first entry of each fact; folding the facts again must give every entry again."""


class Line(Value):
    """An entry with its case text: what the core makes and the ledger keeps."""

    entry: Entry
    private: Private


# --- work -------------------------------------------------------------------------------------


class DutyLine(Value):
    """A duty as the trail shows it: who owes what by when, counted from when on which calendar."""

    duty: str
    label: str
    role: Role
    clock: str | None = None
    started: Instant | None = None
    length: Amount | None = None
    due: Instant | None = None
    backstop: bool = False
    calendar: str | None = None
    was_due: Instant | None = None


class Duty(Value):
    """One piece of open work: the step itself, or a task inside it.

    `role` is the rung that owns it now; `base` the role it was first given to.
    """

    id: str
    label: str
    step: bool
    """True for the step's own duty, False for a task inside it."""
    mandatory: bool = True
    """An open mandatory task keeps a case from closing (INV-15)."""
    base: Role
    role: Role
    rungs: tuple[Role, ...] = ()
    """Who takes over, in order, when the deadline is missed; `role` is among them."""
    missed: int = 0
    """Levels that let the deadline pass; from two on, "senior attention" (6.5)."""
    overdue: bool = False
    """The due instant has passed and nobody is left to take over; only reminders follow."""
    acts: tuple[str, ...] = ()
    """Ids of the acts that this duty asks for."""
    excluded: tuple[PersonId, ...] = ()
    """People who may not hold this one (SD1, SD3, a second look by somebody else)."""
    holders: tuple[Holder, ...] = ()
    clock: str | None = None
    """Id in the deadline catalogue."""
    opened_at: Instant
    started: Instant | None = None
    length: Amount | None = None
    due: Instant | None = None
    backstop: bool = False
    remind_at: Instant | None = None
    first_due: Instant | None = None
    past: tuple[tuple[Role, Instant], ...] = ()
    """Earlier owners: role, and until when it was theirs."""
    paused_at: Instant | None = None
    left: timedelta | None = None
    """Working time still to go when the clock was paused."""
    at_due: str | None = None
    """Id of the system's act when the due instant passes: a window that closes by itself."""
    clause: str = ""


class Receipt(Value):
    """The answer to whoever sent a decision, given only after the trail holds it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    decision: str
    case_id: str
    outcome: Literal["applied", "refused", "held"]
    seq: int
    state: str
    act: str = ""
    label: str = ""
    code: str | None = None
    message: str = ""
    clause: str = ""
    due: Instant | None = None
    repeated: bool = False
    """True when this decision id had been answered before; nothing happened twice."""


class Batch(Value):
    """What one fact made of a case: handed to the ledger, written in one transaction."""

    case_id: str
    procedure: str
    lines: tuple[Line, ...]
    state: str
    label: str
    closed: bool
    subject: PersonId
    started_by: PersonId
    assigned: dict[Role, PersonId] = Field(default_factory=dict)
    duties: tuple[Duty, ...]
    flags: tuple[str, ...] = ()
    token: str | None = None


class Filed(Value):
    """The ledger's answer: the last sequence number it holds for the case, and the chain's head."""

    seq: int
    head: str
    recorded: tuple[Fact, ...] = ()
    """Facts the ledger holds beyond what the case knew: recorded just before a worker was killed,
    and not answered. Nothing of the batch was filed; the case catches up with them first."""


Entry.model_rebuild()
