"""The component macros render what the design system's own do: every fixture that it publishes.

A newer govuk-frontend under the same macros would look right and differ in what a reader's tools
are told; this says so.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
from jinja2 import Environment, PackageLoader, PrefixLoader

from tests.tools import PACKAGES, package
from web.build import SOURCES

MACROS = "govuk_frontend_jinja"
FIXTURES = "dist/govuk/components/*/fixtures.json"
EVERY = 657
"""Fixtures of govuk-frontend 6.3.0."""


@cache
def _environment() -> Environment:
    return Environment(loader=PrefixLoader({MACROS: PackageLoader(MACROS)}), autoescape=True)


def _components() -> list[str]:
    return sorted(file.parent.name for file in (PACKAGES / "govuk-frontend").glob(FIXTURES))


@cache
def _fixtures(component: str) -> list[dict[str, Any]]:
    file = package("govuk-frontend") / "dist/govuk/components" / component / "fixtures.json"
    found: list[dict[str, Any]] = json.loads(file.read_text())["fixtures"]
    return found


def _rendered(component: str, options: dict[str, Any]) -> str:
    name = "govuk" + "".join(word.title() for word in component.split("-"))
    source = f'{{% from "{MACROS}/components/{component}/macro.html" import {name} %}}'
    return _environment().from_string(source + f"{{{{ {name}(params) }}}}").render(params=options)


def _same(html: str) -> str:
    """White space round tags says nothing, nor does how a quotation mark is escaped."""
    spelt = html.replace("&quot;", "&#34;")
    return re.sub(r"\s*([<>])\s*", r"\1", re.sub(r"\s+", " ", spelt)).strip()


def test_no_fixture_is_left_out() -> None:
    package("govuk-frontend")

    assert sum(len(_fixtures(one)) for one in _components()) == EVERY


def test_the_version_compared_is_the_one_that_is_served() -> None:
    wanted = json.loads((SOURCES / "package.json").read_text())["dependencies"]["govuk-frontend"]
    there = json.loads((package("govuk-frontend") / "package.json").read_text())["version"]

    assert there == wanted


@pytest.mark.parametrize("component", _components())
def test_a_macro_renders_every_fixture_of_its_component(component: str) -> None:
    different = [
        one["name"]
        for one in _fixtures(component)
        if _same(_rendered(component, one["options"])) != _same(one["html"])
    ]

    assert different == []
