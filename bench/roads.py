"""One short road through each procedure, taken with real decisions at the instant they are sent."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from models.london import LONDON
from procedures.registry import PROCEDURES
from runtime.clock import utc_now
from runtime.rehearsal.reading import read_story
from runtime.rehearsal.story import Story
from tests.service import Service

FOLDER = Path(__file__).parent / "roads"


class Move(NamedTuple):
    """One act of one person."""

    who: str
    act: str
    fields: dict[str, Any]


class Road(NamedTuple):
    """A form, who sends it, and the acts that bring the case to its end."""

    key: str
    by: str
    intake: dict[str, Any]
    moves: tuple[Move, ...]

    async def open(self, service: Service) -> str:
        """A new case of this road: every form is a report of its own."""
        return (await service.desk.open(self.key, _of_its_own(self.intake), self.by)).case_id

    async def walk(self, service: Service) -> str:
        """Open a case and bring it to its end; its reference."""
        case_id = await self.open(service)
        for move in self.moves:
            receipt = await service.act(case_id, move.who, move.act, **move.fields)
            assert receipt.outcome == "applied", (self.key, move.act, receipt.code)
        return case_id


def roads() -> tuple[Road, ...]:
    """The road of every procedure, its times counted from now."""
    return tuple(_road(_read(key, utc_now())) for key in PROCEDURES)


def _read(key: str, now: datetime) -> Story:
    """The road as a story that is told now: every step comes at once."""
    path = FOLDER / f"{key}.yaml"
    text = path.read_text(encoding="utf-8").replace("- {who:", "- {at: +0s, who:")
    opens = now.astimezone(LONDON).strftime("%Y-%m-%d %H:%M:%S")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_text(f'opens: "{opens}"\n{text}', encoding="utf-8")
        return read_story(copy)


def _road(story: Story) -> Road:
    moves = tuple(Move(str(one.who), str(one.act), one.fields) for one in story.steps)
    return Road(story.procedure, story.by, story.intake, moves)


def _of_its_own(intake: dict[str, Any]) -> dict[str, Any]:
    own = {**intake, "submission_token": str(uuid4())}
    if "post_url" in own:
        own["post_url"] = f"https://www.facebook.com/invented.page/posts/{uuid4().int}"
    if "order_reference" in own:
        own["order_reference"] = f"ORD-{uuid4().hex[:8]}"
    return own
