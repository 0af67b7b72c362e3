"""A story: who does what, when, and what is expected to come of it.

These are the values; reading.py makes them of a file. Every instant is UTC here; in a file it is
London time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from models.base import Instant, Value
from models.case import No
from models.directory import Absence, Delegation
from models.directory_rows import PersonRef
from models.forms import LondonTime
from models.people import Role
from models.working_time import Holiday

_NAMESPACE = UUID("6f1c7d9e-2f0b-5f54-9a55-0d9a4b6a3c11")
"""Fixed for ever: the ids of a story must be the same wherever and whenever it is played."""


class Changes(Value):
    """Rows that come into the directory in the middle of a story; a person's row is merged."""

    people: tuple[dict[str, Any], ...] = ()
    absences: tuple[Absence, ...] = ()
    delegations: tuple[Delegation, ...] = ()


class FurtherReport(Value):
    """A report of the same matter by somebody else, joined to this case (6.4)."""

    by: PersonRef
    opened: LondonTime | None = None
    """When it was received; left out, at the instant of the step."""
    intake: dict[str, Any] = Field(default_factory=dict)
    """What is different in its form."""
    separated: bool = False
    """It was a mistake: the report goes on as a case of its own."""


class Step(Value):
    """One thing that happens: an act, a report joined, a holiday, a change of the directory."""

    at: Instant
    who: PersonRef | None = None
    act: str | None = Field(default=None, max_length=64)
    """Name or id of the act: `agree` or `D-04`."""
    fields: dict[str, Any] = Field(default_factory=dict, validation_alias="with")
    reason: str = ""
    role: Role | None = Field(default=None, validation_alias="as")
    on_behalf_of: PersonRef | None = Field(default=None, validation_alias="for")
    id: str | None = None
    """A label. Two steps with one label send the same decision id."""
    case: str | None = None
    """Any word: the decision is meant for another case."""
    saw: int | None = None
    """Number of the last trail entry the sender was shown."""
    expect: Literal["applied", "refused", "held"] = "applied"
    because: str = ""
    """Part of the answer's message, or its code."""
    repeated: bool = False
    """The answer is the one already given to this decision id."""
    holidays_proclaimed: tuple[Holiday, ...] = ()
    directory_changes: Changes | None = None
    report_joined: FurtherReport | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        things = (
            self.act is not None,
            bool(self.holidays_proclaimed),
            bool(self.directory_changes),
            self.report_joined is not None,
        )
        if sum(things) != 1:
            raise ValueError(
                "a step says one of `act`, `report_joined`, `holidays_proclaimed` and"
                " `directory_changes`"
            )
        if self.act is not None and self.who is None:
            raise ValueError("`who` is missing; write the id of whoever acts")
        return self


class TrailExpected(Value):
    """One trail entry that must come: all its words are said by the entry."""

    says: str = Field(min_length=1)
    at: LondonTime | None = None


class DueExpected(Value):
    """One due instant that the trail must show."""

    duty: str
    """Id of the step or task: `registered`, `report`."""
    at: LondonTime
    was: LondonTime | None = None
    """The due instant before it was moved."""
    role: Role | None = None
    backstop: bool | None = None
    """Whether the court's date made it earlier than the hours alone."""


class ToldExpected(Value):
    """Somebody who must be told, or must not."""

    who: PersonRef
    what: str | None = None
    """Code of the notice: `to_do`, `told`, `reminder`, `yours_now`; left out: anything."""
    at: LondonTime | None = None
    """At exactly this instant."""
    by: LondonTime | None = None
    """At this instant or before."""
    never: bool = False


class StoryFile(Value):
    """What may be written in a story file; `title` and `opens` always are."""

    title: str = Field(min_length=1)
    procedure: str
    directory: Path | None = None
    opens: Instant
    by: PersonRef
    joins: bool = False
    """An open case with the same identity is already there (6.4)."""
    linked: tuple[str, ...] = ()
    """Cases about the same post, by any name that tells them apart (6.4.3)."""
    similar: tuple[str, ...] = ()
    """Open cases that only look alike, likewise (6.4.5)."""
    intake: dict[str, Any]
    people: tuple[dict[str, Any], ...] = ()
    """Rows laid over the directory's by id, for this story only."""
    absences: tuple[Absence, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    steps: tuple[Step, ...] = ()
    until: Instant | None = None
    """Time passes with nobody acting, up to this instant but not including it."""
    outcome: str | None = None
    """Id of the state the case ends the story in, final or not."""
    no: No | None = None
    """Which of the four different "no"s the outcome is; none when it is left out."""
    nos: tuple[No, ...] | None = None
    """Every kind of "no" in the trail, in any order and each once."""
    flags: tuple[str, ...] | None = None
    """The flags still up at the end, in any order."""
    trail: tuple[TrailExpected, ...] = ()
    exact: bool = False
    """The trail holds these entries and no others."""
    due: tuple[DueExpected, ...] = ()
    told: tuple[ToldExpected, ...] = ()


class Story(StoryFile):
    """A story read from its file, complete with everything it left to the usual."""

    name: str
    path: Path
    lines: dict[str, int]
    """Line in the file by place: "steps.2", "due.0", "outcome"."""

    @property
    def case_id(self) -> str:
        """The reference of its case: the same wherever it is played."""
        return case_of(self.name)

    def decision_id(self, number: int) -> str:
        """The decision id of step `number`, counted from 1."""
        return decision_of(self.name, self.steps[number - 1].id or str(number))

    def line(self, *place: str | int) -> str:
        """Where something stands, for a message: "file:line"."""
        dotted = ".".join(map(str, place))
        while dotted not in self.lines and "." in dotted:
            dotted = dotted.rpartition(".")[0]
        return f"{self.path}:{self.lines.get(dotted, 1)}"


def case_of(name: str) -> str:
    """The case reference of a name."""
    return f"rehearsal-{uuid5(_NAMESPACE, name).hex[:12]}"


def decision_of(name: str, label: str) -> str:
    """The decision id of a step of a story, by its label or number."""
    return str(uuid5(_NAMESPACE, f"{name}\n{label}"))
