"""JSON read strictly: one meaning, numbers and characters that every reader keeps, no deep nests.

What two readers could take for two things is refused at the door, before anything looks at it.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from models.chain import EXACT

DEEPEST = 20
"""Levels of lists and groups; the deepest form there is has four."""


class NotJson(Exception):
    """Why a text is not taken, in plain words; the text itself is not repeated."""


def read(raw: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises NotJson."""
    _not_deep(raw)
    try:
        found = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_int=_whole,
            parse_float=_fraction,
        )
    except (UnicodeDecodeError, ValueError):
        raise NotJson("The body is not JSON in UTF-8.") from None
    try:
        # Half a character can be written as an escape, and kept nowhere.
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotJson("The body holds half a character, which cannot be kept.") from None
    return found


def _not_deep(raw: bytes) -> None:
    """Before it is parsed: the parser itself would give up far deeper, and less kindly."""
    depth, text, escaped = 0, False, False
    for char in raw:
        if text:
            text, escaped = escaped or char != 0x22, char == 0x5C and not escaped  # noqa: PLR2004
        elif char == 0x22:  # noqa: PLR2004
            text = True
        elif char in b"[{":
            depth += 1
            if depth > DEEPEST:
                raise NotJson(f"The body is nested more than {DEEPEST} levels deep.")
        elif char in b"]}":
            depth -= 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("The body gives a field twice.")
    return found


def _no_number(_: str) -> NoReturn:
    raise NotJson("The body holds a number that JSON does not have.")


def _whole(digits: str) -> int:
    # Longer ones would take long to read, and none is kept exactly everywhere.
    number = int(digits) if len(digits) < 20 else EXACT + 1  # noqa: PLR2004
    if abs(number) > EXACT:
        raise NotJson("The body holds a number that cannot be kept exactly.")
    return number


def _fraction(digits: str) -> float:
    number = float(digits)
    if abs(number) > EXACT:
        raise NotJson("The body holds a number that cannot be kept exactly.")
    return number
