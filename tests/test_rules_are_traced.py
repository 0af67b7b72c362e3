"""docs/rules.md is true: a line for each rule, names that exist, and no rule of the code left out."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from operator import attrgetter
from pathlib import Path

import pytest

import policy
from procedures.registry import PROCEDURES
from procedures.words import Apart, Guard, Outcome, Start, Step

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "rules.md"
RULE = re.compile(r"SD[0-9]+|INV-[0-9]+")
EVERY = [f"SD{n}" for n in range(1, 18)] + [f"INV-{n}" for n in range(1, 18)]
LINE = re.compile(r"^\| (?P<id>SD\d+|INV-\d+) \|(?P<cells>.*)\|$", re.MULTILINE)
NAME = re.compile(r"`([^`]+)`")


@cache
def lines() -> dict[str, list[str]]:
    """The cells behind each rule's id: what it says, kept in, shown by, not built."""
    found = LINE.finditer(PAGE.read_text(encoding="utf-8"))
    return {each["id"]: [cell.strip() for cell in each["cells"].split(" | ")] for each in found}


def kept_in(rule: str) -> list[str]:
    return NAME.findall(lines()[rule][1])


def shown_by(rule: str) -> list[str]:
    return NAME.findall(lines()[rule][2])


@cache
def functions_of(module: str) -> frozenset[str]:
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


def named(dotted: str) -> object:
    """What a dotted name stands for; the longest part of it that is a module comes first."""
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        module = ".".join(parts[:cut])
        if (ROOT / f"{module.replace('.', '/')}.py").exists() or cut == 1:
            return attrgetter(".".join(parts[cut:]))(importlib.import_module(module))
    raise AssertionError(dotted)


# --- the page itself ------------------------------------------------------------------------------


def test_every_rule_has_one_line_and_the_lines_are_in_order() -> None:
    written = [each["id"] for each in LINE.finditer(PAGE.read_text(encoding="utf-8"))]
    assert written == EVERY


@pytest.mark.parametrize("rule", EVERY)
def test_a_rule_says_what_it_is_where_it_is_kept_and_what_shows_it(rule: str) -> None:
    cells = lines()[rule]
    assert len(cells) == 4
    assert all(cells)
    assert kept_in(rule)
    assert shown_by(rule)


@pytest.mark.parametrize("rule", EVERY)
def test_every_name_in_the_line_of_a_rule_exists(rule: str) -> None:
    for dotted in kept_in(rule):
        assert named(dotted) is not None, dotted
    for name in shown_by(rule):
        if name.startswith("stories/"):
            assert (ROOT / name).is_file(), name
        else:
            module, _, test = name.rpartition(".")
            assert test.startswith("test_"), name
            assert test in functions_of(module), name


def test_what_a_rule_says_is_what_a_trail_says_of_it() -> None:
    known = policy.rules()
    told = {rule: known[rule].text for rule in EVERY if rule in known}

    assert len(told) > len(EVERY) // 2
    assert {rule: lines()[rule][0] for rule in told} == told


# --- the code -------------------------------------------------------------------------------------


def _rules_in_class_bodies() -> Iterator[tuple[str, Guard | Apart]]:
    for kind in PROCEDURES.values():
        for act in kind.acts.values():
            yield from ((each.clause, each) for each in act.guards)
            yield from ((each.id, each) for each in kind.apart(act))
            yield from ((each.clause, each) for each in kind.apart(act))


def test_every_guard_and_every_separation_by_a_rule_stands_in_its_line() -> None:
    missing = {
        (rule, each.id)
        for rule, each in _rules_in_class_bodies()
        if RULE.fullmatch(rule) and not any(named(one) is each for one in kept_in(rule))
    }
    assert missing == set()


def _written_in(path: Path) -> set[str]:
    """Ids of rules that stand in a file as a value, not in a sentence about it."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    texts = (each.value for each in nodes if isinstance(each, ast.Constant))
    return {text for text in texts if isinstance(text, str) and RULE.fullmatch(text)}


FILES = sorted((ROOT / "procedures").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_rule_a_file_of_the_core_refuses_by_is_traced_to_that_file(path: Path) -> None:
    for rule in _written_in(path):
        assert rule in EVERY, rule
        begins = f"procedures.{path.stem}."
        assert any(name.startswith(begins) for name in kept_in(rule)), f"{rule} in {path.name}"


def test_every_clause_of_a_class_body_that_is_a_rule_has_a_line() -> None:
    used = set()
    for kind in PROCEDURES.values():
        states = [each for each in kind.states if isinstance(each, Start | Step | Outcome)]
        used |= {each.clause for each in (*states, *kind.tasks, *kind.acts.values())}
    assert {clause for clause in used if clause.startswith(("SD", "INV"))} <= set(lines())
