"""A report about a colleague: its form (9.2), and what the case gathers on its way.

Values only; the rules are in procedures/employee_rules.py.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from models.base import Instant, Value
from models.directory_rows import PersonRef
from models.forms import Short, Words, YesNoUnsure
from models.people import PersonId
from models.posts import normalise_url
from models.report import Address, Report


class CommentKind(StrEnum):
    """What the post does to the colleague."""

    INSULT = "insult"
    REPEATED = "repeated_unwanted"
    THREAT = "threat_of_violence"
    DOXXING = "address_or_family_published"
    SEXUAL = "sexual"
    DISCRIMINATORY = "discriminatory"
    FALSE_ALLEGATION = "false_allegation"
    IMAGE_MISUSE = "image_misuse"
    OTHER = "other"


THREATENING = frozenset({CommentKind.THREAT, CommentKind.DOXXING})
"""Kinds after which the question of danger is asked a second time (9.2)."""


class Author(StrEnum):
    """What the reporter knows of the author; nobody tries to find out more (G-16)."""

    PARTY = "party"
    RELATIVE = "relative"
    STRANGER = "stranger"
    ANONYMOUS = "anonymous"
    COLLEAGUE = "colleague"
    UNKNOWN = "unknown"


class Characteristic(StrEnum):
    """Protected characteristics; asked only so that a hate crime is not overlooked."""

    AGE = "age"
    DISABILITY = "disability"
    GENDER_REASSIGNMENT = "gender_reassignment"
    MARRIAGE = "marriage_or_civil_partnership"
    PREGNANCY = "pregnancy_or_maternity"
    RACE = "race"
    RELIGION = "religion_or_belief"
    SEX = "sex"
    ORIENTATION = "sexual_orientation"
    NOT_SAID = "prefer_not_to_say"


Phone = Annotated[str, StringConstraints(pattern=r"^(\+[1-9][0-9 ]{6,18}|0[1-9][0-9 ]{7,14})$")]
"""A telephone number as dialled in the United Kingdom, or with its country code."""
WorkEmail = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")
]


class SafeContact(Value):
    """How somebody in danger can be reached without making it worse."""

    phone: Phone | None = None
    email: WorkEmail | None = None
    best_time: Short

    @model_validator(mode="after")
    def _has_a_way(self) -> Self:
        if not (self.phone or self.email):
            raise ValueError("give a telephone number or an e-mail address")
        return self


class EmployeeIntake(Report):
    """The form that reports a comment or post about a colleague (2.4, 2.5, 9.2)."""

    affected_person: PersonRef
    """Whom the post is about; whoever reports may choose themselves."""
    colleagues_named: Annotated[tuple[PersonRef, ...], Field(max_length=20)] = ()
    """Other colleagues whom the post names or who are close to its author: none of them decides."""
    kind: Annotated[tuple[CommentKind, ...], Field(min_length=1, max_length=9)]
    danger_asked_again: bool | None = None
    """Asked a second time after a threat or a published address: is somebody in danger?"""
    linked_to_family_case: YesNoUnsure
    author_known: Author
    earlier_posts: bool
    earlier_post_links: Annotated[tuple[Address, ...], Field(max_length=50)] = ()
    reported_to_platform: Literal["yes", "no", "not yet"]
    platform_reference: Short | None = None
    reported_to_police: bool
    police_reference: Short | None = None
    impact: Words | None = None
    fit_for_work: bool | None = None
    protected_characteristic: tuple[Characteristic, ...] = ()
    safe_contact: SafeContact | None = None

    @model_validator(mode="after")
    def _danger_is_asked_again(self) -> Self:
        if self.threatening and not self.immediate_danger and self.danger_asked_again is None:
            raise ValueError(
                "danger_asked_again is missing: after a threat or a published address the question"
                " is asked once more. Is somebody in danger now? Then call 999 first"
            )
        return self

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.in_danger and self.safe_contact is None:
            raise ValueError(
                "safe_contact is missing: say how the person in danger can be reached safely"
            )
        return self

    @model_validator(mode="after")
    def _names_the_family_case(self) -> Self:
        if self.linked_to_family_case is YesNoUnsure.YES and not self.childfirst_ref:
            raise ValueError("childfirst_ref is missing: give the reference of the family case")
        return self

    @model_validator(mode="after")
    def _has_earlier_posts(self) -> Self:
        if self.earlier_post_links and not self.earlier_posts:
            raise ValueError("earlier_posts says no, but there are links to earlier posts")
        return self

    @property
    def threatening(self) -> bool:
        """Whether a threat or a published address is reported."""
        return bool(THREATENING & set(self.kind))

    @property
    def in_danger(self) -> bool:
        """Whether the form says, the first time or the second, that somebody is in danger."""
        return self.immediate_danger or bool(self.danger_asked_again)

    @property
    def posts(self) -> int:
        """How many posts the form reports: this one and the earlier ones it links."""
        return 1 + len({normalise_url(link) for link in self.earlier_post_links} - {self.post})


class Classification(StrEnum):
    """What the line manager makes of it, by the guidance on unacceptable behaviour (2.4)."""

    OPINION = "opinion"
    HARASSMENT = "harassment"
    THREAT = "specific_threat"


class Watch(StrEnum):
    """How far a request to Communications to record or watch has come (2.6)."""

    ASKED = "asked"
    PROPOSED = "proposed"
    OPEN = "open"
    OVER = "over"


class EmployeeRecord(Value):
    """What the case gathers on its way."""

    kinds: tuple[CommentKind, ...]
    """Of the report and of every report joined to it."""
    posts: int
    """Posts known so far; repeated conduct is judged by them."""
    colleague_told: bool = False
    """The affected colleague knows of the case: they reported it, or were told in person."""
    classification: Classification | None = None
    danger: bool = False
    """Somebody was said to be in danger at some time; it is treated as a threat ever after."""
    opinion_by: PersonId | None = None
    """Who called it opinion or criticism last: a second look is never theirs."""
    challenged: bool = False
    challenge_over: bool = False
    support: Literal["accepted", "declined", "offered"] | None = None
    """What HR offered and what became of it; None: HR has not acknowledged yet."""
    incident: Short | None = None
    spoken: bool = False
    platform_wish: Literal["colleague", "communications", "no"] | None = None
    platform_reported: bool = False
    injunction_wished: bool = False
    safety_assessed: bool = False
    police: Literal["told", "not_told"] | None = None
    legal_asked: bool = False
    legal_advised: bool = False
    disclosure_cleared: bool = False
    """Legal has cleared case information for the police (INV-7)."""
    watch: Watch | None = None
    watch_proposed_by: PersonId | None = None
    watch_ends: Instant | None = None
    linked_settled: bool = False
    """It is settled whether a case about the proceedings or the reputation is needed too."""
    withdrawal_asked: bool = False
    reviews: int = 0

    @property
    def threat(self) -> bool:
        """A specific threat, or danger at any time: the urgent times and the strictest rules."""
        return self.danger or self.classification is Classification.THREAT
