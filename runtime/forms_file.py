"""A form as a file: YAML or JSON that a person wrote, read without guessing.

Every value stays the text that was written: "no", 2026-12-01 and 010 mean what the form's own field
makes of them. Nothing of a file is repeated in a message but the names of its keys.

    order_document:            becomes    order_document:
      file: order.pdf                       sha256: <of that file, looked up beside the form>
      pages: 3                              kind: pdf
                                            pages: 3
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID, uuid5

from models.errors import BadInput, Misconfigured
from runtime.marked_yaml import Marked, Place

MOST = 256 * 1024
"""Bytes a form may have. A document is added by its hash, never inside the form."""

TOKEN = "submission_token"  # noqa: S105 - the name of a field
_TOKENS = UUID("0b6f3c1e-7a52-5d0c-9d2f-6f0a4c8e21b7")
"""Fixed for ever: the same file must make the same token wherever it is sent from."""

_KINDS = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}


@dataclass(frozen=True)
class FormFile:
    """What stood in the file, and on which line."""

    data: dict[str, Any]
    token_made: bool = False
    """The file had no submission token; one was made of its content."""
    line: Callable[[Place], int] | None = None

    def located(self, problem: str) -> str:
        """A problem as the desk says it ("scope.first: ..."), with the line it lies on."""
        if self.line is None:
            return problem
        field = problem.partition(":")[0].partition(" ")[0]
        if not problem.startswith(f"{field}:") and field not in self.data:
            # It is about no single field, or about one that is not there: no line is its own.
            return problem
        where = field.split(".")
        place = tuple(int(part) if part.isdigit() else part for part in where)
        return f"line {self.line(place)}: {problem}"


def read_form(source: str) -> FormFile:
    """Read an intake form from a path, or from standard input for "-".

    Raises BadInput for whatever is not one readable mapping. Without a submission token the form
    gets one made of its bytes, so that the same file sent twice makes one case.
    """
    content = _content(source)
    form = _parsed(source, content)
    if form.data.get(TOKEN) is not None:
        return form
    token = str(uuid5(_TOKENS, hashlib.sha256(content).hexdigest()))
    return FormFile({**form.data, TOKEN: token}, token_made=True, line=form.line)


def read_fields(pairs: Iterable[str], source: str | None = None) -> dict[str, Any]:
    """What an act is given: a file, and `key=value` pairs over it. Raises BadInput.

    A dot goes into a group (`narrowed_scope.note=...`); a value in [ ] or { } is read as YAML.
    """
    fields: dict[str, Any] = _parsed(source, _content(source)).data if source else {}
    seen: set[str] = set()
    for pair in pairs:
        key, equals, text = pair.partition("=")
        key = key.strip()
        if not equals or not key:
            raise BadInput("A field is written as --field name=value. Nothing was sent.")
        if key in seen:
            raise BadInput("A field was given twice. Nothing was sent.", (f"{key}: keep one",))
        seen.add(key)
        _put(fields, key.split("."), _value(text))
    _refuse_odd_text(fields)
    return fields


def _value(text: str) -> Any:
    if text.lstrip()[:1] not in ("[", "{"):
        return text
    marked = _marked(Path("--field"), text.encode(errors="replace"))
    return _with_hashes(marked.data, Path())


def _put(fields: dict[str, Any], keys: list[str], value: Any) -> None:
    *groups, last = keys
    for key in groups:
        fields = fields.setdefault(key, {})
        if not isinstance(fields, dict):
            raise BadInput("A field is both a value and a group.", (f"{key}: give it one way",))
    fields[last] = value


# --- reading ----------------------------------------------------------------------------------


def _content(source: str) -> bytes:
    try:
        if source == "-":
            content = sys.stdin.buffer.read(MOST + 1)
        else:
            with Path(source).open("rb") as file:
                content = file.read(MOST + 1)
    except IsADirectoryError:
        raise BadInput(
            f"{source} is a folder. Nothing was sent; give the path of a file."
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a path"
        raise BadInput(f"{source} cannot be read ({why}). Nothing was sent.") from None
    if len(content) > MOST:
        raise BadInput(
            f"{_name(source)} has more than {MOST // 1024} kB. Nothing was sent. Documents are "
            "added by their hash (write `file: order.pdf`), never inside the form."
        )
    if b"\0" in content:
        raise BadInput(
            f"{_name(source)} contains NUL bytes, so it is not a text file. Nothing was sent. "
            "Save it as plain text in UTF-8."
        )
    return content


def _parsed(source: str, content: bytes) -> FormFile:
    base = Path() if source == "-" else Path(source).parent
    path = Path(_name(source))
    if path.suffix == ".json" or content.lstrip()[:1] == b"{":
        data, line = _json(path, content), None
    else:
        marked = _marked(path, content)
        data, line = marked.data, marked.line
    if not isinstance(data, dict):
        raise BadInput(
            f"{path} is not a form: a form is written as `name: value` lines. Nothing was sent."
        )
    _refuse_odd_text(data)
    return FormFile(_with_hashes(data, base), line=line)


def _name(source: str) -> str:
    return "the form on standard input" if source == "-" else source


def _marked(path: Path, content: bytes) -> Marked:
    try:
        marked = Marked.read(path, content)
    except Misconfigured as fault:
        raise BadInput(f"The form cannot be read. Nothing was sent. {fault}") from None
    if marked.problems:
        lines = (f"line {marked.line(place)}: {words}" for place, words in marked.problems)
        raise BadInput(f"{path} cannot be used as it is. Nothing was sent.", tuple(lines))
    return marked


def _json(path: Path, content: bytes) -> Any:
    twice: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        twice.extend(key for key in dict.fromkeys(keys) if keys.count(key) > 1)
        return dict(pairs)

    try:
        data = json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=_no_number
        )
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not in UTF-8. Nothing was sent; save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{path}:{error.lineno}: not readable as JSON here. Nothing was sent; look at commas, "
            "quotes and brackets."
        ) from None
    except (ValueError, RecursionError):
        raise BadInput(f"{path}: a number or a nesting no form has. Nothing was sent.") from None
    if twice:
        problems = tuple(f"{key}: is written twice; keep one" for key in twice)
        raise BadInput(f"{path} cannot be used as it is. Nothing was sent.", problems)
    return data


def _no_number(_text: str) -> NoReturn:
    raise ValueError


def _refuse_odd_text(data: Any) -> None:
    """NUL, and halves of characters (a wrong encoding), which no store keeps as they are."""
    problems = tuple(
        f"{'.'.join(place)}: contains characters that cannot be kept; write it as plain text"
        for place, text in _texts(data, ())
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text)
    )
    if problems:
        raise BadInput("The form cannot be used as it is. Nothing was sent.", problems)


def _texts(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*place, key.encode(errors="replace").decode()))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*place, str(number)))


# --- documents by their hash ------------------------------------------------------------------


def _with_hashes(value: Any, base: Path, key: str = "") -> Any:
    """The value with every `file: PATH` replaced by the SHA-256 of that file."""
    if isinstance(value, list):
        return [_with_hashes(one, base, key) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("file"), str) and "sha256" not in value:
        return _document({**value}, base, key)
    return {name: _with_hashes(inner, base, name) for name, inner in value.items()}


def _document(value: dict[str, Any], base: Path, key: str) -> Any:
    path = base / value.pop("file")
    digest, kind = _hash(path, key)
    if key != "order_document":
        # Proofs and letters are hashes in their forms; whatever stood beside it is a mistake.
        return {**value, "sha256": digest} if value else digest
    if kind is None:
        raise BadInput(
            "The order is neither a PDF nor a PNG or JPEG picture, whatever its name says. "
            "Nothing was sent.",
            (f"{key}: scan it as a PDF",),
        )
    return {"kind": kind, **value, "sha256": digest}


def _hash(path: Path, key: str) -> tuple[str, str | None]:
    """SHA-256 in hexadecimal, and the kind of document its first bytes show."""
    where = (f"{key}.file: the path is taken from the folder of the form",)
    if not path.is_file():
        raise BadInput("A document named in the form is not there. Nothing was sent.", where)
    try:
        with path.open("rb") as file:
            start = file.read(8)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise BadInput(
            "A document named in the form cannot be read. Nothing was sent.", where
        ) from None
    if not start:
        raise BadInput("A document named in the form is empty. Nothing was sent.", where)
    return digest, next((kind for magic, kind in _KINDS.items() if start.startswith(magic)), None)
