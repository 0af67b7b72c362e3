"""The evidence store: files beside the ledger, sealed, found by their hash, never without a trace.

    put          examined, sealed, on disk; original and working copy; the same file twice is one
    get          checked against its hash; the custody line is written before anything is given out
    check        whether a file and its copy are there and intact, and its custody list whole

A workflow never sees a file: cases name it by its SHA-256 (6.7, INV-9).
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import ValidationError

from activities.evidence_blobs import Blobs, Damaged
from activities.evidence_kinds import examine
from models.errors import BadInput
from models.evidence import (
    DIGEST,
    LARGEST,
    CustodyLine,
    Deed,
    Handling,
    Part,
    Stored,
)

if TYPE_CHECKING:
    from activities.chain import Cipher

__all__ = ["CustodyBook", "Damaged", "EvidenceStore", "read_file"]


class CustodyBook(Protocol):
    """Where custody lines are kept: the ledger."""

    def note_custody(self, line: CustodyLine) -> CustodyLine:
        """Put a line behind the last of its file."""

    def custody(self, sha256: str) -> list[CustodyLine]:
        """Every line of one file, in order. Raises Damaged when its chain does not hold."""


class EvidenceStore:
    """One store. `folder` is made when the first file comes; `cipher` is the ledger's."""

    def __init__(self, folder: Path, cipher: Cipher, book: CustodyBook) -> None:
        self._blobs = Blobs(folder, cipher)
        self._book = book

    def put(self, source: bytes | Path, by: Handling) -> Stored:
        """Keep a file; on disk when it returns. The same bytes twice are one file.

        Raises BadInput when it is not one that is taken, with what to do instead; Damaged when it
        is there and no longer intact; Unavailable when it cannot be written.
        """
        content = read_file(source) if isinstance(source, Path) else source
        digest = sha256(content).hexdigest()
        known = self.stored(digest)
        if known is not None:
            self._intact(known)
            self._note(digest, Deed.OFFERED_AGAIN, by)
            return known
        kind, copy = examine(content)
        stored = Stored(
            sha256=digest,
            size=len(content),
            kind=kind,
            working_copy=sha256(copy).hexdigest(),
        )
        self._blobs.put(content, digest)
        self._blobs.put(copy, stored.working_copy)
        self._note(digest, Deed.TAKEN_IN, by, stored=stored)
        # Last: only a file with a card counts as kept, so a crash before it is made good.
        self._blobs.put(stored.model_dump_json().encode(), _card(digest))
        return stored

    def stored(self, digest: str) -> Stored | None:
        """What is known of a kept file; None when there is none. Raises Damaged."""
        if not DIGEST.fullmatch(digest) or not self._blobs.has(_card(digest)):
            return None
        try:
            card = Stored.model_validate_json(self._blobs.get(_card(digest)))
        except ValidationError:
            raise Damaged(f"What is known of the kept file {digest} is damaged.") from None
        if card.sha256 != digest:
            raise Damaged(f"What is known of the kept file {digest} belongs to another.")
        return card

    def get(
        self, digest: str, by: Handling, part: Part = Part.ORIGINAL, did: Deed = Deed.READ
    ) -> bytes:
        """A file's content. Raises BadInput when there is none, Damaged when it is not what it was."""
        stored = self.stored(digest)
        if stored is None:
            raise BadInput("No file with this hash is in the store; it may be kept elsewhere.")
        self._note(digest, did, by, part=part)
        return self._read(digest if part is Part.ORIGINAL else stored.working_copy)

    def note(self, line: CustodyLine) -> None:
        """Write a custody line about a kept file: what became of it in a case."""
        self._book.note_custody(line)

    def custody(self, digest: str) -> list[CustodyLine]:
        """Who had a file in hand, in order. Raises Damaged when the list does not hold."""
        return self._book.custody(digest)

    def handed_in_for(self, case_id: str, digest: str) -> bool:
        """Whether somebody handed these bytes in for this case: to know a hash is not to have them.

        Raises Damaged as `custody` does.
        """
        handed_in = (Deed.TAKEN_IN, Deed.OFFERED_AGAIN)
        return any(
            line.did in handed_in and line.by.case_id == case_id for line in self.custody(digest)
        )

    def check(self, digest: str, working_copy: str | None = None) -> Stored:
        """Read a file, its copy and its custody list without giving anything out.

        `working_copy` is the hash the trail gives for it. Raises Damaged, or Unavailable when a
        key is not here. Writes no custody line: nobody sees anything.
        """
        stored = self.stored(digest)
        if stored is None:
            raise Damaged(f"The file {digest} is named in a trail and is not in the store.")
        if working_copy not in (None, stored.working_copy):
            raise Damaged(f"The working copy of {digest} is not the one the trail names.")
        self._intact(stored)
        lines = self.custody(digest)
        if all(line.stored != stored for line in lines):
            raise Damaged(f"The custody list of {digest} does not say that it was taken in.")
        return stored

    def ready(self) -> int:
        """How many sealed pieces there are, once the address key was opened; see `Blobs.ready`."""
        return self._blobs.ready()

    def _intact(self, stored: Stored) -> None:
        for digest in (stored.sha256, stored.working_copy):
            self._read(digest)

    def _read(self, digest: str) -> bytes:
        content = self._blobs.get(digest)
        if sha256(content).hexdigest() != digest:
            raise Damaged(f"The kept file {digest} is not what it was. It was not given out.")
        return content

    def _note(
        self,
        digest: str,
        did: Deed,
        by: Handling,
        part: Part = Part.ORIGINAL,
        stored: Stored | None = None,
    ) -> None:
        self._book.note_custody(
            CustodyLine(sha256=digest, seq=1, did=did, part=part, by=by, stored=stored)
        )


def _card(digest: str) -> str:
    """The label of what is known of a file, beside the label of the file."""
    return f"card:{digest}"


def read_file(path: Path) -> bytes:
    """A file's bytes, at most one more than may be kept. Raises BadInput."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except IsADirectoryError:
        raise BadInput("That is a folder. Nothing was kept; give the path of a file.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a path"
        raise BadInput(f"The file cannot be read ({why}). Nothing was kept.") from None
