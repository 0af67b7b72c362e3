"""The hash chain of a case's trail, so that anybody can recompute it (tamper evidence).

    salt_commit = SHA-256(salt || canonical JSON of Private)
    hash        = SHA-256(canonical JSON of {"prev": ..., "body": Entry, "commit": salt_commit})

Canonical JSON is RFC 8785, digests are lower-case hexadecimal. Case text is hashed only together
with a random salt that is encrypted beside it, so a destroyed key also ends guessing.
"""

from __future__ import annotations

from hashlib import sha256

import orjson
import rfc8785
from pydantic_core import PydanticSerializationError

from models.base import Value
from models.errors import BadInput

EXACT = 2**53 - 1
"""The largest integer every reader of JSON keeps exactly."""

SMALL = 1e-4
"""Below it Python writes a fraction with an exponent, and others do not."""

_ALWAYS = frozenset((str, bool, type(None)))
"""Types whose values every encoder writes alike."""

GENESIS = "0" * 64
"""What the first entry of a case names as its predecessor."""


def canonical(value: Value, *, simple: bool = False) -> bytes:
    """The RFC 8785 form of a value, UTF-8. Instants are ISO in UTC, lengths of time ISO 8601.

    `simple` says that the model's own fields make it so (`is_simple`), as those of an entry do.
    Raises BadInput for what JSON cannot keep exactly: an integer beyond 2**53, half a character.
    """
    try:
        plain = value.model_dump(mode="json")
        return quick(plain) if simple or is_simple(plain) else rfc8785.dumps(plain)
    except (
        rfc8785.CanonicalizationError,
        PydanticSerializationError,
        orjson.JSONEncodeError,
        UnicodeError,
    ):
        # Not chained: the cause would carry the number or the text it stumbled over.
        raise BadInput(
            "A number or character in this entry cannot be kept exactly, so nothing was recorded. "
            "Correct it and send it again."
        ) from None


def quick(plain: object) -> bytes:
    """RFC 8785 by a quick encoder: right for what `is_simple` lets through.

    Raises orjson.JSONEncodeError for half a character.
    """
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def is_simple(plain: object) -> bool:
    """Whether plain JSON data has only what two encoders cannot write differently.

    ASCII keys (sorted alike in UTF-8 and UTF-16), plain fractions, integers within 2**53. Everything
    else is left to the slower reference encoder.
    """
    # By exact type: `isinstance` costs twenty times as much inside a workflow's sandbox.
    kind = type(plain)
    if kind in _ALWAYS:
        return True
    if kind is int:
        return -EXACT <= plain <= EXACT  # type: ignore[operator]
    if kind is float:
        # Here Python and JavaScript, whose notation the standard takes, write the same digits.
        return SMALL <= abs(plain) < EXACT and plain % 1 != 0  # type: ignore[arg-type, operator]
    if kind is list:
        return all(is_simple(one) for one in plain if type(one) not in _ALWAYS)  # type: ignore[attr-defined]
    if kind is dict:
        values = plain.values()  # type: ignore[attr-defined]
        ascii_keys = "".join(plain.keys()).isascii()  # type: ignore[attr-defined]
        return ascii_keys and all(is_simple(one) for one in values if type(one) not in _ALWAYS)
    return False


def commitment(salt: bytes, private: bytes) -> str:
    """What the chain holds of the case text: bound to it, and no help in guessing it."""
    return sha256(salt + private).hexdigest()


def link(prev: str, body: str, commit: str) -> str:
    """The hash of one entry. `body` is its canonical JSON, `prev` the hash of the entry before."""
    # The three keys are in RFC 8785 order and two values are hexadecimal: this *is* the canonical
    # form of the whole object, without parsing the body once more.
    return sha256(f'{{"body":{body},"commit":"{commit}","prev":"{prev}"}}'.encode()).hexdigest()
