"""What of an entry's case text goes into a bundle: with its salt, unless advice would be given out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json

from activities.chain import Fault, KeptLine, Salted, UnreadableLine
from models.case import Line
from runtime.past import facts_of
from runtime.showing_trail import told


def privileged(lines: Sequence[Line]) -> frozenset[int]:
    """The entries whose text is not given out whole, by number.

    The fact of an act lies with the first entry it made, and that need not be the one that is
    privileged: every entry of a fact is held back as soon as one of them is.
    """
    return frozenset(
        line.entry.seq
        for group in facts_of(lines)
        if any(one.entry.sealed for one in group)
        for line in group
    )


def texts(lines: Sequence[Line], salted: Sequence[Salted | Fault]) -> list[dict[str, Any]]:
    """The case text of each entry as a bundle has it."""
    held_back = privileged(lines)
    return [
        _text(line, found, held_back=line.entry.seq in held_back)
        for line, found in zip(lines, salted, strict=True)
    ]


def _text(line: Line, found: Salted | Fault, *, held_back: bool) -> dict[str, Any]:
    if isinstance(line, UnreadableLine) or isinstance(found, Fault):
        return {"kind": "unreadable", "why": str(found)}
    reason, fields = told(line)
    if line.entry.sealed:
        return {"kind": "privileged", "conclusion": fields}
    if held_back:
        return {"kind": "without_its_fact", "reason": reason, "fields": fields}
    return {"kind": "whole", "salt": found.salt.hex(), "private": from_json(found.text)}


def row(kept: KeptLine, text: dict[str, Any]) -> dict[str, Any]:
    """One entry as the ledger holds it, with its text."""
    return {
        "seq": kept.seq,
        "at": kept.at,
        "recorded_at": kept.recorded_at,
        "body": _body(kept.body),
        "commit": kept.salt_commit,
        "prev": kept.prev,
        "hash": kept.hash,
        "text": text,
    }


def _body(body: str) -> Any:
    try:
        return from_json(body)
    except ValueError:
        # Somebody changed it: shown as it is, for the check of its hash to fail on.
        return body
