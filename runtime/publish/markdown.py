"""The few pieces of Markdown that the sheets are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTHING = "-"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; an empty cell is shown as a dash, so that nothing looks forgotten."""
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row([cell or NOTHING for cell in row]) for row in rows]
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def section(title: str, *parts: str) -> str:
    """A section with what is in it, a blank line between."""
    return "\n\n".join((f"## {title}", *(part for part in parts if part)))


def page(*parts: str) -> str:
    """A whole page, ending in a line break."""
    return "\n\n".join(parts) + "\n"
