"""Looking at the command line is recorded too: lists, work, notices, verifying, who looked."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import cli
from activities.looks import LookBook
from models.errors import Unavailable
from models.looked import LISTS, Look
from runtime import building
from runtime.keyring import KeyRing
from runtime.settings import settings
from runtime.verbs import account
from tests.audit_help import ONE_OF_EACH, rehearsed


@pytest.fixture(autouse=True)
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A ledger of its own with one case, and no server."""
    for name in [name for name in os.environ if name.startswith("CASEWORK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CASEWORK_HOME", str(tmp_path))
    monkeypatch.setenv("CASEWORK_PORT", "1")
    settings.cache_clear()
    KeyRing.create(settings().key_ring_file)
    with building.open_ledger(settings()) as ledger:
        made = rehearsed(ONE_OF_EACH[2], ledger).case_id
    yield made
    settings.cache_clear()


def invoke(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def document(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(invoke(*words, "--json").stdout)
    return found


def looks(of: str = LISTS) -> list[Look]:
    with building.open_ledger(settings()) as ledger:
        return ledger.looks.of(of)


@pytest.mark.parametrize(
    ("words", "person", "seen", "asked"),
    [
        (("list", "--procedure", "C", "--closed", "--limit", "7", "--as", "lm-1"), "lm-1", "cases",
         {"procedure": "court_proceedings", "closed": "yes", "limit": "7"}),
        (("list",), None, "cases", {"limit": "100"}),
        (("inbox", "--as", "lm-1"), "lm-1", "inbox", {}),
        (("outbox", "--as", "lm-1", "--failed"), None, "notices", {"to": "lm-1", "failed": "yes"}),
        (("verify", "--as", "adm-1"), "adm-1", "verification", {}),
        (("looks", "--as", "aud-1"), "aud-1", "looks", {}),
    ],
)  # fmt: skip
def test_each_list_is_recorded_each_time_with_the_account(
    words: tuple[str, ...], person: str | None, seen: str, asked: dict[str, str]
) -> None:
    codes = [invoke(*words).exit_code for _ in range(2)]

    assert codes == [0, 0]
    said = [(one.person, one.seen, one.door, one.asked) for one in looks()]
    assert said == [(person, seen, "command_line", asked)] * 2
    assert {one.account for one in looks()} == {account()}


def test_verifying_one_case_is_a_look_at_that_case(case: str) -> None:
    assert invoke("verify", case, "--as", "aud-1").exit_code == 0

    assert [(one.person, one.seen) for one in looks(case)] == [("aud-1", "verification")]
    assert looks() == []


def test_what_may_be_damaged_is_verified_also_when_that_cannot_be_recorded(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise Unavailable("The ledger cannot be reached.")

    monkeypatch.setattr(LookBook, "note", full)
    shown = invoke("verify")

    assert shown.exit_code == 0
    assert "Every chain holds" in shown.stdout
    assert "could not be recorded" in shown.stdout
    assert document("verify", case)["recorded"] is False
    assert invoke("list").exit_code == 4, "a list is not shown then"


def test_verify_believes_nobody_who_is_not_there() -> None:
    assert invoke("verify", "--as", "nobody at all").exit_code == 2


def test_auditors_read_who_looked_the_newest_first_and_nobody_else_does(case: str) -> None:
    invoke("show", case, "--as", "lm-1")
    invoke("trail", case)
    invoke("list", "--as", "adm-1")
    of_case = document("looks", case, "--as", "aud-1")
    of_lists = invoke("looks", "--as", "aud-1")

    assert [(one["seq"], one["person"], one["seen"]) for one in of_case["looks"]] == [
        (3, "aud-1", "looks"),
        (2, None, "trail"),
        (1, "lm-1", "case"),
    ]
    first, second, last = of_lists.stdout.splitlines()
    assert "Auditor" in first
    assert first.endswith(": looks, 2 rows")
    assert second.endswith(f"command line of {account()}: cases, limit 100, 1 row")
    assert last == "2 of 2, the newest first."
    assert len(document("looks", "--limit", "1", "--as", "aud-1")["looks"]) == 1
    by_auditor = document("looks", case, "--by", "aud-1", "--as", "aud-1")
    assert [one["seen"] for one in by_auditor["looks"]] == ["looks"]
    everywhere = document("looks", "--by", "aud-1", "--as", "aud-1")
    assert everywhere["looks"][0]["seen"] == "person"
    assert everywhere["looks"][0]["asked"] == {"person": "aud-1", "reference": case}
    assert invoke("looks", "--by", "nobody-here", "--as", "aud-1").exit_code == 2
    assert invoke("looks", "--by", "aud-1", "--as", "adm-1").exit_code == 3
    assert invoke("looks", "--as", "adm-1").exit_code == 3
    assert invoke("looks", "case-nowhere", "--as", "aud-1").exit_code == 2


def test_verify_finds_a_look_at_a_list_that_was_taken_out(tmp_path: Path) -> None:
    for _ in range(3):
        invoke("list")
    with sqlite3.connect(tmp_path / "ledger.db") as there:
        there.execute("DROP TRIGGER looked_never_leaves")
        there.execute("DELETE FROM looked WHERE case_id = 'lists' AND seq = 2")
    shown = invoke("verify")

    assert shown.exit_code == 3
    assert "lists of cases: who looked is not as it was recorded, from look 2 on" in shown.stdout
    assert document("verify")["lists"]["broken_seq"] == 2
    assert invoke("looks", "--as", "aud-1").exit_code == 3
