"""The command line: what it says, to whom, and with which exit code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from typer.testing import CliRunner, Result

import cli
from models.errors import Refused
from runtime import desk as desk_module
from runtime import verbs_of_service
from runtime.answers import fault
from runtime.rehearsal import read_story
from runtime.settings import PROJECT, settings
from runtime.verbs import account
from tests.service import ARRANGE, CLOSE, REASON, Service, intake

EXAMPLE = PROJECT / "examples" / "direction.yaml"
STORY = PROJECT / "stories" / "court_directed_access" / "completed.yaml"
PAGE = cli.cli_page()
COMMANDS = [line.removeprefix("## casework ") for line in PAGE.splitlines() if line[:3] == "## "]

Invoke = Callable[..., Result]


def invoke(*words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, list(words), input=given)


def document(result: Result) -> dict[str, Any]:
    """What --json printed: one document and nothing else."""
    found: dict[str, Any] = json.loads(result.stdout)
    assert result.stderr == ""
    return found


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Every test has settings of its own, and a port where nobody listens."""
    for name in [name for name in os.environ if name.startswith("CASEWORK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CASEWORK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CASEWORK_PORT", "1")
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


# --- every command ------------------------------------------------------------------------------


def test_the_commands_are_those_of_the_issue() -> None:
    assert COMMANDS == [
        "open", "decide", "advice", "inbox", "show", "trail", "bundle", "list", "outbox", "looks", "due", "rehearse",
        "verify",
        "replay", "publish", "doctor", "key new", "key rotate",
        "evidence add", "evidence list", "evidence get",
        "absence record", "absence withdraw", "absence list", "calendar list", "calendar propose",
        "calendar show", "calendar confirm", "calendar drop", "notices retry",
    ]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_takes_json_and_is_in_the_reference(command: str) -> None:
    shown = invoke(*command.split(), "--help")

    assert shown.exit_code == 0
    assert "--json" in shown.stdout
    own = PAGE.split(f"## casework {command}\n")[1].split("\n## ")[0]
    assert f"Usage: casework {command}" in own
    # Options without a word of help would be listed by their name alone.
    options = [line for line in own.splitlines() if line.startswith("  -")]
    assert all(re.search(r"\S  +\S|^  \S.{20,}$", line) for line in options), options


def test_the_reference_is_as_committed() -> None:
    assert (PROJECT / "docs" / "cli.md").read_text() == PAGE, "run `make publish`"


def test_help_is_there_without_loading_the_service() -> None:
    code = "import cli, sys; cli.cli_page; print([m for m in ('temporalio', 'sqlalchemy', 'pydantic') if m in sys.modules])"

    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert shown.stdout.strip() == "[]"


def test_no_words_at_all_show_the_commands() -> None:
    shown = invoke()

    assert shown.exit_code == 0
    assert "rehearse" in shown.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bogus"], "No such command 'bogus'"),
        (["open", "D"], "--form"),
        (["decide", "case-1"], "ACT"),
        (["show"], "CASE"),
        (["list", "--limit", "no"], "--limit"),
        (["list", "--limit", "0"], "--limit"),
        (["rehearse", "x.yaml", "--on", "moon"], "--on"),
        (["key"], "Missing command"),
        (["show", "case-1", "--colour"], "--colour"),
    ],
)
def test_words_that_are_no_command_are_the_askers_input(words: list[str], said: str) -> None:
    shown, as_json = invoke(*words), invoke(*words, "--json")

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert said in shown.stderr
    assert "--help`" in shown.stderr
    assert as_json.exit_code == 2
    assert document(as_json)["error"]["kind"] == "usage"


# --- due ----------------------------------------------------------------------------------------


def test_due_over_christmas_shows_every_day_and_adds_up() -> None:
    shown = invoke("due", "2026-12-24 15:30", "16h")

    assert shown.exit_code == 0
    assert "closed: Christmas Day" in shown.stdout
    assert "due Wed 30 Dec 2026 15:30 GMT" in shown.stdout
    # 1 h 30 min + 8 h + 6 h 30 min
    assert re.findall(r"   ((?:\d+ \w+ ?)+)$", shown.stdout, re.MULTILINE) == [
        "1 h 30 min", "8 h", "6 h 30 min",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "amount", "wall", "due"),
    [
        ("2026-12-24 15:30", "16wh", False, "2026-12-30T15:30:00Z"),  # h and wh are the same here
        ("2026-11-27 16:45", "30min", False, "2026-11-30T09:15:00Z"),  # a Friday: 15 min, then 15
        ("2026-11-27 16:45", "30wmin", False, "2026-11-30T09:15:00Z"),
        ("2026-11-27 16:45", "30min", True, "2026-11-27T17:15:00Z"),
        ("2027-03-27 12:00", "24h", True, "2027-03-28T12:00:00Z"),  # 13:00 BST: a day of 23 hours
        ("2027-10-30 12:00", "24h", True, "2027-10-31T11:00:00Z"),  # 11:00 GMT: one of 25
        ("2026-12-24 15:30", "0h", False, "2026-12-24T15:30:00Z"),
    ],
)
def test_due_counts_working_time_or_every_hour(
    start: str, amount: str, wall: bool, due: str
) -> None:
    shown = document(invoke("due", start, amount, "--json", *["--wall"] * wall))

    assert shown["due"] == due
    counted = [step for step in shown["steps"] if step["kind"] == "counted"]
    assert sum(map(_minutes, counted)) == _whole(amount)


