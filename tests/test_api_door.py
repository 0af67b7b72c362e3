"""The door of the API: who gets in, with what, and what every answer says."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from models.errors import Unavailable
from tests.api_help import V1, Program, application, form
from tests.service import Service
from tests.web_help import ORIGIN, Browser
from web.api import strict_json
from web.api.app import operations
from web.api.document import document
from web.api.door import LARGEST, OPEN
from web.api.problems import KINDS, TYPE
from web.tokens import Caller

OPERATIONS = [
    (method, path) for path, found in document(operations())["paths"].items() for method in found
]
CLOSED = [(method, path) for method, path in OPERATIONS if path not in OPEN]

each = pytest.mark.parametrize(("method", "path"), OPERATIONS)


def _some(path: str) -> str:
    path = path.replace("{case_id}", "case-000000000000").replace("{procedure}", "D")
    return V1 + path.replace("{sha256}", "0" * 64)


def _client(service: Service, **headers: str) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=application(service))
    return httpx2.AsyncClient(transport=transport, headers=headers)


def _problem(answer: httpx2.Response, kind: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found: dict[str, Any] = answer.json()
    assert (found["type"], found["status"]) == (TYPE + kind, KINDS[kind].status)
    assert (found["title"], answer.status_code) == (KINDS[kind].title, KINDS[kind].status)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", found["instance"])
    return found


# --- who gets in ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), [*CLOSED, ("get", "/nowhere"), ("put", "/cases")])
async def test_nothing_is_answered_without_a_token(
    service: Service, method: str, path: str
) -> None:
    answer = await _client(service).request(method, _some(path))

    _problem(answer, "not-signed-in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/procedures/a%0Ab", "/%0A", "/cases/case-1%0D%0A/trail"])
async def test_a_line_break_in_an_address_does_not_lead_out_of_the_api(
    service: Service, path: str
) -> None:
    _problem(await _client(service).get(V1 + path), "not-signed-in")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "nothing"),
        ("Bearer", "no token"),
        ("Basic demonstration-lm-1", "another scheme"),
        ("Bearer lm-1", "no demonstration token"),
        ("Bearer demonstration-nobody", "nobody of that id"),
        ("Bearer demonstration-Beatrix Olumide", "a name is no id"),
        ("Bearer demonstration-left-1", "somebody who has left"),
        ("Bearer demonstration-lm-1+KING", "no such role"),
    ],
)
async def test_what_is_no_token_of_somebody_in_post_gets_nobody_in(
    service: Service, given: str, why: str
) -> None:
    answer = await _client(service, authorization=given).get(f"{V1}/inbox")

    assert given == "" or given not in answer.text
    assert _problem(answer, "not-signed-in"), why


async def test_a_session_of_the_pages_gets_nobody_in(service: Service) -> None:
    browser = await Browser(service).sign_in("lm-1")

    assert (await browser.get("/inbox")).status_code == 200
    _problem(await browser.client.get(f"{V1}/inbox"), "not-signed-in")


async def test_without_anybody_who_reads_tokens_only_what_is_open_answers(
    service: Service,
) -> None:
    browser = Browser(service)
    browser.client.headers["authorization"] = "Bearer demonstration-lm-1"

    _problem(await browser.client.get(f"{V1}/inbox"), "not-signed-in")
    assert (await browser.client.get(f"{V1}/health")).json() == {"status": "ok"}


async def test_a_provider_that_cannot_be_asked_is_a_matter_of_time(service: Service) -> None:
    class Away:
        async def person(self, request_token: str) -> Caller:
            raise Unavailable("The provider cannot be reached. Try again.")

    answer = await Program(service, "lm-1", Away()).get("/inbox")

    _problem(answer, "unavailable")
    assert "casework-sign-in" not in answer.headers


# --- what every answer says -----------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), [*OPERATIONS, ("get", "/nowhere"), ("put", "/cases")])
async def test_every_answer_is_marked_and_kept_by_nobody(
    service: Service, method: str, path: str
) -> None:
    program = Program(service, "lm-1")
    headers = (await program.client.request(method, _some(path))).headers

    assert headers["cache-control"] == "no-store"
    assert headers["protective-marking"] == "OFFICIAL-SENSITIVE"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert not [name for name in headers if name.startswith("access-control-")]
    assert "set-cookie" not in headers
    if path not in OPEN:
        assert headers["casework-sign-in"] == "demonstration"


async def test_every_answer_with_a_case_carries_the_marking_in_it(service: Service) -> None:
    program = Program(service, "fca-1")
    opened = await program.open()
    case = f"/cases/{opened.json()['case_id']}"
    for path in (case, f"{case}/trail", f"{case}/evidence", "/cases", "/inbox"):
        assert (await program.get(path)).json()["marking"] == "OFFICIAL-SENSITIVE", path
    assert opened.json()["marking"] == "OFFICIAL-SENSITIVE"


# --- where it comes from --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "kind", "why"),
    [
        ({"origin": "https://evil.example"}, "from-elsewhere", "a page of another site"),
        ({"origin": "null"}, "from-elsewhere", "a hidden origin"),
        ({"sec-fetch-site": "cross-site"}, "from-elsewhere", "the browser says so"),
        ({"sec-fetch-site": "same-site"}, "from-elsewhere", "a neighbour is not us"),
        ({"host": "evil.example"}, "misdirected", "a name somebody else points here"),
        ({"content-length": str(23 * 1024 * 1024)}, "too-large", "larger than any file"),
        ({"transfer-encoding": "chunked"}, "length-required", "no length is given"),
    ],
)
async def test_what_comes_from_elsewhere_is_refused_as_a_problem(
    service: Service, headers: dict[str, str], kind: str, why: str
) -> None:
    program = Program(service, "fca-1")
    body = json.dumps({"procedure": "D", "form": form()}).encode()
    sent = {"content-type": "application/json", "idempotency-key": str(uuid4())} | headers
    request = program.client.build_request("POST", f"{V1}/cases", content=body, headers=sent)
    if kind == "length-required":
        request.headers.pop("content-length", None)

    assert _problem(await program.client.send(request), kind), why


async def test_a_program_names_no_origin_and_a_page_of_ours_may(service: Service) -> None:
    program = Program(service, "fca-1")
    body = {"procedure": "D", "form": form()}
    assert (await program.post("/rehearsals", body)).status_code == 200
    program.client.headers["origin"] = ORIGIN

    assert (await program.post("/rehearsals", body)).status_code == 200


# --- what is sent ---------------------------------------------------------------------------------

SECRET = "Okonkwo lives at 3 Mill Lane"
DEEP = "[" * 21 + "]" * 21


@pytest.mark.parametrize(
    ("content", "media", "kind", "why"),
    [
        (f'{{"{SECRET}": 1', "application/json", "not-readable", "not closed"),
        (b'{"a": "\xff"}', "application/json", "not-readable", "not UTF-8"),
        (f'{{"procedure": "D", "form": {DEEP}}}', "application/json", "not-readable", "deep"),
        ('{"procedure": "D", "procedure": "E"}', "application/json", "not-readable", "twice"),
        ('{"procedure": NaN}', "application/json", "not-readable", "no number"),
        ('{"procedure": 1e999}', "application/json", "not-readable", "beyond all numbers"),
        (f'{{"a": {2**53}}}', "application/json", "not-readable", "not kept exactly"),
        (f'{{"a": {"9" * 5000}}}', "application/json", "not-readable", "long to read"),
        (r'{"a": "\ud800"}', "application/json", "not-readable", "half a character"),
        ("procedure: D", "application/yaml", "media-type", "not JSON"),
        ("a=b", "application/x-www-form-urlencoded", "media-type", "what a form sends"),
        ("{}", "", "media-type", "of no kind"),
        ("[]", "application/json", "not-usable", "a list"),
        ("", "application/json", "not-usable", "nothing"),
        (f'{{"procedure": "D", "form": {{}}, "{SECRET}": 1}}', "application/json", "not-usable",
         "a field that is not known"),
        (f'{{"procedure": "D", "form": {{"{SECRET}": 1}}}}', "application/json", "not-usable",
         "an answer that is not asked for"),
        (f'{{"procedure": "D", "form": {{"john_smith": "{SECRET}"}}}}', "application/json",
         "not-usable", "a name that looks like one of ours"),
        (f'{{"procedure": "{SECRET}", "form": {{}}}}', "application/json", "not-usable", "which?"),
        (json.dumps({"procedure": "D", "form": {"purpose": "x" * LARGEST}}), "application/json",
         "too-large", "larger than any form"),
    ],
)  # fmt: skip
async def test_what_cannot_be_taken_is_a_problem_that_repeats_nothing_of_it(
    service: Service, content: str | bytes, media: str, kind: str, why: str
) -> None:
    program = Program(service, "fca-1")
    headers = {"idempotency-key": str(uuid4())} | ({"content-type": media} if media else {})
    raw = content.encode() if isinstance(content, str) else content
    answer = await program.client.post(f"{V1}/cases", content=raw, headers=headers)

    assert _problem(answer, kind), why
    assert "Mill Lane" not in answer.text
    assert "john_smith" not in answer.text


def test_a_text_is_not_deep_because_it_holds_brackets() -> None:
    assert strict_json.read(json.dumps({"a": '\\"' + "[" * 50}).encode()) == {"a": '\\"' + "[" * 50}


async def test_a_fault_of_a_form_says_where_it_lies(service: Service) -> None:
    body = {"procedure": "D", "form": form(targets=[{"platform": "facebook"}])}
    found = _problem(await Program(service, "fca-1").post("/cases", body), "not-usable")

    assert {"pointer": "#/form/targets/0/account", "detail": "is missing"} in found["errors"]


@pytest.mark.parametrize(
    ("path", "kind", "where"),
    [
        ("/cases?limit=1000", "not-usable", "limit"),
        ("/cases?limit=ten", "not-usable", "limit"),
        ("/cases?colour=red", "not-usable", ""),
        ("/cases?procedure=Z", "not-usable", None),
        ("/cases?state=Z9", "not-usable", None),
        ("/inbox?limit=1", "not-usable", None),
        ("/due?start=tomorrow&amount=16h", "not-usable", None),
        ("/due?start=2026-12-24%2015:30&amount=soon", "not-usable", None),
        ("/due?start=2026-12-24%2015:30&amount=16wh&clock=sundial", "not-usable", "clock"),
        ("/cases/CASE%201", "not-found", None),
        ("/cases/none", "not-found", None),
        ("/procedures/Z", "not-found", None),
        ("/", "not-found", None),
    ],
)
async def test_a_query_or_a_path_that_means_nothing_is_a_problem(
    service: Service, path: str, kind: str, where: str | None
) -> None:
    answer = await Program(service, "lm-1").client.get(V1 + path)

    found = _problem(answer, kind)
    if where is not None:
        assert [one["parameter"] for one in found["errors"]] == [where]
    assert "colour" not in answer.text


async def test_a_method_that_is_not_taken_is_named_with_those_that_are(service: Service) -> None:
    answer = await Program(service, "lm-1").client.delete(f"{V1}/inbox")

    _problem(answer, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


async def test_what_breaks_is_told_without_its_words(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(service.desk, "inbox", broken)
    answer = await Program(service, "lm-1").get("/inbox")

    _problem(answer, "broken")
    assert "Mill Lane" not in answer.text


async def test_a_ledger_that_is_away_is_a_matter_of_time(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> None:
        raise Unavailable("The ledger cannot be reached.")

    monkeypatch.setattr(service.ledger, "register", away)
    answer = await Program(service, "lm-1").get("/health")

    _problem(answer, "unavailable")
    assert answer.headers["retry-after"] == "5"


def test_nothing_of_a_request_is_kept_by_the_frameworks_own_records() -> None:
    assert not operations()._native_telemetry.enabled()
