"""Making a bundle: who may, of which cases, and the files it is made of, one case after another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import policy
from models.base import Value
from models.errors import BadInput, Refused
from models.london import london
from models.looked import Door, Seen
from models.people import PersonId, Role
from runtime.bundle import pages
from runtime.bundle.of_case import CaseFiles
from runtime.bundle.zipped import zipped
from runtime.program import version

if TYPE_CHECKING:
    from runtime.desk import Desk

FORMAT = "casework evidence bundle 1"
MOST_CASES = 1000
"""Cases of one bundle: more would not be read by anybody."""


class Wanted(Value):
    """What a bundle is to hold."""

    cases: tuple[str, ...]
    asked: str = ""
    """How they were chosen, in words."""
    files: bool = False
    """Whether the evidence files themselves go in; the custody list of each then says so."""


class Bundle:
    """One bundle for one auditor. Raises Refused for anybody else, BadInput for what is not there."""

    def __init__(self, desk: Desk, wanted: Wanted, person: str) -> None:
        self._desk = desk
        self._wanted = wanted
        self._by: PersonId = desk.directory.find(person).id
        self._at = desk.now()
        if Role.AUD not in desk.directory.sender(self._by, self._at).roles:
            raise Refused(
                "not_an_auditor",
                "Evidence bundles are made by auditors. Nothing was given out.",
                "SD14",
            )
        if not 0 < len(wanted.cases) <= MOST_CASES:
            raise BadInput(
                f"A bundle holds 1 to {MOST_CASES} cases; {len(wanted.cases)} were asked for."
                " Nothing was made. Narrow what is asked for."
            )
        for case_id in wanted.cases:
            desk.show(case_id)
        self._hashes: dict[str, str] = {}

    @property
    def name(self) -> str:
        """What the file is to be called; it says nothing about a case."""
        cases = self._wanted.cases
        return f"bundle-{cases[0] if len(cases) == 1 else f'{len(cases)}-cases'}.zip"

    def stream(self, door: Door, account: str = "") -> Iterator[bytes]:
        """The zip, piece by piece. That it was taken is recorded before the first."""
        self._desk.note_look(
            self._wanted.cases, self._by, Seen.BUNDLE, door, role=Role.AUD, account=account
        )
        return zipped(self._files())

    def _files(self) -> Iterator[tuple[str, bytes]]:
        rows: list[dict[str, Any]] = []
        for case_id in self._wanted.cases:
            case = CaseFiles(self._desk, case_id, self._by, whole=self._wanted.files)
            yield from self._hashed(case.files())
            rows.append(case.row)
        yield from self._hashed(pages.front(rows))
        manifest = json.dumps(self._manifest(rows), indent=1, sort_keys=True, ensure_ascii=False)
        yield from self._hashed([("manifest.json", manifest.encode())])
        yield "SHA256SUMS", _sums(self._hashes)

    def _hashed(self, files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
        for name, content in files:
            self._hashes[name] = hashlib.sha256(content).hexdigest()
            yield name, content

    def _manifest(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        calendar = policy.calendar()
        people = self._desk.directory
        return {
            "format": FORMAT,
            "marking": "OFFICIAL-SENSITIVE",
            "made": {
                "by": self._by,
                "name": people.person(self._by).name,
                "at": self._at.isoformat().replace("+00:00", "Z"),
                "london": london(self._at),
            },
            "asked_for": self._wanted.asked,
            "software": {"casework": version()},
            "policy": policy.book().version,
            "calendar": {"version": calendar.version, "sha256": calendar.digest},
            "directory": people.digest,
            "cases": rows,
            "files": dict(self._hashes),
            "how_to_check": pages.HOW_TO_CHECK,
        }


def _sums(hashes: dict[str, str]) -> bytes:
    """As the program sha256sum reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in hashes.items()).encode()
