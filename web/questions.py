"""What a page asks, read from the form's own model: so no page can ask what no form takes.

An answer is kept as it was typed, under the name of its field in the page, and made into what the
model reads only when it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache, partial
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel

from models.london import london_day
from web.language import dated, say
from web.words import choice, label_of, label_of_act

Answers = dict[str, tuple[str, ...]]
"""What was typed or ticked, by the name of the field in the page."""
Words = Callable[[str], tuple[str, str]]
"""Label and hint of a field."""
Find = Callable[[str], str]
"""The id of the person that somebody named, or the text as it was."""

ROWS = 20
"""The most rows of a table of answers, whatever a request says."""
_HASH = "^[0-9a-f]{64}$"
_LONG = 200
_PARTS = ("day", "month", "year")


class Kind(StrEnum):
    """How a question is put."""

    YES_NO = "yes_no"
    TICK = "tick"
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"
    LONG = "long"
    LINES = "lines"
    PEOPLE = "people"
    PERSON = "person"
    NUMBER = "number"
    DAY = "day"
    TIME = "time"
    FILE = "file"
    GROUP = "group"
    ROWS = "rows"


@dataclass(frozen=True)
class Question:
    """One field of a form as a page asks it."""

    name: str
    """Where it lies in the form: `scope.first`."""
    kind: Kind
    label: str
    hint: str
    required: bool
    options: tuple[tuple[str, str], ...] = ()
    either: str = ""
    """An answer that may stand in its place: "none given"."""
    inner: tuple[Question, ...] = ()
    most: int | None = None

    @property
    def root(self) -> str:
        """The field of the form it belongs to."""
        return self.name.partition(".")[0]

    @property
    def id(self) -> str:
        """Its id in the page."""
        return self.name.replace(".", "-").replace("_", "-")

    def row(self, number: int) -> tuple[Question, ...]:
        """The questions of one row of a table."""
        return tuple(_moved(one, self.name, f"{self.name}.{number}") for one in self.inner)


def _moved(question: Question, old: str, new: str) -> Question:
    inner = tuple(_moved(one, old, new) for one in question.inner)
    return replace(question, name=new + question.name[len(old) :], inner=inner)


def questions(form: type[BaseModel], words: Words = label_of) -> tuple[Question, ...]:
    """Every question of a form in its order, in the words that `words` has for each name."""
    schema = form.model_json_schema()
    return tuple(_each(schema, _Known(schema.get("$defs", {}), words), ""))


@cache
def questions_of_act(form: type[BaseModel]) -> tuple[Question, ...]:
    """Every question of the form of an act."""
    return questions(form, partial(label_of_act, form.__name__))


@dataclass(frozen=True)
class _Known:
    defs: dict[str, Any]
    words: Words


def _each(schema: dict[str, Any], known: _Known, before: str) -> Iterator[Question]:
    needed = schema.get("required", ())
    asked = schema.get("properties", {})
    for name, inner in asked.items():
        # What kind of document it is can be seen from the document.
        if name == "kind" and "sha256" in asked:
            continue
        yield _question(f"{before}{name}", inner, known, required=name in needed)


def _question(name: str, schema: dict[str, Any], known: _Known, *, required: bool) -> Question:
    label, hint = known.words(name)
    shape = _shape(_whole(schema, known.defs), known, name)
    return Question(name=name, label=label, hint=hint, required=required, **shape)


def _whole(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema or "allOf" in schema:
        ref = schema.get("$ref") or schema["allOf"][0]["$ref"]
        schema = defs[ref.rpartition("/")[2]]
    return schema


def _shape(schema: dict[str, Any], known: _Known, name: str) -> dict[str, Any]:
    if "anyOf" in schema:
        parts = [_whole(one, known.defs) for one in schema["anyOf"] if one.get("type") != "null"]
        either = next((str(one["const"]) for one in parts if "const" in one), "")
        main = next(one for one in parts if "const" not in one)
        return _shape(main, known, name) | ({"either": either} if either else {})
    if "enum" in schema:
        return {"kind": Kind.CHOICE, "options": tuple((str(v), choice(v)) for v in schema["enum"])}
    if schema.get("type") == "array":
        return _list(schema, known, name)
    if schema.get("properties"):
        inner = tuple(_each(schema, known, f"{name}."))
        return {"kind": Kind.GROUP, "inner": inner}
    return _simple(schema, name)


def _list(schema: dict[str, Any], known: _Known, name: str) -> dict[str, Any]:
    items = _whole(schema["items"], known.defs)
    if "enum" in items:
        options = tuple((str(value), choice(value)) for value in items["enum"])
        return {"kind": Kind.CHOICES, "options": options}
    if items.get("properties"):
        return {"kind": Kind.ROWS, "inner": tuple(_each(items, known, f"{name}."))}
    people = "an id like" in str(items.get("description", ""))
    return {"kind": Kind.PEOPLE if people else Kind.LINES}


def _simple(schema: dict[str, Any], name: str) -> dict[str, Any]:
    if schema.get("type") == "boolean":
        return {"kind": Kind.TICK if name == "declaration" else Kind.YES_NO}
    if schema.get("type") in ("integer", "number"):
        return {"kind": Kind.NUMBER}
    if "const" in schema:
        return {"kind": Kind.CHOICE, "options": ((str(schema["const"]), choice(schema["const"])),)}
    if "an id like" in str(schema.get("description", "")):
        return {"kind": Kind.PERSON}
    if schema.get("pattern") == _HASH:
        return {"kind": Kind.FILE}
    kinds = {"date": Kind.DAY, "date-time": Kind.TIME}
    most = schema.get("maxLength")
    long = Kind.LONG if most is not None and _LONG < most != _ADDRESS else Kind.TEXT
    return {"kind": kinds.get(str(schema.get("format")), long), "most": most}


_ADDRESS = 2048
"""As long as a web address may be; it is one line all the same."""


# --- in the page --------------------------------------------------------------------------------


def names_of(asked: Iterable[Question]) -> Iterator[str]:
    """Every name under which a page may send an answer: what else a request holds is not kept."""
    for question in asked:
        if question.either:
            yield f"{question.name}-either"
        if question.kind is Kind.GROUP:
            yield from names_of(question.inner)
        elif question.kind is Kind.ROWS:
            for number in range(ROWS):
                yield from names_of(question.row(number))
        elif question.kind in (Kind.DAY, Kind.TIME):
            yield from (f"{question.name}-{part}" for part in (*_PARTS, "time"))
        else:
            yield question.name


def every(asked: Iterable[Question]) -> Iterator[Question]:
    """The questions with those inside them."""
    for question in asked:
        yield question
        yield from every(question.inner)


def in_words(question: Question, value: str, name_of: Find) -> str:
    """A value as the trail has it, in the words of the answers that were offered."""
    if question.kind is Kind.CHOICES:
        return ", ".join(map(choice, value.split(", ")))
    if question.kind in (Kind.PERSON, Kind.PEOPLE):
        return ", ".join(map(name_of, value.split(", ")))
    return choice(value) if question.kind in (Kind.CHOICE, Kind.YES_NO, Kind.TICK) else value


def files_in(asked: Iterable[Question]) -> Iterator[Question]:
    """The questions that are answered with a file."""
    for question in asked:
        if question.kind is Kind.FILE:
            yield question
        yield from files_in(question.inner)


def said(
    question: Question, answers: Mapping[str, tuple[str, ...]], name_of: Find
) -> tuple[tuple[str, str], ...]:
    """An answer as "check your answers" shows it: label and words, one row a part."""
    if question.either and answers.get(f"{question.name}-either"):
        return ((say(question.label), say(choice(question.either))),)
    if question.kind is Kind.GROUP:
        return tuple(row for one in question.inner for row in said(one, answers, name_of))
    if question.kind is Kind.ROWS:
        return tuple(
            (Markup("{}, {}: {}").format(say(question.label), number + 1, label), words)
            for number in range(rows_in(question, answers))
            for one in question.row(number)
            for label, words in said(one, answers, name_of)
        )
    return ((say(question.label), _said(question, answers, name_of)),)


def _said(question: Question, answers: Mapping[str, tuple[str, ...]], name_of: Find) -> str:
    if question.kind in (Kind.DAY, Kind.TIME):
        return _when_said(question, answers)
    given = answers.get(question.name, ())
    if question.kind is Kind.PERSON:
        return name_of(given[0]) if given and given[0] else ""
    if question.kind in (Kind.CHOICE, Kind.CHOICES):
        return Markup(", ").join(say(dict(question.options).get(one, one)) for one in given if one)
    if question.kind in (Kind.YES_NO, Kind.TICK):
        return say(choice(given[0])) if given and given[0] else ""
    if question.kind is Kind.FILE:
        return f"SHA-256 {given[0]}" if given and given[0] else ""
    return given[0] if given else ""


def _when_said(question: Question, answers: Mapping[str, tuple[str, ...]]) -> str:
    """A date in words, with the time as it was typed; what is no date is shown as it was typed."""
    day, month, year, time = (
        _typed(answers, f"{question.name}-{part}") for part in (*_PARTS, "time")
    )
    try:
        found = date.fromisoformat((_when(question, answers) or "").partition(" ")[0])
    except ValueError:
        return " ".join(filter(None, (day, month, year, time)))
    return " ".join(filter(None, (dated(london_day(found)), time)))


def twofold(
    asked: Iterable[Question], answers: Mapping[str, tuple[str, ...]]
) -> Iterator[Question]:
    """The questions whose other answer is ticked beside one that was typed: only one can hold."""
    for question in every(asked):
        if question.either and answers.get(f"{question.name}-either"):
            names = names_of([replace(question, either="")])
            if any(_typed(answers, name) for name in names):
                yield question


# --- from what was typed to what the model reads ------------------------------------------------


def compose(asked: Iterable[Question], answers: Mapping[str, tuple[str, ...]], find: Find) -> Any:
    """The form as its model reads it. What was left empty is left out."""
    said = ((one.name.rpartition(".")[2], _value(one, answers, find)) for one in asked)
    return {name: value for name, value in said if value is not None}


def _value(question: Question, answers: Mapping[str, tuple[str, ...]], find: Find) -> Any:  # noqa: PLR0911 - one a kind
    if question.either and answers.get(f"{question.name}-either"):
        return question.either
    if question.kind is Kind.GROUP:
        found = compose(question.inner, answers, find)
        kind = answers.get(f"{question.name}.kind")
        return (found | ({"kind": kind[0]} if kind else {})) or None
    if question.kind is Kind.ROWS:
        rows = (compose(question.row(n), answers, find) for n in range(rows_in(question, answers)))
        return [row for row in rows if row] or None
    if question.kind in (Kind.DAY, Kind.TIME):
        return _when(question, answers)
    given = answers.get(question.name, ())
    if question.kind is Kind.CHOICES:
        return list(given) or None
    text = given[0].strip() if given else ""
    if question.kind in (Kind.LINES, Kind.PEOPLE):
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return (lines if question.kind is Kind.LINES else [find(one) for one in lines]) or None
    return text.replace("\r\n", "\n") or None


def _when(question: Question, answers: Mapping[str, tuple[str, ...]]) -> str | None:
    day, month, year = (_typed(answers, f"{question.name}-{part}") for part in _PARTS)
    time = _typed(answers, f"{question.name}-time")
    if not (day or month or year or time):
        return None
    iso = f"{year}-{month.zfill(2)}-{day.zfill(2)}"
    return f"{iso} {time.zfill(5)}" if question.kind is Kind.TIME else iso


def _typed(answers: Mapping[str, tuple[str, ...]], name: str) -> str:
    given = answers.get(name, ())
    return given[0].strip() if given else ""


def rows_in(question: Question, answers: Mapping[str, tuple[str, ...]]) -> int:
    """How many rows of a table were answered; empty ones between them count."""
    pattern = re.compile(re.escape(question.name) + r"\.(\d{1,2})\.")
    found = [
        int(match[1])
        for name, given in answers.items()
        if any(given) and (match := pattern.match(name)) is not None
    ]
    return min(max(found, default=-1) + 1, ROWS)
