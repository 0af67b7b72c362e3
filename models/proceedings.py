"""Posts about court proceedings: the form that reports one (9.4) and what its case gathers.

Values only; what each act asks for is in proceedings_acts.py, the rules in procedures/.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from models.base import Instant, Value
from models.directory_rows import PersonRef
from models.forms import LondonTime, Short, YesNoUnsure
from models.report import HowSeen, Report


class ProceedingsStatus(StrEnum):
    """Ended proceedings are reported all the same: what was private stays private (L4)."""

    OPEN = "open"
    ENDED = "ended"
    UNKNOWN = "unknown"


class CaseType(StrEnum):
    """Which rules on passing information on apply: for adoption they are those of PD14E (L2)."""

    PRIVATE_LAW = "private_law"
    PUBLIC_LAW = "public_law"
    ADOPTION = "adoption"
    OTHER = "other"


class Shown(StrEnum):
    """What the post shows; some of it makes Legal's advice compulsory."""

    CHILD_NAME = "child_name"
    CHILD_PHOTO = "child_photo"
    SCHOOL = "school"
    ADDRESS = "address"
    COURT_DOCUMENT = "court_document"
    CAFCASS_REPORT = "cafcass_report"
    HEARING_DETAILS = "hearing_details"
    PARTY_NAME = "party_name"
    PROFESSIONAL_NAMED = "professional_named"
    OTHER = "other"


class AuthorStatus(StrEnum):
    """Who the author is as far as it is known; nobody tries to find out (G-16)."""

    PARTY = "party"
    RELATIVE = "relative"
    FRIEND = "friend"
    REPORTER = "reporter_or_blogger"
    PROFESSIONAL = "professional"
    COLLEAGUE = "colleague"
    CHILD = "child"
    UNKNOWN = "unknown"


class Represented(StrEnum):
    """Whether a party has a solicitor."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Order(StrEnum):
    """Orders about publicity that may stand behind the proceedings."""

    NONE_KNOWN = "none_known"
    TRANSPARENCY = "transparency_order"
    REPORTING_RESTRICTION = "reporting_restriction"
    INJUNCTION = "injunction"
    UNDERTAKING = "undertaking"
    UNKNOWN = "unknown"


CourtText = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+$"
    ),
]
"""As the reporter knows it; never part of a title, an id or a log."""


class ProceedingsIntake(Report):
    """The form that reports a post about court proceedings (2.3, 9.4)."""

    proceedings_status: ProceedingsStatus
    case_type: CaseType
    court: CourtText | None = None
    case_number: CourtText | None = None
    what_is_shown: Annotated[tuple[Shown, ...], Field(min_length=1)]
    author_status: AuthorStatus
    author_represented: Represented | None = None
    author_solicitor: Short | None = None
    author_colleague: PersonRef | None = None
    """The colleague who wrote it, if the reporter knows; told to nobody, and kept out of the case."""
    named_colleagues: Annotated[tuple[PersonRef, ...], Field(max_length=20)] = ()
    """Colleagues whom the post names: none of them has a part in its case (SD3)."""
    known_orders: Annotated[tuple[Order, ...], Field(min_length=1)]
    next_hearing: LondonTime | None = None
    court_already_aware: YesNoUnsure
    fca_of_case: PersonRef | None = None
    """The practitioner of the family case, when somebody else reports."""

    @model_validator(mode="after")
    def _author_fits(self) -> Self:
        party = self.author_status is AuthorStatus.PARTY
        if party and self.author_represented is None:
            raise ValueError("author_represented is missing: has the party a solicitor?")
        return self

    @model_validator(mode="after")
    def _names_the_solicitor(self) -> Self:
        if self.author_represented is Represented.YES and not self.author_solicitor:
            raise ValueError("author_solicitor is missing: name the party's solicitor")
        return self

    @model_validator(mode="after")
    def _is_a_colleague(self) -> Self:
        if self.author_colleague and self.author_status is not AuthorStatus.COLLEAGUE:
            raise ValueError("author_colleague is only for an author_status of colleague")
        return self

    @model_validator(mode="after")
    def _orders_fit(self) -> Self:
        if Order.NONE_KNOWN in self.known_orders and len(self.known_orders) > 1:
            raise ValueError("known_orders: none_known does not go with another answer")
        return self

    def warnings_at(self, at: datetime) -> tuple[str, ...]:
        """What looks like a slip and is taken as it is."""
        said = super().warnings_at(at)
        if self.next_hearing is not None and self.next_hearing <= at:
            return (*said, "next_hearing has passed; give the next one if there is one")
        return said

    @property
    def searched(self) -> bool:
        """Whether the material came from a search or a personal account: sealed at first (2.1)."""
        return self.used_personal_account or self.how_came_to_see is HowSeen.I_SEARCHED


# --- what a case gathers ----------------------------------------------------------------------


class Route(StrEnum):
    """Whose advice the manager takes (2.3: Legal, manager or both)."""

    LEGAL = "legal"
    MANAGER = "manager"
    BOTH = "both"


class LegalConclusion(StrEnum):
    """What Legal says of the post (C-05)."""

    LIKELY = "breach_likely"
    POSSIBLE = "breach_possible"
    UNLIKELY = "breach_unlikely"
    ORDER_ENGAGED = "court_order_engaged"
    OUTSIDE = "outside_our_powers"


Party = Annotated[str, Field(pattern=r"^[A-Z]$")]
"""A party is a letter in these forms, never a name."""


class Advised(Value):
    """The part of Legal's advice that later decisions are held against; its text stays sealed."""

    conclusion: LegalConclusion
    tell_court: bool | None = None
    tell_parties: bool | None = None
    ask_removal: bool | None = None
    withhold_from: tuple[Party, ...] = ()
    without_notice: bool = False
    other_agency_told: bool = False


