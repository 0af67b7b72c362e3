"""The sheet of a procedure: everything its class says, as one Markdown page, and the index of all."""

from __future__ import annotations

from collections.abc import Iterable

from policy import book
from procedures.common import COMMON
from procedures.procedure import Procedure
from runtime.publish import tables
from runtime.publish.markdown import page, section, table

MADE = "Made by `make publish` from the class itself: change the class, then publish. Do not edit."
MARKS = table(
    ("Mark", "Means", "In the pictures"),
    (
        ("S", "The policy or the guidelines say it; the clause stands beside it", "solid line"),
        ("L", "The law outside them says it", "the letter [L]"),
        ("R", "Reconstructed: they are silent, and this is our proposal", "the letter [R], dashed"),
    ),
)
SOURCES = (
    "A clause is one of the policy or of the guidelines (G-n). SDn, INV-n and 6.n are rules of the"
    " policy analysis that hold in every procedure."
)


def sheet(procedure: type[Procedure], drawn: str) -> str:
    """The page of one procedure; `drawn` is its Mermaid diagram."""
    own = tables.own_acts(procedure)
    common = {name: act for name, act in procedure.acts.items() if act is COMMON.get(name)}
    return page(
        f"# {procedure.title}",
        MADE,
        _about(procedure),
        section("Marks", MARKS, SOURCES, tables.reconstructed(procedure)),
        section("Picture", _picture(procedure), f"```mermaid\n{drawn}```"),
        section("States", tables.states(procedure)),
        section("Acts", _who_may(procedure), tables.acts(procedure, own)),
        section("What each act asks", tables.asks(own)),
        section("Tasks", tables.tasks(procedure)),
        section("Deadlines", _TIMES, tables.deadlines(procedure)),
        section("People kept apart", tables.apart(procedure)),
        section("Rules asked before an act", tables.guards(procedure)),
        section("Acts possible in every procedure", tables.acts(procedure, common)),
        section("What those acts ask", tables.asks(common)),
        section("The intake form", tables.form(procedure.intake_form)),
        section("Groups of fields in the forms", tables.parts(procedure)),
        section("Clauses named here", tables.clauses(procedure)),
    )


_TIMES = (
    "Silence is never consent: a deadline that passes reminds, tells and moves work up, and no more."
    " Working hours are Monday to Friday, 9 to 5 in London, without the bank holidays of England"
    " and Wales; other hours are hours of the clock."
)


def _about(procedure: type[Procedure]) -> str:
    opening = procedure.acts[procedure.opening]
    rows = (
        ("Id", f"`{procedure.key}`, short {procedure.code}"),
        ("Clause", opening.clause),
        ("Version", f"{procedure.version}, of policy {book().version}"),
        ("Opened by", tables.roles(procedure.starters)),
        ("Opened with", f"`casework open {procedure.key} --form FILE`"),
    )
    return table(("", ""), rows)


def _picture(procedure: type[Procedure]) -> str:
    return (
        "Acts after which a case stays where it is are in the tables only."
        f" The same picture as a drawing: [{procedure.key}.svg]({procedure.key}.svg)."
    )


def _who_may(procedure: type[Procedure]) -> str:
    return f"Who is heard, by role and relation to the case: [table]({procedure.key}_who_may.md)."


def index(procedures: Iterable[type[Procedure]]) -> str:
    """The page that lists every procedure with its pages."""
    rows = [
        (
            one.code,
            one.title,
            one.acts[one.opening].clause,
            str(one.version),
            f"[sheet]({one.key}.md), [drawing]({one.key}.svg), [Mermaid]({one.key}.mmd)",
        )
        for one in procedures
    ]
    return page(
        "# Procedures",
        MADE,
        table(("Short", "Procedure", "Clause", "Version", "Pages"), rows),
        section("Marks", MARKS),
    )
