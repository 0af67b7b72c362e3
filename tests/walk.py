"""A newcomer's walk: one case from its report to its end, in every role; `python -m tests.walk`.

The same code takes the pictures of docs/walk.md and is what the test of that page goes through.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

from procedures.registry import by_name
from runtime.instance import two_free_ports
from runtime.keyring import KeyRing
from runtime.rehearsal.server import TIME_SKIPPING
from runtime.server import EmbeddedServer
from runtime.settings import PROJECT, Settings
from runtime.temporal import connect
from tests import usual
from tests.service import Service, running
from tests.visits import Visit, fill, launched, visiting
from web import serving
from web.drafts import pages
from web.questions import questions

PICTURES = PROJECT / "docs" / "walk"
SIZE = (900, 800)
"""Of a picture, in pixels."""
COLOURS = 24
CODE = "C"
NO = {"do": False}
NO_BREACH = {
    "verdict": "not_a_breach",
    "why_no_breach": "about_something_else",
    "case_note": "CN-0001",
    "tell_court": NO,
    "tell_parties": NO,
    "parties": [],
    "ask_removal": NO,
}
TRAIL = [
    ("fca-1", "C-01"),
    ("lm-1", "C-03"),
    ("leg-1", "C-05"),
    ("lm-1", "C-07"),
]
"""Who did what, by the end of it."""


@dataclass
class Walk:
    """Somebody who goes through it all, and keeps pictures and the words they pressed."""

    visit: Visit
    folder: Path
    pressed: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """The screen."""
        return self.visit.page

    async def press(self, text: str) -> None:
        """Press a button or follow a link, by its words."""
        self.pressed.append(text)
        await self.visit.press(text)

    async def sign_in(self, person: str) -> None:
        """As somebody else from now on."""
        self.people.append(person)
        await self.visit.sign_in(person)

    async def picture(self, name: str, at: str = "h1") -> None:
        """What is on the screen, from a heading down, in few colours."""
        await self.page.locator(at).first.evaluate(
            "one => scrollTo(0, one.getBoundingClientRect().top + scrollY - 130)"
        )
        taken = Image.open(BytesIO(await self.page.screenshot()))
        kept = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        name = f"{len(self.pictures) + 1:02}-{name}.png"
        kept.save(self.folder / name, optimize=True)
        self.pictures.append(name)

    async def act(self, act: str, **changes: object) -> None:
        """The form of an act that is on the screen, filled in and sent."""
        form = by_name(CODE).acts[act].form
        await fill(self.page, questions(form), usual.fields(CODE, act, **changes))
        await self.page.fill("[name=reason]", usual.reason(CODE))
        await self.press("Send")
        assert "Recorded" in await self.page.inner_text("h1"), await self.page.inner_text("main")


async def go(walk: Walk) -> str:
    """The whole walk; the case it made."""
    case_id = await _reported(walk)
    await _decided(walk, case_id)
    await _administered(walk, case_id)
    await _audited(walk, case_id)
    return case_id


async def _reported(walk: Walk) -> str:
    """A practitioner has been shown a post about a hearing."""
    await walk.sign_in("fca-1")
    await walk.press("Report something")
    await walk.picture("what-has-happened")
    await walk.page.check(f"[name=happened][value={CODE}]")
    given = usual.intake(CODE)
    for number, page in enumerate(pages(by_name(CODE))):
        await walk.press("Continue")
        await fill(walk.page, page.questions, given)
        if number == 0:
            await walk.picture("safety-first")
    await walk.press("Continue")
    await walk.picture("what-will-happen", "h2:has-text('What will happen')")
    await walk.press("Send")
    await walk.picture("reference")
    return await walk.page.locator(".govuk-panel strong").inner_text()


async def _decided(walk: Walk, case_id: str) -> None:
    """The manager asks Legal, Legal advises, the manager decides."""
    acts = by_name(CODE).acts
    await walk.sign_in("lm-1")
    await walk.picture("the-managers-work")
    await walk.press(case_id)
    await walk.picture("a-case", "h2:has-text('What you can do now')")
    await walk.press(acts["choose_route"].label)
    await walk.act("choose_route", route="legal")
    await walk.sign_in("leg-1")
    await walk.press(case_id)
    await walk.press(acts["advise_as_legal"].label)
    await walk.picture("what-you-act-on")
    await walk.act("advise_as_legal", conclusion="breach_unlikely")
    await walk.sign_in("lm-1")
    await walk.press(case_id)
    await walk.press(acts["decide"].label)
    await walk.act("decide", **NO_BREACH)
    await walk.press("Back to the case")
    await walk.picture("the-story", "h2:has-text('What happened')")


async def _administered(walk: Walk, case_id: str) -> None:
    """An administrator looks after the service, finds the case, and decides nothing in it."""
    await walk.sign_in("adm-1")
    await walk.picture("administer")
    assert "You decide nothing" in await walk.page.inner_text("main")
    await walk.visit.goto("/administer/cases?status=all")
    await walk.press(case_id)


async def _audited(walk: Walk, case_id: str) -> None:
    """An auditor reads the trail, goes back in time, and has the record verified."""
    await walk.sign_in("aud-1")
    await walk.press(case_id)
    await walk.picture("the-trail")
    await walk.press("Step through time from the first entry")
    await walk.picture("as-it-stood", "h2:has-text('Where it stood')")
    await walk.page.goto(f"{walk.visit.address}/audit/verify?case={case_id}")
    await walk.press("Verify")
    await _until(walk.page, "Everything agrees")
    await walk.picture("verified")


async def _until(page: Page, said: str) -> None:
    """The page asks again by itself until the verification has ended."""
    await page.get_by_text(said).first.wait_for(timeout=30_000)


async def _renew(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        ports = two_free_ports()
        settings = Settings(home=Path(home), port=ports[0], ui=False, web_port=ports[1])
        KeyRing.create(settings.key_ring_file)
        async with (
            EmbeddedServer(settings, TIME_SKIPPING),
            running(settings, await connect(settings)) as service,
        ):
            await _walked(service, settings, folder)


async def _walked(service: Service, settings: Settings, folder: Path) -> None:
    async with serving.serving(settings, service.desk), launched() as chromium:
        address = serving.address(settings)
        async with visiting(chromium, address, "walk", script=True, width=SIZE[0]) as visit:
            await go(Walk(visit, folder))


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    asyncio.run(_renew(PICTURES))