def test_due_in_the_repeated_hour_names_the_two_times_so_that_they_add_up() -> None:
    shown = invoke("due", "2027-10-31 01:30", "30min", "--wall")

    assert "01:30 BST-01:00 GMT   30 min" in shown.stdout


def _minutes(step: dict[str, str]) -> float:
    found = re.fullmatch(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?", step["amount"])
    assert found, step
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return days * 1440 + hours * 60 + minutes


def _whole(amount: str) -> int:
    number = int(re.sub(r"\D", "", amount))
    return number * (1 if amount.endswith("min") else 60)


def test_a_day_of_a_clock_change_counts_the_hours_it_has() -> None:
    spring = invoke("due", "2027-03-27 12:00", "48h", "--wall").stdout
    autumn = invoke("due", "2027-10-30 12:00", "48h", "--wall").stdout

    assert re.search(r"Sun 28 Mar 2027 .* 23 h\n", spring)
    assert re.search(r"Sun 31 Oct 2027 .* 25 h\n", autumn)


def test_due_says_which_of_two_equal_hours_was_taken() -> None:
    assert (
        "comes twice: the first (BST) was taken" in invoke("due", "2027-10-31 01:30", "1h").stdout
    )


@pytest.mark.parametrize(
    ("start", "amount", "code", "said"),
    [
        ("yesterday", "1h", 2, "cannot be read"),
        ("2027-03-28 01:30", "1h", 2, "does not exist"),
        ("2026-12-24 15:30", "16", 2, "Write an amount"),
        ("2026-12-24 15:30", "-1h", 2, ""),
        ("2026-12-24 15:30", "999999999h", 2, "too long"),
        ("2030-12-31 15:30", "16h", 4, "calendar"),  # never taken as a working day
        ("2206-01-01 10:00", "1h", 4, "calendar"),
    ],
)
def test_due_refuses_what_it_cannot_count(start: str, amount: str, code: int, said: str) -> None:
    shown = invoke("due", start, amount)

    assert (shown.exit_code, shown.stdout) == (code, "")
    assert said in shown.stderr


def test_working_hours_are_never_mixed_with_the_wall_clock() -> None:
    assert invoke("due", "2026-12-24 15:30", "16wh", "--wall").exit_code == 2


# --- a dry run ----------------------------------------------------------------------------------


def test_a_dry_run_shows_the_path_who_decides_and_by_when_and_leaves_nothing(home: Path) -> None:
    shown = invoke("open", "D", "--form", str(EXAMPLE), "--as", "fca-1", "--dry-run")

    assert shown.exit_code == 0, shown.stderr
    for said in ("Nothing was sent", "Line manager: Beatrix Olumide (lm-1)", "Total", "(reconstructed)",
                 "Communications arranging", "It ends as: Completed"):  # fmt: skip
        assert said in shown.stdout
    assert not home.exists()


def test_a_dry_run_of_what_no_court_directed_is_refused(tmp_path: Path) -> None:
    wish = tmp_path / "wish.yaml"
    wish.write_text(EXAMPLE.read_text().replace("asked_by: court ", "asked_by: own_idea "))

    shown = invoke("open", "d", "--form", str(wish), "--as", "fca-1", "--dry-run", "--json")

    assert shown.exit_code == 3
    assert document(shown)["refusal"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("law_type: private ", "law_type: secret ", "law_type: must be one of"),
        ("unclear: no ", "unclear: perhaps ", "unclear: must be yes or no"),
        ("order_date: 2026-11-17", "order_date: 2026-11-19", "order_date is after received_at"),
        ("order_date: 2026-11-17", "order_date: 31/02/2026", "order_date: "),
        ("received_at: 2026-11-18 09:40", "received_at: 2206-01-01 09:00", "in the future"),
        ("declaration: yes ", "colour: blue\ndeclaration: yes ", "colour: is not a field"),
        ("declaration: yes ", "declaration: no ", "must be ticked"),
        ("note: Public", f"note: {'x' * 50_000}", "scope.note: is too long"),
        ("pages: 3  ", "pages: three ", "order_document.pages: must be a whole number"),
    ],
)
def test_a_form_at_fault_names_field_and_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = EXAMPLE.read_text()
    assert old in text
    bad = tmp_path / "bad.yaml"
    bad.write_text(text.replace(old, new))

    shown = invoke("open", "D", "--form", str(bad), "--as", "fca-1", "--dry-run")

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert said in shown.stderr
    assert "line " in shown.stderr or "received_at" in shown.stderr


