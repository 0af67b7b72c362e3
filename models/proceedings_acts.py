"""Posts about court proceedings: what each act asks for (7.3).

Parties are letters, never names. What may never be done is offered as an answer where somebody
might try it, so that the refusal can say why.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from models.base import Value
from models.directory_rows import PersonRef
from models.forms import LondonTime, Paragraph, Sha256, Short, meaningful
from models.proceedings import (
    AuthorStatus,
    LegalConclusion,
    Party,
    ProceedingsStatus,
    Reply,
    Represented,
    Route,
    Shown,
    Verdict,
)
from models.report import Address, HowSeen


def _says_something(text: str) -> str:
    if not meaningful(text):
        raise ValueError("needs a reason of its own, of at least 20 letters")
    return text


Because = Annotated[Paragraph, AfterValidator(_says_something)]
"""The reason of one of several answers; each stands by itself (C-07)."""


class ChooseRoute(Value):
    """C-03. Whose advice is taken, and on what question."""

    route: Route
    question: Paragraph


class ManagerAdvice(Value):
    """C-04. The manager's own advice."""

    advice: Paragraph


class LegalAdvice(Value):
    """C-05. Legal's advice: privileged; the trail shows the conclusion only."""

    conclusion: LegalConclusion
    advice: Paragraph
    tell_court: bool | None = None
    tell_parties: bool | None = None
    ask_removal: bool | None = None
    withhold_from: Annotated[tuple[Party, ...], Field(max_length=20)] = ()
    """Parties who are not told, for somebody's safety."""
    without_notice: bool = False
    """The parties hear nothing before the court does."""
    other_agency_told: bool = False
    """They are not our proceedings, and Legal has told whoever's they are."""


class MaterialView(Value):
    """C-05u. Whether material that somebody searched for may be used."""

    conclusion: Literal["usable", "unusable"]


class Choice(Value):
    """One answer with its own reason."""

    do: bool
    because: Because


OtherStep = Literal["platform_report", "editor_through_legal", "injunction", "talk_with_the_child"]


class OtherSteps(Value):
    """Further steps, if any, with their own reason."""

    steps: tuple[OtherStep, ...] = ()
    because: Because

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        if len(set(self.steps)) < len(self.steps):
            raise ValueError("steps: name each step once")
        return self


NotABreach = Literal[
    "nothing_from_the_proceedings",
    "lawful_reporting",
    "the_court_permits_it",
    "about_something_else",
]
"""Why a post is no breach. That the case has ended is not among them: privacy outlives it (L4)."""


class Decide(Value):
    """C-07. Four separate answers, each with its own reason, and what the post is taken for."""

    verdict: Verdict
    why_no_breach: NotABreach | None = None
    tell_court: Choice
    tell_parties: Choice
    parties: Annotated[tuple[Party, ...], Field(max_length=20)] = ()
    """Who is told, when parties are."""
    ask_removal: Choice
    other: OtherSteps
    case_note: Short | None = None
    """Reference of the note on ChildFirst; needed when the decision closes the case."""

    @model_validator(mode="after")
    def _says_which_parties(self) -> Self:
        if self.tell_parties.do != bool(self.parties):
            raise ValueError("parties: say who is told, and only if parties are told")
        return self

    @model_validator(mode="after")
    def _says_why_no_breach(self) -> Self:
        if (self.verdict is Verdict.NOT_A_BREACH) != (self.why_no_breach is not None):
            raise ValueError("why_no_breach: needed for not_a_breach, and only for it")
        return self

    @model_validator(mode="after")
    def _chooses_nothing_after_the_end(self) -> Self:
        if self.ends and (self.acts or self.other.steps):
            raise ValueError("verdict: this one closes the case, so nothing else can be chosen")
        return self

    @property
    def acts(self) -> bool:
        """Whether the court, the parties or the author are to hear of it."""
        return self.tell_court.do or self.tell_parties.do or self.ask_removal.do

    @property
    def ends(self) -> bool:
        """Whether the decision closes the case."""
        return self.verdict in (Verdict.NOT_A_BREACH, Verdict.NOT_OURS)