class Verdict(StrEnum):
    """What the manager makes of the post; that a case has ended is no reason in any of them."""

    BREACH = "breach"
    POSSIBLE = "possible_breach"
    NOT_A_BREACH = "not_a_breach"
    NOT_OURS = "not_our_proceedings"


class Owed(StrEnum):
    """What was decided and is not done yet."""

    COURT = "court"
    PARTIES = "parties"
    PLATFORM = "platform"
    LEGAL_STEP = "legal_step"
    SOFTER = "softer_route"
    REQUEST = "request"
    ANSWER = "answer"


class Reply(StrEnum):
    """What became of a removal request; no answer is never taken as removal."""

    REMOVED = "removed"
    REFUSES = "refuses"
    NO_ANSWER = "no_answer"


class Material(StrEnum):
    """Whether what was handed in may be used."""

    OPEN = "open"
    SEALED = "sealed"
    """Somebody searched for it or used a personal account; Legal has not spoken yet."""
    USABLE = "usable"
    UNUSABLE = "unusable"


class Wording(StrEnum):
    """How far the wording of a removal request is."""

    NONE = "none"
    PROPOSED = "proposed"
    APPROVED = "approved"


class ProceedingsRecord(Value):
    """What the case gathers on its way."""

    author: AuthorStatus
    status: ProceedingsStatus
    shown: tuple[Shown, ...]
    orders: tuple[Order, ...]
    represented: Represented | None = None
    hearing: Instant | None = None
    court_aware: bool = False
    material: Material = Material.OPEN
    route: Route | None = None
    legal_needed: bool = False
    """The list of when Legal's advice is compulsory was true of the case when last asked."""
    advised: Advised | None = None
    manager_advised: bool = False
    verdict: Verdict | None = None
    owed: tuple[Owed, ...] = ()
    parties: tuple[Party, ...] = ()
    """Whom the last decision wants told."""
    court_told: bool = False
    parties_told: bool = False
    wording: Wording = Wording.NONE
    reply: Reply | None = None
    took_over: bool = False
    colleague: bool = False
    """A colleague is the author, and their conduct was passed on in confidence."""

    @property
    def in_telling(self) -> bool:
        """Whether court, parties or anybody else chosen is still to be told or dealt with."""
        return any(one not in (Owed.REQUEST, Owed.ANSWER) for one in self.owed)

    @property
    def in_asking(self) -> bool:
        """Whether a removal request is to be sent, or its answer is awaited."""
        return any(one in (Owed.REQUEST, Owed.ANSWER) for one in self.owed)
