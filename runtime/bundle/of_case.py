"""The part of a bundle that one case is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import rfc8785
from pydantic import ValidationError

from activities.chain import Fault, KeptLine, Salted
from models.case import Line, Opened
from models.chain import GENESIS
from models.errors import CaseworkError
from models.evidence import Deed, Part, Purpose
from models.people import PersonId
from procedures.registry import by_name
from runtime import showing
from runtime.audit import audit
from runtime.bundle import pages
from runtime.bundle.tables import entries_csv
from runtime.bundle.text import row, texts
from runtime.trail_told import EntryTold, trail_told

if TYPE_CHECKING:
    from runtime.desk import Desk
    from runtime.evidence import Item

FORMAT = "casework trail 1"
NOTICES = 100_000
"""More than any case ever sent."""


class CaseFiles:
    """The files of one case, and its row in the manifest.

    A case that was tampered with is told as it lies there: a bundle is evidence of that as well.
    """

    def __init__(self, desk: Desk, case_id: str, by: PersonId, *, whole: bool) -> None:
        self._desk = desk
        self._case_id = case_id
        self._by = by
        self._whole = whole
        self._people = showing.People(desk.directory)
        self._view = desk.show(case_id)
        self._kept = desk.ledger.lines_of(case_id)
        self._lines = _read(desk, self._kept)
        self._items = self._evidence()

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of each, in an order that never changes."""
        folder = f"cases/{self._case_id}"
        salted = self._desk.ledger.salted(self._kept)
        yield f"{folder}/trail.json", rfc8785.dumps(self._trail(salted))
        if self._lines is not None:
            told = self._told(self._lines)
            yield f"{folder}/trail.html", pages.of_case(self.row, self._view, told, self._items)
            yield f"{folder}/entries.csv", entries_csv(told)
        files = [one.model_dump(mode="json") for one in self._items]
        yield f"{folder}/files.json", json.dumps(files, indent=1, sort_keys=True).encode()
        for item in self._items if self._whole else ():
            yield from self._file(folder, item)

    @cached_property
    def row(self) -> dict[str, Any]:
        """What the manifest says of the case: its chain's head, its versions, what a check found."""
        case = self._view.case
        found = next(audit(self._desk.ledger, self._case_id), None)
        return {
            "case_id": self._case_id,
            "procedure": case.procedure,
            "title": by_name(case.procedure).title,
            "state": case.state,
            "closed": case.closed,
            "entries": len(self._kept),
            "head": self._kept[-1].hash if self._kept else GENESIS,
            "checked_when_made": (found.said or "nothing differs") if found else "nothing is there",
            **_pins(self._lines),
        }

    def _trail(self, salted: Sequence[Salted | Fault]) -> dict[str, Any]:
        if self._lines is None:
            told: list[dict[str, Any]] = [
                {"kind": "unreadable", "why": "an entry is not one"} for _ in self._kept
            ]
        else:
            told = texts(self._lines, salted)
        entries = [row(kept, text) for kept, text in zip(self._kept, told, strict=True)]
        return {"format": FORMAT, "case_id": self._case_id, "entries": entries}

    def _told(self, lines: Sequence[Line]) -> tuple[EntryTold, ...]:
        notices = self._desk.ledger.outbox(case_id=self._case_id, limit=NOTICES)
        return trail_told(lines, self._kept, notices, self._people)

    def _evidence(self) -> tuple[Item, ...]:
        try:
            return tuple(self._desk.evidence_of(self._case_id, self._by))
        except (CaseworkError, ValidationError):
            # A damaged list or trail; the row of the manifest and `casework verify` say which.
            return ()

    def _file(self, folder: str, item: Item) -> Iterator[tuple[str, bytes]]:
        if item.stored is None:
            return
        try:
            content = self._desk.read_evidence(
                self._case_id,
                item.sha256,
                self._by,
                part=Part.ORIGINAL,
                purpose=Purpose.AUDIT,
                did=Deed.EXPORTED,
            )
        except CaseworkError as fault:
            yield f"{folder}/files/{item.sha256}.not-there.txt", f"{fault}\n".encode()
            return
        yield f"{folder}/files/{item.sha256}.{item.stored.kind}", content


def _read(desk: Desk, kept: Sequence[KeptLine]) -> list[Line] | None:
    try:
        return desk.ledger.opened(kept)
    except ValidationError:
        return None


def _pins(lines: Sequence[Line] | None) -> dict[str, Any]:
    fact = lines[0].private.fact if lines else None
    if not isinstance(fact, Opened):
        return {}
    calendar = fact.pins.calendar
    return {
        "policy": fact.pins.policy,
        "procedure_version": fact.pins.procedure,
        "calendar": {"version": calendar.version, "sha256": calendar.digest},
    }
