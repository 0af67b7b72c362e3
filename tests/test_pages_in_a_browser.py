"""Journeys in real Chromium, ending in a checked trail; pictures for a person to look at in var/."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from models.london import LONDON
from runtime.clock import utc_now
from runtime.settings import PROJECT, Settings
from tests.service import REASON, Service
from web import serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = PROJECT / "var" / "pages"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (on Debian: apt install chromium)"
)


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def address(
    service: Service, settings_factory: Callable[..., Settings]
) -> AsyncIterator[str]:
    settings = settings_factory()
    settings = settings.model_copy(update={"web_port": settings.port})
    async with serving.serving(settings, service.desk):
        yield serving.address(settings)


class Visit:
    """Somebody at a screen: every page is looked at, and may complain of nothing."""

    def __init__(self, page: Page, name: str, *, script: bool) -> None:
        self.page = page
        page.set_default_timeout(8000)
        self.name = name
        self.script = script
        self.seen = 0
        self.complaints: list[str] = []
        page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        # A page that shows what is wrong says so with its status as well.
        if message.type == "error" and "422" not in message.text:
            self.complaints.append(message.text)

    async def look(self) -> None:
        """A picture of the page; it must fit its width and have one heading."""
        self.seen += 1
        PICTURES.mkdir(parents=True, exist_ok=True)
        picture = PICTURES / f"{self.name}-{self.seen:02}.png"
        await self.page.screenshot(path=picture, full_page=True)
        assert await self.page.locator("h1").count() == 1, picture.name
        wide = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{picture.name} is {wide} pixels wider than the screen"
        assert self.complaints == []

    async def press(self, text: str) -> None:
        """Press a button or follow a link, and look at what comes."""
        button, link = (
            self.page.get_by_role("button", name=text),
            self.page.get_by_role("link", name=text),
        )
        await button.or_(link).first.click()
        await self.page.wait_for_load_state()
        await self.look()

    async def choose(self, **answers: str) -> None:
        """Radios and ticks, by the name of the question and the value."""
        for name, value in answers.items():
            await self.page.check(f"[name='{name.replace('__', '.')}'][value='{value}']")

    async def type(self, **answers: str) -> None:
        """Text, by the name of the question."""
        for name, text in answers.items():
            await self.page.fill(f"[name='{name.replace('__', '.')}']", text)

    async def when(self, name: str, iso: str) -> None:
        """A date, or a date with its time."""
        date, _, time = iso.partition(" ")
        for part, text in zip(("year", "month", "day"), date.split("-"), strict=True):
            await self.page.fill(f"[name='{name}-{part}']", text)
        if time:
            await self.page.fill(f"[name='{name}-time']", time)

    async def sign_in(self, address: str, person: str) -> None:
        """As somebody else from now on."""
        await self.page.context.clear_cookies()
        await self.page.goto(f"{address}/sign-in")
        await self.page.select_option("#person", person)
        await self.press("Sign in")

    async def reference(self) -> str:
        """The case that the page names."""
        return await self.page.locator(".govuk-panel strong").inner_text()


async def _visit(browser: Browser, name: str, *, script: bool, width: int) -> Visit:
    context = await browser.new_context(
        java_script_enabled=script, viewport={"width": width, "height": 800}
    )
    return Visit(await context.new_page(), name, script=script)


def _ago(hours: int) -> str:
    at = utc_now() - timedelta(hours=hours)
    return at.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


SAFETY = {"immediate_danger": "no", "safeguarding_concern": "no", "used_personal_account": "no"}


async def test_a_comment_is_reported_and_classified_without_a_script_on_a_narrow_screen(
    service: Service, chromium: Browser, address: str
) -> None:
    visit = await _visit(chromium, "comment", script=False, width=320)
    await visit.sign_in(address, "fca-2")
    await visit.press("Report something")
    await visit.choose(happened="E")
    await visit.press("Continue")
    await visit.press("Continue")
    assert "There is a problem" in await visit.page.content()
    await visit.choose(**SAFETY)
    await visit.press("Continue")
    await visit.when("discovered_at", _ago(2))
    await visit.choose(how_came_to_see="sent_to_me", platform="facebook", visibility="public")
    await visit.type(
        post_url=f"https://www.facebook.com/invented/posts/{utc_now():%d%H%M%S%f}",
        description="Calls the colleague names and asks others to write to them.",
    )
    await visit.press("Continue")
    await visit.page.select_option("[name=affected_person]", "fca-1")
    await visit.choose(
        kind="insult",
        linked_to_family_case="no",
        author_known="stranger",
        earlier_posts="no",
        reported_to_platform="no",
        reported_to_police="no",
        declaration="yes",
    )
    await visit.press("Continue")
    assert "What will happen" in await visit.page.content()
    await visit.press("Send")
    case_id = await visit.reference()
    await visit.sign_in(address, "lm-1")
    await visit.page.goto(f"{address}/case/{case_id}")
    await visit.look()
    await visit.page.goto(f"{address}/case/{case_id}/act/classify_opinion")
    await visit.look()

    kinds = [line.entry.kind for line in service.desk.trail(case_id)]
    assert kinds == ["opened"]


async def test_a_direction_is_registered_and_agreed_with_a_script(
    service: Service, chromium: Browser, address: str, tmp_path: Path
) -> None:
    order = tmp_path / "order.pdf"
    order.write_bytes(b"%PDF-1.7 an invented order")
    visit = await _visit(chromium, "direction", script=True, width=1100)
    await visit.sign_in(address, "fca-1")
    await visit.press("Report something")
    await visit.choose(happened="D")
    await visit.press("Continue")
    await visit.press("Continue")
    focused = await visit.page.evaluate("document.activeElement.className")
    assert "govuk-error-summary" in focused
    await visit.choose(**SAFETY)
    await visit.press("Continue")
    await _fill_in_the_direction(visit, order)
    await visit.press("Continue")
    await visit.press("Send")
    case_id = await visit.reference()
    await visit.sign_in(address, "lm-1")
    await visit.press(case_id)
    await visit.press("Agree that access is necessary")
    await visit.choose(targets_match_order="yes")
    await visit.type(reason=REASON)
    await visit.press("Send")
    await visit.press("Back to the case")

    said = [(line.entry.kind, line.entry.act) for line in service.desk.trail(case_id)]
    assert said == [("opened", "D-01"), ("applied", "D-04")]


async def _fill_in_the_direction(visit: Visit, order: Path) -> None:
    await visit.choose(
        asked_by="court",
        practitioner_holds_case="yes",
        order_status="sealed",
        direction_type="access",
        directed_to="cafcass",
        law_type="private",
        targets__0__platform="facebook",
        targets__0__child="no",
        scope__content="posts",
        interaction_ordered="no",
        notice_to_person="given",
        declaration="yes",
    )
    await visit.page.check("[name='compliance_date-either']")
    await visit.page.set_input_files("[name='order_document.sha256']", order)
    await visit.type(
        order_document__pages="3",
        order_document__pages_received="3",
        order_reference=f"EX-{utc_now():%d%H%M%S%f}",
        judge_or_court="Family Court at Exampleton",
        targets__0__person_label="A",
        targets__0__account="some.body",
        scope__note="public posts",
        purpose="to see whether contact took place as alleged",
        alternatives="ask the party to produce it",
    )
    await visit.when("order_date", _ago(48).partition(" ")[0])
    await visit.when("received_at", _ago(2))
    await visit.when("scope.first", "2026-01-01")
    await visit.when("scope.last", "2026-06-30")
