from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from models.errors import Misconfigured
from runtime.settings import PROJECT, Settings, settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("CASEWORK_")]:
        monkeypatch.delenv(name)
    settings.cache_clear()


def test_it_works_with_nothing_set() -> None:
    chosen = settings()
    assert chosen.embedded
    assert chosen.address == "127.0.0.1:7233"
    assert chosen.database_url == f"sqlite:///{PROJECT}/var/ledger.db"
    assert chosen.key_ring_file == PROJECT / "var" / "keyring.json"


def test_it_is_read_once_and_cannot_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings()
    monkeypatch.setenv("CASEWORK_PORT", "7999")
    assert settings() is before
    with pytest.raises(ValueError, match="frozen"):
        before.port = 1  # type: ignore[misc]


def test_all_files_lie_below_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CASEWORK_HOME", str(tmp_path))
    chosen = settings()
    files = (chosen.temporal_file, chosen.lock_file, chosen.key_ring_file)
    assert {file.parent for file in files} == {tmp_path}
    assert str(tmp_path) in chosen.database_url


def test_an_empty_variable_is_one_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORK_PORT", "")
    assert settings().port == Settings().port


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"CASEWORK_PORT": "many"}, "CASEWORK_PORT: Input should be a valid integer"),
        ({"CASEWORK_PORT": "70000"}, "CASEWORK_PORT: Input should be less than or equal to 65535"),
        ({"CASEWORK_UI_PORT": "7233"}, "CASEWORK_PORT and CASEWORK_UI_PORT are the same"),
        ({"CASEWORK_SMTP_HOST": "mail.example"}, "CASEWORK_SMTP_FROM is needed"),
        ({"CASEWORK_PROT": "7234"}, "Did you mean CASEWORK_PORT?"),
        ({"CASEWORK_XYZZY": "1"}, "CASEWORK_XYZZY names no setting"),
    ],
)
def test_a_fault_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=re.escape(said)):
        settings()


def test_a_fault_never_repeats_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORK_ENCRYPTION", "hunter2")
    with pytest.raises(Misconfigured) as caught:
        settings()
    assert "hunter2" not in str(caught.value)


def test_passwords_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORK_DATABASE", "postgresql://clerk:hunter2@db.example/ledger")
    monkeypatch.setenv("CASEWORK_SMTP_PASSWORD", "hunter2")
    chosen = settings()
    assert "hunter2" not in repr(chosen) + str(chosen) + chosen.model_dump_json()
    assert "hunter2" in chosen.database_url


def test_the_pages_have_a_port_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWORK_WEB_PORT", "7233")
    with pytest.raises(Misconfigured, match="CASEWORK_WEB_PORT"):
        settings()
    monkeypatch.setenv("CASEWORK_WEB", "false")
    assert settings().web_port == 7233
