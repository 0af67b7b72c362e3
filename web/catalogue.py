"""Every text of the pages that can be translated: `python -m web.catalogue` gathers them.

It writes messages.pot, and adds what is new to the file of each language.

Three kinds of text are gathered: those that stand in a call of `say`, `bare` or `later`; the
words of questions and answers; and what the models and the policy say themselves. The template
is committed, so a change of the English is seen, and a test says when it is not up to date.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

import policy
from models import employee, explanation, forms, london, posts, report
from models.errors import BadInput
from models.people import Role
from procedures import common
from procedures.employee_comments import EmployeeComments
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from web.drafts import pages, plainly
from web.language import LANGUAGES, Language
from web.questions import Question, every
from web.site import PLACES
from web.words import WHAT_HAPPENED, choice

HERE = Path(__file__).resolve().parent
TEMPLATE = LANGUAGES / "messages.pot"
CALLS = ("say", "bare", "later")

JOURNEY: type[Procedure] = EmployeeComments
"""The procedure whose report can be made in Welsh from sign-in to reference."""
_OF_THE_JOURNEY = (
    "templates/layout.html",
    "templates/sign_in.html",
    "templates/sign_in_provider.html",
    "templates/not_received.html",
    "templates/signed_out.html",
    "templates/start.html",
    "templates/begun.html",
    "templates/form.html",
    "templates/form_deleted.html",
    "templates/questions.html",
    "templates/check.html",
    "templates/sent.html",
    "templates/fault.html",
    "app.py",
    "drafts.py",
    "language.py",
    "reporting.py",
    "signing_in.py",
    "site.py",
)
_PLACE = re.compile(r"^[a-z]+(_[a-z]+)* (?=is |says |lies )")
_HOLE = re.compile(r"\{[a-z_]+\}")


def main() -> None:
    """Write the files anew, one text after the other in order, without dates or places."""
    catalogue = Catalog(charset="utf-8", header_comment="# The texts of the pages, in English.")
    for text in sorted(texts()):
        # Without the flag that a compiler checks: a text may hold a % that is no hole.
        catalogue.add(text, flags=())
    _write(TEMPLATE, catalogue)
    for language in set(Language) - {Language.ENGLISH}:
        path = LANGUAGES / language / "LC_MESSAGES" / "messages.po"
        with path.open("rb") as file:
            known = read_po(file, locale=language)
        # Never a guess from a text that only looks alike.
        known.update(catalogue, no_fuzzy_matching=True)
        _write(path, known)


def _write(path: Path, catalogue: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, catalogue, omit_header=True, sort_output=True, width=100)


def texts() -> set[str]:
    """Every text that can be translated."""
    found = {text for path in _sources() for text in called(path)}
    for kind in PROCEDURES.values():
        found |= set(_of_form(kind))
    return found | set(_of_policy(JOURNEY)) | set(of_models())


def of_the_journey() -> set[str]:
    """The texts that the journey in Welsh may show."""
    found = {text for path in _OF_THE_JOURNEY for text in called(HERE / path)}
    found |= {text for words in WHAT_HAPPENED.values() for text in words}
    return found | {*_of_form(JOURNEY), *_of_policy(JOURNEY), *of_models()}


# --- what is called -----------------------------------------------------------------------------


def _sources() -> Iterator[Path]:
    yield from sorted((HERE / "templates").glob("*.html"))
    yield from sorted(HERE.glob("*.py"))


def called(path: Path) -> Iterator[str]:
    """The texts that stand in a call which translates them."""
    with path.open("rb") as file:
        gather: Any = babel_extract if path.suffix == ".html" else extract_python
        for _line, _call, text, _comments in gather(file, CALLS, (), {"silent": "false"}):
            if isinstance(text, str):
                yield text


# --- what is asked ------------------------------------------------------------------------------


def _of_form(kind: type[Procedure]) -> Iterator[str]:
    yield from WHAT_HAPPENED[kind.code]
    yield from ("Day", "Month", "Year")
    for page in pages(kind):
        for question in every(page.questions):
            yield from _of_question(question)


def _of_question(question: Question) -> Iterator[str]:
    yield from filter(None, (question.label, question.hint))
    yield from (words for _, words in question.options)
    if question.either:
        yield from (question.either, choice(question.either))


# --- what the policy and the models say ---------------------------------------------------------


def _of_policy(kind: type[Procedure]) -> Iterator[str]:
    yield from (words for words, *_ in PLACES)
    yield from (choice(answer) for answer in ("yes", "no"))
    yield from (getattr(state, "label", "") for state in kind.states)
    yield from (task.label for task in (*kind.tasks, *common.TASKS))
    yield from (policy.book().roles[role].name for role in Role)
    yield from _lengths()
    yield from (explanation.BEFORE, explanation.AFTER, "Saturday", "Sunday", "h", "min")
    yield from {day.name for day in policy.calendar().holidays}
    yield "The clock of the step before runs on"
    yield from _OF_THE_DESK


_OF_THE_DESK = (
    "give at least one",
    "nobody with that id is in post; look the person up in the directory",
    "Your role cannot open this procedure; nothing was opened.",
    "A report of this post is already being handled; yours will be joined to it.",
    "A report of this matter is already being handled; yours will be joined to it.",
)
"""What the desk answers to the form; a test of the journey meets them."""


def _lengths() -> Iterator[str]:
    for unit in ("hours", "minutes"):
        for kind in ("", "working "):
            yield f"%(number)s {kind}{unit}"
            yield f"1 {kind}{unit[:-1]}"


def of_models() -> Iterator[str]:
    """What the form of the journey says is wrong, as a page puts it behind the question."""
    for text in forms.SAID.values():
        yield plainly(_HOLE.sub("%(number)s", text))
    for module in (employee, report, posts, forms):
        for text in _raised(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
            yield plainly(_PLACE.sub("", text))
    for wrong in ("never", "2026-02-30 10:00", "2026-03-29 01:30"):
        try:
            london.read_london(wrong)
        except BadInput as fault:
            yield plainly(str(fault))
    # Warnings are said as they are, with the name of the field in them.
    yield from _warnings(ast.parse(Path(str(report.__file__)).read_text("utf-8")))


def _raised(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            if getattr(node.exc.func, "id", "") == "ValueError":
                yield from _text(node.exc.args[0])
        elif isinstance(node, ast.FunctionDef) and node.name == "faults_at":
            yield from _constants(node)


def _warnings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "warnings_at":
            yield from _constants(node)


def _constants(node: ast.FunctionDef) -> Iterator[str]:
    told = [each for one in node.body[1:] for each in ast.walk(one)]
    yield from (
        each.value
        for each in told
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )


def _text(node: ast.expr) -> Iterable[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.JoinedStr):
        parts = (
            part.value if isinstance(part, ast.Constant) else "%(number)s" for part in node.values
        )
        return ("".join(map(str, parts)),)
    return ()


if __name__ == "__main__":
    main()
