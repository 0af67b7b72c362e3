"""Whether the tests run in their long form (`make nightly`)."""

from __future__ import annotations

import os

NIGHTLY = os.environ.get("CASEWORK_TESTS") == "nightly"
