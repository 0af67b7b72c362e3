"""What each act about a comment on a colleague asks for (procedures/employee_comments.py)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.base import Value
from models.forms import LondonTime, Paragraph, Sha256, Short, Words
from models.report import Address

ColleaguesView = Literal["agrees", "disagrees", "no_view"]


class ToldInPerson(Value):
    """E-01a. The affected colleague heard it from a person, never from a bare e-mail."""

    told_at: LondonTime
    how: Literal["in_person", "by_telephone", "by_video_call"]


class Opinion(Value):
    """E-05. How the test of the guidance on unacceptable behaviour comes out."""

    guidance_test_applied: bool
    finding: Paragraph


class Harassment(Value):
    """E-06. The manager has looked at every post the case counts."""

    posts_seen: Annotated[int, Field(ge=1, le=1000)]


class SpecificThreat(Value):
    """E-07. Danger is asked about once more, and the police are considered."""

    in_danger_now: bool
    police_considered: bool


class Challenge(Value):
    """E-09. Why it is more than opinion or criticism."""

    why: Paragraph


class SupportOffered(Value):
    """E-10. The support that was offered before the case closes."""

    offered_at: LondonTime
    answer: Literal["accepted", "declined", "no_answer"]


class HrSupport(Value):
    """E-11. Acknowledged by HR, with the support that was offered and what became of it."""

    support: Literal["accepted", "declined", "offered"]


class IncidentRecorded(Value):
    """E-12. The Health and Safety incident, with the RIDDOR question answered."""

    incident_number: Annotated[str, Field(pattern=r"^[A-Z]{2,4}-[0-9]{3,10}$")]
    riddor_reportable: bool
    riddor_reason: Paragraph


class PlatformReport(Value):
    """E-13. What the platform was told and what came of it; nobody has to report (2.5)."""

    login: Literal["own", "official"]
    reference: Short | None = None
    result: Literal["waiting", "removed", "refused", "no_answer"]


class AskToWatch(Value):
    """E-14. The effect on the colleague is the business need that watching takes (2.6)."""

    effect_on_colleague: Paragraph


class WatchProposal(Value):
    """E-14a. Where Communications would watch, and until when."""

    need: Paragraph
    open_to_everybody: bool
    ends_at: LondonTime


class LegalQuestion(Value):
    """E-15. The question to Cafcass legal."""

    question: Paragraph


class LegalAdvice(Value):
    """E-15a. Privileged: the trail shows who advised and when, no more."""

    conclusion: Literal["no_legal_step", "warning_letter", "injunction", "police", "other"]
    disclosure_cleared: bool
    """Case information may be given to the police (INV-7)."""
    advice: Paragraph


class PoliceTold(Value):
    """E-16. What the police were given, by whom, under which reference."""

    reference: Short
    officer: Short | None = None
    given: Annotated[
        tuple[Literal["the_post", "who_is_at_risk", "case_information"], ...],
        Field(min_length=1, max_length=3),
    ]


class PoliceNotTold(Value):
    """E-16a. The police were considered and not told; the colleague's own view is recorded."""

    colleagues_view: ColleaguesView
    """They may still go to the police themselves, whatever the manager decides."""


class Talk(Value):
    """E-17a. The talk with the affected colleague, and what they wish."""

    spoken_at: LondonTime
    police_wish: Literal["report", "do_not_report", "undecided"]
    platform_wish: Literal["colleague", "communications", "no"]
    """Who reports to the platform, if anybody; help never depends on it."""
    injunction_wished: bool


class SafetyAssessment(Value):
    """E-17b. Visits, home address, privacy settings and family have been thought through."""

    visits: Literal["unchanged", "changed", "stopped"]
    home_address_exposed: bool
    privacy_settings_checked: bool
    family_considered: bool
    measures: Paragraph


class LinkedCase(Value):
    """E-17c. Whether the proceedings or the reputation of Cafcass need a case of their own."""

    needed: Literal["court_proceedings", "corporate_reputation", "not_needed"]


class Plan(Value):
    """E-17. The support and safety plan; both name the same document."""

    plan: Sha256
    colleague_consulted: bool
    colleagues_view: ColleaguesView


class NewPost(Value):
    """E-18. Another post, or the same one growing worse."""

    post_url: Address | None = None
    evidence: Sha256 | None = None
    immediate_danger: bool
    what: Words

    @model_validator(mode="after")
    def _can_be_found_again(self) -> Self:
        if not (self.post_url or self.evidence):
            raise ValueError("give the address of the post, or the hash of a screenshot")
        return self


class Close(Value):
    """E-20. How the case ends; both name the same."""

    ending: Literal["managed", "police_led"]
    colleague_told: bool
    colleagues_view: ColleaguesView
    closing_note: Sha256


class AskToWithdraw(Value):
    """E-21a. Why the colleague would rather not go on."""

    why: Words


class WhatIsNew(Value):
    """E-23. What has come up since the case was closed."""

    what_is_new: Paragraph
