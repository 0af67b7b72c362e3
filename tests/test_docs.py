"""The pages for people: complete, true where a machine can tell, and every link leads somewhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from pydantic import SecretStr
from typer.core import TyperGroup

from cli import app
from procedures.registry import PROCEDURES
from runtime.settings import PREFIX, PROJECT, Settings

README = PROJECT / "README.md"
OPERATING = PROJECT / "docs" / "operating.md"
DECISIONS = sorted((PROJECT / "docs" / "decisions").glob("*.md"))
# docs/cli.md is made by `make publish`, the others by hand.
BY_HAND = sorted({*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")} - {PROJECT / "docs/cli.md"})
LINKED = [*BY_HAND, *sorted(PROJECT.glob("stories/*.md")), *sorted(PROJECT.glob("diagrams/*.md"))]

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# A row of a table, a heading, a quoted message, a picture: no prose of ours.
NO_PROSE = ("|", "#", ">", "![")
TWO_SENTENCES = re.compile(r"[a-z0-9)`\"*][.!?][)\"*]* +[A-Z\"`*\[(]")
MARKER = re.compile(r"^(?:- |[0-9]+\. )?(?:\*\*[^*]+\.\*\* )?")
"""What may stand before a sentence: the mark of a list, and a few bold words as its heading."""
SENTENCE_ENDS = re.compile(r"[.:!?;][)\"*]*$")


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def _prose(path: Path) -> list[str]:
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(NO_PROSE)]


def _rows(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def _commands(path: Path) -> Iterator[list[str]]:
    """The words of every command line shown with a prompt, and of what it goes on in."""
    for block in FENCED.findall(path.read_text(encoding="utf-8")):
        whole = block.replace("\\\n", " ")
        yield from (shlex.split(line[2:]) for line in whole.splitlines() if line.startswith("$ "))


def _verbs(group: TyperGroup, before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        full = f"{before} {name}".strip()
        inner = isinstance(command, TyperGroup)
        found |= _verbs(command, full) if inner else {full: command}  # type: ignore[arg-type]
    return found


VERBS = _verbs(cast("TyperGroup", typer.main.get_command(app)))


# --- nothing left out ---------------------------------------------------------------------------


def test_every_make_target_is_told_in_the_readme() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    told = set(re.findall(r"\bmake ([a-z]+)\b", README.read_text(encoding="utf-8")))
    assert targets - told == set()


def test_every_make_target_a_page_names_is_there() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for path in BY_HAND:
        named = set(re.findall(r"`make ([a-z]+)\b", path.read_text(encoding="utf-8")))
        assert named <= targets, _name(path)


def test_every_command_has_a_row_in_the_readme_and_a_heading_in_its_reference() -> None:
    rows = {row[0].strip("`").removeprefix("casework ") for row in _rows(README)}
    reference = (PROJECT / "docs" / "cli.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## casework (.+)$", reference, re.MULTILINE))
    assert set(VERBS) - rows == set()
    assert headings == set(VERBS)


def test_every_command_a_page_names_is_there() -> None:
    first = {verb.split()[0] for verb in VERBS}
    for path in LINKED:
        named = re.findall(r"`casework ([a-z]+)", path.read_text(encoding="utf-8"))
        assert set(named) <= first, _name(path)


def _as_told(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default in (None, ""):
        return "-"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, Path):
        return f"`{default.relative_to(PROJECT)}`"
    return f"`{default}`"


def test_every_setting_is_told_with_its_default() -> None:
    settings = Settings.model_fields.items()
    wanted = {f"{PREFIX}{name.upper()}": _as_told(field.default) for name, field in settings}
    told = {row[0].strip("`"): row[1] for row in _rows(OPERATING)}
    assert told == wanted


def test_every_setting_a_page_names_is_there() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {f"{PREFIX}TEST"}
    for path in BY_HAND:
        named = set(re.findall(rf"{PREFIX}[A-Z_]+", path.read_text(encoding="utf-8")))
        assert named <= known, _name(path)


def test_every_place_of_the_project_is_on_the_map() -> None:
    told = {row[0].strip("`") for row in _rows(README)}
    hidden = {"var", "dist", "build"}
    folders = {
        f"{path.name}/"
        for path in PROJECT.iterdir()
        if path.is_dir() and not path.name.startswith((".", "__")) and path.name not in hidden
        and not path.name.endswith(".egg-info")
    }  # fmt: skip
    files = {path.name for path in PROJECT.glob("*.py")}
    assert (folders | files) - told == set()


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = {(README.parent / target.partition("#")[0]).resolve() for target in _links(README)}
    unlinked = [_name(path) for path in PROJECT.glob("docs/*.md") if path not in linked]
    assert unlinked == []
    assert any(path in linked for path in DECISIONS)


# --- what is shown can be done ------------------------------------------------------------------


def test_the_readme_shows_a_first_case_of_at_least_six_commands() -> None:
    assert len(list(_commands(README))) >= 6


@pytest.mark.parametrize("words", list(_commands(README)), ids=" ".join)
def test_every_command_of_the_readme_can_be_given(words: list[str]) -> None:
    program, *rest = words
    assert program == ".venv/bin/casework"
    verb = next(name for name in (" ".join(rest[:2]), rest[0]) if name in VERBS)
    options = {option for param in VERBS[verb].params for option in param.opts}
    assert {word for word in rest if word.startswith("--")} <= options
    if verb == "decide":
        assert any(rest[2] in (*one.acts, *one.acts_by_code) for one in PROCEDURES.values())
    for word in rest:
        if word.endswith(".yaml"):
            assert (PROJECT / word).is_file()


def _tests() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in (PROJECT / "tests").glob("*.py"))
    return {name for text in texts for name in re.findall(r"def (test_\w+)", text)}


@pytest.mark.parametrize("path", BY_HAND, ids=_name)
def test_every_test_a_page_names_is_there(path: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", path.read_text(encoding="utf-8")))
    assert named - _tests() == set()


@pytest.mark.parametrize("path", BY_HAND, ids=_name)
def test_every_file_a_page_names_is_there(path: Path) -> None:
    top = "activities|bench|diagrams|docs|examples|models|policy|procedures|runtime|stories|tests"
    named = re.findall(rf"`((?:{top}|workflows)/[\w./-]*)`", path.read_text(encoding="utf-8"))
    missing = [name for name in named if not (PROJECT / name).exists()]
    assert missing == []


# --- links --------------------------------------------------------------------------------------


def _links(path: Path) -> list[str]:
    return LINK.findall(FENCED.sub("", path.read_text(encoding="utf-8")))


def _anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as the usual Markdown viewers make them."""
    headings = re.findall(
        r"^#+ (.+)$", FENCED.sub("", path.read_text(encoding="utf-8")), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", LINKED, ids=_name)
def test_every_link_between_pages_leads_somewhere(path: Path) -> None:
    broken = []
    for target in _links(path):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        page = (path.parent / file).resolve() if file else path
        if not page.exists() or (anchor and anchor not in _anchors(page)):
            broken.append(target)
    assert broken == []


# --- house rules --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", BY_HAND, ids=_name)
def test_a_line_of_prose_is_one_sentence(path: Path) -> None:
    """So that a change of one sentence is a change of one line."""
    for line in _prose(path):
        assert not TWO_SENTENCES.search(MARKER.sub("", line)), f"two sentences in: {line}"
        assert SENTENCE_ENDS.search(line), f"the sentence does not end in: {line}"


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    for number, path in zip(numbers, DECISIONS, strict=True):
        assert path.read_text(encoding="utf-8").startswith(f"# {number}. "), _name(path)


@pytest.mark.parametrize("path", DECISIONS, ids=_name)
def test_a_decision_is_ten_to_thirty_lines_and_says_what_it_costs(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert 10 <= len(text.splitlines()) <= 30
    for part in ("**Decided.**", "**Why", "**Price.**"):
        assert part in text, part


def test_the_words_of_the_glossary_are_in_order_and_told_once() -> None:
    glossary = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| ([^|]+?) \|", glossary, re.MULTILINE)[2:]
    assert len(words) > 40
    assert words == sorted(set(words), key=str.casefold)
