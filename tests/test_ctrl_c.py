"""Ctrl-C while a program is still being loaded, or just afterwards: it ends without a traceback."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.settings import PREFIX, PROJECT, Settings

INSTANTS = (0.0, 0.1, 0.4, 0.9, 1.6)
QUIET = (0, 130, -signal.SIGINT)
"""A command may have been done by then; before it begins, the signal itself ends the program."""


async def _interrupted(
    words: list[str], environment: dict[str, str], after: float, times: int
) -> tuple[int | None, str]:
    """Start it in a group of its own, as a terminal does, and send the group what Ctrl-C sends.

    The instants count from the program's first import: before it nothing is ours but the start of
    Python itself. `-X importtime` says when that is.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-X",
        "importtime",
        *words,
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)} | environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    async for line in process.stderr:
        if line.rstrip().endswith(b"| runtime.loading"):
            break
    await asyncio.sleep(after)
    for _ in range(times):
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGINT)
            await asyncio.sleep(0.02)
    said = (await process.stderr.read()).decode()
    return await process.wait(), said


def _own(said: str) -> str:
    return "\n".join(line for line in said.splitlines() if not line.startswith("import time:"))


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("after", INSTANTS)
async def test_the_service_is_stopped_without_a_traceback_however_soon(
    settings_factory: Callable[..., Settings], after: float, times: int
) -> None:
    chosen = settings_factory()
    given = {"HOME": chosen.home, "PORT": chosen.port, "UI": "false", "WEB": "false"}
    environment = {f"{PREFIX}{name}": str(value) for name, value in given.items()}

    code, said = await _interrupted(["worker.py"], environment, after, times)

    assert code in QUIET
    assert "Traceback" not in _own(said)
    assert "KeyboardInterrupt" not in _own(said)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("after", INSTANTS[:-1])
async def test_a_command_is_stopped_without_a_traceback_however_soon(
    tmp_path: Path, after: float, times: int
) -> None:
    words = ["cli.py", "rehearse", "stories/court_directed_access/completed.yaml"]

    code, said = await _interrupted(words, {f"{PREFIX}HOME": str(tmp_path)}, after, times)

    assert code in QUIET
    assert _own(said) in ("", "Stopped. What had been recorded by then stays recorded.")


def test_what_only_reads_the_verbs_keeps_its_own_answer_to_ctrl_c() -> None:
    before = signal.getsignal(signal.SIGINT)

    import cli  # noqa: F401, PLC0415 - the import is what is looked at
    import worker  # noqa: F401, PLC0415

    assert signal.getsignal(signal.SIGINT) is before
    assert before is not signal.SIG_DFL
