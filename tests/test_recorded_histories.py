"""Cases recorded before today's code must still run on (workflow) and mean the same (trail)."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from models.case import Opened
from procedures.registry import PROCEDURES, begun_as
from runtime import building, temporal
from runtime.audit import refold
from runtime.rehearsal.story import case_of
from runtime.settings import Settings
from tests.golden import EVERY, HERE, LINES, RECORDED, Recording, to_record

HISTORIES = sorted(HERE.glob("*/*/*.history.json"))
TODAY = [each for each in EVERY if each.is_of_today]


def named(path: Path) -> str:
    return str(path.relative_to(HERE)).removesuffix(".json")


def test_every_recorded_case_is_there_and_no_file_is_of_none() -> None:
    of_a_row = {path for each in EVERY for path in (each.trail, *each.histories)}

    assert {path for path in HERE.rglob("*") if path.is_file()} == of_a_row
    assert [each for each in EVERY if not each.histories or not each.trail.exists()] == []


def test_every_version_of_every_procedure_has_recorded_cases() -> None:
    there_are = {(kind.key, n) for kind in PROCEDURES.values() for n in range(1, kind.version + 1)}

    assert {row for row, names in RECORDED.items() if names} == there_are


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_every_procedure_has_a_recorded_case_that_was_opened_again(procedure: str) -> None:
    assert any(len(each.histories) > 1 for each in TODAY if each.procedure == procedure)


@pytest.mark.parametrize("path", HISTORIES, ids=named)
async def test_cases_already_under_way_can_still_be_finished(path: Path) -> None:
    replayer = temporal.replayer(building.WORKFLOWS, Settings(encryption=False))
    case_id = case_of(path.name.split(".")[0])

    history = WorkflowHistory.from_json(case_id, path.read_text())  # noqa: ASYNC240  # a test waits

    await replayer.replay_workflow(history)


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_recorded_facts_still_make_the_recorded_trail(each: Recording) -> None:
    lines = LINES.validate_json(each.trail.read_text())

    case = refold(lines)

    assert case.case.seq == len(lines)


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_a_recording_lies_where_its_version_says_with_all_its_runs(each: Recording) -> None:
    lines = LINES.validate_json(each.trail.read_text())

    opened = lines[0].private.fact
    assert isinstance(opened, Opened)
    assert (opened.case_id, opened.procedure) == (each.case_id, each.procedure)
    assert opened.pins.procedure == each.version
    opening_again = {act.code for act in begun_as(opened).acts.values() if act.reopens}
    again = [one for one in lines if one.entry.act in opening_again and one.entry.kind == "applied"]
    assert each.histories == [each.history(run) for run in range(1, len(again) + 2)]


@pytest.mark.parametrize(
    ("again", "recorded"),
    [
        ([], []),  # everything is there
        ([TODAY[0].name], TODAY[:1]),  # asked for by name
    ],
)
def test_what_is_recorded_stays_unless_it_is_asked_for(
    again: Collection[str], recorded: list[Recording]
) -> None:
    assert to_record(again) == recorded


def test_a_case_of_an_earlier_version_is_never_recorded_again() -> None:
    earlier = next(each for each in EVERY if not each.is_of_today)

    with pytest.raises(SystemExit, match="recorded today"):
        to_record([earlier.name])


def test_only_what_is_missing_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.golden.HERE", tmp_path)
    for each in EVERY[:-1]:
        each.folder.mkdir(parents=True, exist_ok=True)
        each.trail.touch()

    assert to_record() == [EVERY[-1]]

    EVERY[0].trail.unlink()
    with pytest.raises(SystemExit, match=EVERY[0].name):
        to_record()
