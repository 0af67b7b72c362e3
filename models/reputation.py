"""Corporate reputation: its intake form (9.1, 9.3), and what a case of it gathers on its way.

Values only; the rules are in procedures/corporate_reputation.py. No field asks who an author is,
and none ever may (G-16).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.base import Instant, Value
from models.directory_rows import PersonRef
from models.forms import LondonTime, Paragraph, Short, Statement, YesNoUnsure
from models.people import PersonId, Role
from models.report import Report, Visibility

NOT_OPEN = frozenset({Visibility.CLOSED_GROUP, Visibility.PRIVATE_MESSAGE})
"""What only some people may see: Communications does not watch it (2.6, INV-12)."""


class Channel(StrEnum):
    """Where the post is: on a channel that Cafcass moderates (3.3), or anywhere else."""

    CAFCASS = "cafcass_channel"
    ELSEWHERE = "elsewhere"


class Spread(StrEnum):
    """How far it has gone. Growing, or with the press asking, makes every clock the urgent one."""

    STATIC = "static"
    GROWING = "growing"
    PRESS_CONTACT = "press_contact"


class ReputationIntake(Report):
    """The form that reports a post or comment about Cafcass (Appendix 1, chart 2; 9.3)."""

    channel: Channel
    subject_of_post: Literal["organisation", "service", "named_colleague", "case", "campaign"]
    named_colleagues: Annotated[tuple[PersonRef, ...], Field(max_length=10)] = ()
    """Who is named in the post, if they can be found in the directory: they stay out of the case."""
    reach: Annotated[int, Field(ge=0, le=10**10)] | Literal["not visible"]
    spread: Spread
    claim_type: Literal["opinion", "factual_claim", "question", "abuse", "impersonation"]
    contains_case_information: YesNoUnsure
    protected_names: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    """Names of children and families that must not go out: kept here, and nowhere else."""
    press_deadline: LondonTime | None = None
    suggested_response: Statement | None = None

    @model_validator(mode="after")
    def _is_open_or_our_own(self) -> Self:
        # Whatever the place, a report of danger or of a child at risk is taken (INV-11).
        harm = self.immediate_danger or self.safeguarding_concern is not YesNoUnsure.NO
        if self.visibility in NOT_OPEN and self.channel is Channel.ELSEWHERE and not harm:
            raise ValueError(
                "visibility: Communications looks only at what is open to everybody (2.6); if the"
                " post is about a colleague or a court case, report it as that instead"
            )
        return self

    @property
    def harm_is_possible(self) -> bool:
        """Whether safety comes first from the start; unsure counts as yes (6.2, 6.3)."""
        return self.immediate_danger or self.safeguarding_concern is not YesNoUnsure.NO

    @property
    def hurries(self) -> bool:
        """Whether the press asks or it spreads: the urgent amounts apply (R-T1 to R-T3)."""
        return self.spread is not Spread.STATIC or self.press_deadline is not None

    @property
    def open_to_all(self) -> bool:
        """Whether nothing in the form says that only some people can see the post."""
        return self.channel is Channel.CAFCASS or self.visibility not in NOT_OPEN

    def faults_at(self, at: datetime) -> tuple[str, ...]:
        """What is wrong with the dates at the instant the form is sent, one sentence each."""
        faults = super().faults_at(at)
        if self.press_deadline is not None and self.press_deadline <= at:
            faults += ("press_deadline has passed already; check the date and the time",)
        elif self.press_deadline is not None and self.press_deadline.year > at.year + 1:
            faults += ("press_deadline lies too far ahead; check the year",)
        return faults


class Content(StrEnum):
    """What a post is, one or more (R-05). Several of them belong to somebody else as well."""

    ABUSIVE = "abusive"
    SPAM = "spam"
    OFF_TOPIC = "off_topic"
    QUESTION = "genuine_question"
    CRITICISM = "criticism"
    FALSE_CLAIM = "false_claim"
    IMPERSONATION = "impersonation"
    NAMES_COLLEAGUE = "names_a_colleague"
    CASE_INFORMATION = "case_information"
    INFORMATION_REQUEST = "information_request"
    """A subject access or freedom of information request: it must be actioned (2.7)."""
    COMPLAINT = "complaint"
    PRESS_INTEREST = "press_interest"


class Action(StrEnum):
    """What a response may consist of (G-12)."""

    STATEMENT = "statement"
    CORRECTION = "correction"
    ANSWER = "answer"
    PLATFORM_REPORT = "platform_report"
    BLOCK = "block"
    SOLICITOR_LETTER = "solicitor_letter"


WRITTEN = frozenset({Action.STATEMENT, Action.CORRECTION, Action.ANSWER, Action.SOLICITOR_LETTER})
"""What consists of words: they are drafted before anybody approves them (R-08)."""
ENGAGES = frozenset({Action.STATEMENT, Action.CORRECTION, Action.ANSWER})
"""What answers the post in public: never done with abuse, but for safeguarding (3.4, G-2, G-3)."""


class Watch(Value):
    """A watch on an open site: why it is needed, where, and until when (2.6)."""

    need: Literal["reputation", "effect_on_colleague"]
    because: Paragraph
    where: Visibility
    only_looking: bool
    """No follow, friend or join request is sent, and no personal account is used (INV-12)."""
    until: LondonTime


class Recommendation(Value):
    """What Communications recommends, until the Head of Communications has decided."""

    by: PersonId
    actions: tuple[Action, ...] = ()
    """Empty: no response."""
    text: str | None = None
    inferable: bool = False
    watch: Watch | None = None


class ReputationRecord(Value):
    """What the case gathers on its way."""

    protected_names: tuple[str, ...] = ()
    """From this report and those joined to it: names that must not go out."""
    references: tuple[str, ...] = ()
    """Likewise the references of cases."""
    classes: tuple[Content, ...] = ()
    hurried: bool = False
    """Press interest or spread learnt of since the report."""
    asked: Role | None = None
    """Who is being asked for advice."""
    asked_left: timedelta | None = None
    """The working time that assessing still had when the question was put."""
    asked_up: int = 0
    """How many rungs up it had moved by then."""
    question_text: str | None = None
    """The drafted words put to Legal, by their fingerprint."""
    legal_said: dict[str, bool] = Field(default_factory=dict)
    """Drafted words by fingerprint: whether Legal cleared them to go out."""
    recommendation: Recommendation | None = None
    owed: bool = False
    """A response was approved and has not gone out yet."""
    responded: bool = False
    """A response has gone out at least once."""
    watch: Watch | None = None
    watch_follows: bool = False
    """The watch was approved together with a response that is still to go out."""
    watch_started: Instant | None = None
    """When the watch began, or was last reviewed."""
    watch_reviews: int = 0
    watch_open: bool = False
    left: str | None = None
    """The step the case was in when safety came first; it goes back there (R-03)."""
    left_time: timedelta | None = None
    """The working time that step still had."""
    left_up: int = 0
    """How many rungs up that step had moved."""
