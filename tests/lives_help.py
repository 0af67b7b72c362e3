"""A case of any procedure, filled in as its stories fill it in, or a little otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from pydantic import BaseModel

from models.case import Joined, Returned
from models.errors import BadInput
from models.london import parse_london
from procedures.procedure import Procedure
from runtime.marked_yaml import Marked
from runtime.rehearsal.reading import merge, read_story
from runtime.rehearsal.story import Story
from runtime.rehearsal.when import instant, is_relative
from tests.core_help import HASH, MINUTE, Play

STORIES = Path(__file__).parents[1] / "stories"
SECRET = "quokka"
"""Written into every text a person fills in: it may be found nowhere but in the private part."""
REASON = f"What is known so far carries it, {SECRET}, and nothing speaks against it."
NAMES = ("duty", "act", "decision", "other")
"""Fields whose text names something of the case rather than telling of it."""

_COMMON: dict[str, dict[str, Any]] = {
    "confirm_safe": {"spoken_at": "-0min", "police_reference": "CAD-0001"},
    "safeguarding_handled": {"outcome": "advice_given", "given_to_court": True},
    "add_evidence": {"sha256": HASH, "kind": "png", "title": "a screenshot"},
    "ask_information": {"to": "LM", "question": "Which of the two posts is meant by it?"},
    "answer": {"answer": "It is the later one of the two that is meant."},
    "link_case": {"other": "case-2", "relation": "same_post"},
    "refer": {"to": "C"},
    "take_referral": {"to": "C", "outside": "by the duty manager of the day"},
    "reassign": {"role": "LM", "to": "lm-2"},
    "resume": {},
    "pause": {"why": "waiting_for_police"},
    "join_by_hand": {"other": "case-2"},
}
_TOKENS = count(1)
START = parse_london("2026-11-23 10:00")


@cache
def usual(key: str) -> dict[str, Any]:
    """What the stories of a procedure leave out."""
    file = STORIES / key / "_usual.yaml"
    data = Marked.read(file, file.read_bytes()).data
    assert isinstance(data, dict)
    return data


@cache
def stories(key: str) -> tuple[Story, ...]:
    """The stories of a procedure."""
    return tuple(map(read_story, sorted((STORIES / key).glob("[!_]*.yaml"))))


def filled(value: Any, at: datetime, name: str = "") -> Any:
    """A story's value with its times and hashes made what they mean, and the secret in its texts."""
    if isinstance(value, dict):
        return {key: filled(inner, at, key) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [filled(inner, at, name) for inner in value]
    if not isinstance(value, str):
        return value
    if is_relative(value):
        return instant(value, at).isoformat()
    if value.startswith("sha256("):
        return sha256(value.encode()).hexdigest()
    tells = " " in value and not value[0].isdigit() and name not in NAMES
    return f"{value} {SECRET}" if tells and SECRET not in value else value


# --- something else than usual ----------------------------------------------------------------


@cache
def _schema(form: type[BaseModel]) -> dict[str, Any]:
    return form.model_json_schema()


def varied(form: type[BaseModel], fields: dict[str, Any], dice: Random) -> dict[str, Any]:
    """The same form with one or two of its ticks and choices made otherwise."""
    schema = _schema(form)
    found = dict(fields)
    names = [name for name in schema.get("properties", {}) if name != "declaration"]
    for name in dice.sample(names, min(len(names), dice.randint(1, 2))):
        drawn = _drawn(schema["properties"][name], schema.get("$defs", {}), found.get(name), dice)
        found[name] = drawn
    return found


def _drawn(row: dict[str, Any], known: dict[str, Any], now: Any, dice: Random) -> Any:
    if "$ref" in row:
        row = known[row["$ref"].rpartition("/")[2]]
    if "anyOf" in row:
        return _drawn(dice.choice(row["anyOf"]), known, now, dice)
    simple: dict[str, Callable[[], Any]] = {
        "boolean": lambda: dice.random() < 0.5,
        "null": lambda: None,
        "integer": lambda: dice.randint(0, 3),
        "array": lambda: _rows(row, known, now, dice),
        "object": lambda: _inner(row, known, now, dice),
    }
    if "enum" in row:
        return dice.choice(row["enum"])
    draw = simple.get(row.get("type", ""))
    return draw() if draw else now


def _rows(row: dict[str, Any], known: dict[str, Any], now: Any, dice: Random) -> Any:
    if not isinstance(row.get("items"), dict):
        return now
    drawn = [_drawn(row["items"], known, None, dice) for _ in range(dice.randint(1, 2))]
    return now if None in drawn else drawn


def _inner(row: dict[str, Any], known: dict[str, Any], now: Any, dice: Random) -> Any:
    if not isinstance(now, dict):
        return now
    names = [name for name in row.get("properties", {}) if name in now and dice.random() < 0.4]
    changed = {name: _drawn(row["properties"][name], known, now[name], dice) for name in names}
    return {**now, **changed}


# --- the case ---------------------------------------------------------------------------------


class Life(Play):
    """One case of one procedure."""

    def form(self, **changes: Any) -> dict[str, Any]:
        """The form as its stories send it."""
        token = f"00000000-0000-4000-a000-{next(_TOKENS):012x}"
        form: dict[str, Any] = filled(whole(self.kind, changes), self.now)
        return {"submission_token": token, **form}

    def usual(self, act: str) -> dict[str, Any]:
        """What is usually filled in for an act."""
        if act in ("pause", "resume"):
            return {**_COMMON[act], "duty": self.here}
        known = usual(self.kind.key).get("acts", {})
        fields: dict[str, Any] = filled(known.get(act, _COMMON.get(act, {})), self.now)
        return fields

    def joined(
        self, by: str, report: str, form: dict[str, Any], *, separated: bool = False
    ) -> None:
        """Another report of the same is joined to this one, or goes its own way again."""
        self.wait(MINUTE)
        fact = Joined(
            id=f"{report}:{next(_TOKENS)}", at=self.now, procedure=self.kind.key, report=report,
            by=by, opened_at=self.now - 2 * MINUTE, intake=form, separated=separated,
        )  # fmt: skip
        self.fold(fact)
        self.fold(fact)

    def returned(self) -> None:
        """The case that this one was joined to has ended."""
        to = self.case.case.joined_to
        if to is not None:
            self.wait(MINUTE)
            self.fold(Returned(at=self.now, to=to))


def whole(kind: type[Procedure], changes: dict[str, Any]) -> Any:
    """The usual form of a procedure with some of its answers changed."""
    return merge(usual(kind.key)["intake"], changes)


def readable(kind: type[Procedure], changes: dict[str, Any], at: datetime) -> bool:
    """Whether the desk would take the usual form with these changes."""
    form = {"submission_token": "00000000-0000-4000-a000-000000000000", **whole(kind, changes)}
    try:
        return not kind.faults_at(kind.read(filled(form, at)), at)
    except BadInput:
        return False


def life(kind: type[Procedure], **given: Any) -> Life:
    """A case of a procedure; what `Play` does not know by name is of the form."""
    one: type[Life] = type("OneLife", (Life,), {"kind": kind})
    return one(**given)
