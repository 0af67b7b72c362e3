from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import structlog
from joserfc.jwk import RSAKey

from models.people import Role
from runtime.clock import utc_now
from runtime.logging import configure
from tests.administering_help import next_open_day
from tests.conftest import free_port
from tests.provider_help import (
    CLIENT,
    RealProvider,
    browser_of,
    new_key,
    query,
    running_provider,
    sign_in_at,
)
from tests.service import REASON, Service
from tests.web_help import ORIGIN, Browser, plain
from web.app import ROUTES

BEATRIX = "beatrix.olumide@agency.example"  # lm-1
NOW = int(utc_now().timestamp())
A_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+")
"""A JSON Web Token begins with {" in base64url; three letters alone come about by chance."""


async def _is_out(browser: Browser) -> bool:
    answer = await browser.get("/inbox")
    return answer.status_code == 303 and answer.headers["location"] == "/sign-in"


async def _in(browser: Browser, provider: RealProvider, login: str = BEATRIX) -> Browser:
    answer = await sign_in_at(browser, provider, login)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/inbox"), answer.text
    return browser


# --- the way there and back ---------------------------------------------------------------------


async def test_somebody_signs_in_at_the_provider_and_reaches_their_work(
    service: Service, provider: RealProvider
) -> None:
    browser = await _in(browser_of(service, provider), provider)
    shown = plain((await browser.get("/inbox")).text)

    assert "Signed in as Beatrix Olumide" in shown
    assert "Demonstration" not in shown


async def test_the_id_of_the_directory_names_somebody_as_well(
    service: Service, provider: RealProvider
) -> None:
    browser = await _in(browser_of(service, provider, oidc_person_claim="sub"), provider, "fca-1")
    assert "Signed in as Tamsin Okonjo" in plain((await browser.get("/inbox")).text)


async def test_what_the_id_token_leaves_out_is_asked_for_with_the_access_token(
    service: Service, provider: RealProvider
) -> None:
    await provider.spoil(drop=["email"])
    await _in(browser_of(service, provider), provider)


async def test_every_question_has_a_proof_key_a_state_and_a_nonce_of_its_own(
    service: Service, provider: RealProvider
) -> None:
    browser = browser_of(service, provider)
    first, second = [
        query((await browser.get("/sign-in/begin")).headers["location"]) for _ in range(2)
    ]

    assert first["code_challenge_method"] == "S256"
    assert first["response_type"] == "code"
    assert first["redirect_uri"] == f"{ORIGIN}/sign-in/back"
    assert "code_verifier" not in first
    for name in ("code_challenge", "state", "nonce"):
        assert len(first[name]) >= 32
        assert first[name] != second[name]


async def test_the_provider_gives_nothing_for_a_code_without_its_proof(
    service: Service, provider: RealProvider
) -> None:
    gone = (await browser_of(service, provider).get("/sign-in/begin")).headers["location"]
    where, _ = await provider.visit(gone, BEATRIX)
    answer = await provider.client.post(
        f"{provider.issuer}/token",
        auth=(CLIENT, "an invented secret of the tests"),
        data={
            "grant_type": "authorization_code",
            "code": query(where)["code"],
            "redirect_uri": f"{ORIGIN}/sign-in/back",
        },
    )

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


async def test_signing_in_makes_a_new_session(service: Service, provider: RealProvider) -> None:
    browser = browser_of(service, provider)
    await browser.get("/sign-in/begin")
    before = browser.client.cookies["casework"]
    await _in(browser, provider)
    assert browser.client.cookies["casework"] != before
    browser.client.cookies.clear()
    browser.client.cookies.set("casework", before)

    assert await _is_out(browser)


async def test_no_token_reaches_the_browser(service: Service, provider: RealProvider) -> None:
    browser = browser_of(service, provider)
    seen: list[str] = []

    async def keep(answer: httpx2.Response) -> None:
        await answer.aread()
        seen.append(f"{answer.url} {answer.headers} {answer.text}")

    browser.client.event_hooks = {"response": [keep]}
    await _in(browser, provider)
    await browser.get("/inbox")

    assert len(seen) >= 3
    assert not [one for one in seen if A_TOKEN.search(one)]


