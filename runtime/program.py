"""Which version of the program this is."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import metadata

from runtime.settings import PROJECT


@cache
def version() -> str:
    """As `pyproject.toml` has it, from where the program is installed or from its folder."""
    try:
        return metadata.version("casework")
    except metadata.PackageNotFoundError:
        said = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
        return str(said["project"]["version"])
