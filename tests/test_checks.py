"""The self-check: each thing that can be wrong is found, alone, and told with what to do."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import yaml
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from typer.testing import CliRunner

import cli
import policy
from models.errors import Misconfigured
from models.evidence import Handling
from runtime import building, checks, checks_here, checks_running, instance, recovery
from runtime.checks import Check
from runtime.clock import utc_now
from runtime.codec import CaseCodec
from runtime.keyring import KeyRing
from runtime.server import EmbeddedServer
from runtime.settings import PROJECT, Settings, settings
from tests import evidence_files
from tests.service import Service, running
from worker import make_key_at_first_start

Make = Callable[..., Settings]


async def asked(chosen: Settings) -> dict[str, Check]:
    return {check.name: check for check in await checks.doctor(chosen)}


@pytest.fixture
def ready(settings_factory: Make) -> Settings:
    """Settings of a service that could start: key ring, ledger, directory."""
    chosen = settings_factory()
    building.open_ledger(chosen).close()
    return chosen


@pytest.fixture(name="apart", scope="module")
async def apart_fixture(
    server: EmbeddedServer, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """The shared server with a ledger and a task queue of its own: no other test's cases."""
    ledger = f"sqlite:///{tmp_path_factory.mktemp('checks')}/ledger.db"
    given = {"database": SecretStr(ledger), "task_queue": f"checks-{uuid4().hex[:8]}"}
    async with running(server.settings.model_copy(update=given), client) as service:
        yield service


async def test_a_running_service_is_in_order(apart: Service) -> None:
    await apart.open()
    found = await asked(apart.settings)

    assert {name for name, check in found.items() if check.ok is not True} == set(), found


