"""The diagram of a procedure inside a page: where a case is now, where it has been, and as text.

The drawing is the committed one (`diagrams/`), so a page cannot show another than the sheet does.
What is reconstructed is dashed and lettered there already; this adds where the case stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from xml.etree import ElementTree as ET

from markupsafe import Markup

from models.case import Line, Opened
from procedures.procedure import Procedure
from procedures.registry import by_name
from procedures.words import Outcome, Start, Step
from runtime.publish.picture import letter, ways

DIAGRAMS = Path(__file__).resolve().parent.parent / "diagrams"

NOW = "now"
THEN = "then"
BEEN = "been here"
TOLD = (
    " The state where the case is now has a thick border and the word \u201cnow\u201d, or"
    " \u201cthen\u201d where an earlier instant is shown; a state it has been through says \u201cbeen here\u201d. The list below the picture says the same."
)
_SPACE = re.compile(r"^\{[^}]*\}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_KEPT = 256
"""Pictures kept ready: cases of one procedure that came the same way share one."""


@dataclass(frozen=True)
class Place:
    """One state of the diagram as text."""

    code: str
    label: str
    mark: str
    """" [R]" when it is reconstructed, " [L]" when the law says it, else empty."""
    now: bool
    been: bool
    ends: bool
    leads: tuple[str, ...]
    """The acts that lead on from here, each with where to."""


@dataclass(frozen=True)
class Drawing:
    """What a page needs of a diagram: `{{ drawn(drawing) }}` of templates/picture.html."""

    svg: Markup
    here: str
    """Id of the current state in the drawing, for a link; empty when it is not drawn."""
    places: tuple[Place, ...]
    then: bool
    """It shows an instant that is past: "now" is what it was then."""
    note: str
    """Said when the case began with another version than the one drawn; else empty."""


def drawing(
    procedure: str, version: int, state: str, been: Iterable[str] = (), *, then: bool = False
) -> Drawing:
    """The diagram and its text for a case that rests in `state` and has been through `been`.

    `then`: it rested there at an instant that is past.
    """
    gone, here = frozenset(been), f"{by_name(procedure).key}-state-{state}"
    svg = picture(procedure, version, state, gone, THEN if then else NOW)
    return Drawing(
        svg=svg,
        here=here if f'id="{here}"' in svg else "",
        places=steps_as_text(procedure, version, state, gone),
        then=then,
        note=_other_version(by_name(procedure), version),
    )


def of_case(procedure: str, lines: Iterable[Line]) -> Drawing:
    """The diagram of a case as its trail has it after these lines, at least the first."""
    told = tuple(lines)
    fact = told[0].private.fact
    kind = by_name(procedure)
    version = fact.pins.procedure if isinstance(fact, Opened) else kind.version
    been = {state for line in told for state in (line.entry.before, line.entry.after)}
    return drawing(procedure, version, told[-1].entry.after, been)


def picture(
    procedure: str, version: int, state: str, visited: Collection[str] = (), word: str = NOW
) -> Markup:
    """The committed diagram as inline SVG, `state` and `visited` marked in it by border and word.

    Only the newest version is drawn; a state that it does not have is left out. Empty when the
    diagrams are not installed with the program: the text of `steps_as_text` stands alone then.
    """
    del version
    return _drawn(by_name(procedure).key, state, frozenset(visited) - {state}, word)


def steps_as_text(
    procedure: str, version: int, state: str, visited: Collection[str] = ()
) -> tuple[Place, ...]:
    """The same facts as `picture`, for whoever reads rather than looks."""
    del version
    kind = by_name(procedure)
    return tuple(_place(kind, one.id, state, visited) for one in kind.states)


def _place(kind: type[Procedure], id: str, state: str, visited: Collection[str]) -> Place:
    here = kind.states_map[id]
    assert isinstance(here, Start | Step | Outcome)
    return Place(
        code=here.code,
        label=here.label,
        mark=letter(here.mark),
        now=id == state,
        been=id in visited and id != state,
        ends=isinstance(here, Outcome),
        leads=_leads(kind)[id],
    )


@cache
def _leads(kind: type[Procedure]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {state.id: [] for state in kind.states}
    for way in ways(kind):
        if way.source != way.target:
            to = kind.states_map[way.target]
            route = f", {way.route}" if way.route else ""
            said = f"{way.act.label}{route} ({way.act.code}){letter(way.act.mark)}"
            found[way.source].append(f"{said} leads to: {getattr(to, 'label', to.id)}")
    return {state: tuple(said) for state, said in found.items()}


def _other_version(kind: type[Procedure], version: int) -> str:
    if version == kind.version:
        return ""
    return (
        f"This case began with version {version} of the procedure and keeps it;"
        f" the picture shows version {kind.version}."
    )


# --- the drawing --------------------------------------------------------------------------------


@lru_cache(maxsize=_KEPT)
def _drawn(key: str, state: str, visited: frozenset[str], word: str) -> Markup:
    root = deepcopy(_read(key))
    if root is None:
        return Markup()
    groups = {group.get("id", ""): group for group in root.iter("g")}
    for name in sorted({state, *visited}):
        group = groups.get(f"{key}-state-{name}")
        if group is not None:
            _mark(group, word if name == state else BEEN)
    # Our own file, and words of our own in it: every character of both was escaped when written.
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704


@cache
def _read(key: str) -> ET.Element | None:
    try:
        root = ET.fromstring((DIAGRAMS / f"{key}.svg").read_text("utf-8"))  # noqa: S314 - ours
    except FileNotFoundError:
        return None
    for part in root.iter():
        part.tag = _SPACE.sub("", part.tag)
        part.attrib = {
            name: value
            for name, value in part.attrib.items()
            if not _SPACE.match(name) and name != "data-source"
        }
    _name(root, key)
    return root


def _name(root: ET.Element, key: str) -> None:
    """Ids that are this drawing's alone, a size in pixels, and what the marks mean."""
    for part in root.iter("g"):
        name = part.attrib.pop("id", "")
        if name.startswith("state-"):
            part.set("id", f"{key}-{name}")
    for side in ("width", "height"):
        root.set(side, root.get(side, "").removesuffix("pt"))
    root.set("class", "app-picture__drawing")
    told = root.find("desc")
    assert told is not None
    told.text = (told.text or "") + TOLD


def _mark(group: ET.Element, word: str) -> None:
    shape = next(part for part in group if part.tag in ("path", "polygon"))
    left, top = _corner(shape)
    wide = 9 * len(word) + 10
    kind = BEEN if word == BEEN else NOW
    group.set("class", f"{group.get('class')} app-picture__{kind.replace(' ', '-')}")
    box = {"x": f"{left - 6:g}", "y": f"{top - 16:g}", "width": f"{wide}", "height": "20"}
    at = {"x": f"{left - 6 + wide / 2:g}", "y": f"{top - 2:g}", "text-anchor": "middle"}
    badge = ET.SubElement(group, "g", {"class": "app-picture__badge"})
    ET.SubElement(badge, "rect", box)
    ET.SubElement(badge, "text", at).text = word


def _corner(shape: ET.Element) -> tuple[float, float]:
    """The left upper corner of a box, whichever way it was drawn."""
    numbers = [float(one) for one in _NUMBER.findall(shape.get("points") or shape.get("d") or "")]
    return min(numbers[::2]), min(numbers[1::2])
