"""The picture as SVG: laid out by `graphviz-pure`, which needs no system package.

It is a program of the development set. It writes the same bytes on every platform, which is what
lets a test compare them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from hashlib import sha256
from html import escape
from textwrap import wrap

from models.errors import Unavailable
from models.policy import Mark
from runtime.publish.picture import Arrow, Box, Picture, letter

PROGRAM = "graphviz-pure"
INK, QUIET, PAPER, TINT = "#0b0c0c", "#505a5f", "#ffffff", "#f3f2f1"
WIDTH = 24
"""Characters in a line of a label."""
SECONDS = 30

LEGEND = (
    ("solid", "Solid line, no letter: the policy or the guidelines say it"),
    ("dashed", "<B>[R]</B>, dashed line: reconstructed, because they are silent"),
    ("solid", "<B>[L]</B>: the law outside them says it"),
)
DESCRIPTION = (
    "States as boxes, and as arrows the acts that lead from one to another. Double borders are"
    " ends. Dashed lines and the letter R mark what is reconstructed. Acts after which a case stays"
    " where it is are left out; the sheet of the same name holds everything as tables."
)


def dot(drawn: Picture) -> str:
    """The picture in the DOT language."""
    lines = [
        f"digraph {drawn.key} {{",
        f"graph [fontname=Arial, fontsize=13, fontcolor={_q(INK)}, bgcolor={_q(PAPER)},"
        f" labelloc=t, rankdir=TB, nodesep=0.3, ranksep=0.5, pad=0.3, label=<{_heading(drawn)}>];",
        f"node [fontname=Arial, fontsize=13, fontcolor={_q(INK)}, color={_q(INK)}, shape=box,"
        ' margin="0.28,0.1"];',
        f"edge [fontname=Arial, fontsize=11, fontcolor={_q(INK)}, color={_q(INK)}, arrowsize=0.8];",
        *(_node(box) for box in drawn.boxes),
        *(_edge(arrow) for arrow in drawn.arrows),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _q(text: str) -> str:
    return f'"{text}"'


def _heading(drawn: Picture) -> str:
    rows = "".join(
        f'<TR><TD BORDER="1" STYLE="{style}" WIDTH="40"> </TD><TD ALIGN="LEFT">{words}</TD></TR>'
        for style, words in LEGEND
    )
    title = f'<TR><TD COLSPAN="2" ALIGN="LEFT"><FONT POINT-SIZE="20"><B>{escape(drawn.title)}</B></FONT></TD></TR>'
    return f'<TABLE BORDER="0" CELLSPACING="6" CELLPADDING="3">{title}{rows}</TABLE>'


def _wrapped(text: str) -> str:
    return "<BR/>".join(escape(line) for line in _lines(text))


def _node(box: Box) -> str:
    label = f"<B>{_wrapped(box.label)}</B>"
    if box.kind != "several":
        small = f"({box.code}) {box.holder}".strip() + letter(box.mark)
        label += f'<BR/><FONT POINT-SIZE="11" COLOR="{QUIET}">{escape(small)}</FONT>'
    dashed = box.mark is Mark.RECONSTRUCTED
    style = {"several": "rounded,filled,dotted", "outcome": "filled"}.get(
        box.kind, "rounded,filled"
    )
    style += ",dashed" if dashed else ""
    fill = TINT if box.kind in ("outcome", "several") else PAPER
    border = 2 if box.kind == "outcome" else 1
    return (
        f"{box.id} [id={_q('state-' + box.id)}, class={_q(_classes(box.kind, dashed))},"
        f" style={_q(style)}, fillcolor={_q(fill)}, peripheries={border}, label=<{label}>];"
    )


def _edge(arrow: Arrow) -> str:
    first = "- " if len(arrow.said) > 1 else ""
    lines = [line for said in arrow.said for line in _lines(first + str(said))]
    label = "<BR/>".join(escape(line) for line in lines)
    cell = f'<TD ALIGN="LEFT" BALIGN="LEFT">{label}</TD>'
    style = "dashed" if arrow.reconstructed else "solid"
    return (
        f"{arrow.source} -> {arrow.target} [class={_q(_classes('arrow', arrow.reconstructed))},"
        f' style={style}, label=<<TABLE BORDER="0" CELLPADDING="4"><TR>{cell}</TR></TABLE>>];'
    )


def _lines(text: str) -> list[str]:
    # The letter of the mark stays on the line of the id it belongs to.
    tied = text.replace(" [", "\N{NO-BREAK SPACE}[")
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in wrap(tied, WIDTH)]


def _classes(kind: str, dashed: bool) -> str:  # noqa: FBT001  # a word of the class list
    return f"{kind} reconstructed" if dashed else kind


def digest(source: str) -> str:
    """The digest of a DOT text that its SVG carries."""
    return sha256(source.encode()).hexdigest()


def render(source: str) -> str:
    """A DOT text as SVG with a title and a description. Raises Unavailable without the program."""
    program = shutil.which(PROGRAM, path=sysconfig.get_path("scripts")) or shutil.which(PROGRAM)
    if program is None:
        raise Unavailable(
            f"{PROGRAM}, which draws the diagrams, is not installed. Nothing was written."
            " Run `make setup` and publish again."
        )
    drawn = subprocess.run(  # noqa: S603  # the program found above, on our own text
        [program, "-Tsvg"],
        input=source,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    if drawn.returncode != 0:
        raise Unavailable(f"{PROGRAM} could not draw a diagram. Nothing was written.")
    return _accessible(drawn.stdout, source)


def _accessible(drawn: str, source: str) -> str:
    """Name the picture for people who hear it, and drop what only the drawing program says."""
    key = source.split()[1]
    title = re.search(r'POINT-SIZE="20"><B>(.*?)</B>', source)
    assert title is not None
    named = (
        f'<svg role="img" aria-labelledby="{key}-title {key}-desc" data-source="{digest(source)}"'
    )
    told = (
        f'\n<title id="{key}-title">{title[1]}</title>\n<desc id="{key}-desc">{DESCRIPTION}</desc>'
    )
    drawn = re.sub(r"<!DOCTYPE.*?>\n|<!--.*?-->\n?", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r"(<g [^>]*>)\n<title>[^<]*</title>", r"\1", drawn)
    drawn = drawn.replace(
        'font-family="Arial"', 'font-family="Arial, Arimo, Liberation Sans, Helvetica, sans-serif"'
    )
    return re.sub(r"<svg([^>]*)>", lambda found: named + found[1] + ">" + told, drawn, count=1)
