from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path

import pytest

from models.errors import Misconfigured
from runtime.keyring import KeyRing, Tampered, UnknownKey, decrypt, encrypt

HERE = b"case-1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "below" / "keyring.json"


@pytest.fixture
def ring(path: Path) -> KeyRing:
    return KeyRing.create(path)


def forget(path: Path, key_id: str, *, registered: bool) -> None:
    """Take a key away from this machine, by hand as an operator would."""
    content = json.loads(path.read_text())
    content["keys"].pop(key_id)
    if registered:
        content["keys"][key_id] = None
    path.write_text(json.dumps(content))


def test_a_new_key_file_is_for_its_owner_alone(ring: KeyRing) -> None:
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
    assert len(ring.key(ring.primary)) == 32
    assert KeyRing.load(ring.path).primary == ring.primary


def test_what_is_sealed_can_be_opened_in_its_place(ring: KeyRing) -> None:
    sealed = encrypt(ring, b"text", HERE)
    assert b"text" not in sealed
    assert sealed != encrypt(ring, b"text", HERE)
    assert decrypt(ring, sealed, HERE) == b"text"
    assert ring.open(ring.seal(b"text", HERE), HERE) == b"text"


def test_nothing_sealed_can_be_opened_in_another_place(ring: KeyRing) -> None:
    with pytest.raises(Tampered):
        decrypt(ring, encrypt(ring, b"text", HERE), b"case-2")


def test_no_bit_of_an_envelope_can_be_changed(ring: KeyRing) -> None:
    sealed = encrypt(ring, b"text", HERE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises((Tampered, UnknownKey)):
            decrypt(ring, bytes(changed), HERE)


@pytest.mark.parametrize("length", range(40))
def test_a_cut_off_envelope_is_refused(ring: KeyRing, length: int) -> None:
    with pytest.raises((Tampered, UnknownKey)):
        decrypt(ring, encrypt(ring, b"", HERE)[:length], HERE)


def test_after_a_rotation_old_text_is_still_read(ring: KeyRing) -> None:
    old = encrypt(ring, b"text", HERE)
    rotated = KeyRing.rotate(ring.path)
    assert rotated.primary != ring.primary
    assert decrypt(rotated, old, HERE) == b"text"
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600


def test_a_running_service_learns_of_a_rotation(ring: KeyRing) -> None:
    rotated = KeyRing.rotate(ring.path)
    assert decrypt(ring, encrypt(rotated, b"text", HERE), HERE) == b"text"
    assert ring.primary == rotated.primary


@pytest.mark.parametrize("registered", [True, False])
def test_a_missing_key_says_whether_it_was_heard_of(ring: KeyRing, *, registered: bool) -> None:
    sealed, old = encrypt(ring, b"text", HERE), ring.primary
    KeyRing.rotate(ring.path)
    forget(ring.path, old, registered=registered)
    with pytest.raises(UnknownKey) as caught:
        decrypt(KeyRing.load(ring.path), sealed, HERE)
    assert caught.value.registered is registered
    assert caught.value.key_id == old


def test_an_existing_key_file_is_never_overwritten(ring: KeyRing) -> None:
    before = ring.path.read_bytes()
    with pytest.raises(Misconfigured, match="casework key rotate"):
        KeyRing.create(ring.path)
    assert ring.path.read_bytes() == before


def test_of_two_rotations_at_once_one_is_refused(ring: KeyRing) -> None:
    ring.path.with_name("keyring.json.new").touch()
    before = ring.path.read_bytes()
    with pytest.raises(Misconfigured, match="another rotation"):
        KeyRing.rotate(ring.path)
    assert ring.path.read_bytes() == before


def test_without_a_key_file_it_says_how_to_make_one(path: Path) -> None:
    with pytest.raises(Misconfigured, match="casework key new"):
        KeyRing.load(path)


def test_a_key_file_open_to_others_is_not_used(ring: KeyRing) -> None:
    ring.path.chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        KeyRing.load(ring.path)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"primary": "a"}',
        '{"primary": "a", "keys": {"a": "c2hvcnQ="}}',  # too short
        '{"primary": "a", "keys": {"a": null}}',  # nothing to encrypt with
        '{"primary": "b", "keys": {}}',
    ],
)
def test_a_faulty_key_file_is_named_and_not_shown(path: Path, content: str) -> None:
    path.parent.mkdir()
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(content)
    with pytest.raises(Misconfigured, match=str(path)) as caught:
        KeyRing.load(path)
    assert "c2hvcnQ" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_key_is_never_printed(ring: KeyRing) -> None:
    key = ring.key(ring.primary)
    for shown in (repr(ring), str(ring), repr(ring._content)):
        assert base64.b64encode(key).decode() not in shown
        assert repr(key)[2:-1] not in shown