# --- answers that are not believed --------------------------------------------------------------

ANSWERS: list[tuple[str, dict[str, Any]]] = [
    ("for another client", {"claims": {"aud": "another-client"}}),
    ("for us and another, and it does not say whose it is", {"claims": {"aud": [CLIENT, "b"]}}),
    ("given out to another client", {"claims": {"azp": "another-client"}}),
    ("of another provider", {"claims": {"iss": "https://login.evil.example"}}),
    ("of nobody", {"drop": ["iss"]}),
    ("for nobody", {"drop": ["aud"]}),
    ("over for a minute and more", {"claims": {"exp": NOW - 90}}),
    ("without an end", {"drop": ["exp"]}),
    ("not valid yet", {"claims": {"nbf": NOW + 3600}}),
    ("made in the future", {"claims": {"iat": NOW + 3600}}),
    ("of no time", {"drop": ["iat"]}),
    ("without a nonce", {"drop": ["nonce"]}),
    ("with another nonce", {"claims": {"nonce": "of another sign-in"}}),
    ("with the hash of another access token", {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}),
    ("proved the day before", {"claims": {"auth_time": NOW - 24 * 3600}}),
    ("proved in the future", {"claims": {"auth_time": NOW + 3600}}),
    ("proved at no time", {"claims": {"auth_time": "yesterday"}}),
    ("with an address nobody has checked", {"claims": {"email_verified": False}}),
    ("not signed", {"as": "none"}),
    ("signed with the public key as if it were a secret", {"as": "hs256"}),
    ("with a key nobody knows", {"header": {"kid": "invented"}}),
]  # fmt: skip


@pytest.mark.parametrize(("why", "how"), ANSWERS, ids=[why for why, _ in ANSWERS])
async def test_an_answer_is_not_believed_that_is(
    service: Service, provider: RealProvider, why: str, how: dict[str, Any]
) -> None:
    browser = browser_of(service, provider)
    await provider.spoil(**how)
    answer = await sign_in_at(browser, provider, BEATRIX)

    assert answer.status_code == 403, why
    assert "could not be believed" in plain(answer.text)
    assert await _is_out(browser)


async def test_the_same_answer_unspoilt_but_for_a_minute_of_clock_is_believed(
    service: Service, provider: RealProvider
) -> None:
    await provider.spoil(claims={"exp": NOW + 1800, "iat": NOW + 30, "nbf": NOW + 30})
    await _in(browser_of(service, provider), provider)


async def test_an_answer_is_taken_once(service: Service, provider: RealProvider) -> None:
    browser = browser_of(service, provider)
    gone = (await browser.get("/sign-in/begin")).headers["location"]
    where, _ = await provider.visit(gone, BEATRIX)
    path = where.removeprefix(ORIGIN)
    assert (await browser.get(path)).status_code == 303
    again = await browser.get(path)

    assert again.status_code == 403
    assert "is over" in plain(again.text)
    assert (await browser.get("/inbox")).status_code == 200


async def test_a_question_is_answered_once_whatever_the_answer_was(
    service: Service, provider: RealProvider
) -> None:
    browser = browser_of(service, provider)
    gone = (await browser.get("/sign-in/begin")).headers["location"]
    where, _ = await provider.visit(gone, BEATRIX)
    said = {"state": query(where)["state"], "iss": provider.issuer, "error": "access_denied"}
    assert (await browser.client.get("/sign-in/back", params=said)).status_code == 403

    assert (await browser.get(where.removeprefix(ORIGIN))).status_code == 403
    assert await _is_out(browser)


