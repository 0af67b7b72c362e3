"""How the command line runs a verb and tells what came of it: nothing else prints or leaves.

Loaded at every start, so it loads nothing that takes time.
"""

# ruff: noqa: PLC0415, T201 - see above

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from runtime.answers import Answer

_NAME = "casework"
_STOPPED = 130


class Verbs(TyperGroup):
    """The group of all verbs: whatever goes wrong in one is told in plain words, here and once."""

    def main(  # type: ignore[override]  # the rest is handed on as it comes
        self, args: Sequence[str] | None = None, **extra: Any
    ) -> Any:
        """Run one verb and leave with its exit code."""
        words = list(sys.argv[1:] if args is None else args)
        as_json = "--json" in words
        extra |= {"standalone_mode": False, "prog_name": _NAME}
        try:
            code = super().main(args=words or ["--help"], **extra)
        except typer.TyperException as usage:
            code = tell(_usage(usage), as_json=as_json)
        except (Exception, typer.Abort) as error:  # noqa: BLE001 - no traceback ever reaches a person
            from runtime.answers import fault

            code = tell(fault(error), as_json=as_json)
        if code == _STOPPED:
            code = stopped(as_json=as_json)
        sys.exit(code if isinstance(code, int) else 0)


def tell(answer: Answer, *, as_json: bool) -> int:
    """Print an answer; its exit code."""
    if as_json:
        print(json.dumps(answer.document, indent=2))
        return answer.code
    out = sys.stderr if answer.refused else sys.stdout
    for line in answer.lines:
        print(line, file=out)
    return answer.code


def give(answer: Answer, as_json: bool) -> None:  # noqa: FBT001 - the flag as it was given
    """Print an answer and leave with its exit code."""
    if code := tell(answer, as_json=as_json):
        raise typer.Exit(code)


def stopped(*, as_json: bool) -> int:
    """Say that Ctrl-C ended it; its exit code. Whoever presses it again is being told already."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from runtime.answers import said

    message = "Stopped. What had been recorded by then stays recorded."
    return tell(said("stopped", message, _STOPPED), as_json=as_json)


def _usage(error: typer.TyperException) -> Answer:
    from runtime.answers import USAGE, said

    context = getattr(error, "ctx", None)
    command = context.command_path if context else _NAME
    message = error.format_message().rstrip(".").replace("Value error, ", "")
    return said("usage", f"{message}. See `{command} --help`.", USAGE)


@contextmanager
def working(what: str, total: int | None, *, shown: bool = True) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error, when somebody is looking at it."""
    if not shown or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
