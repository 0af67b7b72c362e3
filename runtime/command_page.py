"""docs/cli.md, written from the commands themselves, so that it cannot be out of date unnoticed."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from typer.core import TyperGroup

WIDTH = 90
_INTRODUCTION = """\
# The command line

Made by `make publish`; do not edit. `casework COMMAND --help` shows the same.

Every command takes `--json`: one JSON document on standard output and nothing else, errors too
(`{"error": {"kind", "message", "problems"}}`). Without it, errors are plain sentences on standard
error. Files are given by path, or `-` for standard input.

| exit code | meaning |
|---|---|
| 0 | done |
| 2 | your input: nothing was sent |
| 3 | refused by the policy or held as late; or a check found something wrong |
| 4 | not available, or not set up as it should be |
| 130 | stopped by Ctrl-C |
"""


def command_page(group: TyperGroup, name: str) -> str:
    """The reference of every command, as Markdown."""
    parts = [_INTRODUCTION]
    parts += [f"## {path}\n\n```text\n{text}\n```\n" for path, text in _helps(group, name, None)]
    return "\n".join(parts)


def _helps(group: TyperGroup, name: str, parent: typer.Context | None) -> Iterator[tuple[str, str]]:
    # A fixed width: the page must not depend on anybody's window.
    here = typer.Context(group, info_name=name, parent=parent, terminal_width=WIDTH)
    for each, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _helps(command, each, here)
            continue
        context = typer.Context(command, info_name=each, parent=here, terminal_width=WIDTH)
        help_text = command.get_help(context)
        yield context.command_path, "\n".join(line.rstrip() for line in help_text.splitlines())
