"""Cases recorded before today's code must still run on (workflow) and mean the same (trail)."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from runtime import building, temporal
from runtime.audit import refold
from runtime.rehearsal.story import case_of
from runtime.settings import Settings
from tests.golden import HERE, LINES, RECORDED

HISTORIES = sorted(HERE.glob("*.history.json"))
TRAILS = sorted(HERE.glob("*.trail.json"))


def test_every_recorded_case_is_there() -> None:
    assert {path.name.split(".")[0] for path in HISTORIES} == set(RECORDED)
    assert {path.name.split(".")[0] for path in TRAILS} == set(RECORDED)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.name.split(".")[0])
async def test_cases_already_under_way_can_still_be_finished(path: Path) -> None:
    replayer = temporal.replayer(building.WORKFLOWS, Settings(encryption=False))
    case_id = case_of(path.name.split(".")[0])

    history = WorkflowHistory.from_json(case_id, path.read_text())  # noqa: ASYNC240  # a test waits

    await replayer.replay_workflow(history)


@pytest.mark.parametrize("path", TRAILS, ids=lambda path: path.name.split(".")[0])
def test_recorded_facts_still_make_the_recorded_trail(path: Path) -> None:
    lines = LINES.validate_json(path.read_text())

    case = refold(lines)

    assert case.case.seq == len(lines)
