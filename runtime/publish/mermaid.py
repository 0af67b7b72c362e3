"""The picture as a Mermaid state diagram: ids are those of the states, labels the plain names.

Mermaid cannot dash a single arrow of a state diagram, so reconstructed arrows carry the letter R;
reconstructed states are dashed and carry it too.
"""

from __future__ import annotations

from models.policy import Mark
from runtime.publish.picture import Arrow, Box, Picture, letter

CLASSES = {
    "reconstructed": "stroke-dasharray: 6 4",
    "outcome": "stroke-width: 3px",
    "several": "stroke-dasharray: 1 3, fill: none",
}


def render(drawn: Picture) -> str:
    """The text of the diagram, as a .mmd file holds it."""
    lines = [f"%% {drawn.title}. Made by `make publish`; do not edit.", "stateDiagram-v2"]
    body = ["direction TB"]
    body += [f'state "{_label(box)}" as {box.id}' for box in drawn.boxes]
    body += [f"[*] --> {box.id}" for box in drawn.boxes if box.kind == "start"]
    body += [_arrow(arrow) for arrow in drawn.arrows]
    body += [f"{box.id} --> [*]" for box in drawn.boxes if box.kind == "outcome"]
    classed = [(box.id, name) for box in drawn.boxes for name in _classes(box)]
    used = {name for _, name in classed}
    body += [f"classDef {name} {style}" for name, style in CLASSES.items() if name in used]
    body += [f"class {box} {name}" for box, name in classed]
    return "\n".join([*lines, *(f"    {line}" for line in body)]) + "\n"


def _label(box: Box) -> str:
    if box.kind == "several":
        return _safe(box.label)
    return f"{_safe(box.label)}<br/>({box.code}){letter(box.mark)}"


def _arrow(arrow: Arrow) -> str:
    return f"{arrow.source} --> {arrow.target} : " + "<br/>".join(
        _safe(str(said)) for said in arrow.said
    )


def _classes(box: Box) -> list[str]:
    found = ["reconstructed"] if box.mark is Mark.RECONSTRUCTED else []
    return found + [box.kind for kind in ("outcome", "several") if box.kind == kind]


def _safe(text: str) -> str:
    # These three end a label, a statement, or begin a character code, wherever they stand.
    return text.replace('"', "'").replace(";", ",").replace("#", "no. ")
