"""The directory of people as a YAML file: read with line numbers, read again when it changes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TypeVar

import structlog
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from models.directory import Absence, Account, Delegation, Directory, Person
from models.directory_faults import faults
from models.directory_staff import Fault
from models.errors import Misconfigured
from runtime.marked_yaml import Marked, Place
from runtime.plain_faults import in_words

log = structlog.get_logger(__name__)

_SECTIONS: dict[str, type[BaseModel]] = {
    "people": Person,
    "absences": Absence,
    "delegations": Delegation,
    "accounts": Account,
}
_Row = TypeVar("_Row", bound=BaseModel)


def load(path: Path) -> Directory:
    """Read and check a directory file.

    Raises Misconfigured with every fault found, one a line: `file:line: what is wrong and what to
    write`. People are named by id only.
    """
    return _parse(path, _read(path))


class DirectoryFile:
    """A directory file that may be edited while the service runs.

    Raises Misconfigured when the file is faulty at the start. Later a faulty file is not taken:
    the last good directory stays, and `fault` says what is wrong until the file is put right.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = _look(path)
        content = _read(path)
        self._directory = _parse(path, content)
        self._digest = hashlib.sha256(content).digest()
        self.fault: Misconfigured | None = None

    @property
    def directory(self) -> Directory:
        """The newest good directory. Costs one look at the file's time and size."""
        # Looked at before it is read: a write in between shows as a change the next time.
        mark = _look(self._path)
        if mark != self._mark:
            self._mark = mark
            self._read_again()
        return self._directory

    def _read_again(self) -> None:
        try:
            content = _read(self._path)
            digest = hashlib.sha256(content).digest()
            if digest != self._digest:
                self._directory = _parse(self._path, content)
                self._digest = digest
                log.info("directory_loaded", digest=self._directory.digest)
            self.fault = None
        except Misconfigured as fault:
            self.fault = fault
            log.warning("directory_refused", kept=self._directory.digest, faults=str(fault))


def _look(path: Path) -> tuple[int, int, int] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misconfigured(
            f"{path}: cannot be read ({error.strerror}); give the path of a directory file"
        ) from None


def _parse(path: Path, content: bytes) -> Directory:
    marked = Marked.read(path, content)
    draft = _Draft(marked)
    if draft.faults:
        lines = sorted((marked.line(fault.where), fault.problem) for fault in draft.faults)
        raise Misconfigured("\n".join(f"{path}:{line}: {words}" for line, words in lines))
    return Directory(
        draft.rows(Person), draft.rows(Absence), draft.rows(Delegation), draft.rows(Account)
    )


class _Draft:
    """The rows that could be read, and everything wrong with the file."""

    def __init__(self, marked: Marked) -> None:
        self._rows: dict[str, list[tuple[int, BaseModel]]] = {name: [] for name in _SECTIONS}
        self._unread: set[str] = set()
        self.faults = [Fault(place, words) for place, words in marked.problems]
        self._sections(marked.data)
        found = faults(
            self.rows(Person),
            self.rows(Absence),
            self.rows(Delegation),
            self.rows(Account),
            unread=self._unread,
        )
        self.faults += (Fault(self._in_file(fault.where), fault.problem) for fault in found)

    def rows(self, model: type[_Row]) -> list[_Row]:
        """The good rows of one kind, in the order of the file."""
        return [row for rows in self._rows.values() for _, row in rows if isinstance(row, model)]

    def _sections(self, data: object) -> None:
        if not isinstance(data, dict) or not data.get("people"):
            self.faults.append(Fault((), "there is nobody here; begin with `people:` and a list"))
            return
        for name, rows in data.items():
            if name not in _SECTIONS:
                known = ", ".join(_SECTIONS)
                self.faults.append(Fault((name,), f"unknown section; write one of {known}"))
            elif rows is not None and not isinstance(rows, list):
                self.faults.append(Fault((name,), "write a list, each row beginning with `-`"))
            else:
                for number, row in enumerate(rows or ()):
                    self._row(name, number, row)

    def _row(self, section: str, number: int, row: object) -> None:
        model = _SECTIONS[section]
        try:
            self._rows[section].append((number, model.model_validate(row)))
        except ValidationError as wrong:
            self.faults += (
                Fault((section, number, *error["loc"]), in_words(model, error))
                for error in _plain(wrong)
            )
            if section == "people" and isinstance(row, dict):
                self._unread.add(str(row.get("id")))

    def _in_file(self, where: Place) -> Place:
        section, row, *rest = where
        return (section, self._rows[str(section)][int(row)][0], *rest)


def _plain(wrong: ValidationError) -> list[ErrorDetails]:
    errors = wrong.errors(include_url=False)
    # A list whose only entry is wrong is called too short as well: that would mislead.
    inner = {error["loc"][:-1] for error in errors}
    return [one for one in errors if one["type"] != "too_short" or one["loc"] not in inner]
