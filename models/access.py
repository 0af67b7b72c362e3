"""Court-directed access: its intake form (9.5), what it gathers, and what each act asks for.

Values only; the rules are in procedures/court_directed_access.py.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from models.base import Instant, Value
from models.directory_rows import PersonRef
from models.forms import CommonIntake, Day, LondonTime, Paragraph, Sha256, Short, Words
from models.people import PersonId
from models.posts import Platform, normalise_account


class OrderDocument(Value):
    """The court's order as received: hash and pages; the file itself is kept outside the case."""

    sha256: Sha256
    pages: Annotated[int, Field(ge=1, le=500)]
    pages_received: Annotated[int, Field(ge=1, le=500)]
    kind: Literal["pdf", "png", "jpeg"] = "pdf"


class OrderStatus(StrEnum):
    """What stands behind the direction. Only a sealed order or a judge's spoken one is a direction."""

    SEALED = "sealed"
    ORAL = "oral"
    UNSIGNED_DRAFT = "unsigned_draft"
    NONE = "none"


class DirectionType(StrEnum):
    """What the court said. Only access (and locate, with the 2.12 question) continues as D."""

    ACCESS = "access"
    CONSIDER = "consider"
    LOCATE = "locate"
    CONTACT = "contact"
    OTHER = "other"


class DirectedTo(StrEnum):
    """Whom the court directed."""

    CAFCASS = "cafcass"
    NAMED_FCA = "named_fca"
    LOCAL_AUTHORITY = "local_authority"
    PARTY = "party"


class Asker(StrEnum):
    """Who wants it. Anybody but the court is refused at intake (D-02)."""

    COURT = "court"
    PARTY = "party"
    LOCAL_AUTHORITY = "local_authority"
    OWN_IDEA = "own_idea"


class Target(Value):
    """One account the order names. The person is a letter, never a name."""

    person_label: Annotated[str, Field(pattern=r"^[A-Z]$")]
    platform: Platform
    account: Annotated[str, AfterValidator(normalise_account)]
    child: bool


class Content(StrEnum):
    """Kinds of content an order may cover. Private content goes to Legal (9.5)."""

    POSTS = "posts"
    PHOTOS = "photos"
    FRIENDS = "friends_list"
    MESSAGES = "messages"


class Scope(Value):
    """What may be looked at: all that the order says, and no more (WHY-1)."""

    content: tuple[Content, ...] = Field(min_length=1)
    first: Day
    last: Day
    note: Words

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("the first date of the scope is after its last")
        return self


class AccessIntake(CommonIntake):
    """The form that registers a court's direction to access social media content (2.13, 9.5)."""

    asked_by: Asker
    practitioner_holds_case: bool
    order_status: OrderStatus
    order_document: OrderDocument | None = None
    oral_note: Words | None = None
    order_reference: Short
    judge_or_court: Short
    order_date: Day
    received_at: LondonTime
    unclear: bool = False
    """The wording leaves something open; Legal is copied in."""
    direction_type: DirectionType
    directed_to: DirectedTo
    compliance_date: LondonTime | Literal["none given"]
    law_type: Literal["private", "public"]
    urgent_order: bool = False
    """A penal or urgent order: the urgent clocks apply."""
    targets: tuple[Target, ...] = Field(min_length=1, max_length=20)
    scope: Scope
    purpose: Paragraph
    interaction_ordered: bool
    notice_to_person: Literal["given", "not given", "order silent"]
    alternatives: Words

    @model_validator(mode="after")
    def _is_received_after_the_order(self) -> Self:
        if self.order_date > self.received_at.date():
            raise ValueError("order_date is after received_at; check both against the order")
        return self

    @model_validator(mode="after")
    def _is_to_be_done_after_the_order(self) -> Self:
        if isinstance(self.compliance_date, str):
            return self
        if self.compliance_date.date() < self.order_date:
            raise ValueError("compliance_date is before order_date; check both against the order")
        return self

    @model_validator(mode="after")
    def _has_its_order(self) -> Self:
        if self.order_status is OrderStatus.SEALED and self.order_document is None:
            raise ValueError("order_document is missing: a sealed order comes with its document")
        if self.order_status is OrderStatus.ORAL and self.oral_note is None:
            raise ValueError("oral_note is missing: note the judge's words; the order must follow")
        return self

    @property
    def child_account(self) -> bool:
        """Whether an account of a child is covered: Legal and Safeguarding speak before D-04."""
        return any(target.child for target in self.targets)

    @property
    def court_date(self) -> Instant | None:
        """The compliance instant (UTC), or None when the order gives none."""
        return None if isinstance(self.compliance_date, str) else self.compliance_date