async def test_an_answer_to_another_browser_signs_nobody_in(
    service: Service, provider: RealProvider
) -> None:
    mine, theirs = browser_of(service, provider), browser_of(service, provider)
    gone = (await theirs.get("/sign-in/begin")).headers["location"]
    where, _ = await provider.visit(gone, BEATRIX)
    await mine.get("/sign-in/begin")

    for browser in (mine, browser_of(service, provider)):
        assert (await browser.get(where.removeprefix(ORIGIN))).status_code == 403
        assert await _is_out(browser)


async def test_an_answer_after_ten_minutes_is_too_late(
    service: Service, provider: RealProvider
) -> None:
    browser = browser_of(service, provider)
    gone = (await browser.get("/sign-in/begin")).headers["location"]
    where, _ = await provider.visit(gone, BEATRIX)
    site = browser.site
    begun = next(iter(site.sessions._kept.values())).begun
    for state, one in list(begun.items()):
        begun[state] = type(one)(
            one.nonce, one.verifier, one.at - timedelta(minutes=10), one.back, one.again
        )

    assert (await browser.get(where.removeprefix(ORIGIN))).status_code == 403


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"iss": "https://login.evil.example"}, "it says it comes from another provider"),
        ({"iss": None}, "this provider always says that it was it"),
        ({"code": "invented"}, "the provider never gave this code out"),
        ({"code": None}, "there is none"),
        ({"error": "access_denied"}, "the person pressed cancel there"),
    ],
)
async def test_a_way_back_that_was_tampered_with_leads_nowhere(
    service: Service, provider: RealProvider, change: dict[str, Any], why: str
) -> None:
    browser = browser_of(service, provider)
    gone = (await browser.get("/sign-in/begin")).headers["location"]
    where, _ = await provider.visit(gone, BEATRIX)
    said = {name: value for name, value in (query(where) | change).items() if value is not None}
    answer = await browser.client.get("/sign-in/back", params=said)

    assert answer.status_code == 403, why
    assert await _is_out(browser)


# --- keys ---------------------------------------------------------------------------------------


async def test_new_keys_are_fetched_when_a_token_names_one(service: Service) -> None:
    async with running_provider(free_port()) as provider:
        browser = await _in(browser_of(service, provider), provider)
        await provider.stop()
        provider.key = new_key("second")
        await provider.start()
        await _in(browser, provider)


async def test_a_key_of_a_forger_under_a_known_name_is_not_taken(service: Service) -> None:
    async with running_provider(free_port()) as provider:
        browser = await _in(browser_of(service, provider), provider)
        await provider.stop()
        # Another key that goes by the name of the one we know: its own keys are not asked for.
        provider.key = dict(
            RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}).as_dict(private=True)
        )
        await provider.start()
        browser.client.cookies.clear()
        answer = await sign_in_at(browser, provider, BEATRIX)

        assert answer.status_code == 403


# --- people -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "why"),
    [
        ("nobody@elsewhere.example", "not in the directory"),
        ("petra.lindqvist@agency.example", "has left"),
        ("Beatrix Olumide", "a name is no proof: two people may have it"),
        ("%", "no pattern either"),
    ],
)
async def test_whom_the_directory_does_not_have_gets_no_further(
    service: Service, provider: RealProvider, login: str, why: str
) -> None:
    browser = browser_of(service, provider)
    answer = await sign_in_at(browser, provider, login)

    assert answer.status_code == 403, why
    assert "does not name you" in plain(answer.text)
    assert login not in plain(answer.text)
    assert await _is_out(browser)


MANAGERS = {"managers": (Role.LM, Role.SM), "practitioners": (Role.PR,)}


async def test_without_app_roles_somebody_may_do_what_any_colleague_may(
    service: Service, provider: RealProvider
) -> None:
    case_id = await service.open("fca-1")
    await provider.give_roles()
    browser = await _in(browser_of(service, provider, oidc_roles=MANAGERS), provider)

    assert case_id not in (await browser.get("/inbox")).text
    assert (await browser.get(f"/case/{case_id}")).status_code == 404
    start = (await browser.get("/start")).text
    assert 'value="E"' in start
    assert 'value="D"' not in start


