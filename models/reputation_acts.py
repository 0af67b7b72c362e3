"""What each act of corporate reputation asks for; the rules are in procedures/ (7.2)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.base import Value
from models.forms import LondonTime, Paragraph, Sha256, Short, Statement
from models.report import Address
from models.reputation import WRITTEN, Action, Content, Watch


class Sort(Value):
    """R-05. Everything the post is."""

    classes: Annotated[tuple[Content, ...], Field(min_length=1, max_length=12)]


class AskAdvice(Value):
    """R-06. One question to one adviser, with no more of a case than it needs."""

    of: Literal["LEG", "HRBP", "LM"]
    question: Paragraph
    draft: Statement | None = None
    """Words that Legal is to clear before they go out."""
    no_more_than_needed: bool


class LegalAdvice(Value):
    """R-06a. Privileged: the trail shows only that it was given."""

    conclusion: Literal["may_go_out", "must_not_go_out", "advice_only"]
    advice: Paragraph


class Advice(Value):
    """R-06b. What HR or the line manager advises."""

    advice: Paragraph


class NoResponse(Value):
    """R-07. Why nothing should be answered, and whether it should be watched."""

    because: Paragraph
    watch: Watch | None = None


class Response(Value):
    """R-08. What should be done, in which words, and why."""

    actions: Annotated[tuple[Action, ...], Field(min_length=1, max_length=6)]
    text: Statement | None = None
    case_or_person_could_be_inferred: bool
    because: Paragraph
    watch: Watch | None = None

    @model_validator(mode="after")
    def _words_are_drafted(self) -> Self:
        if WRITTEN & set(self.actions) and not self.text:
            raise ValueError("text is missing: draft the words before they are approved")
        return self


class Approve(Value):
    """R-09 and R-10. Whether the watch that was proposed is approved as well."""

    watch: bool = False


class ResponseDone(Value):
    """R-12. What went out: a copy by its hash, and where it stands."""

    went_out_at: LondonTime
    copy_sha256: Sha256
    link: Address | None = None
    as_approved: bool


class StartWatching(Value):
    """R-13. The same watch from both, the one who proposes it and the one who approves it."""

    watch: Watch


class Review(Value):
    """R-13a. What the watch has shown so far."""

    found: Paragraph


class NewContent(Value):
    """R-14. What is new, with its address or a copy."""

    what: Paragraph
    post_url: Address | None = None
    copy_sha256: Sha256 | None = None

    @model_validator(mode="after")
    def _has_evidence(self) -> Self:
        if self.post_url is None and self.copy_sha256 is None:
            raise ValueError("post_url or copy_sha256 is missing: give the address or a copy")
        return self


class Because(Value):
    """R-15 and R-16. Why the case ends here."""

    because: Paragraph


class SafetyHandled(Value):
    """R-03. How the concern ended: the section 16A duty, a referral, the police, or no risk."""

    results: Annotated[
        tuple[Literal["section_16a", "referred", "police_told", "no_risk_found"], ...],
        Field(min_length=1, max_length=4),
    ]
    given_to_court: bool = False
    """A section 16A assessment goes to the court whatever it concludes (L10)."""
    police_reference: Short | None = None

    @model_validator(mode="after")
    def _is_recorded(self) -> Self:
        if "police_told" in self.results and not self.police_reference:
            raise ValueError("police_reference is missing: give it where the police were told")
        return self

    @model_validator(mode="after")
    def _found_no_risk_alone(self) -> Self:
        if "no_risk_found" in self.results and len(self.results) > 1:
            raise ValueError("results: no_risk_found stands alone")
        return self


class SafetyIncident(Value):
    """R-03a. The Health and Safety team's own number."""

    incident_number: Short