class Mode(StrEnum):
    """Who looks. A practitioner alone is never offered (5.2, R)."""

    SUPERVISED = "supervised"
    COMMUNICATIONS_ALONE = "communications_alone"


class Ending(StrEnum):
    """What the case will close as, chosen by a person, never by the clock (INV-3)."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    COULD_NOT = "could_not_be_carried_out"
    EXPIRED = "expired"
    NOT_CARRIED_OUT = "not_carried_out"


class Session(Value):
    """One session on the official account: at most two hours of real time."""

    number: int
    started_at: Instant
    by: PersonId
    ended_at: Instant | None = None
    over: bool = False
    """The time limit passed: nothing more may be captured in it."""


class Capture(Value):
    """One captured item: hash and custody, never the content (INV-9)."""

    sha256: Sha256
    session: int
    by: PersonId
    filed_by: PersonId | None = None
    sealed: bool = False
    """Quarantined after an incident, or outside a varied scope."""


class AccessRecord(Value):
    """What the case gathers on its way."""

    scope: Scope
    court_date: Instant | None = None
    not_agreed_by: tuple[PersonId, ...] = ()
    """Who decided it is not necessary: the second look is never theirs (D-06)."""
    agreed_by: PersonId | None = None
    arranged_by: PersonId | None = None
    custodians: tuple[PersonId, ...] = ()
    """Whoever was named to hold the account: that is Communications' part, like arranging (SD5)."""
    account_id: str | None = None
    mode: Mode | None = None
    account_open: bool = False
    window_ends: Instant | None = None
    sessions: tuple[Session, ...] = ()
    captures: tuple[Capture, ...] = ()
    legal_view: bool | None = None
    """On a child's account: it may proceed, it must not, or (None) Legal has not spoken yet."""
    safeguarding_view: bool | None = None
    """Likewise for Safeguarding."""
    order_followed: bool = True
    """False while the sealed order of an oral direction is still to come."""
    left: timedelta | None = None
    """At the court for clarification (D-09): the working time the manager still has afterwards."""
    window_started: Instant | None = None
    ending: Ending | None = None
    date_handled: bool = False
    """Manager and Legal have chosen what follows the missed compliance date."""
    report_prepared: bool = False
    filed_with_court: bool = False
    court_told: bool = False
    access_closed: bool = False
    captures_decided: bool = False
    """Legal has said what happens to captures after a withdrawal."""
    withdrawn: bool = False
    breach_open: bool = False
    """A personal data breach may have happened; Information Governance has 72 real hours."""

    @property
    def unfiled(self) -> tuple[Capture, ...]:
        """Captures nobody but the capturer has checked and filed yet."""
        return tuple(item for item in self.captures if item.filed_by is None and not item.sealed)

    @property
    def session(self) -> Session | None:
        """The session in progress, if there is one."""
        running = [one for one in self.sessions if one.ended_at is None]
        return running[-1] if running else None


# --- what each act asks for -------------------------------------------------------------------


class Agree(Value):
    """D-04. The manager ticks each target against the wording of the order."""

    targets_match_order: bool
    narrowed_scope: Scope | None = None


class DoNotAgree(Value):
    """D-05. The grounds a manager may give."""

    ground: Literal["not_necessary", "safer_source", "public_law", "unclear", "harm"]


class LegalView(Value):
    """D-06 and the child's-account view: privileged; the trail shows the conclusion only."""

    conclusion: Literal["comply", "may_proceed", "must_not_proceed"]
    advice: Paragraph


