"""What is found on each page of tests/routes_help.py: in Chromium, by axe, by pa11y, by validators."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Response

from tests.nightly import NIGHTLY
from tests.routes_help import TODAY, Look, Seeds
from tests.tools import HERE, package
from tests.visits import NARROW, PICTURES, QUIET, WIDE, too_wide
from web import node

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    # No rule of WCAG, and the design system itself puts banner and back link between landmarks.
    "rules": {"region": {"enabled": False}},
}
SPACED = """* {
  line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
}
p { margin-bottom: 2em !important; }"""
"""Text spacing as WCAG 1.4.12 lets a reader set it."""

AT_ONCE = 3
"""Pages that are looked at together: while one is drawn, another is waited for."""

_CLIPPED = """() => {
  const unseen = '.govuk-visually-hidden, .govuk-visually-hidden-focusable, .govuk-skip-link, svg,'
    + ' details:not([open]) > div, .app-scrolls';
  const cut = way => ['hidden', 'clip'].includes(way);
  return [...document.querySelectorAll('body *')].filter(one => {
    const how = getComputedStyle(one);
    if (!one.innerText || one.closest(unseen)) return false;
    return (cut(how.overflowX) && one.scrollWidth > one.clientWidth + 1)
        || (cut(how.overflowY) && one.scrollHeight > one.clientHeight + 1);
  }).map(one => one.outerHTML.slice(0, 120));
}"""
"""Elements with text of which a part is cut off."""

_STRANDED = """() => {
  const kinds = ['p', 'li', 'dd', 'dt', 'td', 'th', 'h1', 'h2', 'h3', 'label', 'legend'];
  return [...document.querySelectorAll(kinds.map(kind => `main ${kind}`).join())].filter(one => {
    const box = one.getBoundingClientRect();
    const there = one.innerText.trim() && box.width && !one.closest('.app-scrolls');
    return there && box.right > innerWidth + 1;
  }).map(one => one.outerHTML.slice(0, 120));
}"""
"""Text that lies outside the screen."""


_SPACE = """text => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  document.adoptedStyleSheets = [sheet];
}"""
_RUN_AXE = """async options => (await axe.run(document, options)).violations.flatMap(
  one => one.nodes.map(node => `${one.id}: ${node.failureSummary} in ${node.html.slice(0, 200)}`))"""


@dataclass
class Examined:
    """One page, as it was found."""

    look: Look
    status: int
    title: str
    html: str
    focused: str
    path: str
    """Where the browser was in the end."""
    wanted: str
    """Where it was sent."""
    axe: dict[int, list[str]] = field(default_factory=dict)
    """Violations, by the width of the screen."""
    overflow: int = 0
    """Pixels beyond a screen of 320."""
    clipped: list[str] = field(default_factory=list)
    stranded: list[str] = field(default_factory=list)


Looked = tuple[str, Look]
"""A route, and how to look at it."""


async def examine(browser: Browser, seeds: Seeds) -> dict[str, Examined]:
    """Every page of today, as Chromium shows it, by the name of its look."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    looks = [(route, look) for route, looks in TODAY.items() for look in looks]
    found: dict[str, Examined] = {}
    some_at_once = asyncio.Semaphore(AT_ONCE)

    async def visit(together: list[Looked]) -> None:
        async with some_at_once:
            found.update(await _visited(browser, seeds, together))

    await asyncio.gather(*map(visit, _by_person(one for one in looks if not one[1].press)))
    # What is pressed changes what others see, and a form is sent once.
    for one in looks:
        if one[1].press:
            await visit([one])
    return found


def _by_person(looks: Iterable[Looked]) -> list[list[Looked]]:
    """Who looks at most comes first, so that nobody is waited for alone."""
    found: dict[tuple[str | None, bool], list[Looked]] = {}
    for route, look in looks:
        found.setdefault((look.who, look.provided), []).append((route, look))
    return sorted(found.values(), key=len, reverse=True)


async def _visited(browser: Browser, seeds: Seeds, together: list[Looked]) -> dict[str, Examined]:
    """Pages that one person looks at, in one tab: a tab is a process, dearer than what it shows."""
    for _, look in together:
        await seeds.ready(look)
    context = await browser.new_context()
    await context.add_cookies(await seeds.cookies(together[0][1]))  # type: ignore[arg-type]
    page = await context.new_page()
    found = {look.name: await _one(page, seeds, route, look) for route, look in together}
    await context.close()
    return found


