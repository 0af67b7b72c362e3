"""Every story on the real server, with time skipping: the same trail as on the core, to the entry."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.rehearsal.check import check
from runtime.rehearsal.core import play_on_core
from runtime.rehearsal.played import Played
from runtime.rehearsal.reading import read_story
from runtime.rehearsal.server import Stage, stage

STORIES = sorted(Path(__file__).parents[1].glob("stories/*/[a-z]*.yaml"))
AT_ONCE = 6
"""Stories on the stage together: each has its own clock, so they only share the processor."""


@pytest.fixture(scope="module")
async def played() -> AsyncIterator[dict[str, asyncio.Task[Played]]]:
    # As after the collection of the tests: what other tests left must not stop a case for seconds.
    gc.collect()
    gc.freeze()
    async with stage() as here:
        places = asyncio.Semaphore(AT_ONCE)
        tasks = {path.stem: asyncio.create_task(_play(here, path, places)) for path in STORIES}
        yield tasks
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)


async def _play(here: Stage, path: Path, places: asyncio.Semaphore) -> Played:
    async with places:
        return await here.play(read_story(path))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
async def test_server_and_core_tell_the_same_story(
    path: Path, played: dict[str, asyncio.Task[Played]]
) -> None:
    story = read_story(path)

    on_server = await played[path.stem]

    on_core = play_on_core(story)
    assert on_server.trail == on_core.trail
    assert [each.receipt for each in on_server.results] == [
        each.receipt for each in on_core.results
    ]
    assert (on_server.state, on_server.flags) == (on_core.state, on_core.flags)
    assert check(story, on_server) == []
