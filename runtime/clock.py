"""The one place that asks the machine what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, in UTC. Handed in at the door; a rehearsal brings its own."""


def utc_now() -> datetime:
    """The present moment in UTC, from the machine's clock."""
    return datetime.now(UTC)  # noqa: TID251 - the only reading of the clock; all else is handed one
