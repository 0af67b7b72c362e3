"""What a file handed in as evidence is, by what it holds: four kinds are taken, the rest refused (9.1).

A refusal says in plain words what to do instead. The name of a file is never believed.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import NamedTuple

from models.errors import BadInput
from models.evidence import LARGEST, FileKind

_HEAD = 1024
_BRANDS = slice(4, 12)
_PICTURES_OF_APPLE = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_TAKEN = "PNG, JPEG and WEBP pictures and PDF files are taken."


class Examined(NamedTuple):
    """A file that may be kept, with its copy that says nothing of camera, place and author."""

    kind: FileKind
    working_copy: bytes


def examine(content: bytes) -> Examined:
    """Look at a whole file. Raises BadInput with what to do instead; nothing is kept then."""
    # Loaded when a file comes: the commands that take none start faster.
    from activities import evidence_pdf, evidence_pictures  # noqa: PLC0415

    kind = kind_of(content)
    _not_two_things(content, kind)
    if kind is FileKind.PDF:
        return Examined(kind, evidence_pdf.working_copy(content))
    return Examined(kind, evidence_pictures.working_copy(content, kind))


def kind_of(content: bytes) -> FileKind:
    """The kind its first bytes show. Raises BadInput: empty, too large, or of no kind that is taken."""
    if not content:
        raise BadInput("The file is empty. Nothing was kept. Save it again, and add that.")
    if len(content) > LARGEST:
        raise BadInput(
            f"The file has more than {LARGEST // 2**20} MB. Nothing was kept. Of a film take "
            "screenshots; make a scan smaller, or add it in parts."
        )
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return FileKind.WEBP
    if content.startswith(b"%PDF-"):
        return FileKind.PDF
    raise BadInput(f"{_what_else(content)} Nothing was kept. {_TAKEN}")


def _what_else(content: bytes) -> str:
    box = content[_BRANDS]
    if box[:4] == b"ftyp" and box[4:] in _PICTURES_OF_APPLE:
        return "This is a HEIC picture, as some phones take them. Convert it to JPEG first."
    if box[:4] == b"ftyp" or content.startswith((b"\x1aE\xdf\xa3", b"RIFF")):
        return "This is a film or a sound. Take screenshots of what matters."
    if content.startswith((b"MZ", b"\x7fELF", b"#!")):
        return "This is a program, whatever its name says."
    if b"%PDF-" in content[:_HEAD]:
        return "This PDF begins with something else. Print it to PDF again."
    return "The file is of another kind, whatever its name says."


def _not_two_things(content: bytes, kind: FileKind) -> None:
    """A file that is a picture to one program and something active to another is refused."""
    head = content[:_HEAD].lower()
    page = any(word in head for word in (b"<script", b"<html", b"<!doctype html", b"<svg"))
    hidden = kind is not FileKind.PDF and b"%pdf-" in head
    if page or hidden or zipfile.is_zipfile(BytesIO(content)):
        raise BadInput(
            "The file is two things at once: what looks like a picture or a PDF holds another file. "
            "Nothing was kept. Take a screenshot of it and add that."
        )