class CourtTold(Value):
    """C-08. How the court was told, with a copy of what was sent."""

    method: Literal["letter", "position_statement", "email_to_court_office", "application_form"]
    sent_at: LondonTime
    what: Paragraph
    post_seen_at: LondonTime
    how_seen: HowSeen
    copy_sent: Sha256
    evidence_attached: Annotated[tuple[Sha256, ...], Field(max_length=20)] = ()


class PartyTold(Value):
    """How one party was told."""

    party: Party
    represented: Represented
    through: Literal["solicitor", "letter", "email", "phone", "in_person", "social_media"]


class PartiesTold(Value):
    """C-09. Which parties were told, how, and a copy of what was sent."""

    told: Annotated[tuple[PartyTold, ...], Field(min_length=1, max_length=20)]
    sent_at: LondonTime
    copy_sent: Sha256


class StepTaken(Value):
    """C-07p, C-07l, C-07s. A further step that was chosen is taken."""

    done_at: LondonTime
    reference: Short


class ProposeWording(Value):
    """C-10w. The wording of the request to remove the post."""

    wording: Paragraph


class ApproveWording(Value):
    """C-10a. The manager's check of the wording."""

    not_threatening: bool
    names_nobody_to_others: bool


class RemovalRequest(Value):
    """C-10. How the request was made; never through social media (2.11)."""

    to: Literal["the_party", "their_solicitor", "a_relative", "a_friend"]
    method: Literal["email", "letter", "phone", "in_person", "social_media", "comment_on_the_post"]
    sent_at: LondonTime
    wording_as_approved: bool
    copy_sent: Sha256


class RemovalReply(Value):
    """C-11. What the party answered, and who says so; nobody goes and looks (2.1, 2.6)."""

    reply: Reply
    source: Literal["party", "solicitor", "informant", "court", "own_viewing", "a_friend_looked"]
    proof: Sha256 | None = None


class CourtResponse(Value):
    """C-13. What the court said, with the order when there is one."""

    response: Literal[
        "noted", "directs_removal", "directs_access", "order_or_injunction", "takes_over"
    ]
    order: Sha256 | None = None
    next_hearing: LondonTime | None = None

    @model_validator(mode="after")
    def _has_its_order(self) -> Self:
        if self.response != "noted" and self.order is None:
            raise ValueError("order is missing: upload what the court sent")
        return self


class AuthorIs(Value):
    """C-14. Who the author turned out to be, and who said so; nobody unmasks anybody (G-16)."""

    author_status: AuthorStatus
    author_represented: Represented | None = None
    source: Literal["party", "solicitor", "informant", "court", "case_file", "own_viewing"]

    @model_validator(mode="after")
    def _party_or_not(self) -> Self:
        if self.author_status is AuthorStatus.PARTY and self.author_represented is None:
            raise ValueError("author_represented is missing: has the party a solicitor?")
        return self


class NewPost(Value):
    """C-15. A further post or a repost, linked to this case."""

    post_url: Address | None = None
    evidence: Annotated[tuple[Sha256, ...], Field(max_length=20)] = ()
    how_came_to_see: HowSeen
    used_personal_account: bool
    what_is_shown: tuple[Shown, ...] = ()
    proceedings_status: ProceedingsStatus | None = None

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.post_url is None and not self.evidence:
            raise ValueError("give the address of the post or a file as evidence")
        return self

    @property
    def searched(self) -> bool:
        """Whether it came from a search or a personal account."""
        return self.used_personal_account or self.how_came_to_see is HowSeen.I_SEARCHED


class ColleagueIsAuthor(Value):
    """C-18. A colleague wrote it: their conduct is looked at elsewhere, in confidence (4.5)."""

    colleague: PersonRef


class Close(Value):
    """C-16. What the case closes as."""

    outcome: Literal[
        "court_and_parties_informed",
        "court_informed_and_removed",
        "removed_on_request",
        "not_a_breach",
        "court_took_over",
        "passed_on",
    ]
    why_no_breach: NotABreach | None = None
    case_note: Short | None = None
    """Reference of the note on ChildFirst."""
