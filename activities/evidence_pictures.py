"""Pictures handed in as evidence: looked at before they are unpacked, and copied without metadata.

The copy is drawn anew from the pixels, so whatever else the file held (place, camera, author,
thumbnail, anything behind its end) is not in it.
"""

from __future__ import annotations

import logging
import struct
import warnings
from io import BytesIO

from PIL import Image, ImageOps

from models.errors import BadInput
from models.evidence import FileKind

# The library writes tags it meets to its log, and a tag may be case text.
logging.getLogger("PIL").setLevel(logging.CRITICAL)
# What it only warns of is refused, in every thread.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

MOST_PIXELS = 60_000_000
"""More than any phone or screen takes; unpacked it is a quarter of a gigabyte."""

_FORMATS = {FileKind.PNG: ("PNG",), FileKind.JPEG: ("JPEG", "MPO"), FileKind.WEBP: ("WEBP",)}
_BROKEN = "The picture is damaged or not complete. Nothing was kept. Take the screenshot again."
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_RIFF_HEAD = 8
_SIXTEEN_BITS = 1 / 256


def working_copy(content: bytes, kind: FileKind) -> bytes:
    """The picture drawn anew, upright, as PNG or (when it was one) JPEG.

    Raises BadInput: damaged, too large when unpacked, moving, or with something hidden behind it.
    """
    _nothing_behind(content, kind)
    try:
        with Image.open(BytesIO(content), formats=_FORMATS[kind]) as picture:
            return _drawn(picture, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except BadInput:
        raise
    except Exception:  # noqa: BLE001 - a decoder given hostile bytes may raise anything
        raise BadInput(_BROKEN) from None


def _drawn(picture: Image.Image, kind: FileKind) -> bytes:
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    if kind is not FileKind.JPEG and getattr(picture, "n_frames", 1) > 1:
        raise BadInput(
            "The picture moves, and only stills are taken. Nothing was kept. Take a screenshot of "
            "each frame that matters."
        )
    # A JPEG of several pictures is a phone's: the first is the one people see.
    picture.load()
    upright = _in_plain_colours(ImageOps.exif_transpose(picture))
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    out = BytesIO()
    if kind is FileKind.JPEG:
        bare.convert("RGB" if bare.mode == "RGBA" else bare.mode).save(out, "JPEG", quality=92)
    else:
        bare.save(out, "PNG")
    return out.getvalue()


def _in_plain_colours(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # Sixteen bits of grey: cut to eight they would be white.
        return picture.point(lambda level: level * _SIXTEEN_BITS).convert("L")
    if picture.mode == "L" and "transparency" not in picture.info:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _nothing_behind(content: bytes, kind: FileKind) -> None:
    """PNG and WEBP say where they end. Phones put previews behind a JPEG, so that is let be."""
    end = len(content)
    if kind is FileKind.PNG:
        end = content.rfind(_PNG_END) + len(_PNG_END)
    elif kind is FileKind.WEBP:
        (length,) = struct.unpack("<I", content[4:_RIFF_HEAD])
        end = _RIFF_HEAD + int(length) + length % 2
    if end < len(content):
        raise BadInput(
            "Something is hidden behind the picture's end, or it is cut off. Nothing was kept. "
            "Take a screenshot of it and add that."
        )


def _too_many_pixels() -> BadInput:
    return BadInput(
        f"The picture has more than {MOST_PIXELS // 10**6} million pixels. Nothing was kept. "
        "Make it smaller, or add it in parts."
    )
