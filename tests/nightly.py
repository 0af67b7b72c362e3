"""Whether the tests run in their long form (`make nightly`)."""

from __future__ import annotations

import os

from hypothesis import Phase

NIGHTLY = os.environ.get("CASEWORK_TESTS") == "nightly"

PHASES = tuple(Phase) if NIGHTLY else (Phase.explicit, Phase.reuse, Phase.generate)
"""A shorter life that breaks the same rule takes minutes to find: cut off, it would hide the rule."""
