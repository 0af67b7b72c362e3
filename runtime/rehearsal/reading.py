"""Reading a story file: the usual filled in, times made instants, every fault with its line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from models.directory import Absence, Delegation
from models.errors import BadInput, Misconfigured
from models.forms import problems
from models.working_time import Holiday
from procedures.procedure import Procedure
from procedures.registry import by_name
from runtime.marked_yaml import Marked, Place
from runtime.plain_faults import in_words
from runtime.rehearsal.story import (
    Changes,
    DueExpected,
    FurtherReport,
    Step,
    Story,
    StoryFile,
    ToldExpected,
    TrailExpected,
    decision_of,
)
from runtime.rehearsal.when import instant, is_relative

ROOT = Path(__file__).resolve().parents[2]
USUAL = "_usual.yaml"
"""Beside the stories of a procedure: what a story leaves out."""

_ROWS: dict[str, type[BaseModel]] = {
    "steps": Step,
    "trail": TrailExpected,
    "due": DueExpected,
    "told": ToldExpected,
}
_INNER: dict[str | int, type[BaseModel]] = {
    "absences": Absence,
    "delegations": Delegation,
    "directory_changes": Changes,
    "holidays_proclaimed": Holiday,
    "report_joined": FurtherReport,
}


def read_story(path: Path) -> Story:
    """Read and check a story file.

    Raises Misconfigured with every fault found, one a line: `file:line: what is wrong`.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{path}: cannot be read ({error.strerror}).") from None
    return _Draft(path, Marked.read(path, content)).story()