async def test_cases_that_do_not_go_on_are_named_and_work_that_nobody_holds_is_not(
    apart: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, gone_on = await apart.open(), await apart.open()
    await apart.handle(lost).terminate()
    # A case that is missing in Temporal's list for less than a minute may only be late there.
    monkeypatch.setattr(checks_running, "utc_now", lambda: utc_now() + timedelta(minutes=2))
    found = (await asked(apart.settings))["Cases"]
    await recovery.start_missing(apart.client, apart.ledger, apart.settings.task_queue)

    assert found.ok is False
    assert found.said == "Some do not go on:"
    assert [one.partition(":")[0] for one in found.faults] == [lost]
    assert "goes on from the ledger" in found.faults[0]
    assert gone_on not in str(found)


async def test_without_a_server_only_what_needs_one_is_wrong(ready: Settings) -> None:
    found = await asked(ready)

    assert [name for name, check in found.items() if check.ok is False] == ["Temporal server"]
    assert "make run" in found["Temporal server"].said
    assert found["Worker"].ok is None
    assert found["Temporal HTTP API"].ok is None


async def test_a_server_without_a_worker_is_told_apart(apart: Service) -> None:
    lonely = apart.settings.model_copy(update={"task_queue": "nobody-works-here"})

    found = await asked(lonely)

    assert [name for name, check in found.items() if not check.ok] == ["Worker"]
    assert "decisions wait" in found["Worker"].said


async def test_looking_makes_nothing(settings_factory: Make, tmp_path: Path) -> None:
    chosen = settings_factory(home=tmp_path / "none")

    found = await asked(chosen)

    assert not chosen.home.exists()
    assert "casework key new" in found["Key ring"].said
    assert "make run" in found["Ledger"].said
    # One missing key is one line, not four.
    assert [name for name, check in found.items() if check.ok is False] == ["Key ring", "Ledger"]


async def test_a_key_ring_open_to_others_is_wrong(ready: Settings) -> None:
    ready.key_ring_file.chmod(0o644)

    assert "chmod 600" in (await asked(ready))["Key ring"].said


async def test_a_codec_that_lets_plain_text_in_is_wrong(
    ready: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lets_in(self: CaseCodec, payload: Payload) -> Payload:
        return payload

    monkeypatch.setattr(CaseCodec, "_open", lets_in)

    found = (await asked(ready))["Encryption"]

    assert found.ok is False
    assert "Do not start" in found.said


@pytest.mark.parametrize("let_in", ["plain", "altered", "moved"])
async def test_each_hole_in_the_codec_is_found_by_itself(
    ready: Settings, monkeypatch: pytest.MonkeyPatch, let_in: str
) -> None:
    whole = CaseCodec._open

    def leaky(self: CaseCodec, payload: Payload) -> Payload:
        encrypted = payload.metadata.get("encoding") == b"binary/encrypted"
        holes = {
            "plain": bool(payload.metadata) and not encrypted,
            "altered": encrypted and payload.data.endswith(b"\0\0"),
            "moved": encrypted and b"case-other" in self._context,
        }
        return payload if holes[let_in] else whole(self, payload)

    monkeypatch.setattr(CaseCodec, "_open", leaky)

    assert (await asked(ready))["Encryption"].ok is False


async def test_encryption_turned_off_is_said(settings_factory: Make) -> None:
    chosen = settings_factory(encryption=False)

    assert (await asked(chosen))["Encryption"].said.startswith("OFF")


async def test_a_key_ring_that_opens_forgeries_is_wrong(
    ready: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeyRing, "open", lambda *_: b"self-check")

    assert "Do not start" in (await asked(ready))["Key ring"].said


async def test_a_full_disk_is_wrong(ready: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1024))

    assert "Make room" in (await asked(ready))["Folder"].said


async def test_a_folder_that_is_a_file_is_wrong(settings_factory: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    found = await asked(settings_factory(home=tmp_path / "file"))

    assert "CASEWORK_HOME" in found["Folder"].said


async def test_a_ring_of_other_keys_than_the_cases_is_wrong(
    service: Service, tmp_path: Path
) -> None:
    await service.open()
    other = KeyRing.create(tmp_path / "other.json")
    wrong = service.settings.model_copy(update={"key_ring": other.path})

    found = (await asked(wrong))["Case keys"]

    assert found.ok is False
    assert "CASEWORK_KEY_RING" in found.said


def test_a_home_that_is_a_file_is_told_before_a_key_is_made(
    settings_factory: Make, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    chosen = settings_factory(home=tmp_path / "file")

    with pytest.raises(Misconfigured, match="CASEWORK_HOME"):
        make_key_at_first_start(chosen)


async def test_an_evidence_folder_is_checked_with_its_key(ready: Settings) -> None:
    assert "it will be made" in (await asked(ready))["Evidence"].said

    with closing(building.open_ledger(ready)) as ledger:
        by = Handling(case_id="case-1", person="p-ada", at=utc_now())
        building.open_evidence(ready, ledger).put(evidence_files.png(), by)
    assert "3 sealed pieces" in (await asked(ready))["Evidence"].said

    (ready.evidence_folder / "address.key").unlink()
    without = (await asked(ready))["Evidence"]
    assert without.ok is False
    assert "Put it back" in without.said


async def test_an_evidence_folder_that_is_a_file_is_wrong(ready: Settings) -> None:
    ready.evidence_folder.write_text("")

    assert "CASEWORK_EVIDENCE" in (await asked(ready))["Evidence"].said


@pytest.mark.parametrize("version", ["0000", "9999"])
async def test_a_ledger_of_another_version_is_wrong(ready: Settings, version: str) -> None:
    with closing(sqlite3.connect(ready.home / "ledger.db")) as ledger:
        ledger.execute("update alembic_version set version_num = ?", [version])
        ledger.commit()

    found = (await asked(ready))["Ledger"]

    assert found.ok is False
    assert "not those of this program" in found.said


async def test_every_fault_of_the_directory_is_named(
    settings_factory: Make, tmp_path: Path
) -> None:
    people: dict[str, Any] = yaml.safe_load((PROJECT / "examples" / "directory.yaml").read_text())
    people["people"][0]["line_manager"] = "nobody-9"
    people["people"][1]["roles"] = ["KING"]
    path = tmp_path / "directory.yaml"
    path.write_text(yaml.safe_dump(people))

    found = (await asked(settings_factory(directory=path)))["Directory"]

    assert found.ok is False
    assert any("nobody-9" in fault for fault in found.faults)
    assert any("KING" in fault for fault in found.faults)


async def test_a_calendar_that_ends_within_a_year_is_wrong(
    ready: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks_here, "utc_now", lambda: datetime(2030, 1, 5, tzinfo=UTC))

    assert "make_calendar" in (await asked(ready))["Calendar"].said


async def test_an_old_python_is_wrong(ready: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))

    found = (await asked(ready))["Python"]

    assert (found.ok, "3.10.1" in found.said) == (False, True)


async def test_a_policy_file_without_a_deadline_that_is_used_is_wrong(
    ready: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = policy.book()
    fewer = {key: line for key, line in book.deadlines.items() if key != "D-T2"}
    monkeypatch.setattr(policy, "book", lambda: book.model_copy(update={"deadlines": fewer}))

    assert "D-T2" in (await asked(ready))["Policy"].said


async def test_an_open_http_api_is_wrong(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    # What no start of ours leaves open; `http_closed` itself is tested with the server.
    monkeypatch.setattr(checks_here, "http_closed", lambda _: False)

    assert instance.running(service.settings) is not None
    assert "any web page" in (await asked(service.settings))["Temporal HTTP API"].said


async def test_a_check_that_breaks_does_not_hide_the_others(
    ready: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("Maisie Invented")

    monkeypatch.setattr(policy, "calendar", broken)

    found = await asked(ready)

    assert found["Calendar"].said == "This could not be checked (ZeroDivisionError)."
    assert found["Policy"].ok


# --- before the worker takes work ---------------------------------------------------------------


async def test_a_worker_may_start_when_all_is_in_order(ready: Settings) -> None:
    with building.open_ledger(ready) as ledger:
        await checks.or_stop(ready, ledger)


async def test_a_worker_stops_at_the_first_thing_wrong(ready: Settings) -> None:
    with building.open_ledger(ready) as ledger:
        ready.key_ring_file.chmod(0o644)
        with pytest.raises(Misconfigured, match=r"^Key ring: .*chmod 600"):
            await checks.or_stop(ready, ledger)


# --- as the operator sees it --------------------------------------------------------------------


def test_doctor_without_a_service_says_what_to_do_and_exits_with_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEWORK_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    try:
        shown = CliRunner().invoke(cli.app, ["doctor"])
        as_json = CliRunner().invoke(cli.app, ["doctor", "--json"])
    finally:
        settings.cache_clear()

    assert shown.exit_code == as_json.exit_code == 4
    assert "WRONG Key ring:" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "2 things are wrong."
    assert all(
        line[:6] in ("ok    ", "WRONG ", "-     ") for line in shown.stdout.splitlines()[:-1]
    )
    assert '"ok": false' in as_json.stdout


def test_doctor_names_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORK_PORT", "many")
    settings.cache_clear()
    try:
        shown = CliRunner().invoke(cli.app, ["doctor"])
    finally:
        settings.cache_clear()

    assert shown.exit_code == 4
    assert "WRONG Settings:" in shown.stdout
    assert "CASEWORK_PORT" in shown.stdout