async def test_a_provider_that_leaves_the_claim_out_gives_no_app_role(
    service: Service, provider: RealProvider
) -> None:
    case_id = await service.open("fca-1")
    browser = await _in(browser_of(service, provider, oidc_roles=MANAGERS), provider)
    assert (await browser.get(f"/case/{case_id}")).status_code == 404


async def test_an_app_role_makes_nobody_what_the_directory_does_not(
    service: Service, provider: RealProvider
) -> None:
    case_id = await service.open("fca-1")
    await provider.give_roles("managers", "practitioners", "something else")
    own = browser_of(service, provider, oidc_roles=MANAGERS)
    await _in(own, provider, "dele.winstanley@agency.example")  # fca-4, of another line

    assert (await own.get(f"/case/{case_id}")).status_code == 404


async def test_with_their_app_role_somebody_decides_in_it(
    service: Service, provider: RealProvider
) -> None:
    case_id = await service.open("fca-1")
    await provider.give_roles("managers")
    browser = await _in(browser_of(service, provider, oidc_roles=MANAGERS), provider)
    path = f"/case/{case_id}/act/agree"
    await browser.send(f"/case/{case_id}/act/start_considering", reason=REASON)
    await browser.send(path, reason=REASON, targets_match_order="yes")

    done = [(one.entry.act, one.entry.role) for one in service.desk.trail(case_id)][1:]
    assert [role for _, role in done] == [Role.LM] * len(done)
    assert done[-1][0] == "D-04"


async def test_a_role_that_the_sign_in_leaves_out_decides_nothing(
    service: Service, provider: RealProvider
) -> None:
    case_id = await service.open("fca-1")
    await provider.give_roles("managers")
    browser = await _in(browser_of(service, provider, oidc_roles=MANAGERS), provider)
    # Its form is open in the browser when the role is taken away and they sign in again.
    form = await browser.get(f"/case/{case_id}/act/start_considering")
    await provider.give_roles("practitioners")
    await _in(browser, provider)
    fields = dict(re.findall(r'name="(csrf|decision|saw|head)" value="([^"]*)"', form.text))
    csrf = re.findall(r'name="csrf" value="([^"]+)"', (await browser.get("/inbox")).text)[0]
    answer = await browser.client.post(
        f"/case/{case_id}/act/start_considering", data=fields | {"csrf": csrf, "reason": REASON}
    )

    assert answer.status_code in (403, 404)
    assert service.desk.show(case_id).case.seq == 1


# --- credentials before a decision --------------------------------------------------------------


async def _asked_again(
    service: Service, provider: RealProvider
) -> tuple[Browser, str, httpx2.Cookies]:
    """Somebody whose credentials grew old on the page of a decision they had begun to write."""
    case_id = await service.open("fca-1")
    await service.act(case_id, "lm-1", "start_considering")
    cookies = httpx2.Cookies()
    browser = browser_of(service, provider)
    answer = await sign_in_at(browser, provider, BEATRIX, cookies)
    assert answer.headers["location"] == "/inbox"
    return browser, f"/case/{case_id}/act/agree", cookies


def _age(browser: Browser, by: timedelta) -> None:
    for session in browser.site.sessions._kept.values():
        if session.proved is not None:
            session.proved -= by


async def test_a_decision_soon_after_signing_in_asks_for_nothing(
    service: Service, provider: RealProvider
) -> None:
    browser, path, _ = await _asked_again(service, provider)
    _age(browser, timedelta(minutes=14))
    answer = await browser.send(path, reason=REASON, targets_match_order="yes")

    assert "/receipt/" in answer.headers["location"]


