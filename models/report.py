"""What every report of a post asks (policy analysis 9.1): the base of the forms of E, R and C.

The address is never fetched, the author is never looked for (G-16), and nothing typed here is ever
part of an id, a title or a log.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from models.forms import CommonIntake, Evidence, LondonTime, Long, Short, Words
from models.posts import (
    LONGEST,
    HowSeen,
    Platform,
    Visibility,
    author_of,
    host_disagrees,
    normalise_url,
)

__all__ = ["HowSeen", "Report", "Visibility"]

TOLERANCE = timedelta(minutes=5)
"""How far a reporter's clock may be ahead."""
LONG_AGO = timedelta(days=90)
"""Beyond this a date of discovery is taken with a warning."""
LONGEST_AGO = 5
"""Years after which a date of discovery is a slip of the pen."""


def _is_an_address(address: str) -> str:
    normalise_url(address)
    return address


Address = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST), AfterValidator(_is_an_address)
]
"""A web address as it was given; `normalise_url` is what it is compared by."""
Handle = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""A name as shown on the platform, kept exactly."""


class Report(CommonIntake):
    """The questions about a post that every report of one asks, after danger and safeguarding."""

    discovered_at: LondonTime
    how_came_to_see: HowSeen
    how_other: Short | None = None
    post_url: Address | None = None
    platform: Platform
    platform_other: Annotated[str, Field(max_length=60)] | None = None
    author_handle: Handle | None = None
    author_display_name: Handle | None = None
    visibility: Visibility
    description: Long
    screenshots: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()
    consent_wishes: Words | None = None

    @model_validator(mode="after")
    def _says_how_else_it_was_seen(self) -> Self:
        if self.how_came_to_see is HowSeen.OTHER and not self.how_other:
            raise ValueError("how_other is missing: say in a few words how the post was seen")
        return self

    @model_validator(mode="after")
    def _says_what_other_is(self) -> Self:
        if self.platform is Platform.OTHER and not self.platform_other:
            raise ValueError("platform_other is missing: name the platform")
        return self

    @property
    def post(self) -> str | None:
        """The normalised address: what makes two reports reports of one post (6.4)."""
        return normalise_url(self.post_url) if self.post_url else None

    @property
    def author(self) -> str | None:
        """Platform and normalised handle: compared, never used to find anybody (G-16)."""
        return author_of(self.platform, self.author_handle or "")

    def warnings_at(self, at: datetime) -> tuple[str, ...]:
        """What looks like a slip and is taken as it is (9.1, 9.7)."""
        said = []
        if self.post_url and host_disagrees(normalise_url(self.post_url), self.platform):
            said.append("post_url is not on the platform you chose; it is kept as you gave it")
        if at - self.discovered_at > LONG_AGO:
            said.append("discovered_at lies more than 90 days back; check the date")
        return tuple(said)

    def faults_at(self, at: datetime) -> tuple[str, ...]:
        """What is wrong with the dates at the instant the form is sent, one sentence each."""
        if self.discovered_at > at + TOLERANCE:
            return ("discovered_at lies in the future; check the date and the time",)
        if self.discovered_at.year < at.year - LONGEST_AGO:
            return ("discovered_at lies too far back; check the year",)
        return ()
