"""The usual form and the usual fields of every act, as the stories have them, for cases of today."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import uuid4

from procedures.registry import by_name
from runtime.clock import utc_now
from runtime.marked_yaml import Marked
from runtime.rehearsal.reading import ROOT, USUAL, merge
from runtime.rehearsal.when import instant, is_relative

_PLAIN = {"true": True, "false": False, "null": None}
"""Story files are read as text; their forms make of it what it means."""


@cache
def _usual(code: str) -> dict[str, Any]:
    file = ROOT / "stories" / by_name(code).key / USUAL
    found = Marked.read(file, file.read_bytes()).data
    assert isinstance(found, dict)
    return found


def reason(code: str) -> str:
    """A reason that is long enough, as the stories of a procedure give it."""
    return str(_usual(code)["reason"])


def intake(code: str, **changes: Any) -> dict[str, Any]:
    """A form of a procedure that opens, with a token, about a post or an order of its own."""
    own = uuid4().hex[:10]
    given = {
        "post_url": f"https://www.facebook.com/invented/posts/{own}",
        "order_reference": f"ORD-{own}",
        "childfirst_ref": f"CF-{own}",
        "case_number": f"EX-{own}",
    }
    usual = _usual(code)["intake"]
    known = {name: text for name, text in given.items() if name in usual}
    found: dict[str, Any] = _filled(merge(usual, known | changes), utc_now())
    return {"submission_token": str(uuid4()), **found}


def fields(code: str, act: str, **changes: Any) -> dict[str, Any]:
    """The fields of an act, as if it were done now."""
    found: dict[str, Any] = _filled(merge(_usual(code)["acts"].get(act, {}), changes), utc_now())
    return found


def _filled(value: Any, at: datetime) -> Any:
    if isinstance(value, dict):
        filled = {key: _filled(inner, at) for key, inner in value.items()}
        return {key: inner for key, inner in filled.items() if inner is not None}
    if isinstance(value, list):
        return [_filled(inner, at) for inner in value]
    return _word(value, at) if isinstance(value, str) else value


def _word(text: str, at: datetime) -> Any:
    if is_relative(text):
        return instant(text, at).isoformat()
    if text.startswith("sha256("):
        return sha256(text.encode()).hexdigest()
    return _PLAIN.get(text, text)