@pytest.mark.parametrize(
    ("procedure", "who", "code", "said"),
    [
        ("Z", "fca-1", 2, "no procedure of that name"),
        ("D", "nobody-9", 2, "Nobody here"),
        ("D", "com-1", 3, "cannot open this procedure"),
        ("D", "left-1", 3, "cannot open this procedure"),
    ],
)
def test_who_may_open_what_is_asked_first(procedure: str, who: str, code: int, said: str) -> None:
    shown = invoke("open", procedure, "--form", str(EXAMPLE), "--as", who, "--dry-run")

    assert (shown.exit_code, shown.stdout) == (code, "")
    assert said in shown.stderr


# --- rehearse, publish, key ---------------------------------------------------------------------


def test_a_story_is_rehearsed_on_the_core() -> None:
    shown = invoke("rehearse", str(STORY))
    as_json = document(invoke("rehearse", str(STORY), "--json"))

    assert shown.exit_code == 0, shown.stderr
    assert "Completed: reported to court" in shown.stdout
    assert as_json["faults"] == []
    assert as_json["trail"]


async def test_a_story_is_rehearsed_on_a_real_server() -> None:
    words = [sys.executable, "cli.py", "rehearse", str(STORY), "--on", "server", "--json"]

    process = await asyncio.create_subprocess_exec(
        *words, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, _ = await process.communicate()

    played = json.loads(out)
    assert (process.returncode, played["on"], played["faults"]) == (0, "server", [])


def test_a_story_that_comes_otherwise_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    data = yaml.safe_load(STORY.read_text())
    folder = tmp_path / STORY.parent.name
    folder.mkdir()
    (folder / "_usual.yaml").write_bytes((STORY.parent / "_usual.yaml").read_bytes())
    text = STORY.read_text().replace(f"outcome: {data['outcome']}", "outcome: stopped")
    (folder / "other.yaml").write_text(text)

    shown = invoke("rehearse", str(folder / "other.yaml"))

    assert shown.exit_code == 3, shown.stdout + shown.stderr
    assert "1 expectations failed" in shown.stdout


@pytest.mark.parametrize("content", ["just words", "title: x\ncolour: blue", "a: [", None])
def test_a_story_that_cannot_be_read_is_the_askers_input(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "story.yaml"
    if content is not None:
        path.write_text(content)

    shown = invoke("rehearse", str(path))

    assert (shown.exit_code, shown.stdout) == (2, "")


def test_what_is_published_and_stale_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs_of_service, "PROJECT", tmp_path)
    assert invoke("publish", "--check").exit_code == 3

    written = document(invoke("publish", "--json"))["written"]
    assert "docs/cli.md" in written
    assert (tmp_path / "docs" / "cli.md").read_text() == PAGE
    assert invoke("publish", "--check").exit_code == 0

    (tmp_path / "docs" / "cli.md").write_text("old")
    assert document(invoke("publish", "--check", "--json"))["stale"] == ["docs/cli.md"]


def test_a_key_ring_is_made_once_and_rotated(home: Path) -> None:
    first = document(invoke("key", "new", "--json"))
    again = invoke("key", "new")
    rotated = document(invoke("key", "rotate", "--json"))

    assert (home / "keyring.json").stat().st_mode & 0o777 == 0o600
    assert again.exit_code == 4
    assert "left as it is" in again.stderr
    assert rotated["primary"] != first["primary"]
    assert first["primary"] in json.loads((home / "keyring.json").read_text())["keys"]


def test_a_key_ring_is_never_made_beside_cases_of_another(home: Path) -> None:
    home.mkdir()
    (home / "ledger.db").write_bytes(b"cases")

    shown = invoke("key", "new")

    assert shown.exit_code == 4
    assert "could not read them" in shown.stderr
    assert not (home / "keyring.json").exists()


# --- not available ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["inbox", "--as", "lm-1"],
        ["show", "case-1"],
        ["list"],
        ["verify"],
        ["replay", "case-1"],
        ["open", "D", "--form", str(EXAMPLE), "--as", "fca-1"],
    ],
)
def test_without_a_key_every_verb_says_how_to_make_one(words: list[str]) -> None:
    shown, as_json = invoke(*words), invoke(*words, "--json")

    assert (shown.exit_code, shown.stdout) == (4, "")
    assert "casework key new" in shown.stderr
    assert (as_json.exit_code, document(as_json)["error"]["kind"]) == (4, "misconfigured")


