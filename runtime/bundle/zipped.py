"""A zip written piece by piece, the same bytes for the same content whenever it is made."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The instant every file in it carries: the oldest a zip can say."""
_READABLE = 0o100644 << 16
_UNIX = 3


class _Pipe(io.RawIOBase):
    """Takes what the archive writes and gives it on; cannot go back, so nothing is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        content = bytes(data)  # type: ignore[call-overload]
        self._waiting += content
        return len(content)

    def taken(self) -> bytes:
        """What was written since it was asked last."""
        found = bytes(self._waiting)
        self._waiting.clear()
        return found


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The zip of these files in this order; each file is needed in memory once, the zip never."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        for name, content in files:
            info = ZipInfo(name, date_time=BEGINNING)
            info.compress_type, info.external_attr, info.create_system = (
                ZIP_DEFLATED,
                _READABLE,
                _UNIX,
            )
            archive.writestr(info, content)
            yield pipe.taken()
    yield pipe.taken()
