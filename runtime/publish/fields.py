"""What a form asks, in plain words: read from the form's own JSON schema."""

from __future__ import annotations

from typing import Any

from models.base import Value

_PATTERNS = {"^[0-9a-f]{64}$": "SHA-256 of a file"}
_FORMATS = {"date-time": "date and time", "date": "date", "uuid": "token"}
_TYPES = {"boolean": "yes or no", "integer": "whole number", "number": "number"}

Schema = dict[str, Any]


def fields(form: type[Value]) -> tuple[tuple[str, str, bool], ...]:
    """Every field: its name as typed, its kind in plain words, and whether it must be there."""
    schema = form.model_json_schema()
    return _fields(schema, schema.get("$defs", {}))


def groups(form: type[Value]) -> dict[str, tuple[tuple[str, str, bool], ...]]:
    """The groups of fields that a form's own fields name, by their name."""
    known: dict[str, Schema] = form.model_json_schema().get("$defs", {})
    return {name: _fields(one, known) for name, one in known.items() if "properties" in one}


def _fields(schema: Schema, known: dict[str, Schema]) -> tuple[tuple[str, str, bool], ...]:
    needed = schema.get("required", ())
    return tuple(
        (name, kind(one, known), name in needed)
        for name, one in schema.get("properties", {}).items()
    )


def kind(schema: Schema, known: dict[str, Schema]) -> str:
    """A field's kind in plain words: "one of `a`, `b`", "text, 20 to 1000 characters"."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return _named(name, known[name])
    if "anyOf" in schema:
        parts = (kind(one, known) for one in schema["anyOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(parts))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return _list(schema, known)
    return _simple(schema)


def _named(name: str, schema: Schema) -> str:
    if name == "Role":
        return "a role's code"
    return kind(schema, {}) if "enum" in schema else f"*{name}*"


def _list(schema: Schema, known: dict[str, Schema]) -> str:
    size = _between(schema.get("minItems"), schema.get("maxItems"))
    return f"list of {kind(schema.get('items', {}), known)}" + (f", {size} of them" if size else "")


def _simple(schema: Schema) -> str:
    if schema.get("type") == "object":
        return "fields of the other act"
    if schema.get("pattern") in _PATTERNS:
        return _PATTERNS[schema["pattern"]]
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    said = _TYPES.get(schema.get("type", ""), "text")
    size = _between(schema.get("minimum"), schema.get("maximum"))
    length = _between(schema.get("minLength"), schema.get("maxLength"))
    pattern = f" written as `{schema['pattern']}`" if "pattern" in schema else ""
    return (
        said + pattern + (f" {size}" if size else "") + (f", {length} characters" if length else "")
    )


def _between(least: int | None, most: int | None) -> str:
    if least is None and most is None:
        return ""
    if least is None:
        return f"at most {most}"
    return f"at least {least}" if most is None else f"{least} to {most}"