class SafeguardingView(Value):
    """Safeguarding's view on a child's account, before the manager decides."""

    conclusion: Literal["may_proceed", "must_not_proceed"]


class BackToCourt(Value):
    """D-07. The application or letter to the court."""

    sent_at: LondonTime
    document: Sha256


class CourtAnswer(Value):
    """D-08. What the court said, with the order that says it."""

    answer: Literal["confirmed", "varied", "discharged", "given_to_local_authority"]
    order: Sha256
    scope: Scope | None = None
    compliance_date: LondonTime | None = None

    @model_validator(mode="after")
    def _varied_has_a_scope(self) -> Self:
        if self.answer == "varied" and self.scope is None:
            raise ValueError("scope is missing: a varied direction says its new scope")
        return self


class Question(Value):
    """D-09. What is unclear, for the court."""

    question: Paragraph


class Arrange(Value):
    """D-10. The official account; a password has no field, and never gets one (5.2)."""

    account_id: Short
    custodian: PersonRef
    second_factor: bool
    tied_to_a_person: bool
    mode: Mode
    footprint: Paragraph
    """What the platform shows the person who was viewed, and what follows from it."""


class StartSession(Value):
    """D-12."""

    scope_shown: bool
    practitioner_present: bool


class CaptureItem(Value):
    """D-13."""

    sha256: Sha256
    in_scope: bool
    third_parties_minimised: bool


class SessionLog(Value):
    """D-14."""

    started: LondonTime
    ended: LondonTime
    pages: Words
    nothing_liked_followed_or_messaged: bool


class Verify(Value):
    """D-15. Somebody else than the capturer checks, files, and says if it is enough."""

    hashes_match: bool
    childfirst_filing: Short
    out_of_scope_removed: tuple[Sha256, ...] = ()
    result: Literal["more", "enough"]


class Incident(Value):
    """D-17."""

    kind: Literal[
        "personal_account_used",
        "cafcass_email_used",
        "wrong_person_viewed",
        "contact_made",
        "account_suspected",
    ]
    happened_at: LondonTime
    personal_data_breach: bool
    """Yes starts the 72 real hours of Information Governance (L25)."""


class BreachAssessed(Value):
    """D-17a. What Information Governance concluded about a personal data breach."""

    told_ico: bool
    conclusion: Paragraph


class Withdrawal(Value):
    """D-18."""

    kind: Literal["withdrawn", "discharged", "stayed"]
    document: Sha256
    """The order, or the court's e-mail."""


class Variation(Value):
    """D-19."""

    order: Sha256
    scope: Scope
    compliance_date: LondonTime | None = None
    out_of_scope: tuple[Sha256, ...] = ()
    """Captures outside the new scope: they are sealed."""


class Completion(Value):
    """D-20."""

    report_prepared: bool


class Filing(Value):
    """D-20a. Proof that the report went to the court."""

    filed_at: LondonTime
    proof: Sha256


class Closure(Value):
    """D-21."""

    signed_out: bool
    sessions_ended: bool
    password_rotated: bool


class CapturesDecision(Value):
    """D-21a. Legal's decision on captures after a withdrawal."""

    captures: Literal["keep_sealed", "return", "delete_after_hold"]


class Choice(Value):
    """D-22a. What the manager chooses when a window has ended or an incident stopped the access."""

    choice: Literal["complete", "extend", "tell_court"]
    court_told_proof: Sha256 | None = None

    @model_validator(mode="after")
    def _proof_with_tell_court(self) -> Self:
        if self.choice == "tell_court" and self.court_told_proof is None:
            raise ValueError("court_told_proof is missing: attach what the court was sent")
        return self


class DateChoice(Value):
    """D-23a. What manager and Legal choose together once the compliance date has passed."""

    choice: Literal["could_not_be_carried_out", "expired", "extension_asked"]
    court_told_proof: Sha256


class SealedOrder(Value):
    """D-01a. The sealed order that follows a spoken direction."""

    order_document: OrderDocument
