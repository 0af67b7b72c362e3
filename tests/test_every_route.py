"""Every route of the pages, looked at by axe and two validators, wide and narrow.

pa11y looks at them in tests/test_every_route_by_pa11y.py: a file lies on one core.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser

from tests import examining
from tests.examining import Examined
from tests.routes_help import EVERY, LOOKS, NO_PAGE, TODAY, Seeds
from tests.visits import CHROMIUM, NARROW, WIDE, needs_chromium, too_wide

WRONG = """<!DOCTYPE html>
<html lang="en"><head><title>Wrong</title></head>
<body><main><h1>Wrong</h1><img src="nothing.png" width="3000" height="9"></main></body></html>
"""
"""A picture without words, wider than any screen."""
NAMES = [look.name for looks in TODAY.values() for look in looks]


def test_every_route_is_looked_at() -> None:
    known = {*LOOKS, *NO_PAGE}

    assert set(EVERY) - known == set(), "say in tests/routes_help.py how to come to these"
    assert known - set(EVERY) == set(), "these routes are there no more"


def test_every_look_has_a_name_of_its_own() -> None:
    names = [look.name for looks in LOOKS.values() for look in looks]

    assert len(set(names)) == len(names)
    assert all(LOOKS.values())


@pytest.fixture(scope="session")
async def examined(chromium: Browser, seeds: Seeds) -> dict[str, Examined]:
    """Every page, visited once."""
    return await examining.examine(chromium, seeds)


@pytest.fixture(scope="session")
def written(examined: dict[str, Examined], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every page as it was sent, for those who read files."""
    folder = tmp_path_factory.mktemp("pages")
    for name, one in examined.items():
        (folder / f"{name}.html").write_text(one.html)
    return sorted(folder.iterdir())


@needs_chromium
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_for_everybody(examined: dict[str, Examined], name: str) -> None:
    one = examined[name]

    assert one.axe == {WIDE: [], NARROW: []}
    assert one.overflow <= 0, "at 320 pixels, or 400 %, it must not scroll sideways"
    assert one.stranded == [], "text lies outside a screen of 320 pixels"
    assert one.clipped == [], "with more space between letters and lines, text is cut off"


@needs_chromium
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_the_one_that_was_asked_for(
    examined: dict[str, Examined], seeds: Seeds, name: str
) -> None:
    one = examined[name]
    leads_to = one.look.leads_to.format(**seeds.named)

    assert one.status == (one.look.status or (422 if one.look.faulty else 200))
    # A button that does what it says leads on, to a receipt or to what it made.
    done = one.look.press and not one.look.faulty
    assert one.path == (leads_to or one.wanted) or (done and not leads_to)


@needs_chromium
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_in_its_title_what_it_is(examined: dict[str, Examined], name: str) -> None:
    one = examined[name]

    assert one.title.endswith(" \u2013 Casework")
    assert one.title.startswith("Error: ") == one.look.faulty
    assert ("govuk-error-summary" in one.focused) == one.look.faulty, "focus is on what is wrong"


@needs_chromium
@pytest.mark.timeout(300)
async def test_html_validate_finds_nothing_on_any_page(written: list[Path]) -> None:
    assert await examining.html_validate(written) == {}


@needs_chromium
@pytest.mark.timeout(300)
@pytest.mark.skipif(examining.JAVA is None, reason="no Java here; html-validate looks anyway")
async def test_the_nu_html_checker_finds_nothing_on_any_page(written: list[Path]) -> None:
    assert await examining.nu(written) == {}


@needs_chromium
async def test_each_of_them_sees_a_page_that_is_wrong(chromium: Browser, tmp_path: Path) -> None:
    wrong_file = tmp_path / "wrong.html"
    wrong_file.write_text(WRONG)
    page = await chromium.new_page()
    await page.set_content(WRONG)
    address = f"data:text/html,{quote(WRONG)}"
    wrong = {"name": "wrong", "url": address, "cookies": [], "typed": {}, "press": ""}

    assert [one.partition(":")[0] for one in await examining.seen_by_axe(page)] == ["image-alt"]
    assert await examining.html_validate([wrong_file])
    assert examining.JAVA is None or await examining.nu([wrong_file])
    assert (await examining.pa11y(str(CHROMIUM), [wrong]))["wrong"]
    assert await too_wide(page) > 0
    await page.close()