async def test_what_was_typed_waits_while_credentials_are_given_again(
    service: Service, provider: RealProvider
) -> None:
    browser, path, cookies = await _asked_again(service, provider)
    shown = await browser.get(path)
    assert shown.status_code == 200
    before = browser.client.cookies["casework"]

    form = dict(re.findall(r'name="(csrf|decision|saw|head)" value="([^"]*)"', shown.text))
    _age(browser, timedelta(minutes=15))
    typed = form | {"reason": f"{REASON} Quite so.", "targets_match_order": "yes"}
    answer = await browser.client.post(path, data=typed)
    assert answer.headers["location"] == "/sign-in/again"
    assert "What you wrote is kept" in plain((await browser.get("/sign-in/again")).text)
    gone = (await browser.get("/sign-in/begin")).headers["location"]
    assert (query(gone)["prompt"], query(gone)["max_age"]) == ("login", "0")
    # The provider still knows them, and asks all the same.
    where, asked = await provider.visit(gone, BEATRIX, cookies)
    assert asked
    came = await browser.get(where.removeprefix(ORIGIN))
    assert came.headers["location"] == path
    assert browser.client.cookies["casework"] != before
    again = await browser.get(path)
    assert "Quite so." in again.text
    assert re.search(r'name="targets_match_order"[^>]*value="yes" checked', again.text)
    sent = await browser.send(path, reason=f"{REASON} Quite so.", targets_match_order="yes")
    assert "/receipt/" in sent.headers["location"]
    assert "Quite so." not in (await browser.get(path)).text


async def test_a_case_that_moved_on_meanwhile_is_said_beside_what_was_typed(
    service: Service, provider: RealProvider
) -> None:
    browser, path, cookies = await _asked_again(service, provider)
    form = dict(
        re.findall(
            r'name="(csrf|decision|saw|head)" value="([^"]*)"', (await browser.get(path)).text
        )
    )
    _age(browser, timedelta(minutes=15))
    await browser.client.post(path, data=form | {"reason": REASON})
    await service.act(path.split("/")[2], "fca-1", "raise_safeguarding")
    where, _ = await provider.visit(
        (await browser.get("/sign-in/begin")).headers["location"], BEATRIX, cookies
    )
    await browser.get(where.removeprefix(ORIGIN))
    again = await browser.get(path)

    assert "has moved on since you wrote this" in plain(again.text)
    assert REASON in again.text


async def test_the_page_of_a_decision_asks_before_anything_is_typed(
    service: Service, provider: RealProvider
) -> None:
    browser, path, _ = await _asked_again(service, provider)
    _age(browser, timedelta(minutes=15))

    assert (await browser.get(path)).headers["location"] == "/sign-in/again"


async def test_giving_a_role_to_somebody_else_asks_an_administrator_as_well(
    service: Service, provider: RealProvider
) -> None:
    case_id = await service.open("fca-1")
    path, login = f"/administer/case/{case_id}/reassign", "thea.lockyer-osei@agency.example"
    browser, cookies = browser_of(service, provider), httpx2.Cookies()
    await sign_in_at(browser, provider, login, cookies)
    shown = await browser.get(path)
    form = dict(re.findall(r'name="(csrf|decision|saw|head)" value="([^"]*)"', shown.text))
    _age(browser, timedelta(minutes=15))
    typed = form | {"role": "LM", "to": "lm-2", "reason": f"{REASON} Quite so."}
    answer = await browser.client.post(path, data=typed)
    assert answer.headers["location"] == "/sign-in/again"
    assert f'href="/administer/case/{case_id}"' in (await browser.get("/sign-in/again")).text
    assert service.desk.show(case_id).case.seq == 1
    gone = (await browser.get("/sign-in/begin")).headers["location"]
    where, asked = await provider.visit(gone, login, cookies)
    assert asked
    assert (await browser.get(where.removeprefix(ORIGIN))).headers["location"] == path

    assert "Quite so." in (await browser.get(path)).text


