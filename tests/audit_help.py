"""Cases of stories in a real ledger, so that auditors have something to read without a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from activities.ledger import Ledger
from models.case import Duty, Fact, Line
from procedures.procedure import Procedure, Turned
from procedures.registry import by_name
from runtime.rehearsal import Facts, read_story
from runtime.rehearsal.core import _Player

STORIES = Path(__file__).resolve().parents[1] / "stories"
RECORDED = datetime(2027, 1, 4, 9, tzinfo=UTC)

ONE_OF_EACH = (
    "employee_comments/manager_away_with_a_delegate",
    "corporate_reputation/the_head_is_late_and_it_is_adopted",
    "court_proceedings/legal_withholds_a_party",
    "court_directed_access/a_holiday_is_proclaimed",
)
"""One story of each procedure, with refusals, moved duties and privileged advice among them."""


@dataclass
class Seen:
    """A story as it was rehearsed: its lines, and the case's own state once each was written."""

    case_id: str
    lines: list[Line] = field(default_factory=list)
    states: dict[int, tuple[str, tuple[Duty, ...]]] = field(default_factory=dict)


def rehearsed(name: str, ledger: Ledger | None = None, case_id: str = "") -> Seen:
    """Play a story on the core, and append what each fact makes to a ledger as a worker would."""
    story = read_story(STORIES / f"{name}.yaml")
    if case_id:
        story = story.model_copy(update={"case_id": case_id})
    facts = Facts(story)
    opened = facts.opened()
    case = by_name(story.procedure).begin(opened)
    seen = Seen(case_id=opened.case_id)
    with _watched(case, seen, ledger):
        player = _Player(case, facts)
        case.fold(opened)
        for number in range(1, len(story.steps) + 1):
            player.step(number)
        if story.until is not None:
            player.wait(story.until)
    return seen


@contextmanager
def _watched(case: Procedure, seen: Seen, ledger: Ledger | None) -> Iterator[None]:
    fold = case.fold

    def folded(fact: Fact) -> Turned:
        turned = fold(fact)
        seen.lines += turned.lines
        for line in turned.lines:
            seen.states[line.entry.seq] = (case.here, case.case.duties)
        if ledger is not None and turned.lines:
            ledger.append(case.batch(turned.lines, f"token-{seen.case_id}"), RECORDED)
        return turned

    case.fold = folded  # type: ignore[method-assign]
    yield
