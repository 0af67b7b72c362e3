"""Without a mouse: Tab, Space, Enter, arrows and letters, from sign-in to a decided act."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from procedures.registry import by_name
from runtime import audit
from tests import usual
from tests.boxes import Box, boxes
from tests.service import Service
from tests.visits import WIDE, needs_chromium, visiting
from web.drafts import pages
from web.questions import Kind, Question, questions

pytestmark = [needs_chromium, pytest.mark.timeout(180)]

FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const place = one.getBoundingClientRect();
  const tick = one.matches('.govuk-radios__input, .govuk-checkboxes__input');
  const drawn = tick ? getComputedStyle(one.nextElementSibling, '::before') : getComputedStyle(one);
  const outline = parseFloat(drawn.outlineWidth) > 0 && drawn.outlineStyle !== 'none';
  return {
    name: one.getAttribute('name') || '', value: one.value || '', type: one.type || '',
    said: (one.innerText || '').trim(), href: one.getAttribute('href') || '', id: one.id,
    shown: outline || drawn.boxShadow !== 'none',
    there: place.bottom > 0 && place.top < innerHeight && place.right > 0,
  };
}"""
"""What has the focus, and whether somebody who looks can tell."""
MOST = 300
"""Presses of Tab after which a page is taken for a trap."""

Focus = dict[str, Any]


class Keyboard:
    """Somebody with a keyboard alone. Wherever they come, they can see where they are."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops = 0

    async def press(self, key: str) -> Focus | None:
        """Press a key; what has the focus then, which must be to be seen."""
        await self.page.keyboard.press(key)
        focus: Focus | None = await self.page.evaluate(FOCUSED)
        if focus is not None:
            self.stops += 1
            assert focus["shown"], f"nobody can see that the focus is on {focus}"
            assert focus["there"], f"the focus is off the screen: {focus}"
        return focus

    async def tab_to(self, wanted: Callable[[Focus], bool], what: str) -> Focus:
        """Tab on until the focus is where it is wanted."""
        for _ in range(MOST):
            focus = await self.press("Tab")
            if focus is not None and wanted(focus):
                return focus
        raise AssertionError(f"{what} cannot be reached with Tab on {self.page.url}")

    async def follow(self, said: str = "", href: str = "") -> None:
        """To a link or a button, and Enter."""
        await self.tab_to(
            lambda one: one["href"] == href if href else one["said"] == said, said or href
        )
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")

    async def choose(self, name: str, begins: str) -> None:
        """One of a list, by the letters it begins with."""
        await self.tab_to(lambda one: one["name"] == name, name)
        await self.page.keyboard.type(begins)

    async def fill(self, asked: Iterable[Question], given: dict[str, Any]) -> None:
        """A form, from its first question to its last."""
        for box in boxes(asked, given):
            if box.kind is Kind.TICK:
                await self._tick(box)
            elif box.kind is Kind.PERSON:
                label = self.page.locator(f"[name='{box.name}'] option[value='{box.text}']")
                await self.choose(box.name, str(await label.text_content())[:12])
            else:
                await self.tab_to(lambda one, box=box: one["name"] == box.name, box.name)  # type: ignore[misc]
                await self.page.keyboard.type(box.text)

    async def _tick(self, box: Box) -> None:
        focus: Focus | None = await self.tab_to(
            lambda one: (
                one["name"] == box.name and (one["type"] == "radio" or one["value"] == box.text)
            ),
            box.name,
        )
        # A group of radios is one stop; the arrows go round in it.
        for _ in range(MOST):
            if focus is not None and focus["value"] == box.text:
                break
            focus = await self.press("ArrowDown")
        if not await self.page.evaluate("document.activeElement.checked"):
            await self.page.keyboard.press("Space")

    async def sign_in(self, address: str, who: str) -> None:
        """As somebody, by the first letters of their name."""
        await self.page.context.clear_cookies()
        await self.page.goto(f"{address}/sign-in")
        await self.choose("person", who)
        await self.follow("Sign in")


@pytest.fixture
async def keyboard(chromium: Browser, address: str) -> AsyncIterator[Keyboard]:
    async with visiting(chromium, address, "keyboard", script=True, width=WIDE) as visit:
        yield Keyboard(visit.page)


async def test_a_report_is_sent_and_an_act_decided_by_keyboard_alone(
    office: Service, keyboard: Keyboard, address: str
) -> None:
    await keyboard.sign_in(address, "Rhodri Vasey")
    await keyboard.follow("Report something")
    await keyboard.tab_to(lambda one: one["name"] == "happened", "what has happened")
    await keyboard.page.keyboard.press("Space")
    assert await keyboard.page.is_checked("[name=happened][value=E]")
    await keyboard.follow("Continue")
    for page in pages(by_name("E")):
        await keyboard.fill(page.questions, usual.intake("E"))
        await keyboard.follow("Continue")
    await keyboard.follow("Send")
    case_id = await keyboard.page.locator(".govuk-panel strong").inner_text()

    await keyboard.sign_in(address, "Beatrix Olumide")
    await keyboard.follow(href=f"/case/{case_id}")
    await keyboard.follow(href=f"/case/{case_id}/act/take_on")
    await keyboard.fill(
        questions(by_name("E").acts["take_on"].form),
        usual.fields("E", "take_on"),
    )
    await keyboard.tab_to(lambda one: one["name"] == "reason", "the reason")
    await keyboard.page.keyboard.type(usual.reason("E"))
    await keyboard.follow("Send")

    assert "Recorded" in await keyboard.page.inner_text("h1")
    entries = [one.entry for one in office.desk.trail(case_id) if one.entry.actor != "system"]
    done = [(one.kind, one.actor, one.act) for one in entries]
    assert done == [("opened", "fca-2", "E-01"), ("applied", "lm-1", entries[1].act)]
    assert entries[1].after == "assessing"
    [found] = await asyncio.to_thread(lambda: list(audit.audit(office.ledger, case_id)))
    assert found.ok, found.fault
    assert keyboard.stops > len(pages(by_name("E")))


async def test_the_skip_link_is_first_and_leads_past_the_navigation(
    keyboard: Keyboard, address: str
) -> None:
    await keyboard.sign_in(address, "Rhodri Vasey")
    first = await keyboard.press("Tab")
    assert first is not None
    assert first["href"] == "#main-content"
    await keyboard.page.keyboard.press("Enter")
    after = await keyboard.press("Tab")

    assert after is not None
    assert await keyboard.page.evaluate("document.activeElement.closest('main, footer') !== null")


async def test_from_the_error_summary_enter_leads_to_the_question(
    keyboard: Keyboard, address: str
) -> None:
    await keyboard.sign_in(address, "Rhodri Vasey")
    await keyboard.follow("Report something")
    await keyboard.follow("Continue")
    assert (await keyboard.page.title()).startswith("Error: ")
    link = await keyboard.press("Tab")
    assert link is not None
    assert link["said"] == "Choose what has happened"
    await keyboard.page.keyboard.press("Enter")

    assert await keyboard.page.evaluate("document.activeElement.name") == "happened"


async def test_no_page_of_a_case_holds_the_keyboard(
    office: Service, keyboard: Keyboard, address: str
) -> None:
    opening = await office.desk.open("C", usual.intake("C"), "fca-1")
    await keyboard.sign_in(address, "Beatrix Olumide")
    await keyboard.page.goto(f"{address}/case/{opening.case_id}")
    for _ in range(MOST):
        if await keyboard.press("Tab") is None:
            # Past the last stop the focus leaves the page, for the browser's own buttons.
            return
    raise AssertionError("the focus never leaves the page")
