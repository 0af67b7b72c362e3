"""A played story for people: plain names, London times."""

from __future__ import annotations

from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.case import SYSTEM, Entry, Kind
from models.directory import Directory
from models.errors import BadInput
from models.london import london
from models.people import Role
from policy import book
from runtime.rehearsal.played import Played

WIDTH = 110


def render(played: Played, directory: Directory, *, width: int = WIDTH) -> str:
    """The trail, the due instants and the outcome, as text `width` characters wide."""
    out = StringIO()
    console = Console(file=out, width=width, no_color=True, highlight=False)
    console.print(Text(played.title))
    console.print(_trail(played, directory))
    console.print(_due(played))
    console.print(Text(_ending(played)))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _trail(played: Played, directory: Directory) -> Table:
    table = _table("What happened", "", "When", "Who", "What")
    for entry in played.trail:
        table.add_row(
            *map(
                Text,
                (str(entry.seq), entry.london, _who(entry, directory), _what(entry, directory)),
            )
        )
    return table


def _due(played: Played) -> Table:
    table = _table("Due", "", "What", "For", "By")
    for one in played.due:
        by = london(one.due) + (f" (was {london(one.was)})" if one.was else "")
        by += ", from the court's date" if one.backstop else ""
        table.add_row(*map(Text, (str(one.seq), one.label, _role(one.role), by)))
    return table


def _ending(played: Played) -> str:
    flags = f" Flags: {', '.join(played.flags).replace('_', ' ')}." if played.flags else ""
    begins = "It ended as" if played.closed else "It rests at"
    return f"{begins}: {played.label}.{flags}"


def _who(entry: Entry, directory: Directory) -> str:
    if entry.actor == SYSTEM:
        return "The system"
    who = _name(entry.actor, directory)
    role = f", {_role(entry.role)}" if entry.role else ""
    behalf = f" for {_name(entry.on_behalf_of, directory)}" if entry.on_behalf_of else ""
    return f"{who}{role}{behalf}"


def _what(entry: Entry, directory: Directory) -> str:
    parts = [entry.label]
    if entry.kind in (Kind.REFUSED, Kind.HELD, Kind.FIRST_OF_TWO):
        parts.append(f"{entry.kind.replace('_', ' ')}: {entry.message}")
    if entry.in_time is False and entry.kind is not Kind.HELD:
        parts.append("late")
    told = dict.fromkeys(_name(tell.person, directory) for tell in entry.tells)
    parts += [f"told: {', '.join(told)}"] if told else []
    return "\n".join(parts)


def _role(role: Role) -> str:
    return book().roles[role].name


def _name(person: str, directory: Directory) -> str:
    try:
        return directory.person(person).name
    except BadInput:
        return person
