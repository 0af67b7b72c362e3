"""What administrators did, read once and then only what is new."""

from __future__ import annotations

from threading import Lock

from activities.ledger import Ledger
from models.administration import Deed


class Deeds:
    """Every deed, in order; each look reads only those behind the last one known."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: tuple[Deed, ...] = ()
        self._lock = Lock()

    def all(self) -> tuple[Deed, ...]:
        """Everything there is now. Raises Unavailable while the ledger cannot be reached."""
        with self._lock:
            self._known += tuple(self._ledger.deeds(after=len(self._known)))
            return self._known