async def _one(page: Page, seeds: Seeds, route: str, look: Look) -> Examined:
    await page.set_viewport_size({"width": WIDE, "height": 800})
    answer = await come_to(page, seeds, route, look)
    made = Examined(
        look=look,
        status=answer.status,
        title=await page.title(),
        html=await answer.text(),
        focused=await page.evaluate("document.activeElement.className"),
        path=urlsplit(page.url).path,
        wanted=urlsplit(seeds.url(route, look)).path,
    )
    for width in (WIDE, NARROW):
        await page.set_viewport_size({"width": width, "height": 800})
        if NIGHTLY:
            picture = PICTURES / f"route-{look.name}-{width}.png"
            await page.screenshot(path=picture, full_page=True)
        made.axe[width] = await seen_by_axe(page)
    made.overflow = await too_wide(page)
    made.stranded = await page.evaluate(_STRANDED)
    await page.evaluate(_SPACE, SPACED)
    made.clipped = await page.evaluate(_CLIPPED)
    return made


async def seen_by_axe(page: Page) -> list[str]:
    """What axe finds on a page as it stands."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate((package("axe-core") / "axe.min.js").read_text())
    found: list[str] = await page.evaluate(_RUN_AXE, AXE)
    return found


async def come_to(page: Page, seeds: Seeds, route: str, look: Look) -> Response:
    """The page of a look, its button pressed where it has one. Its answer."""
    answer = await page.goto(seeds.url(route, look))
    for name, text in look.typed.items():
        await page.fill(f"[name={name}]", text)
    if look.press:
        button = page.get_by_role("button", name=look.press, exact=True).last
        async with page.expect_navigation() as coming:
            await button.click()
        answer = await coming.value
    assert answer is not None
    return answer


# --- programs of Node and Java ------------------------------------------------------------------


async def _said(*words: str | Path, given: str = "") -> str:
    """What a program says; its exit code says only that it found something."""
    running = await asyncio.create_subprocess_exec(
        *map(str, words),
        cwd=HERE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, wrong = await running.communicate(given.encode())
    assert out, wrong.decode()
    return out.decode()


async def html_validate(files: list[Path]) -> dict[str, list[str]]:
    """What html-validate finds in these pages, by the name of the look.

    Its settings leave out what is a matter of taste (white space), what does not concern files of
    our own (integrity), and what the design system's macros write (a role said twice, a link that
    looks like a button and is called one, an error summary before the heading).
    """
    script = package("html-validate") / "bin" / "html-validate.mjs"
    config = HERE / "htmlvalidate.json"
    said = await _said(node.program(), script, "--config", config, "--formatter", "json", *files)
    return {
        Path(one["filePath"]).stem: [
            f"{each['ruleId']}: {each['message']} (line {each['line']})" for each in one["messages"]
        ]
        for one in json.loads(said)
    }


OF_THE_DESIGN_SYSTEM = {
    "Attribute “aria-hidden” is unnecessary for elements that have attribute “hidden”.",
    "The “group” role is unnecessary for element “fieldset”.",
}
"""Remarks, no errors, on what its macros write."""
_REPEATED = "“dt” name"
"""A remark, no error: an entry of a trail has a row for each work it opened, all called alike."""
JAVA = shutil.which("java")


async def nu(files: list[Path]) -> dict[str, list[str]]:
    """What the Nu Html Checker finds in these pages, by the name of the look. It needs Java."""
    jar = package("vnu-jar") / "build" / "dist" / "vnu.jar"
    assert JAVA is not None
    said = await _said(JAVA, "-jar", jar, "--format", "json", "--stdout", *files)
    found: dict[str, list[str]] = {}
    for one in json.loads(said)["messages"]:
        name = Path(one["url"].rpartition(":")[2]).stem
        if one["message"] not in OF_THE_DESIGN_SYSTEM and _REPEATED not in one["message"]:
            found.setdefault(name, []).append(f"{one['type']}: {one['message']}")
    return found


async def pa11y(chromium: str, pages: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What pa11y finds on these pages, each with name, url, cookies, typed and press; by their names."""
    asked = {"chromium": chromium, "args": QUIET, "pages": pages}
    said = await _said(node.program(), HERE / "pa11y.mjs", given=json.dumps(asked))
    found: dict[str, list[str]] = json.loads(said)
    return found


async def to_visit(seeds: Seeds, route: str, look: Look) -> dict[str, Any]:
    """A page as pa11y is told of it."""
    await seeds.ready(look)
    return {
        "name": look.name,
        "url": seeds.url(route, look),
        "cookies": await seeds.cookies(look),
        "typed": look.typed,
        "press": look.press,
    }
