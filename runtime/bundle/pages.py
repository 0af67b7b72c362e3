"""The pages of a bundle: whole by themselves, for a screen or for paper; nothing in them runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, PrefixLoader, select_autoescape

from models.london import london
from runtime import showing

if TYPE_CHECKING:
    from runtime.desk_reading import CaseView
    from runtime.evidence import Item
    from runtime.trail_told import EntryTold

PREFIX = "bundle"
"""Under this name the pages of the site take the same templates."""

HOW_TO_CHECK = [
    "Every file is as it was made: in this folder run `sha256sum -c SHA256SUMS`.",
    "Every entry follows the one before: in trail.json the hash of an entry is the SHA-256 of the"
    " RFC 8785 form of {body, commit, prev}, prev is the hash of the entry before (64 zeros for the"
    " first), and the last hash is the head that this manifest gives for the case.",
    "Case text is what was recorded: where `text` is whole, commit is the SHA-256 of the bytes of"
    " salt (hexadecimal) followed by the RFC 8785 form of private.",
    "Privileged advice is not in here; its commit stands in the chain all the same.",
]


def loader() -> PackageLoader:
    """The templates of this package."""
    return PackageLoader("runtime.bundle")


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PrefixLoader({PREFIX: loader()}),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"london": london, "role": showing.role, "marked": showing.marked}
    return made


def of_case(
    row: dict[str, Any], view: CaseView, entries: Sequence[EntryTold], items: Sequence[Item]
) -> bytes:
    """The trail of one case as a page."""
    state = showing.state(view.case.procedure, view.case.state, view.case.label)
    return _page("trail.html", row=row, view=view, entries=entries, items=items, state=state)


def front(rows: Sequence[dict[str, Any]]) -> list[tuple[str, bytes]]:
    """The first page, and how to check everything as plain text."""
    lines = "".join(f"{n}. {line}\n" for n, line in enumerate(HOW_TO_CHECK, start=1))
    text = f"OFFICIAL-SENSITIVE\n\nHow to check this bundle with nothing of ours:\n\n{lines}"
    return [
        ("index.html", _page("index.html", rows=rows, how=HOW_TO_CHECK)),
        ("README.txt", text.encode()),
    ]


def _page(name: str, **given: Any) -> bytes:
    return _templates().get_template(f"{PREFIX}/{name}").render(**given).encode()
