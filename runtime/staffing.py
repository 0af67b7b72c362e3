"""The directory file, and the absences that administrators recorded beside it (6.5).

Worker and desk ask the same way. The file comes first: a recorded absence that no longer fits it is
left out, and said to be, until one of the two is put right.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock

import structlog

from models.administration import AbsenceRecorded, RecordedAbsence, absence_of, absences
from models.directory import Directory
from models.directory_faults import faults
from models.errors import BadInput, Unavailable
from runtime.deeds import Deeds

log = structlog.get_logger(__name__)

EVERY = 0.5
"""Seconds of real time for which the list of recorded absences is not asked for again."""


class Staffing:
    """Called, it gives the newest good directory. Safe to share between threads."""

    def __init__(self, file: Callable[[], Directory], deeds: Deeds) -> None:
        self._file = file
        self._deeds = deeds
        self._lock = Lock()
        self._asked = 0.0
        self._recorded: tuple[RecordedAbsence, ...] = ()
        self._made: tuple[str, tuple[RecordedAbsence, ...], Directory] | None = None
        self.left_out: tuple[int, ...] = ()
        """Numbers of recorded absences that do not fit the directory file as it is now."""

    def __call__(self) -> Directory:
        """The directory with every recorded absence that fits it."""
        file = self._file()
        with self._lock:
            self._look()
            if self._made is None or self._made[:2] != (file.digest, self._recorded):
                self._made = (file.digest, self._recorded, self._compose(file))
            return self._made[2]

    def look_again(self) -> None:
        """Let the next call ask the ledger, however short ago the last one was."""
        with self._lock:
            self._asked = 0.0

    def _look(self) -> None:
        now = time.monotonic()
        if self._asked and now - self._asked < EVERY:
            return
        try:
            found = absences(self._deeds.all()).values()
        except Unavailable:
            # Who is away was known a moment ago; that stands until the ledger answers again.
            log.warning("absences_not_read")
        else:
            self._recorded = tuple(one for one in found if one.counts)
        self._asked = now

    def _compose(self, file: Directory) -> Directory:
        good: list[RecordedAbsence] = list(self._recorded)
        if _faulty(file, good):
            good = []
            for one in self._recorded:
                good += [one] if not _faulty(file, [*good, one]) else []
        self.left_out = tuple(one.seq for one in self._recorded if one not in good)
        if self.left_out:
            log.warning("absences_left_out", numbers=self.left_out)
        return _with(file, good)


def _with(file: Directory, recorded: Sequence[RecordedAbsence]) -> Directory:
    if not recorded:
        return file
    rows = (*file.absences, *(one.absence for one in recorded))
    return Directory(file.people, rows, file.delegations, file.accounts)


def _faulty(file: Directory, recorded: Sequence[RecordedAbsence]) -> bool:
    rows = (*file.absences, *(one.absence for one in recorded))
    return bool(faults(file.people, rows, file.delegations, file.accounts))


def refuse_what_does_not_fit(directory: Directory, new: AbsenceRecorded) -> None:
    """Ask the directory's own rules of one more absence. Raises BadInput, one line a fault."""
    rows = (*directory.absences, absence_of(new))
    found = faults(directory.people, rows, directory.delegations, directory.accounts)
    if found:
        lines = tuple(
            f"{_FIELDS.get(str(one.where[-1]), 'absence')}: {one.problem}" for one in found
        )
        raise BadInput("The absence does not fit the directory; nothing was recorded.", lines)


_FIELDS = {
    "person": "person",
    "from": "first",
    "to": "last",
    "delegate": "delegate",
    "of": "delegate",
}
"""What the form calls the parts of a row."""
