"""Reads the case texts of many trails, and what is the same in most of them only once.

Nine tenths of a case text are who is who, which every fact brings along and which changes only in
its instant, and what a case pins, which is the same for all cases of a year. Reading them anew from
each fact took longer than folding it. So a part that was read before *to the letter* is cut out of
the text before that is parsed, and put back as the value it was read as.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter
from pydantic_core import from_json

from models.base import Instant, Value
from models.case import Pins, Private
from models.chain import quick
from models.people import Roster

_HERE = uuid4().hex
"""Stands in the varying place where the letters around it are taken down."""


class Reader:
    """Reads case texts; what it remembers between them is one roster and one set of pins.

    May be shared by threads: what is remembered is replaced whole.
    """

    def __init__(self) -> None:
        self._parts: tuple[_Part, ...] = (
            _Part("roster", Roster, "at", TypeAdapter(Instant)),
            _Part("pins", Pins, "policy", TypeAdapter(str)),
        )

    def private(self, text: object) -> Private:
        """A case text as a value. Raises ValidationError, or ValueError when it is no JSON."""
        if not isinstance(text, bytes):
            return Private()
        data, known = self._shortened(text)
        fact = data.get("fact") or {}
        for part in self._parts:
            if part.name in known:
                fact[part.name] = part.again(known[part.name], fact[part.name])
            elif part.name in fact:
                fact[part.name] = part.read(fact[part.name])
        return Private.model_validate(data)

    def _shortened(self, text: bytes) -> tuple[Any, dict[str, Value]]:
        """The text parsed without the parts that are known, and what those were read as."""
        short, known = text, {}
        for part in self._parts:
            if (cut := part.cut_from(short)) is not None:
                short, known[part.name] = cut
        data = from_json(short)
        fact = data.get("fact") or {}
        if all(isinstance(fact.get(name), str) for name in known):
            return data, known
        # Somebody filled in the same letters elsewhere, and that is what was cut out.
        return from_json(text), {}


class _Part:
    """A part of facts that is known to the letter, but for one short text in the midst of it."""

    def __init__(
        self, name: str, kind: type[Value], varying: str, adapter: TypeAdapter[Any]
    ) -> None:
        self.name = name
        self._kind = kind
        self._varying = varying
        self._adapter = adapter
        self._known: tuple[bytes, bytes, Value] | None = None
        """The letters before and after the varying text, and the whole as a value."""

    def cut_from(self, text: bytes) -> tuple[bytes, Value] | None:
        """The text with only the varying text in the place of the part; None if it is not there."""
        if self._known is None:
            return None
        head, tail, value = self._known
        start = text.find(head)
        since = start + len(head)
        until = text.find(b'"', since)
        if start < 0 or not text.startswith(tail, until):
            return None
        short = f'"{self.name}":"'.encode() + text[since:until] + b'"'
        return text[:start] + short + text[until + len(tail) :], value

    def again(self, value: Value, varying: str) -> Value:
        """The part that was cut out, with what it said in the varying place."""
        said = self._adapter.validate_python(varying)
        return value.model_copy(update={self._varying: said})

    def read(self, part: Any) -> Value:
        """A part that was not known, remembered from now on. Raises ValidationError."""
        value = self._kind.model_validate(part)
        whole = quick({self.name: {**part, self._varying: _HERE}})[1:-1]
        head, _, tail = whole.partition(_HERE.encode())
        self._known = head, tail, value
        return value
