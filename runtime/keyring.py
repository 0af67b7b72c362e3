"""The ring of encryption keys, and the sealed envelope that codec and ledger share.

    {"primary": "k-1f0c22ab", "keys": {"k-1f0c22ab": "<base64 of 32 bytes>", "k-9d41": null}}

A key written as null is *registered*: it is in use somewhere, and on its way to this machine.
That difference decides whether a message is tried again (registered) or refused (never heard of);
so a new key is registered on every machine before any machine encrypts with it.

    envelope = version 1 | length of key id | key id | nonce (12) | AES-256-GCM ciphertext and tag
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Annotated, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BeforeValidator, Field, PlainSerializer, ValidationError

from models.base import Value
from models.errors import CaseworkError, Misconfigured, Unavailable

_VERSION = 1
_HEAD = 2
_NONCE = 12
_TAG = 16
_KEY = 32


class UnknownKey(Unavailable):
    """The key of a message is not here. `registered`: on its way; else nobody has heard of it."""

    def __init__(self, key_id: str, *, registered: bool) -> None:
        where = (
            "is registered but not on this machine; copy it here from the machine that made it"
            if registered
            else "is not in this machine's key ring"
        )
        super().__init__(f"The encryption key {key_id} {where}. Nothing was changed.")
        self.key_id = key_id
        self.registered = registered


class Tampered(CaseworkError):
    """A sealed message was altered, or belongs to another case. Its text is not given out."""


def _key_bytes(text: object) -> bytes:
    try:
        key = base64.b64decode(str(text), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY:
        raise ValueError(f"a key is {_KEY} bytes in base64")
    return key


KeyId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
KeyBytes = Annotated[
    bytes,
    BeforeValidator(_key_bytes),
    PlainSerializer(lambda key: base64.b64encode(key).decode(), return_type=str),
]


class _File(Value):
    """The key file's content."""

    primary: KeyId
    keys: dict[KeyId, KeyBytes | None] = Field(repr=False)


