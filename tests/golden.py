"""`make golden`: record the histories of invented cases again, and their trails.

Unencrypted on purpose: everybody in them is invented, and a diff of them should be readable. A
history guards the clockwork (workflow code), its trail the policy (every value).
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from pydantic import TypeAdapter

from activities.ledger import Ledger
from models.case import Line
from runtime import temporal
from runtime.keyring import KeyRing
from runtime.rehearsal.reading import read_story
from runtime.rehearsal.server import TIME_SKIPPING, Stage
from runtime.server import EmbeddedServer
from runtime.settings import Settings
from tests.conftest import free_port

HERE = Path(__file__).parent / "histories"
STORIES = Path(__file__).parents[1] / "stories" / "court_directed_access"
RECORDED = (
    "completed",
    "both_managers_are_silent",
    "child_account",
    "withdrawn_in_a_session",
    "expired_legal_first",
    "the_manager_is_silent",
)
"""Closed and waiting ones, with decisions, refusals, two people, timers and a window that closed."""

LINES = TypeAdapter(list[Line])


async def record() -> None:
    """Play each story on a server and keep what came of it."""
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), port=free_port(), ui=False, encryption=False)
        KeyRing.create(settings.key_ring_file)
        async with EmbeddedServer(settings, TIME_SKIPPING):
            client = await temporal.connect(settings)
            url = settings.database_url
            with Ledger(url, KeyRing.load(settings.key_ring_file)) as ledger:
                ledger.migrate()
                stage = Stage(client, ledger, settings)
                for name in RECORDED:
                    story = read_story(STORIES / f"{name}.yaml")
                    await stage.play(story)
                    history = await client.get_workflow_handle(story.case_id).fetch_history()
                    (HERE / f"{name}.history.json").write_text(history.to_json() + "\n")
                    lines = LINES.dump_python(ledger.trail(story.case_id), mode="json")
                    (HERE / f"{name}.trail.json").write_text(json.dumps(lines, indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(record())
