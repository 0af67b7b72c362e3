"""The verification of a case: its chain, every value worked out again, every file read (INV-17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.base import Value
from models.errors import BadInput
from runtime.audit import Audit, audit
from runtime.evidence import FileFault, faults_of_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runtime.desk import Desk


class Verified(Value):
    """What was found of one case. Files are looked at only where the chain and the values hold."""

    audit: Audit
    files: tuple[FileFault, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything is as it was recorded."""
        return self.audit.ok and not self.files


def verified(desk: Desk, case_id: str | None = None) -> Iterator[Verified]:
    """One case or all, one verdict each. Raises BadInput when there is no such case."""
    found = None
    for found in audit(desk.ledger, case_id):
        files = faults_of_files(desk.ledger, desk.store, found.case_id) if found.ok else ()
        yield Verified(audit=found, files=tuple(files))
    if case_id and found is None:
        raise BadInput("There is no case with that reference. `casework list` shows them.")