class KeyRing:
    """The keys of this machine. Its text form names ids, never keys.

    A key id it does not know makes it look at the file again, so a running service learns of a
    rotation before it could refuse a message that was sealed with the new key.
    """

    def __init__(self, path: Path, content: _File, mark: tuple[int, ...]) -> None:
        self.path = path
        self._content = content
        self._mark = mark

    def __repr__(self) -> str:
        return f"KeyRing(primary={self.primary!r}, ids={sorted(self._content.keys)})"

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """Read the key file. Raises Misconfigured: none there, open to others, or not readable."""
        mark = _mark(path)
        return cls(path, _read(path), mark)

    @classmethod
    def create(cls, path: Path) -> KeyRing:
        """Make a key file with one new key. Raises Misconfigured when there is one already."""
        name = _new_id()
        content = _File.model_construct(primary=name, keys={name: _new_key()})
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, content)
        except FileExistsError:
            raise Misconfigured(
                f"{path} is there already and was left as it is: without its keys the cases "
                "cannot be read. To add a key, run `casework key rotate`."
            ) from None
        except OSError as error:
            _not_writable(path, error)
        return cls.load(path)

    @classmethod
    def rotate(cls, path: Path) -> KeyRing:
        """Add a new key and make it the one to encrypt with; the old ones stay, for reading.

        With several machines: copy the new file to every worker before any desk uses it.
        Raises Misconfigured when there is no key file, or another rotation is at work.
        """
        old = _read(path)
        name = _new_id()
        keys = {**old.keys, name: _new_key()}
        content = _File.model_construct(primary=name, keys=keys)
        # Made exclusively, so that of two rotations at once neither key is lost.
        beside = path.with_name(path.name + ".new")
        try:
            _write(beside, content)
            beside.replace(path)
        except FileExistsError:
            raise Misconfigured(
                f"{beside} is there: another rotation is at work or was cut off. The key ring is "
                "unchanged. If none is running, remove that file and try again."
            ) from None
        except OSError as error:
            _not_writable(path, error)
        return cls.load(path)

    @property
    def primary(self) -> str:
        """Id of the key that new messages are sealed with."""
        return self._content.primary

    def key(self, key_id: str) -> bytes:
        """The key with this id. Raises UnknownKey."""
        if self._content.keys.get(key_id) is None:
            self._look_again()
        key = self._content.keys.get(key_id)
        if key is None:
            raise UnknownKey(key_id, registered=key_id in self._content.keys)
        return key

    def _look_again(self) -> None:
        mark = _mark(self.path)
        if mark != self._mark:
            self._content, self._mark = _read(self.path), mark

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """See `encrypt`."""
        return encrypt(self, plaintext, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """See `decrypt`."""
        return decrypt(self, sealed, context)


def encrypt(ring: KeyRing, plaintext: bytes, context: bytes) -> bytes:
    """Seal with the primary key. `context` says where it belongs; it is bound, not stored."""
    name = ring.primary.encode()
    head = bytes((_VERSION, len(name))) + name
    # Random nonces are safe for four thousand million messages a key; then rotate.
    nonce = os.urandom(_NONCE)
    return head + nonce + AESGCM(ring.key(ring.primary)).encrypt(nonce, plaintext, head + context)


def decrypt(ring: KeyRing, sealed: bytes, context: bytes) -> bytes:
    """Open an envelope. Raises UnknownKey, or Tampered when altered or sealed for another place."""
    head, nonce, body = _parts(sealed)
    key = ring.key(head[_HEAD:].decode())
    try:
        return AESGCM(key).decrypt(nonce, body, head + context)
    except InvalidTag:
        raise Tampered("A sealed message was altered or belongs to another case.") from None


def _parts(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    """Head, nonce and ciphertext of an envelope. Raises Tampered when it is none."""
    end = _HEAD + (sealed[1] if len(sealed) > 1 else 0)
    whole = end > _HEAD and sealed[0] == _VERSION and len(sealed) >= end + _NONCE + _TAG
    if not whole or not sealed[_HEAD:end].isascii():
        raise Tampered("This is not a sealed message of this service.")
    return sealed[:end], sealed[end : end + _NONCE], sealed[end + _NONCE :]


def _new_id() -> str:
    return f"k-{secrets.token_hex(4)}"


def _new_key() -> bytes:
    return AESGCM.generate_key(bit_length=8 * _KEY)


def _mark(path: Path) -> tuple[int, ...]:
    """What changes when the file does. Raises Misconfigured when there is none."""
    try:
        seen = path.stat()
    except FileNotFoundError:
        raise Misconfigured(
            f"There is no encryption key: {path} does not exist. Make one with `casework key new`; "
            "if there are cases already, put back the key file they were opened with instead."
        ) from None
    except OSError as error:
        _not_readable(path, error)
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


def _read(path: Path) -> _File:
    _mark(path)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise Misconfigured(
                f"{path} can be read by others on this machine. Close it: chmod 600 {path}"
            )
        content = _File.model_validate_json(path.read_bytes())
    except OSError as error:
        _not_readable(path, error)
    except ValidationError:
        # Nothing of the error is passed on: it may show a part of a key.
        raise Misconfigured(
            f"{path} is not a key file (a JSON object of `primary` and `keys`). "
            "It was left as it is; put it back from its safe copy."
        ) from None
    if content.keys.get(content.primary) is None:
        raise Misconfigured(f"{path}: the primary key {content.primary} is not among its keys.")
    return content


def _write(path: Path, content: _File) -> None:
    """Write a new file, readable by its owner only. Raises FileExistsError."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w") as out:
        json.dump(content.model_dump(mode="json"), out, indent=1)
        out.flush()
        os.fsync(out.fileno())


def _not_readable(path: Path, error: OSError) -> NoReturn:
    raise Misconfigured(f"{path} cannot be read: {error.strerror}.") from None


def _not_writable(path: Path, error: OSError) -> NoReturn:
    raise Misconfigured(f"{path} cannot be written: {error.strerror}. No key was made.") from None
