"""Where Temporal's own pages are."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class TemporalPages:
    """Where Temporal's own pages are: address and namespace. Empty: there are none."""

    address: str = ""
    namespace: str = "default"

    def __bool__(self) -> bool:
        return bool(self.address)

    @property
    def origin(self) -> str:
        """What a browser calls the place of a script of theirs."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}" if self.address else ""

    def of(self, case_id: str) -> str:
        """The page of one case."""
        return f"{self.address}/namespaces/{self.namespace}/workflows/{case_id}"
