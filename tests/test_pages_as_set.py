"""What somebody has set on their own machine is kept to: less motion, colours of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests import usual
from tests.examining import seen_by_axe
from tests.service import Service
from tests.visits import WIDE, needs_chromium, too_wide

pytestmark = [needs_chromium, pytest.mark.timeout(120)]

MOVING = """() => [...document.querySelectorAll('*')].flatMap(one => ['', '::before', '::after'].filter(
  part => {
    const how = getComputedStyle(one, part || null);
    const takes = (name, times) => name.split(',').some(
      (each, n) => each.trim() !== 'none' && parseFloat(times.split(',')[n % times.split(',').length]));
    return takes(how.animationName, how.animationDuration)
        || takes(how.transitionProperty, how.transitionDuration);
  }).map(part => `${one.outerHTML.slice(0, 100)} ${part}`))
  .concat(document.getAnimations().map(one => `running: ${one.id}`))"""
"""What animates, or would when it changes."""
UNSEEN = """() => [...document.querySelectorAll(
    'main a, main button, main input:not([type=hidden]), main select, main textarea')]
  .filter(one => one.checkVisibility() && !one.matches('.govuk-skip-link'))
  .filter(one => {
    const tick = one.matches('.govuk-radios__input, .govuk-checkboxes__input');
    const how = tick ? getComputedStyle(one.nextElementSibling, '::before') : getComputedStyle(one);
    const bare = parseFloat(how.borderTopWidth) === 0 || how.borderTopStyle === 'none';
    return one.tagName === 'A' && !one.matches('.govuk-button')
      ? !how.textDecorationLine.includes('underline') && how.color === getComputedStyle(document.body).color
      : bare;
  }).map(one => one.outerHTML.slice(0, 120))"""
"""Links like the text around them, and boxes or buttons whose edge nobody can see."""


async def _pages(page: Page, address: str, case_id: str) -> list[str]:
    await page.goto(f"{address}/sign-in")
    await page.select_option("#person", "lm-1")
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/inbox")
    return ["/inbox", "/start", f"/case/{case_id}", f"/case/{case_id}/act/choose_route"]


async def _found(
    browser: Browser, address: str, case_id: str, script: str, **set_: Any
) -> Mapping[str, list[str]]:
    context = await browser.new_context(viewport={"width": WIDE, "height": 800}, **set_)
    page = await context.new_page()
    found = {}
    for path in await _pages(page, address, case_id):
        await page.goto(f"{address}{path}")
        assert await too_wide(page) <= 0
        if "forced_colors" in set_:
            assert await page.evaluate("matchMedia('(forced-colors: active)').matches")
            found[f"{path} by axe"] = await seen_by_axe(page)
        found[path] = await page.evaluate(script)
    await context.close()
    return {path: wrong for path, wrong in found.items() if wrong}


async def test_nothing_moves_for_those_who_asked_for_less_motion_and_forced_colours_hide_nothing(
    office: Service, chromium: Browser, address: str
) -> None:
    case_id = (await office.desk.open("C", usual.intake("C"), "fca-1")).case_id

    still = await _found(chromium, address, case_id, MOVING, reduced_motion="reduce")
    forced = await _found(chromium, address, case_id, UNSEEN, forced_colors="active")

    assert still == {}
    assert forced == {}


async def test_what_moves_and_what_is_hidden_would_be_seen(chromium: Browser) -> None:
    context = await chromium.new_context(forced_colors="active", reduced_motion="reduce")
    page = await context.new_page()
    await page.set_content(
        "<body><style>p { transition: color 1s } button { border: 0 } a { text-decoration: none;"
        " forced-color-adjust: none; color: CanvasText }</style>"
        "<main><p>Moves</p><button>Bare</button> <a href='/'>Like text</a></main>"
    )

    assert [one[:3] for one in await page.evaluate(MOVING)] == ["<p>"]
    assert [one[:2] for one in await page.evaluate(UNSEEN)] == ["<b", "<a"]
    await context.close()
