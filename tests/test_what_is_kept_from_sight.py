"""What nobody is told by the way: an operator's words, half a body, a look that leaves no line."""

from __future__ import annotations

import re
from typing import Any, cast
from uuid import uuid4

import httpx2
import pytest

from models.errors import Misconfigured, Unavailable
from models.looked import Door, Seen
from models.people import Role
from runtime.desk import Desk
from tests.api_help import V1, Program, application
from tests.evidence_files import png
from tests.service import REASON, Service
from tests.web_help import ORIGIN, Browser, plain
from web import guard
from web.api.demonstration import PREFIX
from web.sessions import Session
from web.temporal_address import TemporalPages

UI = "http://127.0.0.1:8233"
CANARY = "CASEWORK_EVIDENCE names the folder canary-4711"


def _csrf(text: str) -> str:
    found: list[str] = re.findall(r'name="csrf" value="([^"]+)"', text)
    return found[0]


# --- words for the operator ---------------------------------------------------------------------


def _no_store() -> Any:
    raise Misconfigured(CANARY)


async def test_what_is_wrong_with_a_setting_is_not_told_to_a_browser(service: Service) -> None:
    case_id = await service.open("fca-1")
    desk = Desk.__new__(Desk)
    desk.__dict__.update(service.desk.__dict__ | {"_store": _no_store})
    browser = await Browser(
        Service(service.settings, service.client, service.ledger, desk)
    ).sign_in("fca-1")
    picture = {"file": ("page.png", png(), "image/png")}
    path = f"/case/{case_id}/act/add_evidence"
    answer = await browser.send(path, picture, title="The page as found", clean="yes")

    assert answer.status_code == 500
    assert "canary" not in answer.text
    assert "Look at the case before you send anything again" in plain(answer.text)


# --- looks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "/reassign", "/temporal"])
async def test_an_administrators_look_at_a_case_is_recorded_on_every_page_of_it(
    service: Service, page: str
) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service, temporal=TemporalPages(UI)).sign_in("adm-1")
    answer = await browser.get(f"/administer/case/{case_id}{page}")

    assert answer.status_code == 200
    looks = [(one.person, one.role, one.seen, one.door) for one in service.desk.looks(case_id)]
    assert looks == [("adm-1", Role.ADM, Seen.CASE, Door.PAGES)]


async def test_a_verification_that_cannot_be_recorded_is_not_begun(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await service.open("fca-1")
    browser = Browser(service)
    await browser.send("/sign-in", person="aud-1")
    csrf = _csrf((await browser.get(f"/audit/verify?case={case_id}")).text)

    def full(*_: Any) -> None:
        raise Unavailable("The ledger cannot be reached.")

    with monkeypatch.context() as broken:
        broken.setattr(service.ledger.looks, "note", full)
        answer = await browser.client.post("/audit/verify", data={"csrf": csrf, "case": case_id})

    assert answer.status_code == 503
    assert browser.site.verifications.newest() == []


async def test_what_somebody_was_told_is_not_in_a_trail_for_administrators(
    service: Service,
) -> None:
    case_id = await service.open("fca-1")
    assert (await service.act(case_id, "fca-2", "agree")).outcome == "refused"
    path = f"/cases/{case_id}/trail"
    audited = (await Program(service, "aud-1").get(path)).json()["entries"]
    administered = (await Program(service, "adm-1").get(path)).json()["entries"]

    assert audited[-1]["message"], "auditors read why it was refused"
    assert [one["message"] for one in administered] == ["", ""]
    assert administered[-1]["code"] == audited[-1]["code"]


# --- the endpoint of payloads -------------------------------------------------------------------


async def _who_opened(service: Service) -> tuple[Browser, str]:
    case_id = await service.open("fca-1")
    browser = await Browser(service, temporal=TemporalPages(UI)).sign_in("adm-1")
    path = f"/administer/case/{case_id}/temporal"
    answer = await browser.send(path, reason=REASON)
    assert answer.status_code == 200
    return browser, case_id


async def _decode(browser: Browser, sent: str) -> httpx2.Response:
    return await browser.client.post("/codec/decode", content=sent, headers={"origin": UI})


async def test_a_sign_in_without_the_administrators_role_reads_no_payloads(
    service: Service,
) -> None:
    browser, _ = await _who_opened(service)
    before = await _decode(browser, '{"payloads": []}')
    token = browser.client.cookies["casework"]
    cast("Session", browser.site.sessions.find(token)).roles = frozenset()
    after = await _decode(browser, '{"payloads": []}')

    assert (before.status_code, after.status_code) == (200, 403)
    assert "payloads" not in after.json()


async def test_payloads_nested_without_end_are_refused_like_any_nonsense(
    service: Service,
) -> None:
    browser, _ = await _who_opened(service)
    assert (await _decode(browser, '{"payloads": ' + "[" * 100_000)).status_code == 400


# --- half a body --------------------------------------------------------------------------------


class _Stalling:
    """A sender that says so much and then neither goes on nor goes away."""

    def __init__(self, first: bytes) -> None:
        self._first = first

    def __aiter__(self) -> Any:
        return self._pieces()

    async def _pieces(self) -> Any:
        import asyncio  # noqa: PLC0415 - beside its one use

        yield self._first
        await asyncio.Event().wait()


async def test_a_body_that_never_ends_is_given_up_and_nothing_is_done(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "PIECE", 0.01)
    case_id = await service.open("fca-1")
    before = service.desk.show(case_id).case.seq
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=application(service)))
    # It could be taken for a whole one: only its length says that it is not.
    act = b'{"act": "start_considering", "reason": "' + REASON.encode() + b'", "fields": {}}'
    answer = await client.post(
        f"{V1}/cases/{case_id}/decisions",
        content=_Stalling(act),
        headers={
            "authorization": f"Bearer {PREFIX}lm-1",
            "content-type": "application/json",
            "content-length": str(len(act) + 10),
            "idempotency-key": str(uuid4()),
            "if-match": (await Program(service, "lm-1").etag(case_id)),
        },
    )

    assert answer.status_code == 400
    assert service.desk.show(case_id).case.seq == before


async def test_a_form_that_never_ends_is_given_up_with_a_page(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "PIECE", 0.01)
    browser = await Browser(service).sign_in("fca-1")
    answer = await browser.client.post(
        "/start",
        content=_Stalling(b"happened=E"),
        headers={
            "origin": ORIGIN,
            "content-type": "application/x-www-form-urlencoded",
            "content-length": "100",
        },
    )

    assert answer.status_code == 408
    assert "Nothing was done" in plain(answer.text)
