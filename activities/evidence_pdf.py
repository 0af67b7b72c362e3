"""PDF files handed in as evidence: what could act is refused, and a copy says nothing of its maker.

Every object that can be reached is looked at, wherever it hides; nothing is drawn or run.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

from models.errors import BadInput

# The library writes parts of a damaged file to its log, and they may be case text.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)

MOST_OBJECTS = 200_000
MOST_UNPACKED = 300 * 1024 * 1024
"""Bytes that all streams together may unpack to."""

_CHUNK = 1024 * 1024
_ACTIVE_KEYS = frozenset(
    {
        "/JS",
        "/JavaScript",
        "/EmbeddedFiles",
        "/EF",
        "/XFA",
        "/RichMediaContent",
        "/RichMediaSettings",
    }
)
_ACTIONS = frozenset(
    {
        "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition",
        "/Movie", "/Sound", "/RichMediaExecute",
    }
)  # fmt: skip
_ACTIVE_TYPES = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
_METADATA = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
_PACKED = ("/FlateDecode", "/Fl")
_JPEG = ("/DCTDecode", "/DCT")
_BROKEN = (
    "The PDF cannot be read, so what it holds cannot be checked. Nothing was kept. Print it to PDF "
    "again, or add screenshots."
)


def working_copy(content: bytes) -> bytes:
    """The PDF without its metadata and without what nothing refers to.

    Raises BadInput: encrypted, active, holding files, damaged, or too large when unpacked.
    """
    try:
        reader = PdfReader(BytesIO(content), strict=False)
        _check(reader)
        return _bare(reader)
    except LimitReachedError:
        raise _too_large() from None
    except BadInput:
        raise
    except Exception:  # noqa: BLE001 - a parser given hostile bytes may raise anything
        raise BadInput(_BROKEN) from None


def _check(reader: PdfReader) -> None:
    if reader.is_encrypted:
        raise BadInput(
            "The PDF is encrypted or protected by a password. Nothing was kept. Add it without "
            "the password, or as screenshots."
        )
    if not reader.pages:
        raise BadInput(_BROKEN)
    room = MOST_UNPACKED
    for found in _reachable(reader):
        if isinstance(found, DictionaryObject):
            _refuse_active(found)
        if isinstance(found, StreamObject):
            room -= _unpacked(found, room)


def _reachable(reader: PdfReader) -> Iterator[PdfObject]:
    seen: set[tuple[int, int]] = set()
    waiting: list[PdfObject | None] = [reader.trailer]
    count = 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            one = one.get_object()
        count += 1
        if count > MOST_OBJECTS:
            raise _too_large()
        if one is None:
            continue
        yield one
        # Past the library's own look-ups, which would follow a reference for ever.
        if isinstance(one, DictionaryObject):
            waiting += dict.values(one)
        elif isinstance(one, ArrayObject):
            waiting += list.__iter__(one)


def _refuse_active(found: DictionaryObject) -> None:
    kind, action = found.get("/Subtype"), found.get("/S")
    if _ACTIVE_KEYS & found.keys() or kind in _ACTIVE_TYPES or action in _ACTIONS:
        raise BadInput(
            "The PDF holds a program, a form that sends, a film or another file. Nothing was kept. "
            "Print it to PDF again, which leaves those out, or add screenshots."
        )


def _filters(stream: StreamObject) -> list[str]:
    named = stream.get("/Filter")
    many = named if isinstance(named, ArrayObject) else [named]
    return [str(one) for one in many if one is not None]


def _unpacked(stream: StreamObject, room: int) -> int:
    """How many bytes a stream unpacks to; counted, never held as a whole."""
    filters = _filters(stream)
    packed = stream._data  # noqa: SLF001 - the public way would unpack it first
    if not set(filters) & set(_PACKED):
        return len(packed)
    if len(filters) > 1:
        # Packed twice, or wrapped: the library has a limit of its own.
        return len(stream.get_data())
    unpacker, total = zlib.decompressobj(), 0
    while packed and not unpacker.eof:
        total += len(unpacker.decompress(packed, _CHUNK))
        packed = unpacker.unconsumed_tail
        if total > room:
            raise _too_large()
    return total


def _bare(reader: PdfReader) -> bytes:
    writer = PdfWriter(clone_from=reader)
    writer.metadata = None
    writer._ID = None  # noqa: SLF001 - ties the copy to other versions of the document
    for one in writer._objects:  # noqa: SLF001 - every object, also those no page names
        if isinstance(one, DictionaryObject):
            for name in _METADATA:
                one.pop(name, None)
        if isinstance(one, StreamObject) and _filters(one) in ([_JPEG[0]], [_JPEG[1]]):
            one._data = without_segments(one._data)  # noqa: SLF001 - as it lies in the file
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


_JPEG_START, _SCAN = b"\xff\xd8", 0xDA
_SAYS_MORE = frozenset({0xE1, 0xED, 0xFE})
"""Segments for Exif and XMP, for press captions, and for comments; the others shape the picture."""
_MARKER = 2


def without_segments(picture: bytes) -> bytes:
    """A JPEG's bytes without Exif, XMP, captions and comments; its pixels are not touched."""
    if not picture.startswith(_JPEG_START):
        return picture
    kept, at = [_JPEG_START], len(_JPEG_START)
    while at + 2 * _MARKER <= len(picture) and picture[at] == 0xFF:  # noqa: PLR2004 - every marker
        code = picture[at + 1]
        if code == _SCAN:
            break
        end = at + _MARKER + int.from_bytes(picture[at + _MARKER : at + 2 * _MARKER])
        if code not in _SAYS_MORE:
            kept.append(picture[at:end])
        at = end
    return b"".join((*kept, picture[at:]))


def _too_large() -> BadInput:
    return BadInput(
        "The PDF unpacks to far more than its size. Nothing was kept. Print the pages that matter "
        "to a new PDF, or add screenshots."
    )
