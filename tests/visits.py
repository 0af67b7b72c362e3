"""Somebody at a real screen: Chromium, every page looked at, every form filled in as its model asks."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, async_playwright

from procedures.registry import by_name
from runtime.settings import PROJECT
from tests import usual
from tests.boxes import PDF, boxes
from web.drafts import pages
from web.questions import Kind, Question, questions

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = PROJECT / "var" / "pages"
"""Where the pictures of every journey are written, for a person to look at."""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NUMBERS = re.compile(r"[0-9a-f-]{12,}")
PATIENCE = 20_000
"""Milliseconds that a page may take: a busy machine is no fault of the pages."""
WIDE, NARROW = 1100, 320

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (on Debian: apt install chromium)"
)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A Chromium of its own, that calls nobody."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


class Visit:
    """Somebody at a screen: every page is looked at, and may complain of nothing."""

    def __init__(self, page: Page, name: str, address: str) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
        self.name = name
        self.address = address
        self.seen: list[str] = []
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: Any) -> None:
        # A page that shows what is wrong says so with its status as well.
        if message.type == "error" and "422" not in message.text:
            self.complaints.append(message.text)

    async def look(self) -> None:
        """The page must fit its width and have one heading; the first of its like is pictured."""
        heading = self.page.locator("h1")
        assert await heading.count() == 1, self.page.url
        assert await too_wide(self.page) <= 0, self.page.url
        assert self.complaints == []
        # A verification that runs and one that has ended share path and heading.
        named = f"{urlsplit(self.page.url).path} {await self.page.title()}"
        like = f"{_NUMBERS.sub('', named)} {await heading.inner_text()}"
        if like not in self.seen:
            self.seen.append(like)
            PICTURES.mkdir(parents=True, exist_ok=True)
            picture = PICTURES / f"{self.name}-{len(self.seen):02}.png"
            await self.page.screenshot(path=picture, full_page=True)

    async def goto(self, path: str) -> None:
        """A page by its address, and a look at it."""
        await self.page.goto(f"{self.address}{path}")
        await self.look()

    async def press(self, text: str) -> None:
        """Press a button or follow a link, and look at what comes."""
        button, link = (
            self.page.get_by_role("button", name=text, exact=True),
            self.page.get_by_role("link", name=text, exact=True),
        )
        await button.or_(link).first.click()
        await self.page.wait_for_load_state()
        await self.look()

    async def sign_in(self, person: str) -> None:
        """As somebody else from now on."""
        await self.page.context.clear_cookies()
        await self.goto("/sign-in")
        await self.page.select_option("#person", person)
        await self.press("Sign in")

    async def report(self, code: str, form: dict[str, Any]) -> str:
        """From "What has happened?" to the reference of a new case."""
        await self.press("Report something")
        await self.page.check(f"[name=happened][value={code}]")
        await self.press("Continue")
        for page in pages(by_name(code)):
            await fill(self.page, page.questions, form)
            await self.press("Continue")
        assert "What will happen" in await self.page.inner_text("main")
        await self.press("Send")
        return await self.page.locator(".govuk-panel strong").inner_text()

    async def act(
        self, case_id: str, code: str, act: str, fields: dict[str, Any], *, sees: str = "Recorded"
    ) -> None:
        """From the inbox or the case to one act of it, and up to its receipt."""
        await self.page.goto(f"{self.address}/case/{case_id}")
        await self.look()
        await self.page.locator(f"a[href='/case/{case_id}/act/{act}']").click()
        await self.look()
        await fill(self.page, questions(by_name(code).acts[act].form), fields)
        await self.page.fill("[name=reason]", usual.reason(code))
        await self.press("Send")
        said = await self.page.inner_text("main")
        assert sees in said, said


@asynccontextmanager
async def visiting(
    browser: Browser, address: str, name: str, *, script: bool, width: int = WIDE
) -> AsyncIterator[Visit]:
    """A screen of its own, so wide, with or without JavaScript."""
    context = await browser.new_context(
        java_script_enabled=script, viewport={"width": width, "height": 800}
    )
    try:
        yield Visit(await context.new_page(), name, address)
    finally:
        await context.close()


async def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its screen."""
    found: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


# --- forms --------------------------------------------------------------------------------------


async def fill(page: Page, asked: Iterable[Question], given: dict[str, Any]) -> None:
    """Fill in what a form's model would read from `given`, in the boxes that the page has for it."""
    for box in boxes(asked, given):
        where = f"[name='{box.name}']"
        if box.kind is Kind.FILE:
            await page.set_input_files(
                where, {"name": "document.pdf", "mimeType": "application/pdf", "buffer": PDF}
            )
        elif box.kind is Kind.PERSON:
            await page.select_option(where, box.text)
        elif box.kind is Kind.TICK:
            await page.check(f"{where}[value='{box.text}']")
        else:
            await page.fill(where, box.text)