def test_without_a_server_nothing_is_sent_and_the_form_can_be_sent_again() -> None:
    invoke("key", "new")

    shown = invoke("open", "D", "--form", str(EXAMPLE), "--as", "fca-1")

    assert (shown.exit_code, shown.stdout) == (4, "")
    assert "nothing was sent" in shown.stderr
    assert "make run" in shown.stderr


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORK_PRT", "7233")

    shown = invoke("list")

    assert shown.exit_code == 4
    assert "CASEWORK_PORT" in shown.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "case-nowhere"], "no case with that reference"),
        (["trail", "case-nowhere"], "no case with that reference"),
        (["verify", "case-nowhere"], "no case with that reference"),
        (["decide", "case-nowhere", "agree", "--as", "lm-1"], "no case with that reference"),
        (["inbox", "--as", "nobody-9"], "Nobody here"),
        (["outbox", "--as", "nobody-9"], "Nobody here"),
        (["list", "--procedure", "Z"], "no procedure of that name"),
        (["list", "--state", "D99"], "no such state"),
        (["list", "--reference", "Mia"], "no reference of a case"),
    ],
)
def test_what_does_not_exist_is_the_askers_input(words: list[str], said: str) -> None:
    invoke("key", "new")

    shown = invoke(*words)

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert said in shown.stderr


def test_empty_lists_say_so() -> None:
    invoke("key", "new")

    assert "no such cases" in invoke("list").stdout
    assert "no such notices" in invoke("outbox").stdout
    assert "Nothing is waiting for Beatrix Olumide (lm-1)" in invoke("inbox", "--as", "lm-1").stdout
    assert "Checked 0 cases" in invoke("verify").stdout


# --- whatever goes wrong ------------------------------------------------------------------------


def test_an_unexpected_error_is_one_sentence_with_its_place_and_no_case_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("Maisie Invented")

    invoke("key", "new")
    monkeypatch.setattr(desk_module.Desk, "show", broken)
    shown = invoke("show", "case-1")

    assert (shown.exit_code, shown.stdout) == (4, "")
    assert "KeyError at " in shown.stderr
    assert "What is recorded is safe" in shown.stderr
    assert "Maisie" not in shown.stderr
    assert "Traceback" not in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_the_place_of_an_error_is_the_last_one_of_ours() -> None:
    try:
        read_story(None)  # type: ignore[arg-type]
    except AttributeError as error:
        told = "\n".join(fault(error).lines)

    assert re.search(r"AttributeError at runtime\.rehearsal\.reading:\d+", told)


def test_a_folder_that_cannot_be_made_is_named_with_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CASEWORK_HOME", str(tmp_path / "file" / "home"))

    shown = invoke("list")

    assert (shown.exit_code, shown.stdout) == (4, "")
    assert "cannot be made: Not a directory" in shown.stderr
    assert "CASEWORK_HOME" in shown.stderr


def test_a_choice_that_is_none_is_said_without_the_librarys_own_words() -> None:
    shown = invoke("rehearse", "story.yaml", "--on", "paper")

    assert shown.exit_code == 2
    assert "'paper' is not one of 'core', 'server'" in shown.stderr
    assert "Value error" not in shown.stderr


def test_a_refusal_names_its_clause() -> None:
    answer = fault(Refused("not_a_starter", "Not for you.", "4.1"))

    assert list(answer.lines) == ["Not for you. [4.1]"]
    assert answer.document["error"]["code"] == "not_a_starter"
    assert answer.code == 3


