"""The names of a case's activities, and the one question it asks of the directory.

Kept apart from what carries them out, so that workflow code imports no database.
"""

from __future__ import annotations

from pydantic import Field

from models.base import Instant, Value
from models.people import PersonId, Role

FILE_TRAIL = "file_trail"
WHO_IS_WHO = "who_is_who"


class WhoQuestion(Value):
    """Who holds which role for one case at one instant (UTC)."""

    subject: PersonId
    assigned: dict[Role, PersonId] = Field(default_factory=dict)
    at: Instant
