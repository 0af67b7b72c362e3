"""Sealed files on a disk, found by the hash of what they hold.

    folder/address.key      32 random bytes, sealed with the key ring
    folder/ab/ab12...       the sealed content whose address begins with "ab12"

The address is a keyed digest of the content's SHA-256: whoever copies the folder cannot ask it
whether a picture they have is in it (docs/decisions/0014). Content is never written over.
"""

from __future__ import annotations

import hmac
import os
import tempfile
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag

from activities.chain import Cipher
from models.errors import CaseworkError, Misconfigured, Unavailable

_KEY = 32
_KEY_FILE = "address.key"
_KEY_CONTEXT = b"evidence:address.key"
_ADDRESS = 64


class Damaged(CaseworkError):
    """A kept file is not what it was, or is gone. What is left of it is not given out."""


class Blobs:
    """The folder. Nothing is made before something is put in. One instance serves many threads."""

    def __init__(self, folder: Path, cipher: Cipher) -> None:
        self.folder = folder
        self._cipher = cipher
        self._address_key: bytes | None = None

    def put(self, content: bytes, label: str) -> bool:
        """Keep content under the hash `label` (its own SHA-256, or that of what it speaks of).

        On disk when it returns. Returns False when it was there before, which is then checked:
        raises Damaged when it no longer holds the same. Raises Unavailable when it cannot be
        written.
        """
        path = self._path(label)
        if path.exists():
            if self.get(label) != content:
                raise _damaged(label)
            return False
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, self._cipher.seal(content, _context(path.name)))
        except OSError as error:
            raise _not_written(error) from None
        return True

    def get(self, label: str) -> bytes:
        """The content under a label. Raises Damaged (altered or gone), or Unavailable."""
        path = self._path(label)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            raise _damaged(label) from None
        except OSError as error:
            raise Unavailable(
                f"The evidence store cannot be read ({error.strerror}). Nothing was changed."
            ) from None
        return self._open(sealed, _context(path.name), label)

    def has(self, label: str) -> bool:
        """Whether something is kept under a label; whether it is intact, only `get` says."""
        return self._key_file.exists() and self._path(label).exists()

    def ready(self) -> int:
        """How many sealed files there are, once the address key was opened.

        Raises Misconfigured when the key is gone and files are not, Damaged when it was altered.
        """
        files = sum(len(path.name) == _ADDRESS for path in self.folder.glob("??/*"))
        if files or self._key_file.exists():
            self._key()
        return files

    def _open(self, sealed: bytes, context: bytes, label: str) -> bytes:
        try:
            return self._cipher.open(sealed, context)
        except (Unavailable, Misconfigured):
            raise
        except (InvalidTag, ValueError, CaseworkError):
            raise _damaged(label) from None

    # --- addresses ------------------------------------------------------------------------------

    @property
    def _key_file(self) -> Path:
        return self.folder / _KEY_FILE

    def _path(self, label: str) -> Path:
        address = hmac.new(self._key(), label.encode(), sha256).hexdigest()
        return self.folder / address[:2] / address

    def _key(self) -> bytes:
        if self._address_key is None:
            if not self._key_file.exists():
                self._make_key()
            sealed = self._key_file.read_bytes()
            self._address_key = self._open(sealed, _KEY_CONTEXT, _KEY_FILE)
        return self._address_key

    def _make_key(self) -> None:
        if next(self.folder.glob("??/*"), None) is not None:
            raise Misconfigured(
                f"{self._key_file} is missing, but there are files that only it can find. Nothing "
                "was kept. Put it back from the backup of that folder."
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self._key_file, self._cipher.seal(os.urandom(_KEY), _KEY_CONTEXT))
        except OSError as error:
            raise _not_written(error) from None


def _context(address: str) -> bytes:
    """Binds a sealed file to its address, so that two cannot be exchanged."""
    return f"evidence:{address}".encode()


def _write(path: Path, sealed: bytes) -> None:
    """Whole and on disk, or not there. Of two at once the first stays."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-") as part:
        part.write(sealed)
        part.flush()
        os.fsync(part.fileno())
        try:
            # A link, not a rename: that would replace what somebody else has just written.
            os.link(part.name, path)
        except FileExistsError:
            return
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _damaged(label: str) -> Damaged:
    return Damaged(
        f"The kept file {label} is damaged or gone. It was not given out, and nothing was changed. "
        "Keep a copy of the folder as it is, and put that file back from a backup."
    )


def _not_written(error: OSError) -> Unavailable:
    return Unavailable(
        f"The evidence store cannot be written ({error.strerror}). Nothing was kept; make room or "
        "allow it, and send it again."
    )