def test_stopping_a_verb_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    # It waits for the form, which never comes.
    words = [sys.executable, "cli.py", "open", "D", "--form", "-", "--as", "fca-1", "--dry-run"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=PROJECT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        _until_it_reads(process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (130, b"")
    assert err.decode().strip() == "Stopped. What had been recorded by then stays recorded."


def _until_it_reads(process: subprocess.Popen[bytes]) -> None:
    """Until it waits for its standard input, as the kernel says; where it does not say, a while."""
    where = Path(f"/proc/{process.pid}/wchan")
    for _ in range(300):
        time.sleep(0.05)
        if where.exists() and "pipe" in where.read_text():
            return


def test_whoever_stops_reading_gets_no_traceback() -> None:
    words = [sys.executable, "cli.py", "due", "2026-11-02 09:00", "6000h"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=PROJECT, stdout=pipe, stderr=pipe) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        told = process.stderr.read()

    assert process.returncode == 1
    assert told == b""


# --- a case, from the form to the audit, on the real server --------------------------------------


@pytest.fixture
def there(service: Service, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The command line's settings are those of the running service."""
    monkeypatch.setenv("CASEWORK_HOME", str(service.settings.home))
    monkeypatch.setenv("CASEWORK_PORT", str(service.settings.port))
    settings.cache_clear()
    yield service
    settings.cache_clear()


async def run(*words: str) -> Result:
    # In a thread of its own: a verb runs a loop of its own, while the worker works in this one.
    return await asyncio.to_thread(invoke, *words)


async def done(*words: str) -> dict[str, Any]:
    """A verb that succeeds, as plain data."""
    result = await run(*words, "--json")
    assert result.exit_code == 0, result.stdout
    return document(result)


def test_whoever_says_danger_hears_of_999_before_anything_else(tmp_path: Path) -> None:
    text = (PROJECT / "examples" / "comment.yaml").read_text()
    danger = text.replace("immediate_danger: no", "immediate_danger: yes")
    form = tmp_path / "danger.yaml"
    form.write_text(danger)
    command = ("open", "E", "--form", str(form), "--as", "fca-2", "--dry-run")

    without = invoke(*command)  # it lacks how the person can be reached, and hears it all the same
    form.write_text(f"{danger}\nsafe_contact: {{phone: 07700 900123, best_time: now}}\n")
    complete = invoke(*command)
    form.write_text(text)
    calm = invoke(*command)

    assert without.exit_code == 2
    assert without.stderr.startswith("If somebody is in danger now, call 999 first.")
    assert complete.exit_code == 0, complete.stderr
    assert complete.stdout.startswith("If somebody is in danger now, call 999 first.")
    assert "999" not in calm.output


def a_form(folder: Path, **changes: Any) -> str:
    path = folder / f"{uuid4().hex}.yaml"
    path.write_text(yaml.safe_dump(intake(**changes)))
    return str(path)


def pairs(fields: dict[str, Any]) -> list[str]:
    words = {True: "yes", False: "no"}
    given = {n: words[v] if isinstance(v, bool) else v for n, v in fields.items()}
    return [word for name, value in given.items() for word in ("--field", f"{name}={value}")]


async def test_a_case_walks_from_the_form_to_the_audit(there: Service, tmp_path: Path) -> None:
    form = a_form(tmp_path)
    opened = await done("open", "D", "--form", form, "--as", "fca-1")
    again = await done("open", "D", "--form", form, "--as", "fca-1")
    case = opened["case_id"]
    assert (again["case_id"], again["repeated"]) == (case, True)

    waiting = await done("inbox", "--as", "lm-1")
    assert case in [row["case_id"] for row in waiting["inbox"]]

    why = ["--reason", REASON]
    await done("decide", case, "start-considering", "--as", "beatrix.olumide@agency.example")
    await done("decide", case, "d-04", "--as", "lm-1", *pairs({"targets_match_order": True}), *why)
    custodian = {"custodian": there.custodian()}
    await done("decide", case, "arrange_account", "--as", "com-3", *pairs(ARRANGE | custodian))
    await done("decide", case, "complete", "--as", "fca-1", *pairs({"report_prepared": True}))
    proof = tmp_path / "proof.eml"
    proof.write_text("sent")
    filed = tmp_path / "filed.yaml"
    filed.write_text(f"filed_at: {_now()}\nproof: {{file: {proof.name}}}\n")
    await done("decide", case, "file_report", "--as", "fca-1", "--fields", str(filed))
    last = await done("decide", case, "close_access", "--as", "com-3", *pairs(CLOSE))
    assert last["state"] == "completed"

    shown = await done("trail", case)
    assert [entry["act"] for entry in shown["trail"]] == [
        "D-01", "D-03", "D-04", "D-10", "D-20", "D-20a", "D-21",
    ]  # fmt: skip
    assert shown["trail"][2]["reason"] == REASON
    shown = await done("show", case)
    assert shown["case"]["closed"]
    assert [act["name"] for act in shown["acts"]] == ["reopen"]
    assert (await done("verify", case))["ok"]
    assert (await done("replay", case))["ok"]
    listed = await done("list", "--closed", "--state", "DF1", "--limit", "500")
    assert case in [row["case_id"] for row in listed["cases"]]
    named = await done("list", "--reference", case.upper())
    assert [row["case_id"] for row in named["cases"]] == [case]
    told = await done("outbox", "--case", case, "--as", "lm-1")
    assert {row["person"] for row in told["notices"]} == {"lm-1"}

    late = await run("decide", case, "agree", "--as", "lm-1", *why)
    assert late.exit_code == 3
    assert "This case is closed" in late.stderr


def _now() -> str:
    return (datetime.now(UTC) - timedelta(minutes=1)).isoformat()


async def test_the_same_walk_in_plain_words(there: Service, tmp_path: Path) -> None:
    opened = await run("open", "D", "--form", a_form(tmp_path), "--as", "fca-1")
    case = re.search(r"case-\w+", opened.stdout)[0]  # type: ignore[index]
    assert "Direction registered: line manager told (D1)" in opened.stdout
    assert "for: Beatrix Olumide (lm-1), Line manager" in opened.stdout

    shown = await run("show", case)
    assert "agree (D-04): Agree that access is necessary" in shown.stdout
    assert "asks: targets_match_order: yes or no" in shown.stdout
    assert "asks: --reason" in shown.stdout
    assert "send_order" not in shown.stdout  # nobody waits for an order
    assert "reopen" not in shown.stdout  # nothing is closed
    assert "Practitioner: Tamsin Okonjo (fca-1)." in shown.stdout
    assert "choose_after_date" in shown.stdout  # it belongs to this step
    theirs = (await run("show", case, "--as", "lm-1")).stdout
    assert "agree (D-04)" in theirs
    possible, _, not_now = theirs.partition("Cannot be done now, and why")
    assert "choose_after_date" not in possible  # and yet no date has passed
    assert re.search(r"choose_after_date \(D-\d+\w?\): .*\.", not_now)
    assert "agree (D-04)" not in not_now
    possible, _, not_now = (await run("show", case, "--as", "com-1")).stdout.partition("Cannot be")
    assert "agree (D-04)" not in possible
    assert re.search(r"agree \(D-04\): .{10}", not_now)
    assert "raise_emergency" in possible
    assert "Cannot be done now" not in shown.stdout  # nobody in particular looks
    why = {
        one["name"]: one["why_not"]
        for one in (await done("show", case, "--as", "com-1"))["not_now"]
    }
    assert f"agree (D-04): {why['agree']}" in not_now
    assert case in (await run("inbox", "--as", "Beatrix Olumide")).stdout

    applied = await run(
        "decide", case, "do_not_agree", "--as", "lm-1", "--reason", REASON,
        "--field", "ground=safer_source",
    )  # fmt: skip
    assert applied.exit_code == 0, applied.stderr
    assert "The case is at: Not agreed: with Legal (D3) (reconstructed)." in applied.stdout

    trail = (await run("trail", case)).stdout
    assert f"reason: {REASON}" in trail
    assert "ground: safer_source" in trail
    assert "(not agreed)" in trail
    assert "Tamsin Okonjo (fca-1), Practitioner" in trail
    assert "Every chain holds" in (await run("verify", case)).stdout
    assert "in the same order" in (await run("replay", case)).stdout
    assert case in (await run("list", "--procedure", "d", "--open", "--limit", "500")).stdout
    assert "no such cases" in (await run("list", "--state", "D3", "--overdue")).stdout
    outbox = (await run("outbox", "--case", case)).stdout
    assert "Something for you to do: Direction registered" in outbox


async def test_privileged_advice_shows_only_when_who_and_the_conclusion(
    there: Service, tmp_path: Path
) -> None:
    advice = "Privileged words that nobody outside Legal may read."
    case = await there.open()
    await there.act(case, "lm-1", "do_not_agree", ground="not_necessary")
    fields = {"conclusion": "comply", "advice": advice}
    await done(
        "decide", case, "D-06", "--as", "leg-1", "--reason", f"{advice} {REASON}", *pairs(fields)
    )
    # Refused, and still privileged: it carries the same advice.
    wrapped = tmp_path / "correct.yaml"
    wrapped.write_text(yaml.safe_dump({"act": "D-06", "fields": fields}))
    refused = await run(
        "decide", case, "correct_decision", "--as", "com-1", "--fields", str(wrapped),
        "--reason", advice + REASON,
    )  # fmt: skip
    assert refused.exit_code == 3

    as_json, shown = await run("trail", case, "--json"), await run("trail", case)

    assert "Privileged words" not in as_json.stdout + shown.stdout
    assert "conclusion: comply" in shown.stdout
    sealed = [entry for entry in document(as_json)["trail"] if entry["sealed"]]
    assert [entry["fields"] for entry in sealed] == [{"conclusion": "comply"}, {}]


async def test_privileged_advice_is_read_by_whoever_decides_on_it_and_by_nobody_else(
    there: Service,
) -> None:
    advice = "Privileged words that only those who decide may read."
    case = await there.open()
    await there.act(case, "lm-1", "do_not_agree", ground="not_necessary")
    await there.act(case, "leg-1", "advise_to_comply", conclusion="comply", advice=advice)
    seq = str(len(there.ledger.trail(case)))

    # Legal gave it, the manager and the next manager decide on it.
    for person in ("leg-1", "lm-1", "hop-1"):
        assert advice in (await run("advice", case, seq, "--as", person)).stdout
    for person in ("com-1", "fca-1", "aud-1", "adm-1", "lm-2"):
        refused = await run("advice", case, seq, "--as", person, "--json")
        assert (refused.exit_code, advice in refused.stdout) == (3, False), person
    assert (await run("advice", case, "1", "--as", "lm-1")).exit_code == 2

    kept = there.ledger.custody(there.ledger.lines_of(case)[int(seq) - 1].hash)
    assert [(line.did, line.by.person) for line in kept] == [
        ("read", "leg-1"), ("read", "lm-1"), ("read", "hop-1"),
    ]  # fmt: skip


async def test_a_refused_act_says_why_on_standard_error(there: Service) -> None:
    case = await there.open()

    shown = await run("decide", case, "agree", "--as", "fca-1", "--reason", REASON)
    no_reason = await run("decide", case, "agree", "--as", "lm-1", "--json")

    assert (shown.exit_code, shown.stdout) == (3, "")
    assert "This is for Line manager of this case" in shown.stderr
    assert "Recorded as entry 2" in shown.stderr
    assert no_reason.exit_code == 3
    assert document(no_reason)["code"] == "no_reason"


async def test_an_act_that_does_not_exist_is_not_sent(there: Service) -> None:
    case = await there.open()

    shown = await run("decide", case, "aggree", "--as", "lm-1")

    assert shown.exit_code == 2
    assert "Did you mean agree" in shown.stderr
    assert len(there.ledger.trail(case)) == 1


async def test_one_id_counts_once_however_often_it_is_sent(there: Service) -> None:
    case = await there.open()
    words = ["decide", case, "start_considering", "--as", "lm-1", "--id", "mine-1"]

    first, again = await done(*words), await done(*words)

    assert again["seq"] == first["seq"]
    assert len(there.ledger.trail(case)) == 2


async def test_a_decision_may_be_sent_without_waiting(there: Service) -> None:
    case = await there.open()

    sent = await done("decide", case, "start_considering", "--as", "lm-1", "--no-wait")

    assert sent["outcome"] == "sent"
    for _ in range(100):
        if len(there.ledger.trail(case)) > 1:
            break
        await asyncio.sleep(0.05)
    assert there.ledger.trail(case)[1].entry.decision == sent["decision"]


@pytest.mark.parametrize("waiting", [(), ("--no-wait",)], ids=["answered", "sent"])
async def test_a_referral_is_not_settled_by_a_case_that_is_not_there(
    there: Service, waiting: tuple[str, ...]
) -> None:
    case = await there.open()
    await there.act(case, "leg-1", "refer", to="E")

    wrong = await run(
        "decide", case, "take_referral", "--as", "lm-1", *waiting,
        *pairs({"to": "E", "case": "case-000000000000"}),
    )  # fmt: skip

    assert wrong.exit_code == 2
    assert "referral_e" in {duty.duty for duty in there.ledger.duties(case)}
    assert len(there.ledger.trail(case)) == 2


async def test_deciding_on_what_has_moved_on_is_refused(there: Service) -> None:
    case = await there.open()
    await there.act(case, "lm-1", "start_considering")

    shown = await run(
        "decide", case, "agree", "--as", "lm-1", "--saw", "1", "--reason", REASON,
        *pairs({"targets_match_order": True}),
    )  # fmt: skip

    assert shown.exit_code == 3
    assert "moved on" in shown.stderr


async def test_a_refused_intake_is_recorded_and_said(there: Service, tmp_path: Path) -> None:
    form = a_form(tmp_path, directed_to="local_authority")

    shown = await run("open", "D", "--form", form, "--as", "fca-1")

    assert (shown.exit_code, shown.stdout) == (3, "")
    assert "Refused: " in shown.stderr
    assert "It is recorded as case-" in shown.stderr


async def test_a_form_without_a_token_makes_one_case_and_says_so(
    there: Service, tmp_path: Path
) -> None:
    form = intake()
    del form["submission_token"]
    path = tmp_path / "form.yaml"
    path.write_text(yaml.safe_dump(form))
    words = ["open", "D", "--form", str(path), "--as", "fca-1"]

    first, again = await run(*words), await done(*words)

    assert "no submission_token" in first.stdout
    assert again["repeated"]
    assert again["token_made"]
    assert again["case_id"] in first.stdout


async def test_text_that_moves_the_cursor_does_not_reach_the_terminal(there: Service) -> None:
    case = await there.open()
    fields = {"odd": "2026-02-31T10:00:00Z", "\x1b[1m": [{"deep": 1.5}]}
    await there.desk.decide(case, "agree", "fca-1", reason=f"\x1b[2J\u202e{REASON}", fields=fields)

    shown = await run("trail", case)

    assert "\x1b" not in shown.stdout
    assert "\u202e" not in shown.stdout
    assert REASON in shown.stdout


async def test_verify_finds_a_changed_line_and_names_it(
    there: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await there.open()
    await there.act(case, "lm-1", "start_considering")
    monkeypatch.setenv("CASEWORK_HOME", str(_spoilt(there, case, tmp_path / "spoilt")))
    settings.cache_clear()

    shown, as_json = await run("verify", case), await run("verify", "--json")

    assert shown.exit_code == as_json.exit_code == 3
    assert f"{case}: entry 2 was changed after it was recorded" in shown.stdout
    found = document(as_json)
    assert [one["case_id"] for one in found["cases"] if not one["ok"]] == [case]


async def test_showing_and_reading_a_trail_are_recorded_once_each_with_who_looked(
    there: Service,
) -> None:
    case = await there.open()
    await run("show", case)
    await run("trail", case, "--as", "Beatrix Olumide")
    nobody = await run("show", case, "--as", "nobody at all")

    looks = there.desk.looks(case)
    assert nobody.exit_code == 2
    assert [(one.person, one.seen, one.door) for one in looks] == [
        (None, "case", "command_line"),
        ("lm-1", "trail", "command_line"),
    ]
    assert {one.account for one in looks} == {account()}
    assert account()


async def test_an_auditor_writes_a_bundle_and_nobody_else_does(
    there: Service, tmp_path: Path
) -> None:
    case = await there.open()
    out = str(tmp_path / "out.zip")
    refused = await run("bundle", case, "--as", "lm-1", "--out", out)
    made = await run("bundle", case, case, "--as", "aud-1", "--out", out, "--json")
    again = await run("bundle", case, "--as", "aud-1", "--out", out)

    assert (refused.exit_code, again.exit_code) == (3, 2)
    assert document(made)["cases"] == [case]
    written = os.stat(out)  # noqa: PTH116 - of a file that is there already
    assert written.st_size == document(made)["bytes"]
    with zipfile.ZipFile(out) as archive:
        assert f"cases/{case}/trail.json" in archive.namelist()
    assert written.st_mode & 0o077 == 0
    assert [(one.person, one.seen) for one in there.desk.looks(case)] == [("aud-1", "bundle")]


async def test_verify_finds_a_look_that_was_taken_out(
    there: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await there.open()
    await run("show", case)
    home = tmp_path / "hidden"
    home.mkdir()
    shutil.copy2(there.settings.key_ring_file, home / "keyring.json")
    old = sqlite3.connect(there.settings.home / "ledger.db")
    new = sqlite3.connect(home / "ledger.db")
    with contextlib.closing(old), contextlib.closing(new):
        old.backup(new)
        new.execute("drop trigger looked_never_leaves")
        new.execute("delete from looked where case_id = ?", [case])
        new.commit()
    assert (await run("verify", case)).exit_code == 0
    monkeypatch.setenv("CASEWORK_HOME", str(home))
    settings.cache_clear()
    shown = await run("verify", case)

    assert shown.exit_code == 3
    assert f"{case}: who looked is not as it was recorded, from look 1 on" in shown.stdout


def _spoilt(service: Service, case: str, home: Path) -> Path:
    """A copy of the service's ledger in which somebody changed a line of a case."""
    home.mkdir()
    shutil.copy2(service.settings.key_ring_file, home / "keyring.json")
    old = sqlite3.connect(service.settings.home / "ledger.db")
    new = sqlite3.connect(home / "ledger.db")
    with contextlib.closing(old), contextlib.closing(new):
        old.backup(new)
        new.execute("drop trigger entry_never_changes")
        new.execute(
            "update entry set body = replace(body, 'Start', 'Stop!') where case_id = ?", [case]
        )
        new.commit()
    return home


async def test_replay_of_a_case_temporal_does_not_know_is_said(there: Service) -> None:
    shown = await run("replay", "case-nowhere")

    assert shown.exit_code == 2
    assert "Temporal has no history" in shown.stderr


async def test_a_real_process_takes_an_act(there: Service) -> None:
    case = await there.open()
    words = [
        sys.executable,
        "cli.py",
        "decide",
        case,
        "start_considering",
        "--as",
        "lm-1",
        "--json",
    ]

    process = await asyncio.create_subprocess_exec(
        *words, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await process.communicate()

    assert (process.returncode, err) == (0, b"")
    assert json.loads(out)["outcome"] == "applied"
