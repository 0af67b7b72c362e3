"""What came of a story, however it was played."""

from __future__ import annotations

from typing import Any, Literal

from models.base import Instant, Value
from models.case import Entry, No, Receipt
from models.people import Role


class Result(Value):
    """What a step was answered; None for what is not a decision."""

    step: int
    """Counted from 1."""
    at: Instant
    receipt: Receipt | None = None


class DueSeen(Value):
    """A due instant that the trail shows, and the entry that brought it."""

    seq: int
    duty: str
    label: str
    role: Role
    due: Instant
    was: Instant | None = None
    backstop: bool = False


class Played(Value):
    """The trail, the answers and the end of a story."""

    story: str
    title: str
    on: Literal["core", "server"]
    case_id: str
    state: str
    label: str
    closed: bool
    no: No | None = None
    """Which "no" the outcome is, if it is one."""
    flags: tuple[str, ...] = ()
    trail: tuple[Entry, ...]
    results: tuple[Result, ...]

    @property
    def due(self) -> tuple[DueSeen, ...]:
        """Every due instant, as it was set or moved, in the order of the trail."""
        return tuple(
            DueSeen(
                seq=entry.seq,
                duty=line.duty,
                label=line.label,
                role=line.role,
                due=line.due,
                was=line.was_due,
                backstop=line.backstop,
            )
            for entry in self.trail
            for line in (*entry.opened, *entry.moved)
            if line.due is not None
        )

    def as_json(self) -> dict[str, Any]:
        """Everything as plain data: instants in UTC, ids instead of names."""
        return {
            **self.model_dump(mode="json"),
            "due": [one.model_dump(mode="json") for one in self.due],
        }
