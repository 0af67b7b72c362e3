"""Files as people hand them in, made when they are asked for; no real person is in any of them."""

from __future__ import annotations

import zlib
from io import BytesIO
from zipfile import ZipFile

from PIL import Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

SECRET = "Exampleton 51.5007N camera of nobody"
"""What stands in the metadata of every file here, and must not stand in a working copy."""


def picture(shade: int = 90, size: tuple[int, int] = (40, 30)) -> Image.Image:
    """A small picture with an edge in it, so that being turned shows."""
    made = Image.new("RGB", size, (shade, 120, 200))
    made.paste((255, 255, 0), (0, 0, size[0] // 4, size[1]))
    return made


def exif() -> Image.Exif:
    """Camera, place, and "turn me a quarter"."""
    made = Image.Exif()
    made[0x010F] = SECRET
    made[0x0112] = 6
    rational = TiffImagePlugin.IFDRational
    made.get_ifd(0x8825).update({1: "N", 2: (rational(51), rational(30), rational(2))})
    return made


def png(shade: int = 90) -> bytes:
    out, said = BytesIO(), PngInfo()
    said.add_text("Comment", SECRET)
    picture(shade).save(out, "PNG", pnginfo=said, exif=exif())
    return out.getvalue()


def jpeg(shade: int = 90) -> bytes:
    out = BytesIO()
    picture(shade).save(out, "JPEG", exif=exif(), comment=SECRET.encode(), quality=95)
    return out.getvalue()


def webp(shade: int = 90) -> bytes:
    out = BytesIO()
    picture(shade).save(out, "WEBP", exif=exif(), lossless=True)
    return out.getvalue()


def moving(kind: str) -> bytes:
    out = BytesIO()
    picture().save(out, kind, save_all=True, append_images=[picture(20)], duration=100)
    return out.getvalue()


def bomb() -> bytes:
    """A hundred and forty-four million pixels in some kilobytes."""
    out = BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")
    return out.getvalue()


def pdf(change: object = None) -> bytes:
    """One page with a photo, an author and XMP in it; `change(writer)` spoils it."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    page[NameObject("/PieceInfo")] = DictionaryObject(
        {NameObject("/Maker"): TextStringObject(SECRET)}
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {
            NameObject("/XObject"): DictionaryObject(
                {NameObject("/Photo"): writer._add_object(_photo())}
            )
        }
    )
    writer.add_metadata({"/Author": SECRET})
    writer.xmp_metadata = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
    if callable(change):
        change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _photo() -> StreamObject:
    stream = StreamObject()
    stream._data = jpeg()
    stream.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(40),
            NameObject("/Height"): NumberObject(30),
            NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
            NameObject("/BitsPerComponent"): NumberObject(8),
            NameObject("/Filter"): NameObject("/DCTDecode"),
        }
    )
    return stream


def _annotation(writer: PdfWriter, action: DictionaryObject) -> None:
    link = DictionaryObject(
        {
            NameObject("/Subtype"): NameObject("/Link"),
            NameObject("/Rect"): ArrayObject(NumberObject(n) for n in (0, 0, 9, 9)),
            NameObject("/A"): action,
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(link)])


def script(writer: PdfWriter) -> None:
    act = {
        NameObject("/S"): NameObject("/JavaScript"),
        NameObject("/JS"): TextStringObject("app.alert('hello')"),
    }
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(act)


def launch(writer: PdfWriter) -> None:
    act = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc.exe")}
    _annotation(writer, DictionaryObject(act))


def sends(writer: PdfWriter) -> None:
    _annotation(writer, DictionaryObject({NameObject("/S"): NameObject("/SubmitForm")}))


def holds_a_file(writer: PdfWriter) -> None:
    writer.add_attachment("invented.txt", b"another file")


def locked(writer: PdfWriter) -> None:
    writer.encrypt("secret", algorithm="AES-256")


def locked_for_changes(writer: PdfWriter) -> None:
    writer.encrypt("", "owner", algorithm="AES-256")


def pdf_bomb(writer: PdfWriter) -> None:
    """A page whose content unpacks to four hundred million bytes."""
    packer = zlib.compressobj(9)
    zeros = bytes(4 * 1024 * 1024)
    packed = b"".join(packer.compress(zeros) for _ in range(100)) + packer.flush()
    stream = StreamObject()
    stream._data = packed
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)


def linked(writer: PdfWriter) -> None:
    """An ordinary link to a page on the web, which does nothing by itself."""
    act = {
        NameObject("/S"): NameObject("/URI"),
        NameObject("/URI"): TextStringObject("https://x.example"),
    }
    _annotation(writer, DictionaryObject(act))


def words(writer: PdfWriter) -> None:
    stream = DecodedStreamObject()
    stream.set_data(b"BT ET")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream.flate_encode())


def archive() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as file:
        file.writestr("run.js", "alert(1)")
    return out.getvalue()


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
FILM = b"\0\0\0\x18ftypisom\0\0\0\0isomavc1" + bytes(64)
PROGRAM = b"MZ\x90\0\x03\0\0\0" + bytes(200)