class _Draft:
    """A story on its way from file to value."""

    def __init__(self, path: Path, marked: Marked) -> None:
        self.path = path
        self.name = path.stem
        self.marked = marked
        self.faults: list[tuple[Place, str]] = list(marked.problems)
        if not isinstance(marked.data, dict):
            self._fail((), "a story is written as `key: value` lines, beginning with `title:`")
        self.data: dict[str, Any] = marked.data
        for key in self.data:
            if key not in StoryFile.model_fields:
                known = ", ".join(StoryFile.model_fields)
                self._fault((key,), f"`{key}` is not known here; write one of {known}")
        self.procedure = self._procedure()
        self.usual = _usual(path, self.procedure.key)

    def story(self) -> Story:
        """The story, or Misconfigured with every fault."""
        opens = self._instant(("opens",), self.data.get("opens"), None)
        if opens is None:
            self._stop()
        steps, last = self._steps(opens)
        until = self._instant(("until",), self.data.get("until"), last)
        rest = {key: value for key, value in self.data.items() if key in StoryFile.model_fields}
        written = {
            **{key: value for key, value in rest.items() if value is not None},
            "procedure": self.procedure.key,
            "by": self.data.get("by", self.usual.get("by")),
            "opens": opens,
            "until": until,
            "intake": self._intake(opens),
            "steps": steps,
            **{name: self._rows(name) for name in ("trail", "due", "told")},
        }
        directory = self.data.get("directory")
        written["directory"] = self.path.parent / directory if directory else None
        story = self._checked((), StoryFile, written)
        if self.faults or story is None:
            self._stop()
        # The parts are values already; reading them twice would read London time twice.
        return Story.model_construct(
            **dict(story), name=self.name, path=self.path, lines=self._lines()
        )

    # --- parts --------------------------------------------------------------------------------

    def _procedure(self) -> type[Procedure]:
        key = self.data.get("procedure", self.path.resolve().parent.name)
        try:
            return by_name(str(key))
        except BadInput as fault:
            self._fail(("procedure",), f"{fault} Write `procedure:` with its name.")

    def _intake(self, opens: datetime) -> dict[str, Any]:
        merged = merge(self.usual.get("intake", {}), self.data.get("intake") or {})
        intake: dict[str, Any] = self._filled(merged, opens)
        intake.setdefault("submission_token", decision_of(self.name, "form"))
        try:
            self.procedure.intake_form.model_validate(intake)
        except ValidationError as wrong:
            found = zip(wrong.errors(), problems(wrong), strict=True)
            self.faults += [(("intake", *error["loc"]), words) for error, words in found]
        return intake

    def _steps(self, opens: datetime) -> tuple[list[Step], datetime]:
        last, steps = opens, []
        for number, row in enumerate(self._list("steps")):
            place = ("steps", number)
            if not isinstance(row, dict):
                self._fault(place, "write the step as `key: value` lines")
                continue
            at = self._instant((*place, "at"), row.get("at"), last)
            if at is None:
                continue
            if at < last:
                self._fault((*place, "at"), "this is before the step above; write steps in order")
            step = self._checked(place, Step, self._whole_step(row, at))
            if step is not None:
                steps.append(step)
            last = at
        return steps, last

    def _whole_step(self, row: dict[str, Any], at: datetime) -> dict[str, Any]:
        whole = {**row, "at": at}
        if row.get("act") is not None:
            usual = self._usual_fields(str(row["act"]))
            whole["with"] = self._filled(merge(usual, row.get("with") or {}), at)
            whole.setdefault("reason", self.usual.get("reason", ""))
        if isinstance(row.get("report_joined"), dict):
            whole["report_joined"] = self._whole_report(row["report_joined"], at)
        return whole

    def _whole_report(self, row: dict[str, Any], at: datetime) -> dict[str, Any]:
        """A further report says only what is different from the story's own."""
        first = merge(self.usual.get("intake", {}), self.data.get("intake") or {})
        intake = self._filled(merge(first, row.get("intake") or {}), at)
        intake.setdefault("submission_token", decision_of(self.name, f"form {row.get('by')}"))
        return {**row, "intake": intake}

    def _usual_fields(self, name: str) -> dict[str, Any]:
        acts = self.procedure.acts
        act = acts.get(name) or self.procedure.acts_by_code.get(name)
        known = next((key for key, one in acts.items() if one is act), name)
        fields: dict[str, Any] = self.usual.get("acts", {}).get(known, {})
        return fields

    def _rows(self, name: str) -> list[Any]:
        found = []
        for number, row in enumerate(self._list(name)):
            written = {"says": row} if name == "trail" and isinstance(row, str) else row
            made = self._checked((name, number), _ROWS[name], written)
            if made is not None:
                found.append(made)
        return found

    def _list(self, name: str) -> list[Any]:
        rows = self.data.get(name)
        if rows is not None and not isinstance(rows, list):
            self._fault((name,), "write a list, each row beginning with `-`")
            return []
        return rows or []

    # --- small things -------------------------------------------------------------------------

    def _instant(self, place: Place, text: object, last: datetime | None) -> datetime | None:
        if text is None and place == ("until",):
            return None
        try:
            return instant(text, last)
        except BadInput as fault:
            self._fault(place, str(fault))
            return None

    def _filled(self, value: Any, at: datetime) -> Any:
        """The value with `sha256(x)`, `decision(x)` and times like `-10min` made what they mean."""
        if isinstance(value, dict):
            return {key: self._filled(inner, at) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner, at) for inner in value]
        if not isinstance(value, str):
            return value
        if is_relative(value):
            return instant(value, at).isoformat()
        for word, make in self._makers().items():
            if value.startswith(f"{word}(") and value.endswith(")"):
                return make(value[len(word) + 1 : -1])
        return value

    def _makers(self) -> dict[str, Callable[[str], str]]:
        return {
            "sha256": lambda text: sha256(text.encode()).hexdigest(),
            "decision": lambda label: decision_of(self.name, label),
        }

    def _checked(self, place: Place, model: type[Any], value: object) -> Any:
        try:
            return model.model_validate(value)
        except ValidationError as wrong:
            for error in wrong.errors(include_url=False):
                self._fault((*place, *error["loc"]), in_words(_owner(model, error["loc"]), error))
            return None

    def _lines(self) -> dict[str, int]:
        places: list[Place] = [(key,) for key in self.data]
        places += [(key, row) for key in _ROWS for row in range(len(self._list(key)))]
        return {".".join(map(str, place)): self.marked.line(place) for place in places}

    def _fault(self, place: Place, words: str) -> None:
        self.faults.append((place, words))

    def _fail(self, place: Place, words: str) -> NoReturn:
        self._fault(place, words)
        self._stop()

    def _stop(self) -> NoReturn:
        found = sorted((self.marked.line(place), words) for place, words in self.faults)
        lines = dict.fromkeys(f"{self.path}:{line}: {words}" for line, words in found)
        raise Misconfigured("\n".join(lines))


def _owner(model: type[BaseModel], place: Place) -> type[BaseModel]:
    """The innermost kind of row a fault lies in: its keys are the ones to offer."""
    inside = [_INNER[part] for part in place[:-1] if part in _INNER]
    return inside[-1] if inside else model


def merge(usual: Any, own: Any) -> Any:
    """`usual` with `own` over it, key by key and all the way down; a list is taken whole."""
    if isinstance(usual, dict) and isinstance(own, dict):
        both = {key: merge(usual.get(key), value) for key, value in own.items()}
        return {**usual, **both}
    return own


def _usual(path: Path, procedure: str) -> dict[str, Any]:
    """What stories of a procedure leave out: beside the story, or else beside the stories here."""
    for folder in (path.parent, ROOT / "stories" / procedure):
        file = folder / USUAL
        if file.is_file():
            data = Marked.read(file, file.read_bytes()).data
            return data if isinstance(data, dict) else {}
    return {}
