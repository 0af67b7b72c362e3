"""`make golden`: record what is not recorded yet of invented cases, their histories and trails.

A history guards the clockwork (workflow code), its trail the policy (every value). They lie in
`histories/<procedure>/v<version>/`, by the version of the class body the case began with:

    <story>.history.json      what Temporal kept of its first run
    <story>.2.history.json    of its second run, when it was opened again
    <story>.trail.json        every line of its trail, with the facts that made it

To add a recording, name its story in the row of `RECORDED` and run `make golden`; when the version
of a procedure is raised, give it a new row. What is there already stays as it is: today's program
makes today's recording only, and an old one shows that cases begun before still run. A recording of
a version that is not today's can never be made again, so its row is never taken away. To make one
of today's version again, before any real case began with it: `make golden CASE=story`.

Unencrypted on purpose: everybody in them is invented, and a diff of them should be readable.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter
from temporalio.client import Client

from activities.ledger import Ledger
from models.case import Line
from procedures.registry import PROCEDURES
from runtime import temporal
from runtime.keyring import KeyRing
from runtime.rehearsal.reading import read_story
from runtime.rehearsal.server import TIME_SKIPPING, Stage
from runtime.rehearsal.story import case_of
from runtime.replay import runs_of
from runtime.server import EmbeddedServer
from runtime.settings import Settings
from tests.conftest import free_port

HERE = Path(__file__).parent / "histories"
STORIES = Path(__file__).parents[1] / "stories"
RECORDED: dict[tuple[str, int], tuple[str, ...]] = {
    ("court_directed_access", 1): (
        "completed",
        "both_managers_are_silent",
        "child_account",
        "withdrawn_in_a_session",
        "expired_legal_first",
        "the_manager_is_silent",
    ),
    ("court_directed_access", 2): (
        "opened_again",
        "a_second_report_is_joined",
    ),
    ("employee_comments", 1): (
        "closed_opinion",
        "threat_on_a_saturday_night",
        "plan_in_either_order",
        "opened_again_after_opinion",
    ),
    ("corporate_reputation", 1): (
        "a_false_claim_is_corrected",
        "danger_is_raised_while_it_is_watched",
        "opened_again_within_forty_days",
    ),
    ("court_proceedings", 1): (
        "removed_court_not_told",
        "against_legals_advice",
        "opened_again_after_closing",
    ),
}
"""By procedure and version: closed and waiting cases, with decisions, refusals, two people who act
together, timers, danger, windows that close by themselves, and cases opened again."""

LINES = TypeAdapter(list[Line])


@dataclass(frozen=True, order=True)
class Recording:
    """One recorded case: where its files lie, and which story it came from."""

    procedure: str
    version: int
    name: str

    def __str__(self) -> str:
        return f"{self.procedure} v{self.version} {self.name}"

    @property
    def case_id(self) -> str:
        """The reference the case had; Temporal checks it while replaying."""
        return case_of(self.name)

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return HERE / self.procedure / f"v{self.version}"

    @property
    def trail(self) -> Path:
        """The file of its trail; written last, so that a recording cut short is still missing."""
        return self.folder / f"{self.name}.trail.json"

    def history(self, run: int) -> Path:
        """The file of one of its runs, counted from 1."""
        return self.folder / f"{self.name}{'' if run == 1 else f'.{run}'}.history.json"

    @property
    def histories(self) -> list[Path]:
        """The files of all its runs, the first run first."""
        found = self.folder.glob(f"{self.name}.*history.json")
        return sorted(found, key=lambda path: (len(path.name), path.name))

    @property
    def is_of_today(self) -> bool:
        """Whether today's program begins cases of this version."""
        return PROCEDURES[self.procedure].version == self.version


EVERY = tuple(
    Recording(procedure, version, name)
    for (procedure, version), names in RECORDED.items()
    for name in names
)


def to_record(again: Collection[str] = ()) -> list[Recording]:
    """What is missing, and what is asked for by name; never one of an earlier version.

    Raises SystemExit when a name is of no recording of today's, or an old recording is lost.
    """
    today = [each for each in EVERY if each.is_of_today]
    if unknown := sorted(set(again) - {each.name for each in today}):
        sys.exit(f"No story of that name is recorded today: {', '.join(unknown)}. See RECORDED.")
    missing = {each for each in EVERY if not each.trail.exists()}
    if lost := sorted(missing - set(today)):
        sys.exit(f"Today's program cannot make these again: {', '.join(map(str, lost))}.")
    return [each for each in today if each in missing or each.name in again]


async def record(wanted: Collection[Recording]) -> None:
    """Play each story on a server and keep what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), port=free_port(), ui=False, encryption=False)
        KeyRing.create(settings.key_ring_file)
        async with EmbeddedServer(settings, TIME_SKIPPING):
            client = await temporal.connect(settings)
            with Ledger(settings.database_url, KeyRing.load(settings.key_ring_file)) as ledger:
                ledger.migrate()
                stage = Stage(client, ledger, settings)
                for each in wanted:
                    await stage.play(read_story(STORIES / each.procedure / f"{each.name}.yaml"))
                    await _keep(each, client, ledger)


async def _keep(each: Recording, client: Client, ledger: Ledger) -> None:
    each.folder.mkdir(parents=True, exist_ok=True)
    for old in (each.trail, *each.histories):
        old.unlink(missing_ok=True)
    for number, run in enumerate(await runs_of(client, each.case_id), 1):
        history = await client.get_workflow_handle(each.case_id, run_id=run).fetch_history()
        each.history(number).write_text(history.to_json() + "\n")
    lines = LINES.dump_python(ledger.trail(each.case_id), mode="json")
    each.trail.write_text(json.dumps(lines, indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(record(to_record(sys.argv[1:])))
