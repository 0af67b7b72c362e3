"""What can be done in a case now, and what each act asks for: read from the class, so it cannot lie."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from models.base import Value
from models.errors import BadInput
from models.people import Role
from models.policy import Mark
from procedures import common
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES, by_name
from procedures.words import Act
from runtime.desk_reading import CaseView


class Asked(Value):
    """One field of an act's form."""

    name: str
    words: str
    """What is written there: "yes or no", "one of comply, may_proceed", "text (20 to 1000 ...)"."""
    required: bool


class ActNow(Value):
    """An act somebody may take as the case stands; its own rules are asked when it is sent."""

    name: str
    code: str
    label: str
    mark: Mark
    clause: str
    roles: tuple[Role, ...]
    reason: bool
    """A deciding act needs a reason (INV-14)."""
    fields: tuple[Asked, ...]
    duties: tuple[str, ...]
    """Ids of the open work it answers; none for what may be done beside it."""


def acts_now(view: CaseView) -> tuple[ActNow, ...]:
    """The acts of a case as it stands, those that its open work asks for first."""
    kind = by_name(view.case.procedure)
    wanted = {code: [d.duty for d in view.duties if code in d.acts] for code in kind.acts_by_code}
    possible = [
        (name, act) for name, act in kind.acts.items() if _is_possible(kind, name, view, wanted)
    ]
    possible.sort(key=lambda one: not wanted[one[1].code])
    return tuple(_act_now(name, act, wanted[act.code]) for name, act in possible)


def find_act(kind: type[Procedure], text: str) -> str:
    """The name of an act by name or code, whatever its case. Raises BadInput with the nearest."""
    wanted = text.strip().casefold().replace("-", "_")
    by_people = {name: act.code for name, act in kind.acts.items() if act.by_people}
    for name, code in by_people.items():
        if wanted in (name, code.casefold().replace("-", "_")):
            return name
    near = difflib.get_close_matches(wanted, by_people, n=3, cutoff=0.5)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    raise BadInput(
        f"There is no act of that name. Nothing was sent. {meant}"
        "`casework show CASE` lists what can be done now."
    )


def find_state(text: str) -> str:
    """The id of a state by id or code, such as D5. Raises BadInput with those there are."""
    states: dict[str, str] = {
        str(one.id): str(getattr(one, "code", ""))
        for kind in PROCEDURES.values()
        for one in kind.states
    }
    wanted = text.strip().casefold()
    for name, code in states.items():
        if wanted in (name, code.casefold()):
            return name
    raise BadInput(
        "There is no such state. There are:",
        tuple(f"{code}: {name}" for name, code in states.items()),
    )


_REFERENCE = re.compile(r"(?:(case|rehearsal)-)?([0-9a-f]{1,12})")


def find_reference(text: str) -> str:
    """A case's reference, or its beginning, as somebody wrote it down: with or without "case-".

    Raises BadInput.
    """
    found = _REFERENCE.fullmatch(text.strip().casefold())
    if found is None:
        raise BadInput(
            "That is no reference of a case, nor the beginning of one. Write it like"
            " case-0123456789ab."
        )
    return f"{found[1] or 'case'}-{found[2]}"


def _is_possible(
    kind: type[Procedure], name: str, view: CaseView, wanted: dict[str, list[str]]
) -> bool:
    act = kind.acts[name]
    if not act.by_people or name == kind.opening:
        return False
    if view.case.closed or act.reopens is not None:
        return view.case.closed and act.opens_again(view.case.state) is not None
    if act.sources and view.case.state not in act.sources:
        return False
    of_a_task = any(act.code in task.done_by for task in (*kind.tasks, *common.TASKS))
    return bool(wanted[act.code]) or not of_a_task


def _act_now(name: str, act: Act, duties: Iterable[str]) -> ActNow:
    return ActNow(
        name=name,
        code=act.code,
        label=act.label,
        mark=act.mark,
        clause=act.clause,
        roles=act.who,
        reason=act.decides,
        fields=tuple(asked(act.form)),
        duties=tuple(duties),
    )


def asked(form: type[BaseModel]) -> Iterator[Asked]:
    """The fields of a form in words."""
    schema = form.model_json_schema()
    required = schema.get("required", [])
    for name, inner in schema.get("properties", {}).items():
        words = _words(inner, schema.get("$defs", {}))
        yield Asked(name=name, words=words, required=name in required)


_PLAIN = {
    "boolean": "yes or no",
    "integer": "whole number",
    "number": "number",
    "object": "a group",
}
_FORMATS = {
    "date-time": "date and time (London)",
    "date": "date",
    "duration": "length of time",
    "uuid": "token",
}


WRITTEN_AS = {
    r"^[A-Z]$": "one capital letter, such as A",
    r"^[0-9a-f]{64}$": "SHA-256 of a file, or {file: PATH}",
    r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$": "a person's id, such as fca-1",
    r"^[A-Z]{2,4}-[0-9]{3,10}$": "a number such as INC-20417",
    r"^(pdf|png|jpeg|webp|text)$": "one of pdf, png, jpeg, webp, text",
}
"""How a text of a certain pattern is written, in words."""


def _words(schema: dict[str, Any], defs: dict[str, Any]) -> str:  # noqa: PLR0911 - one a shape
    if "$ref" in schema:
        return _words(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema or "allOf" in schema:
        found = schema.get("anyOf", schema.get("allOf", []))
        either = [_words(one, defs) for one in found if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(either))
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_words(schema.get('items', {}), defs)}"
    if schema.get("properties"):
        return f"group of {', '.join(schema['properties'])}"
    if schema.get("type") == "string":
        return _text(schema)
    return _PLAIN.get(schema.get("type", ""), "any value")


def _text(schema: dict[str, Any]) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if schema.get("pattern") in WRITTEN_AS:
        return WRITTEN_AS[schema["pattern"]]
    if "maxLength" not in schema:
        return "text"
    least = schema.get("minLength", 0)
    return f"text ({f'{least} to ' if least > 1 else 'at most '}{schema['maxLength']} characters)"
