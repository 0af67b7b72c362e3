"""What somebody would put into the boxes of a form, from the fields that its model reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.london import LONDON
from web.questions import Kind, Question

PDF = b"%PDF-1.7 an invented document"
_TICKED = (Kind.YES_NO, Kind.TICK, Kind.CHOICE, Kind.CHOICES)


@dataclass(frozen=True)
class Box:
    """One thing typed, ticked (TICK), chosen from a list (PERSON) or handed in (FILE)."""

    name: str
    kind: Kind
    text: str = ""


def boxes(asked: Iterable[Question], given: dict[str, Any]) -> Iterator[Box]:
    """Every box that has to be filled in for these fields; what is None stays empty."""
    for question in asked:
        value = given.get(question.name.rpartition(".")[2])
        if value is not None:
            yield from _boxes(question, value)


def _boxes(question: Question, value: Any) -> Iterator[Box]:
    if question.either and question.either == value:
        yield Box(f"{question.name}-either", Kind.TICK, question.either)
    elif question.kind is Kind.GROUP:
        yield from boxes(question.inner, value)
    elif question.kind is Kind.ROWS:
        for number, row in enumerate(value):
            yield from boxes(question.row(number), row)
    elif question.kind in (Kind.DAY, Kind.TIME):
        yield from _when(question, datetime.fromisoformat(value))
    elif question.kind in _TICKED:
        for one in value if isinstance(value, list) else [value]:
            said = {True: "yes", False: "no"}[one] if isinstance(one, bool) else str(one)
            if (question.kind, said) != (Kind.TICK, "no"):
                yield Box(question.name, Kind.TICK, said)
    elif question.kind in (Kind.FILE, Kind.PERSON):
        yield Box(question.name, question.kind, str(value))
    else:
        lines = value if isinstance(value, list) else [str(value)]
        yield Box(question.name, Kind.TEXT, "\n".join(lines))


def _when(question: Question, at: datetime) -> Iterator[Box]:
    at = at.astimezone(LONDON) if at.tzinfo else at
    parts = {"day": at.day, "month": at.month, "year": at.year}
    yield from (Box(f"{question.name}-{part}", Kind.TEXT, str(n)) for part, n in parts.items())
    if question.kind is Kind.TIME:
        yield Box(f"{question.name}-time", Kind.TEXT, f"{at:%H:%M}")
