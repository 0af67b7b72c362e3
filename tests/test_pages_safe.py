"""The doors of the pages: who gets in, from where, for how long, and what every answer says."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.errors import Misconfigured
from models.people import Role
from runtime.clock import utc_now
from runtime.settings import Settings
from tests.service import REASON, Service
from tests.web_help import HOST, ORIGIN, Browser, plain
from web import serving
from web.app import ROUTES
from web.sessions import IDLE, LONGEST, MOST, Sessions

EVERY = [(route.path, method) for route in ROUTES for method in sorted(route.methods or ())]
OPEN_TO_ALL = {"/sign-in"}


def _some(path: str) -> str:
    return re.sub(r"\{\w+\}", "case-000000000000", path)


# --- what every answer says ---------------------------------------------------------------------


@pytest.mark.parametrize(("path", "method"), [*EVERY, ("/nowhere", "GET"), ("/inbox", "PUT")])
@pytest.mark.parametrize("person", [None, "lm-1"])
async def test_every_answer_says_what_a_browser_may_do_with_it(
    service: Service, path: str, method: str, person: str | None
) -> None:
    browser = Browser(service)
    if person:
        await browser.sign_in(person)
    headers = (await browser.client.request(method, _some(path))).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "strict-transport-security" not in headers


async def test_the_only_script_in_a_page_has_the_nonce_of_its_answer(service: Service) -> None:
    browser = Browser(service)
    first, second = await browser.get("/sign-in"), await browser.get("/sign-in")
    for answer in (first, second):
        nonce = re.findall(r"'nonce-([^']+)'", answer.headers["content-security-policy"])[0]
        scripts = re.findall(r"<script([^>]*)>", answer.text)
        assert all(f'nonce="{nonce}"' in one or 'src="/assets/' in one for one in scripts)
        assert not re.search(r"\son\w+=|style=|javascript:", answer.text)
    assert first.headers["content-security-policy"] != second.headers["content-security-policy"]


async def test_styles_may_be_kept_by_the_browser_and_pages_may_not(service: Service) -> None:
    answer = await Browser(service).get("/assets/site.css")

    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert "GDS Transport" not in answer.text


async def test_with_tls_the_cookie_is_bound_to_this_host_and_to_tls(service: Service) -> None:
    answer = await Browser(service, scheme="https").get("/sign-in")
    cookie = answer.headers["set-cookie"]

    assert cookie.startswith("__Host-casework=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"))
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_without_tls_the_cookie_is_out_of_reach_of_scripts(service: Service) -> None:
    cookie = (await Browser(service).get("/sign-in")).headers["set-cookie"]

    assert cookie.startswith("casework=")
    assert "HttpOnly" in cookie
    assert "expires" not in cookie.lower()


async def test_every_page_with_a_case_is_marked(service: Service) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    for path in ("/inbox", "/start", f"/case/{case_id}", f"/case/{case_id}/act/agree"):
        assert "OFFICIAL-SENSITIVE" in (await browser.get(path)).text, path


# --- who gets in --------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "method"), EVERY)
async def test_nothing_but_the_sign_in_is_shown_to_somebody_unknown(
    service: Service, path: str, method: str
) -> None:
    answer = await Browser(service).client.request(method, _some(path))

    if path in OPEN_TO_ALL and method in ("GET", "HEAD"):
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def _csrf(browser: Browser) -> str:
    found: list[str] = re.findall(
        r'name="csrf" value="([^"]+)"', (await browser.get("/inbox")).text
    )
    return found[0]


@pytest.mark.parametrize(
    ("headers", "status", "why"),
    [
        ({"origin": "https://evil.example"}, 403, "another site"),
        ({"origin": "null"}, 403, "a hidden origin"),
        ({"origin": "http://127.0.0.1:8233"}, 403, "another port of this machine"),
        ({"sec-fetch-site": "cross-site"}, 403, "the browser says another site sent it"),
        ({"sec-fetch-site": "same-site"}, 403, "a neighbour is not us"),
        (
            {"host": "evil.example", "origin": "http://evil.example"},
            421,
            "a name somebody else points here",
        ),
        ({"content-length": str(23 * 1024 * 1024)}, 413, "too large"),
    ],
)
async def test_what_comes_from_elsewhere_reaches_no_page(
    service: Service, headers: dict[str, str], status: int, why: str
) -> None:
    browser = await Browser(service).sign_in("lm-1")
    # With the right token, so that nothing but where it comes from can stop it.
    form = {"csrf": await _csrf(browser)}
    answer = await browser.client.post("/sign-out", data=form, headers=headers)

    assert answer.status_code == status, why
    assert (await browser.get("/inbox")).status_code == 200


async def test_a_form_without_an_origin_is_not_taken(service: Service) -> None:
    browser = await Browser(service).sign_in("lm-1")
    form = {"csrf": await _csrf(browser)}
    del browser.client.headers["origin"]

    assert (await browser.client.post("/sign-out", data=form)).status_code == 403
    assert (await browser.get("/inbox")).status_code == 200


@pytest.mark.parametrize(
    "path", [route.path for route in ROUTES if "POST" in (route.methods or ())]
)
async def test_no_form_is_taken_without_its_token(service: Service, path: str) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    begun = (await browser.send("/start", happened="E")).headers["location"].split("/")[2]
    known = {"draft": begun, "page": "safety", "case": case_id, "act": "agree"}
    path = re.sub(r"{(\w+)}", lambda name: known.get(name[1], "1"), path)
    answer = await browser.client.post(path, data={"csrf": "guessed", "reason": REASON})

    assert answer.status_code == 403
    assert service.desk.show(case_id).case.seq == 1
    assert (await browser.get("/inbox")).status_code == 200


async def test_signing_in_makes_new_tokens(service: Service) -> None:
    browser = Browser(service)
    await browser.get("/sign-in")
    before = browser.client.cookies["casework"]
    await browser.sign_in("lm-1")
    after = browser.client.cookies["casework"]

    browser.client.cookies.clear()
    browser.client.cookies.set("casework", before)

    assert before != after
    assert (await browser.get("/inbox")).headers["location"] == "/sign-in"


async def test_signing_out_ends_the_session_for_good(service: Service) -> None:
    browser = await Browser(service).sign_in("lm-1")
    token = browser.client.cookies["casework"]
    await browser.client.post("/sign-out", data={"csrf": await _csrf(browser)})
    browser.client.cookies.clear()
    browser.client.cookies.set("casework", token)

    assert (await browser.get("/inbox")).headers["location"] == "/sign-in"


async def test_signing_out_everywhere_ends_every_session_of_the_person(service: Service) -> None:
    here = await Browser(service).sign_in("lm-1")
    token = here.client.cookies["casework"]
    here.client.cookies.clear()
    await here.sign_in("lm-1")
    form = {"csrf": await _csrf(here), "everywhere": "yes"}
    await here.client.post("/sign-out", data=form)
    here.client.cookies.clear()
    here.client.cookies.set("casework", token)

    assert (await here.get("/inbox")).headers["location"] == "/sign-in"


class _Clock:
    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now


async def test_a_session_ends_when_nobody_uses_it(service: Service) -> None:
    clock = _Clock()
    browser = await Browser(service, clock=clock).sign_in("lm-1")
    clock.now += IDLE - timedelta(seconds=1)
    assert (await browser.get("/inbox")).status_code == 200
    clock.now += IDLE

    assert (await browser.get("/inbox")).headers["location"] == "/sign-in"


async def test_a_session_in_use_ends_all_the_same_after_a_working_day(service: Service) -> None:
    clock = _Clock()
    browser = await Browser(service, clock=clock).sign_in("lm-1")
    began = clock.now
    while clock.now - began < LONGEST - IDLE / 2:
        clock.now += IDLE / 2
        assert (await browser.get("/inbox")).status_code == 200
    clock.now = began + LONGEST

    assert (await browser.get("/inbox")).headers["location"] == "/sign-in"


def test_browsers_that_only_look_push_nobody_out() -> None:
    sessions = Sessions(utc_now)
    working = sessions.begin("lm-1")
    for _ in range(MOST + 5):
        sessions.begin()

    assert sessions.find(working.token) is working
    assert len(sessions._kept) == MOST


async def test_everybody_in_post_may_sign_in_and_nobody_else(service: Service) -> None:
    shown = plain((await Browser(service).get("/sign-in")).text)
    directory, now = service.desk.directory, service.desk.now()
    in_post = {one.id for one in directory.people if directory.sender(one.id, now).active}

    assert {one.id for one in directory.people if one.name in shown} == in_post
    assert {Role.ADM, Role.AUD} <= {role for one in directory.people for role in one.roles}
    assert "left-1" not in in_post


# --- for this machine alone ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("0.0.0.0", "every address of the machine"),  # noqa: S104
        ("192.168.1.10", "one that others reach"),
        ("::", "every address, the newer way"),
        ("casework.example", "a name may lead anywhere"),
        ("localhost", "so may this one, in a hosts file"),
    ],
)
def test_the_demonstration_sign_in_does_not_start_where_others_could_reach_it(
    settings_factory: Callable[..., Settings], host: str, why: str
) -> None:
    with pytest.raises(Misconfigured, match="CASEWORK_WEB_HOST"):
        serving.check(settings_factory(web_host=host))
    assert why


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1"])
def test_it_starts_on_this_machine_alone(
    settings_factory: Callable[..., Settings], host: str
) -> None:
    serving.check(settings_factory(web_host=host))


def test_without_pages_any_address_may_stand_there(
    settings_factory: Callable[..., Settings],
) -> None:
    serving.check(settings_factory(web=False, web_host="192.168.1.10"))


async def test_a_port_that_is_taken_leaves_everything_else_running(
    service: Service, settings_factory: Callable[..., Settings]
) -> None:
    settings = settings_factory()
    settings = settings.model_copy(update={"web_port": settings.port})
    async with (
        serving.serving(settings, service.desk) as first,
        serving.serving(settings, service.desk) as second,
    ):
        assert first == f"Pages: {serving.address(settings)}"
        assert "is taken by another program" in second
        assert f"port {settings.web_port}" in second


async def test_the_served_pages_answer_and_end(
    service: Service, settings_factory: Callable[..., Settings]
) -> None:
    import httpx2  # noqa: PLC0415

    settings = settings_factory()
    settings = settings.model_copy(update={"web_port": settings.port})
    address = serving.address(settings)
    async with serving.serving(settings, service.desk), httpx2.AsyncClient() as client:
        answer = await client.get(f"{address}/sign-in")
        assert answer.status_code == 200
        assert "server" not in answer.headers
    async with httpx2.AsyncClient() as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"{address}/sign-in")


def test_the_address_tests_use_is_the_one_a_browser_names() -> None:
    settings: Any = Settings()
    assert serving.address(settings) == ORIGIN == f"http://{HOST}"
