"""What administrators do at the command line: one proposes, another confirms, nobody else may."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import cli
from runtime import building
from runtime.keyring import KeyRing
from runtime.settings import settings

WHY = "Proclaimed in Council, as the government's list of holidays says."


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A ledger of its own, and no server."""
    for name in [name for name in os.environ if name.startswith("CASEWORK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CASEWORK_HOME", str(tmp_path))
    monkeypatch.setenv("CASEWORK_PORT", "1")
    settings.cache_clear()
    KeyRing.create(settings().key_ring_file)
    building.open_ledger(settings()).close()
    yield
    settings.cache_clear()


def invoke(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def document(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(invoke(*words, "--json").stdout)
    return found


def test_an_absence_is_recorded_listed_and_taken_back() -> None:
    days = ("--from", "2029-03-05", "--to", "2029-03-09")
    said = invoke("absence", "record", "lm-1", *days, "--delegate", "lm-2", "--as", "adm-1")
    assert said.exit_code == 0, said.stderr
    assert "number 1" in said.stdout
    assert "Fergus Tallentire (lm-2) covers" in invoke("absence", "list").stdout

    assert invoke("absence", "withdraw", "1", "--as", "adm-2").exit_code == 0
    assert "(ended " in invoke("absence", "list").stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("absence", "record", "lm-1", "--from", "2029-03-05", "--to", "2029-03-09"), 3),
        (("calendar", "propose", "--day", "2029-03-06", "--name", "Some day", "--why", WHY), 3),
        (("notices", "retry", "--all"), 3),
        (("absence", "withdraw", "1"), 3),
    ],
)
def test_who_is_no_administrator_is_refused(words: tuple[str, ...], code: int) -> None:
    said = invoke(*words, "--as", "lm-2")

    assert said.exit_code == code
    assert "administrators" in said.stderr


def test_what_cannot_be_read_is_said_and_nothing_is_recorded() -> None:
    said = invoke("absence", "record", "lm-1", "--from", "soon", "--to", "later", "--as", "adm-1")

    assert said.exit_code == 2
    assert "2026-12-01" in said.stderr
    assert document("absence", "list")["absences"] == []


def test_a_second_administrator_confirms_what_was_shown_and_due_counts_with_it() -> None:
    words = ("--day", "2029-03-06", "--name", "Day of thanks", "--why", WHY)
    shown = document("calendar", "propose", *words, "--as", "adm-1")
    number, digest = str(shown["day"]["seq"]), shown["digest"]
    own = invoke("calendar", "confirm", number, "--shown", digest, "--as", "adm-1")
    forged = invoke("calendar", "confirm", number, "--shown", "0" * 64, "--as", "adm-2")
    before = invoke("due", "2029-03-05 16:00", "2h").stdout

    assert (own.exit_code, forged.exit_code) == (3, 2)
    assert "Tue 6 Mar 2029 10:00" in before
    assert invoke("calendar", "confirm", number, "--shown", digest, "--as", "adm-2").exit_code == 0
    assert "closed: Day of thanks" in invoke("due", "2029-03-05 16:00", "2h").stdout
    assert "confirmed by adm-2" in invoke("calendar", "list").stdout


def test_a_proposal_is_given_up() -> None:
    words = ("--day", "2029-03-06", "--name", "Day of thanks", "--why", WHY)
    number = str(document("calendar", "propose", *words, "--as", "adm-1")["day"]["seq"])

    assert invoke("calendar", "drop", number, "--as", "adm-2").exit_code == 0
    assert "given up" in invoke("calendar", "show", number).stdout