async def test_confirming_a_closed_day_asks_an_administrator_as_well(
    service: Service, provider: RealProvider
) -> None:
    day = next_open_day(service, 40)
    made = service.desk.propose_calendar("adm-2", day, "Invented holiday", REASON)
    path, login = f"/administer/calendar/{made.seq}", "thea.lockyer-osei@agency.example"
    browser = browser_of(service, provider)
    await sign_in_at(browser, provider, login, httpx2.Cookies())
    shown = await browser.get(path)
    form = dict(re.findall(r'name="(csrf|shown)" value="([^"]*)"', shown.text))
    _age(browser, timedelta(minutes=15))
    answer = await browser.client.post(path, data=form | {"todo": "confirm"})
    still = next(one for one in service.desk.proposals() if one.seq == made.seq)
    service.desk.drop_calendar("adm-2", made.seq)

    assert answer.headers.get("location") == "/sign-in/again", answer.status_code
    assert still.waiting


async def test_what_decides_nothing_asks_for_nothing(
    service: Service, provider: RealProvider
) -> None:
    browser, path, _ = await _asked_again(service, provider)
    _age(browser, timedelta(hours=2))
    case_page = path.rpartition("/act/")[0]

    assert (await browser.get(case_page)).status_code == 200
    assert (await browser.get(f"{case_page}/act/add_evidence")).status_code == 200


async def test_a_provider_that_answers_from_memory_is_not_believed_again(
    service: Service, provider: RealProvider
) -> None:
    browser, path, cookies = await _asked_again(service, provider)
    _age(browser, timedelta(minutes=15))
    await browser.get(path)
    await provider.spoil(claims={"auth_time": NOW - 3600})
    gone = (await browser.get("/sign-in/begin")).headers["location"]
    where, _ = await provider.visit(gone, BEATRIX, cookies)
    answer = await browser.get(where.removeprefix(ORIGIN))

    assert answer.status_code == 403
    assert "did not ask you for your credentials again" in plain(answer.text)
    assert (await browser.get(path)).headers["location"] == "/sign-in/again"


async def test_a_provider_that_does_not_say_when_lets_nobody_decide(
    service: Service, provider: RealProvider
) -> None:
    browser, path, cookies = await _asked_again(service, provider)
    _age(browser, timedelta(minutes=15))
    await browser.get(path)
    await provider.spoil(drop=["auth_time"])
    gone = (await browser.get("/sign-in/begin")).headers["location"]
    where, _ = await provider.visit(gone, BEATRIX, cookies)

    assert (await browser.get(where.removeprefix(ORIGIN))).status_code == 403


async def test_somebody_else_who_signs_in_instead_finds_nothing_of_the_first(
    service: Service, provider: RealProvider
) -> None:
    browser, path, _ = await _asked_again(service, provider)
    form = dict(
        re.findall(
            r'name="(csrf|decision|saw|head)" value="([^"]*)"', (await browser.get(path)).text
        )
    )
    _age(browser, timedelta(minutes=15))
    await browser.client.post(path, data=form | {"reason": REASON})
    gone = (await browser.get("/sign-in/begin")).headers["location"]
    where, _ = await provider.visit(gone, "tamsin.okonjo@agency.example")
    answer = await browser.get(where.removeprefix(ORIGIN))

    assert answer.headers["location"] == "/inbox"
    assert "Tamsin Okonjo" in (await browser.get("/inbox")).text
    assert [one for one in browser.site.sessions._kept.values() if one.typed] == []


# --- signing out --------------------------------------------------------------------------------


async def _csrf(browser: Browser) -> str:
    found = re.findall(r'name="csrf" value="([^"]+)"', (await browser.get("/inbox")).text)
    return str(found[0])


async def test_signing_out_leads_to_the_providers_own_page_for_it(
    service: Service, provider: RealProvider
) -> None:
    browser = await _in(browser_of(service, provider), provider)
    out = await browser.client.post("/sign-out", data={"csrf": await _csrf(browser)})
    assert out.headers["location"] == "/sign-in/ended"
    assert "/sign-in/leave" in (await browser.get("/sign-in/ended")).text
    leave = (await browser.get("/sign-in/leave")).headers["location"]
    page = await provider.client.get(leave)

    assert await _is_out(browser)
    assert leave.startswith(f"{provider.issuer}/session/end?")
    assert set(query(leave)) == {"client_id", "post_logout_redirect_uri"}
    assert page.status_code == 200


