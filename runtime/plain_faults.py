"""What pydantic says of a row, in words for whoever keeps the file. Never repeats the input."""

from __future__ import annotations

import re

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from models.directory_faults import WORKED_OUT
from models.people import Role

_PATTERNS = {
    "name": "a name is written on one line, without control characters",
    "email": "this is not an e-mail address; write one like first.last@agency.example",
}
_ID = "this is not an id; write small letters, digits and hyphens, like fca-1"
_DAYS = ("started_on", "left_on")
_TYPES = {
    "tuple_type": "write a list, like [A, B]",
    "bool_parsing": "write true or false",
    "model_type": "write the row as `key: value` lines",
    "too_short": "write at least one",
    "less_than": "write a time from 1980 to 2099",
    "greater_than_equal": "write a time from 1980 to 2099",
}


def in_words(model: type[BaseModel], error: ErrorDetails) -> str:
    """One fault of a row of `model`, and what to write instead."""
    kind = error["type"]
    key = next((str(part) for part in reversed(error["loc"]) if isinstance(part, str)), "")
    if kind == "missing":
        return f"`{key}` is missing; write it"
    if kind == "extra_forbidden":
        return f"`{key}` is not known here; write one of {', '.join(_keys(model))}"
    if kind == "enum":
        return _not_one_of(key, error)
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(key, _ID)
    if key in _DAYS:
        return f"`{key}`: write a date like 2026-12-01"
    said = error["msg"].removeprefix("Value error, ")
    return f"`{key}`: {_TYPES.get(kind, said)}" if key else _TYPES.get(kind, said)


def _not_one_of(key: str, error: ErrorDetails) -> str:
    if key != "roles":
        return f"`{key}`: write one of {error.get('ctx', {}).get('expected', '')}"
    known = ", ".join(role for role in Role if role not in WORKED_OUT)
    written = str(error["input"])
    # Only what looks like a role code is shown again: anything else may be a name.
    shown = f" `{written}`" if re.fullmatch(r"[A-Z]{1,5}", written) else ""
    return f"unknown role{shown}; write one of {known}"


def _keys(model: type[BaseModel]) -> list[str]:
    return [str(field.validation_alias or name) for name, field in model.model_fields.items()]
