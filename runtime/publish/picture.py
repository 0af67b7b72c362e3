"""A procedure as boxes and arrows: what both pictures are drawn from.

An act that leads from many states to the same one would hide the rest behind its lines. From three
states on it is drawn once, out of a box "From any of D1 to D5".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from models.policy import Mark
from policy import book
from procedures.procedure import Procedure
from procedures.words import Act, Outcome, Start, Step

MANY = 3
"""From so many sources on, an act is drawn once out of a box of its own."""
PAIR = 2
"""Two states that follow each other are both named."""


@dataclass(frozen=True)
class Box:
    """One state, or several states that an act leads away from."""

    id: str
    code: str
    label: str
    kind: Literal["start", "step", "outcome", "several"]
    mark: Mark = Mark.SEED
    holder: str = ""
    """Plain names of who holds it."""


@dataclass(frozen=True)
class Said:
    """One act on an arrow. `route` says in which case it leads this way; empty: always."""

    code: str
    label: str
    route: str
    mark: Mark

    def __str__(self) -> str:
        """For a person, with the letter of its mark: "Arrange the official account (D-10)"."""
        route = f": {self.route}" if self.route else ""
        return f"{self.label}{route} ({self.code}){letter(self.mark)}"


@dataclass(frozen=True)
class Arrow:
    """The acts that lead from one box to another; those reconstructed have an arrow of their own."""

    source: str
    target: str
    reconstructed: bool
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Picture:
    """All that is drawn of one procedure."""

    key: str
    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@dataclass(frozen=True)
class Way:
    """One act leading from one state to another, and in which case."""

    act: Act
    source: str
    target: str
    route: str


def letter(mark: Mark) -> str:
    """How a mark is shown behind a label: nothing for what a seed says."""
    return "" if mark is Mark.SEED else f" [{mark.value}]"


def ways(procedure: type[Procedure]) -> tuple[Way, ...]:
    """Every way every act leads, those that stay where they are too, in the order they are tried."""
    found = []
    for name, act in procedure.acts.items():
        for state in procedure.states:
            conditional = False
            for each in state.transitions:
                if name not in {event.id for event in each.events}:
                    continue
                route = " and ".join(_words(spec.func) for spec in each.cond)
                said = route or ("otherwise" if conditional else "")
                conditional = conditional or bool(route)
                assert each.target is not None
                found.append(Way(act, state.id, each.target.id, said))
        if act.reopens is not None:
            step, outcomes = act.reopens
            found += [Way(act, outcome.id, step.id, "") for outcome in outcomes]
    return tuple(found)


def _words(condition: object) -> str:
    said = " ".join((condition.__doc__ or "").split()).rstrip(".")
    return said[:1].lower() + said[1:]


def picture(procedure: type[Procedure]) -> Picture:
    """The picture of a procedure; acts that stay where they are are in the sheet only."""
    several: dict[str, Box] = {}
    lines: dict[tuple[str, str, bool], list[Said]] = {}
    for way, sources in _together(procedure):
        act = way.act
        said = Said(act.code, act.label, way.route, act.mark)
        starts = sources
        if len(sources) >= MANY:
            box = _several(procedure, sources)
            several[box.id] = box
            starts = [box.id]
        for source in starts:
            key = (source, way.target, act.mark is Mark.RECONSTRUCTED)
            lines.setdefault(key, []).append(said)
    boxes = (*(_box(state) for state in procedure.states), *several.values())
    arrows = tuple(Arrow(*key, tuple(said)) for key, said in lines.items())
    return Picture(procedure.key, procedure.title, boxes, arrows)


def _together(procedure: type[Procedure]) -> Iterator[tuple[Way, list[str]]]:
    """Ways that differ only in where they start, with all their starts."""
    found: dict[tuple[str, str, str], tuple[Way, list[str]]] = {}
    for way in ways(procedure):
        if way.source == way.target:
            continue
        key = (way.act.code, way.target, way.route)
        found.setdefault(key, (way, []))[1].append(way.source)
    return iter(found.values())


def _box(state: object) -> Box:
    assert isinstance(state, Start | Step | Outcome)
    kind: Literal["start", "step", "outcome"] = "outcome"
    holder = ""
    if isinstance(state, Start):
        kind = "start"
    if isinstance(state, Step):
        kind = "step"
        holder = " and ".join(book().roles[role].name for role in state.held_by)
    return Box(state.id, state.code, state.label, kind, state.mark, holder)


def _several(procedure: type[Procedure], sources: Iterable[str]) -> Box:
    runs = codes(procedure, sources)
    name = "from_" + runs.replace(", ", "_").replace(" ", "_").lower()
    return Box(name, runs, f"From any of {runs}", "several")


def codes(procedure: type[Procedure], ids: Iterable[str]) -> str:
    """States by their ids in the analysis; those that follow each other by the first and last."""
    wanted = frozenset(ids)
    runs: list[list[str]] = []
    follows = False
    for state in procedure.states:
        if state.id in wanted:
            assert isinstance(state, Start | Step | Outcome)
            runs = runs if follows else [*runs, []]
            runs[-1].append(state.code)
        follows = state.id in wanted
    return ", ".join(_run(run) for run in runs)


def _run(run: list[str]) -> str:
    return f"{run[0]} to {run[-1]}" if len(run) > PAIR else ", ".join(run)
