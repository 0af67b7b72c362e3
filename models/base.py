"""The one base of every value: strict, frozen, unknown fields refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


def _utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies before or after all time that can be counted") from None


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A moment with its offset given, held in UTC. A time with no zone is refused, never guessed."""


class Value(BaseModel):
    """Immutable; refuses unknown fields; an error never repeats the input (it may be case text)."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )
