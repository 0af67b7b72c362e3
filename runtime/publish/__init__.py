"""What people read of each procedure: a sheet and two pictures, made from its class and committed.

    diagrams/NAME.md    every state, act, task, deadline and rule, with its clause and mark
    diagrams/NAME.mmd   the picture as Mermaid
    diagrams/NAME.svg   the picture as SVG

The same classes always give the same bytes, so a difference is a changed policy.
"""

from __future__ import annotations

from pathlib import Path

from models.errors import Unavailable
from procedures.registry import PROCEDURES
from runtime.publish import mermaid, sheet, svg, who_may
from runtime.publish.picture import picture

__all__ = ["publish", "stale"]


def publish(folder: Path) -> list[Path]:
    """Write every page into `folder`; returns the files written.

    Raises Unavailable, with nothing written, when the drawing program is not installed.
    """
    pages = {**_texts(), **_drawings()}
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in sorted(pages.items()):
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def stale(folder: Path) -> list[Path]:
    """The files in `folder` that are missing or say something else than the classes do now.

    Without the drawing program an SVG is judged by the digest of its source that it carries.
    """
    wrong = [name for name, text in _texts().items() if _read(folder / name) != text]
    try:
        wrong += [name for name, text in _drawings().items() if _read(folder / name) != text]
    except Unavailable:
        wrong += [
            name
            for name, source in _sources().items()
            if svg.digest(source) not in _read(folder / name)
        ]
    return [folder / name for name in sorted(wrong)]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _texts() -> dict[str, str]:
    pages = {"README.md": sheet.index(PROCEDURES.values())}
    for key, procedure in PROCEDURES.items():
        drawn = mermaid.render(picture(procedure))
        pages[f"{key}.mmd"] = drawn
        pages[f"{key}.md"] = sheet.sheet(procedure, drawn)
        pages[f"{key}_who_may.md"] = who_may.pages(procedure)
    return pages


def _sources() -> dict[str, str]:
    return {f"{key}.svg": svg.dot(picture(one)) for key, one in PROCEDURES.items()}


def _drawings() -> dict[str, str]:
    return {name: svg.render(source) for name, source in _sources().items()}
