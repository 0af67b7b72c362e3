"""Cases of stories in a real ledger, so that auditors have something to read without a server."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client

from activities.ledger import Ledger
from models.case import Duty, Fact, Line
from models.chain import GENESIS, link
from procedures.procedure import Procedure, Turned
from procedures.registry import by_name
from runtime import building
from runtime.desk import Desk
from runtime.rehearsal import Facts, Story, read_story
from runtime.rehearsal.core import _Player
from runtime.settings import Settings

STORIES = Path(__file__).resolve().parents[1] / "stories"
RECORDED = datetime(2027, 1, 4, 9, tzinfo=UTC)

PRIVILEGED = "Between us: the order will not stand on appeal, canary-4711."

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


def rehearsed(name: str, ledger: Ledger | None = None) -> Seen:
    """Play a story on the core, and append what each fact makes to a ledger as a worker would.

    Whoever takes a privileged act gives PRIVILEGED as the reason.
    """
    story = _with_advice(read_story(STORIES / f"{name}.yaml"))
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


def _with_advice(story: Story) -> Story:
    acts = by_name(story.procedure).acts
    steps = (
        step.model_copy(update={"reason": PRIVILEGED})
        if step.act in acts and acts[step.act].sealed
        else step
        for step in story.steps
    )
    return story.model_copy(update={"steps": tuple(steps)})


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


@dataclass
class Archive:
    """A ledger of its own with a case of each procedure, and a desk on it that can replay."""

    settings: Settings
    ledger: Ledger
    desk: Desk
    cases: tuple[Seen, ...]

    @property
    def ids(self) -> list[str]:
        """References of its cases."""
        return [one.case_id for one in self.cases]


@contextmanager
def archive(settings: Settings, client: Client | None = None) -> Iterator[Archive]:
    """Below the home of these settings."""
    with building.open_ledger(settings) as ledger:
        cases = tuple(rehearsed(name, ledger) for name in ONE_OF_EACH)
        desk = building.build_desk(settings, ledger=ledger, client=client)
        yield Archive(settings, ledger, desk, cases)


def tampered(archive: Archive, home: Path, change: Callable[[sqlite3.Connection], object]) -> Desk:
    """A desk on a copy of the ledger that somebody past the triggers has changed.

    Its ledger is to be closed by whoever asked for it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (
        sqlite3.connect(archive.settings.home / "ledger.db") as here,
        sqlite3.connect(home / "ledger.db") as copy,
    ):
        here.backup(copy)
        names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            copy.execute(f"DROP TRIGGER {name}")
        change(copy)
    settings = archive.settings.model_copy(
        update={"home": home, "key_ring": archive.settings.key_ring_file}
    )
    return building.build_desk(settings)


def rewritten(case_id: str, seq: int, **values: object) -> Callable[[sqlite3.Connection], object]:
    """Changes one entry, and hashes everything from there on anew: only the values betray it."""

    def change(copy: sqlite3.Connection) -> None:
        rows = copy.execute(
            "SELECT seq, body, salt_commit, prev FROM entry WHERE case_id = ? ORDER BY seq",
            [case_id],
        ).fetchall()
        prev = GENESIS
        for number, body, commit, _ in rows:
            new = body
            if number == seq:
                new = json.dumps(
                    json.loads(body) | values,
                    sort_keys=True,
                    separators=(",", ":"),
                    ensure_ascii=False,
                )
            digest = link(prev, new, commit)
            copy.execute(
                "UPDATE entry SET body = ?, prev = ?, hash = ? WHERE case_id = ? AND seq = ?",
                [new, prev, digest, case_id, number],
            )
            prev = digest
        copy.execute("UPDATE register SET head = ? WHERE case_id = ?", [prev, case_id])

    return change
