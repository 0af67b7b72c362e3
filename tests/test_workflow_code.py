"""Workflow code asks no clock, no chance, no world: read as text, since it is shared by all cases.

The shell of a case is passed through the sandbox (making it anew for every case cost an eighth of
all the worker's work), so what the sandbox would stop at run time is stopped here.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

WORKFLOWS = sorted((Path(__file__).parents[1] / "workflows").glob("*.py"))

MODULES = {
    "__future__", "collections.abc", "contextlib", "dataclasses", "datetime", "hashlib", "pydantic",
    "rfc8785", "temporalio", "temporalio.common", "temporalio.exceptions", "typing",
}  # fmt: skip
OURS = ("activities.names", "models.", "procedures.", "workflows.")
CALLS = {"open", "print", "input", "set", "frozenset", "hash", "id", "now", "utcnow", "today"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_code_imports_only_what_is_the_same_on_every_replay(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    ]

    assert [n for n in names if n not in MODULES and not str(n).startswith(OURS)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_code_calls_nothing_that_differs_on_replay(path: Path) -> None:
    calls = [
        node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    ]
    plain = {each.id for each in calls if isinstance(each, ast.Name)}
    dotted = {ast.unparse(each) for each in calls if isinstance(each, ast.Attribute)}

    assert plain & CALLS == set()
    assert {each for each in dotted if each.split(".")[-1] in CALLS} <= {"workflow.now"}
    assert not [
        n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Set | ast.SetComp)
    ]