async def test_signing_out_everywhere_ends_every_session_of_the_person(
    service: Service, provider: RealProvider
) -> None:
    browser = await _in(browser_of(service, provider), provider)
    other = browser.client.cookies["casework"]
    browser.client.cookies.clear()
    await _in(browser, provider)
    form = {"csrf": await _csrf(browser), "everywhere": "yes"}
    await browser.client.post("/sign-out", data=form)
    assert await _is_out(browser)
    browser.client.cookies.clear()
    browser.client.cookies.set("casework", other)

    assert await _is_out(browser)


# --- the demonstration --------------------------------------------------------------------------


async def test_with_a_provider_nobody_chooses_who_they_are(
    service: Service, provider: RealProvider
) -> None:
    browser = browser_of(service, provider)
    shown = await browser.get("/sign-in")
    answer = await browser.client.post("/sign-in", data={"person": "lm-1"})

    assert shown.status_code == 200
    assert "Beatrix" not in shown.text
    assert "<form" not in shown.text
    assert answer.status_code == 404
    assert await _is_out(browser)


@pytest.mark.parametrize(
    ("path", "method"),
    [(one.path, method) for one in ROUTES for method in sorted(one.methods or ())],
)
async def test_with_a_provider_every_other_page_wants_somebody_signed_in(
    service: Service, provider: RealProvider, path: str, method: str
) -> None:
    if path.startswith("/sign-in"):
        open_to_all = {"/sign-in": 200, "/sign-in/begin": 303, "/sign-in/back": 403}
        open_to_all |= {"/sign-in/ended": 200, "/sign-in/leave": 303, "/sign-in/again": 303}
        wanted = 404 if method == "POST" else open_to_all[path]
    else:
        wanted = 303
    where = re.sub(r"\{\w+\}", "case-000000000000", path)
    answer = await browser_of(service, provider).client.request(method, where)

    assert answer.status_code == wanted
    assert answer.headers["cache-control"] == "no-store"


# --- a provider that is away --------------------------------------------------------------------


async def test_a_provider_that_is_down_is_said_plainly_and_tried_again(service: Service) -> None:
    async with running_provider(free_port()) as provider:
        browser = browser_of(service, provider)
        await provider.stop()
        answer = await browser.get("/sign-in/begin")
        assert answer.status_code == 503
        assert "try again" in plain(answer.text)
        assert (await browser.get("/sign-in")).status_code == 200
        await provider.start()

        await _in(browser, provider)


async def test_a_provider_that_goes_down_on_the_way_back_lets_nobody_in(service: Service) -> None:
    async with running_provider(free_port()) as provider:
        browser = browser_of(service, provider)
        gone = (await browser.get("/sign-in/begin")).headers["location"]
        where, _ = await provider.visit(gone, BEATRIX)
        await provider.stop()
        answer = await browser.get(where.removeprefix(ORIGIN))

        assert answer.status_code == 503
        assert await _is_out(browser)


@pytest.fixture
def logged() -> Iterator[None]:
    """What the service itself would print; the rest of the tests log otherwise."""
    hooks = sys.excepthook, threading.excepthook
    configure(json=True)
    yield
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.mark.usefixtures("logged")
async def test_of_an_answer_that_is_not_believed_only_the_kind_of_fault_is_logged(
    service: Service, provider: RealProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = browser_of(service, provider)
    await provider.spoil(claims={"aud": "canary-audience"})
    where = (await browser.get("/sign-in/begin")).headers["location"]
    back, _ = await provider.visit(where, BEATRIX)
    await browser.get(back.removeprefix(ORIGIN))
    heard = capsys.readouterr()
    said = heard.out + heard.err

    assert '"code": "aud"' in said
    for secret in (query(back)["code"], "canary", BEATRIX, query(where)["nonce"]):
        assert secret not in said
    assert not A_TOKEN.search(said)
