"""Temporal's own pages: payloads become readable to who gave a reason, for one case, for a while."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from models.administration import OpenedInTemporal, PayloadsRead, may_read
from procedures.registry import by_name
from runtime import decoding
from runtime.clock import utc_now
from runtime.codec import CaseCodec
from runtime.decoding import CLOSED, ForCase
from tests.administering_help import apart_fixture  # noqa: F401 - a fixture
from tests.service import Service
from tests.web_help import Browser
from web.temporal_address import TemporalPages

UI = "http://127.0.0.1:8233"
TEMPORAL = TemporalPages(UI)
WHY = "A step of this case failed and I look which fact it had last."


def browser_of(service: Service) -> Browser:
    return Browser(service, temporal=TEMPORAL)


async def payloads_of(service: Service, case_id: str) -> list[dict[str, Any]]:
    """The sealed payloads that Temporal keeps of a case's beginning."""
    history = await service.handle(case_id).fetch_history()
    started = history.events[0].workflow_execution_started_event_attributes
    return [MessageToDict(one) for one in started.input.payloads]


async def asked(
    browser: Browser, payloads: list[dict[str, Any]], origin: str = UI
) -> httpx2.Response:
    """As a script of Temporal's pages asks."""
    headers = {"origin": origin, "sec-fetch-site": "same-site", "x-namespace": "default"}
    return await browser.client.post("/codec/decode", json={"payloads": payloads}, headers=headers)


def text_of(answer: httpx2.Response) -> str:
    """What the payloads of an answer say."""
    found = answer.json()["payloads"]
    return "".join(base64.b64decode(one["data"]).decode("latin-1") for one in found)


async def opened(service: Service, case_id: str, person: str = "adm-1") -> Browser:
    """A browser of an administrator who gave a reason for looking at a case."""
    browser = await browser_of(service).sign_in(person)
    answer = await browser.send(f"/administer/case/{case_id}/temporal", reason=WHY)
    assert answer.status_code == 200
    assert f"{UI}/namespaces/default/workflows/{case_id}" in answer.text
    return browser


async def test_payloads_are_readable_after_a_reason_and_each_reading_is_recorded(
    apart: Service,
) -> None:
    case_id = await apart.open(purpose="to see whether canary contact took place")
    sealed = await payloads_of(apart, case_id)
    browser = await opened(apart, case_id)
    answer = await asked(browser, sealed)
    last, before = apart.ledger.deeds()[-1], apart.ledger.deeds()[-2]

    assert answer.status_code == 200
    assert "canary" in text_of(answer)
    assert "canary" not in json.dumps(sealed)
    assert last.what == PayloadsRead(case_id=case_id, count=1)
    assert (last.by, before.by) == ("adm-1", "adm-1")
    assert isinstance(before.what, OpenedInTemporal)
    assert apart.ledger.reason_of(before.seq) == WHY
    assert answer.headers["access-control-allow-origin"] == UI
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["cache-control"] == "no-store"


async def test_another_case_stays_closed_and_so_does_what_was_never_encrypted(
    apart: Service,
) -> None:
    mine, other = await apart.open(), await apart.open(purpose="to see the canary of another case")
    browser = await opened(apart, mine)
    plain = {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "ImNhbmFyeSI="}
    sealed = [*await payloads_of(apart, other), plain]
    answer = await asked(browser, sealed)

    assert answer.status_code == 200
    assert answer.json()["payloads"] == sealed
    assert not isinstance(apart.ledger.deeds()[-1].what, PayloadsRead)


@pytest.mark.parametrize(("person", "status"), [(None, 401), ("lm-1", 403), ("adm-2", 403)])
async def test_nobody_else_reads_what_one_administrator_opened(
    apart: Service, person: str | None, status: int
) -> None:
    case_id = await apart.open()
    await opened(apart, case_id, "adm-1")
    browser = browser_of(apart)
    if person:
        await browser.sign_in(person)
    answer = await asked(browser, await payloads_of(apart, case_id))

    assert answer.status_code == status
    assert "payloads" not in answer.json()


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://127.0.0.1:9999", 403), ("null", 403), ("https://a.example", 403)],
)
async def test_no_other_origin_may_ask(apart: Service, origin: str, status: int) -> None:
    case_id = await apart.open()
    browser = await opened(apart, case_id)
    answer = await asked(browser, await payloads_of(apart, case_id), origin)

    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


async def test_the_one_origin_may_ask_nothing_else_of_this_site(apart: Service) -> None:
    case_id = await apart.open()
    browser = await opened(apart, case_id)
    for path in ("/sign-out", "/administer/absences", f"/case/{case_id}/act/agree"):
        answer = await browser.client.post(path, data={"a": "b"}, headers={"origin": UI})
        assert answer.status_code == 403, path
        assert "access-control-allow-origin" not in answer.headers
    read = await browser.client.get("/administer", headers={"origin": UI})
    assert "access-control-allow-origin" not in read.headers


async def test_a_browser_that_asks_first_is_told_what_it_may_send(apart: Service) -> None:
    headers = {"origin": UI, "access-control-request-method": "POST"}
    answer = await browser_of(apart).client.options("/codec/decode", headers=headers)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == UI
    assert "content-type" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("sent", ["", "[]", "{", '{"payloads": 1}', '{"payloads": [1]}'])
async def test_what_is_no_payload_is_refused_and_harms_nothing(apart: Service, sent: str) -> None:
    browser = await opened(apart, await apart.open())
    answer = await browser.client.post("/codec/decode", content=sent, headers={"origin": UI})

    assert answer.status_code == 400


async def test_without_a_reason_nothing_is_opened(apart: Service) -> None:
    case_id, before = await apart.open(), len(apart.ledger.deeds())
    browser = await browser_of(apart).sign_in("adm-1")
    answer = await browser.send(f"/administer/case/{case_id}/temporal", reason="because")

    assert answer.status_code == 422
    assert "at least 20 letters" in answer.text
    assert len(apart.ledger.deeds()) == before


async def test_the_door_closes_after_a_quarter_of_an_hour(apart: Service) -> None:
    case_id = await apart.open()
    deed = apart.desk.open_in_temporal("adm-1", case_id, WHY)
    for minutes, seen in ((0, True), (14, True), (15, False), (-1, False)):
        at = deed.at + timedelta(minutes=minutes)
        assert (case_id in may_read([deed], "adm-1", at)) is seen, minutes
    assert may_read([deed], "adm-2", utc_now()) == ()


async def test_privileged_advice_stays_closed(apart: Service) -> None:
    kind = by_name("D")
    privileged = [name for name, act in kind.acts.items() if act.sealed]
    assert privileged
    case_id = await apart.open()
    context = apart.client.data_converter.payload_codec
    assert isinstance(context, CaseCodec)
    cases = [ForCase(case_id, kind)]
    bound = context.with_context(
        WorkflowSerializationContext(namespace=apart.client.namespace, workflow_id=case_id)
    )
    for name in (*privileged, "adopt", "correct_decision", "agree"):
        said = {
            "waiting": [{"act": name, "reason": "canary reason", "fields": {"view": "canary"}}],
            "line": {
                "entry": {"act": name, "sealed": name in privileged},
                "private": {"a": "canary"},
            },
        }
        plain = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(said).encode())
        sealed = [MessageToDict(one) for one in await bound.encode([plain])]
        found = await decoding.opened(context, apart.client.namespace, cases, {"payloads": sealed})
        shown = base64.b64decode(found.payloads[0]["data"]).decode()
        assert found.counts == {case_id: 1}
        assert ("canary" in shown) is (name == "agree"), name
        assert (CLOSED in shown) is (name != "agree"), name
