"""The programs from Node that the tests are run against, and whether they are there."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "node_modules"


def package(name: str) -> Path:
    """The folder of an installed package. Raises AssertionError that says how to install it."""
    found = PACKAGES / name
    assert found.is_dir(), f"{name} is not installed; run `make test`, or `python -m tests.tools`"
    return found
