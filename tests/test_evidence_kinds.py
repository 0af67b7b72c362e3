from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from activities import evidence_pdf
from activities.evidence_kinds import examine
from models.errors import BadInput
from models.evidence import LARGEST, FileKind
from tests import evidence_files as files
from tests.evidence_files import SECRET

PNG_END = b"\0\0\0\0IEND\xaeB`\x82"

TAKEN: dict[str, tuple[Callable[[], bytes], FileKind]] = {
    "a screenshot": (files.png, FileKind.PNG),
    "a photo": (files.jpeg, FileKind.JPEG),
    "a picture saved from a page": (files.webp, FileKind.WEBP),
    "a printed page": (files.pdf, FileKind.PDF),
    "a printed page with words": (lambda: files.pdf(files.words), FileKind.PDF),
    "a printed page with a web link": (lambda: files.pdf(files.linked), FileKind.PDF),
}

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "empty"),
    "a program called .jpg": (lambda: files.PROGRAM, "a program"),
    "a script": (lambda: b"#!/bin/sh\necho", "a program"),
    "a phone's own format": (lambda: files.HEIC, "Convert it to JPEG"),
    "a film": (lambda: files.FILM, "Take screenshots"),
    "words": (lambda: b"only words", "another kind"),
    "twenty megabytes and a byte": (lambda: files.png() + bytes(LARGEST), "more than 20 MB"),
    "a locked PDF": (lambda: files.pdf(files.locked), "encrypted"),
    "a PDF locked for changes": (lambda: files.pdf(files.locked_for_changes), "encrypted"),
    "a PDF with a script": (lambda: files.pdf(files.script), "a program"),
    "a script under an escaped name": (
        lambda: files.pdf(files.script).replace(b"/JavaScript", b"/J#61vaScript")
        .replace(b"/JS", b"/J#53"),
        "a program",
    ),
    "a PDF that starts a program": (lambda: files.pdf(files.launch), "a program"),
    "a PDF that sends": (lambda: files.pdf(files.sends), "a form that sends"),
    "a PDF with a file in it": (lambda: files.pdf(files.holds_a_file), "another file"),
    "a PDF that unpacks to very much": (lambda: files.pdf(files.pdf_bomb), "unpacks to far more"),
    "half a PDF": (lambda: files.pdf()[:300], "cannot be read"),
    "a PDF behind something": (lambda: b"GIF89a" + files.pdf(), "begins with something else"),
    "very many pixels": (files.bomb, "million pixels"),
    "half a screenshot": (lambda: files.png()[:-40], "damaged|cut off"),
    "half a photo": (lambda: files.jpeg()[:400], "damaged"),
    "a moving PNG": (lambda: files.moving("PNG"), "moves"),
    "a moving WEBP": (lambda: files.moving("WEBP"), "moves"),
    "a screenshot with an archive behind": (lambda: files.png() + files.archive(), "two things"),
    "a photo with an archive behind": (lambda: files.jpeg() + files.archive(), "two things"),
    "a PDF with an archive behind": (lambda: files.pdf() + files.archive(), "two things"),
    "a screenshot with words behind": (lambda: files.png() + b"more", "hidden behind"),
    "a WEBP with words behind": (lambda: files.webp() + b"more", "hidden behind"),
    "a photo that is a page": (
        lambda: files.jpeg()[:2] + b"\xff\xfe\0\x12<script>alert(1)" + files.jpeg()[2:],
        "two things",
    ),
    "a photo that is a PDF": (
        lambda: files.jpeg()[:2] + b"\xff\xfe\0\x0a%PDF-1.7" + files.jpeg()[2:],
        "two things",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_what_people_hand_in_is_taken_by_what_it_holds(name: str) -> None:
    make, kind = TAKEN[name]
    assert examine(make()).kind is kind


@pytest.mark.parametrize("name", REFUSED)
def test_anything_else_is_refused_with_what_to_do_instead(name: str) -> None:
    make, said = REFUSED[name]
    with pytest.raises(BadInput, match=said) as refused:
        examine(make())
    assert "Nothing was kept" in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("make", [files.png, files.jpeg, files.webp, files.pdf])
def test_a_working_copy_says_nothing_of_camera_place_and_author(
    make: Callable[[], bytes],
) -> None:
    original = make()
    copy = examine(original).working_copy

    assert SECRET.encode() in original
    assert SECRET.encode() not in copy
    assert b"Exif" not in copy
    assert b"eXIf" not in copy


@pytest.mark.parametrize(("make", "named"), [(files.png, "PNG"), (files.jpeg, "JPEG")])
def test_a_working_copy_shows_the_same_picture_upright(
    make: Callable[[], bytes], named: str
) -> None:
    with Image.open(BytesIO(examine(make()).working_copy)) as copy:
        assert copy.format == named
        assert copy.size == (30, 40), "the camera had said: turn it a quarter"
        assert dict(copy.getexif()) == {}
        yellow = copy.convert("RGB").getpixel((15, 4))
        assert isinstance(yellow, tuple)
        assert yellow[0] > 240
        assert yellow[2] < 20


@pytest.mark.parametrize(
    ("mode", "shade", "expected"),
    [
        ("I;16", 32_896, 128 ),
        ("L", 77, 77),
        ("1", 1, 255),
    ],
)  # fmt: skip
def test_a_grey_picture_keeps_its_greys(mode: str, shade: int, expected: int) -> None:
    out = BytesIO()
    Image.new(mode, (8, 8), shade).save(out, "PNG")
    with Image.open(BytesIO(examine(out.getvalue()).working_copy)) as copy:
        assert copy.convert("L").getpixel((4, 4)) == expected


def test_a_pdf_keeps_its_pages_and_its_pictures() -> None:
    original = PdfReader(BytesIO(files.pdf()))
    copy = PdfReader(BytesIO(examine(files.pdf()).working_copy))

    assert len(copy.pages) == len(original.pages) == 1
    assert copy.metadata is None
    assert copy.xmp_metadata is None
    before, after = (one.pages[0].images[0].image for one in (original, copy))
    assert before is not None
    assert after is not None
    assert before.tobytes() == after.tobytes()


def test_the_same_file_has_the_same_working_copy() -> None:
    for make in (files.png, files.jpeg, files.webp, files.pdf):
        content = make()
        assert examine(content) == examine(content)


def test_a_picture_in_a_pdf_loses_only_what_speaks() -> None:
    bare = evidence_pdf.without_segments(files.jpeg())

    assert SECRET.encode() not in bare
    assert evidence_pdf.without_segments(bare) == bare
    with Image.open(BytesIO(bare)) as after, Image.open(BytesIO(files.jpeg())) as before:
        assert after.tobytes() == before.tobytes()


def test_what_is_no_jpeg_is_let_be() -> None:
    assert evidence_pdf.without_segments(b"words") == b"words"
