"""Installs the programs that the tests are run against: `python -m tests.tools`, by `make test`.

They come from the lock file beside this one, into a folder that git ignores.
"""

from __future__ import annotations

import subprocess
import sys

from tests.tools import HERE
from web import node

if __name__ == "__main__":
    try:
        node.install(HERE)
    except subprocess.CalledProcessError as error:
        sys.exit(
            "The programs for the tests could not be installed; what failed is said above"
            f" (exit code {error.returncode}). Run `make test` again to go on from here."
        )
