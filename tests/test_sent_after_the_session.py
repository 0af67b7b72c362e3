"""Something sent when the session was over: it is said so, and one comes back to the page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from models.london import london
from runtime.clock import utc_now
from tests.provider_help import RealProvider, browser_of, sign_in_at
from tests.service import REASON, Service
from tests.web_help import Browser, plain
from web.sessions import IDLE, LONGEST

LOST = "It was not received: nothing of it was kept, and nothing was done."


class _Clock:
    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now


async def _send_late(service: Service, path: str) -> Browser:
    """Somebody whose session ended while they wrote, after they sent it."""
    clock = _Clock()
    browser = await Browser(service, clock=clock).sign_in("lm-1")
    form = {"csrf": "of the session that is over", "reason": REASON}
    clock.now += IDLE
    answer = await browser.client.post(path, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    return browser


async def test_who_sends_an_act_too_late_is_told_and_comes_back_to_its_page(
    service: Service,
) -> None:
    case_id = await service.open("fca-1")
    page = f"/case/{case_id}/act/agree"
    browser = await _send_late(service, page)
    shown = plain((await browser.get("/sign-in")).text)
    back = await browser.send("/sign-in", person="lm-1")

    assert LOST in shown
    assert back.headers["location"] == page
    assert (await browser.get(page)).status_code == 200
    assert service.desk.show(case_id).case.seq == 1
    # Once they are in, nothing of it is left.
    assert LOST not in plain((await browser.get("/sign-in")).text)


async def test_it_is_said_in_welsh_as_well(service: Service) -> None:
    browser = await _send_late(service, "/start")

    assert "Ni chafodd ei derbyn" in plain((await browser.get("/sign-in?lang=cy")).text)


@pytest.mark.parametrize(
    ("path", "back", "why"),
    [
        ("/report/form-1/more", "/report/form-1/more", "the page of a form"),
        ("/administer/absences/3/withdraw", "/administer/absences", "a button on a list"),
        ("/administer/case/case-1/start-again", "/administer/case/case-1", "a button on a page"),
        ("/sign-out", "/inbox", "they wanted to be out, and are"),
    ],
)
async def test_they_come_back_to_the_page_that_the_form_was_on(
    service: Service, path: str, back: str, why: str
) -> None:
    browser = await _send_late(service, path)

    assert (await browser.send("/sign-in", person="lm-1")).headers["location"] == back, why


@pytest.mark.parametrize(
    "path",
    [
        "//elsewhere.example/inbox",
        "/case/x%3Fto=agree/act/agree",
        "/case/..%5C..%5Celsewhere.example/act/agree",
        "/case/x%0d%0aset-cookie:a=b/act/agree",
        "/nowhere",
    ],
)
async def test_no_address_leads_elsewhere_after_signing_in(service: Service, path: str) -> None:
    browser = Browser(service)
    await browser.client.post(path, data={"reason": REASON})

    assert (await browser.send("/sign-in", person="lm-1")).headers["location"] == "/inbox"


async def test_another_site_cannot_say_where_somebody_comes_back_to(service: Service) -> None:
    browser = Browser(service)
    evil = {"origin": "https://evil.example"}
    answer = await browser.client.post("/case/case-1/act/agree", headers=evil)

    assert answer.status_code == 403
    assert (await browser.send("/sign-in", person="lm-1")).headers["location"] == "/inbox"


async def test_looking_at_a_page_is_not_sending_something(service: Service) -> None:
    browser = Browser(service)
    await browser.get("/case/case-1/act/agree")

    assert LOST not in plain((await browser.get("/sign-in")).text)
    assert (await browser.send("/sign-in", person="lm-1")).headers["location"] == "/inbox"


async def test_what_a_window_sends_after_signing_out_in_another_is_said_to_be_lost(
    service: Service,
) -> None:
    browser = await Browser(service).sign_in("lm-1")
    shown = (await browser.get("/start")).text
    csrf = re.findall(r'name="csrf" value="([^"]+)"', shown)[0]
    await browser.client.post("/sign-out", data={"csrf": csrf})
    await browser.get("/sign-in")
    await browser.client.post("/start", data={"csrf": csrf, "happened": "E"})

    assert LOST in plain((await browser.get("/sign-in")).text)
    assert (await browser.send("/sign-in", person="lm-1")).headers["location"] == "/start"


async def test_with_a_provider_they_come_back_to_the_page_as_well(
    service: Service, provider: RealProvider
) -> None:
    browser = browser_of(service, provider)
    await browser.client.post("/start", data={"happened": "E"})
    shown = plain((await browser.get("/sign-in")).text)
    back = await sign_in_at(browser, provider, "beatrix.olumide@agency.example")

    assert LOST in shown
    assert back.headers["location"] == "/start"
    # Only the once: the next sign-in begins where everybody's does.
    browser.client.cookies.clear()
    again = await sign_in_at(browser, provider, "beatrix.olumide@agency.example")
    assert again.headers["location"] == "/inbox"


# --- said before it happens ---------------------------------------------------------------------


async def test_pages_to_write_on_say_until_when_the_session_lasts(service: Service) -> None:
    case_id = await service.open("fca-1")
    clock = _Clock()
    browser = await Browser(service, clock=clock).sign_in("lm-1")
    began = clock.now
    clock.now += timedelta(minutes=7)
    act = plain((await browser.get(f"/case/{case_id}/act/agree")).text)
    form = (await browser.send("/start", happened="E")).headers["location"]

    assert f"Send this by {london(clock.now + IDLE)}." in act
    assert f"Continue by {london(clock.now + IDLE)}." in plain((await browser.get(form)).text)
    # However busy they are, a working day ends it.
    while clock.now < began + LONGEST - IDLE / 2:
        clock.now += IDLE / 2
        act = plain((await browser.get(f"/case/{case_id}/act/agree")).text)
    assert f"Send this by {london(began + LONGEST)}." in act
