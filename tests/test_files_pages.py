from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import pytest

from models.evidence import Deed, Part
from tests.evidence_files import png
from tests.service import REASON, Service
from tests.web_help import Browser, plain

ADVICE = "Counsel would hold that the order is wide enough, canary-4713."


async def _with_a_file(service: Service) -> tuple[str, str]:
    case_id = await service.open("fca-1")
    content = png()
    await service.desk.add_evidence(case_id, "fca-1", content, "The page as found")
    return case_id, sha256(content).hexdigest()


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", list(Part))
async def test_a_file_is_given_out_once_its_list_says_so(service: Service, part: Part) -> None:
    case_id, digest = await _with_a_file(service)
    browser = await Browser(service).sign_in("lm-1")
    path = f"/case/{case_id}/evidence/{digest}"
    answer = await browser.send(path, part=part.value, purpose="case_work")
    item = next(one for one in service.desk.evidence_of(case_id, "lm-1") if one.sha256 == digest)
    last = item.custody[-1]

    assert answer.status_code == 200
    assert item.stored is not None
    expected = digest if part is Part.ORIGINAL else item.stored.working_copy
    assert sha256(answer.content).hexdigest() == expected
    assert (last.did, last.part, last.by.person) == (Deed.EXPORTED, part, "lm-1")


async def test_a_file_is_kept_by_the_browser_and_never_shown_by_it(service: Service) -> None:
    case_id, digest = await _with_a_file(service)
    browser = await Browser(service).sign_in("lm-1")
    answer = await browser.send(
        f"/case/{case_id}/evidence/{digest}", part="original", purpose="case_work"
    )
    said = answer.headers

    assert (
        said["content-disposition"]
        == f'attachment; filename="OFFICIAL-SENSITIVE-evidence-{digest[:12]}.png"'
    )
    assert said["content-type"] == "image/png"
    assert said["x-content-type-options"] == "nosniff"
    assert said["content-security-policy"].endswith("; sandbox")
    assert said["cache-control"] == "no-store"
    # No other page is put into a sandbox: it would lose its forms.
    assert "sandbox" not in (await browser.get("/inbox")).headers["content-security-policy"]


async def test_a_page_about_a_file_gives_nothing_out_and_shows_who_had_it(
    service: Service,
) -> None:
    case_id, digest = await _with_a_file(service)
    browser = await Browser(service).sign_in("lm-1")
    link = f'href="/case/{case_id}/evidence/{digest}"'
    assert link in (await browser.get(f"/case/{case_id}")).text
    before = service.desk.store.custody(digest)
    said = plain((await browser.get(f"/case/{case_id}/evidence/{digest}")).text)

    assert "named in the trail" in said
    assert "Tamsin Okonjo" in said
    assert service.desk.store.custody(digest) == before


async def test_what_it_is_for_has_to_be_said(service: Service) -> None:
    case_id, digest = await _with_a_file(service)
    browser = await Browser(service).sign_in("lm-1")
    before = service.desk.store.custody(digest)
    path = f"/case/{case_id}/evidence/{digest}"
    for given in ({"part": "", "purpose": ""}, {"part": "both", "purpose": "audit"}):
        answer = await browser.send(path, **given)
        assert answer.status_code == 422
        assert "Say what it is for" in plain(answer.text)
    assert service.desk.store.custody(digest) == before


async def test_a_file_of_another_case_or_of_nobodys_is_not_there(service: Service) -> None:
    case_id, digest = await _with_a_file(service)
    other = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    paths = [
        f"/case/{other}/evidence/{digest}",
        f"/case/{case_id}/evidence/{'b' * 64}",
        f"/case/{case_id}/evidence/{'a' * 64}",
    ]
    outsider = await Browser(service).sign_in("fca-3")

    assert {(await browser.get(path)).status_code for path in paths} == {404}
    assert (await outsider.get(f"/case/{case_id}/evidence/{digest}")).status_code == 404


# --- privileged advice --------------------------------------------------------------------------


async def _advised(service: Service) -> str:
    case_id = await service.open("fca-1")
    fields = {"conclusion": "may_proceed", "advice": ADVICE}
    receipt = await service.desk.decide(
        case_id, "give_legal_view", "leg-1", reason=REASON, fields=fields
    )
    assert receipt.outcome == "applied", receipt
    return case_id


async def test_whoever_decides_on_advice_reads_it_and_that_is_kept(service: Service) -> None:
    case_id = await _advised(service)
    browser = await Browser(service).sign_in("lm-1")
    case = await browser.get(f"/case/{case_id}")
    path = f"/case/{case_id}/advice/2"
    before = await browser.get(path)
    entry = service.ledger.lines_of(case_id)[1]
    assert service.ledger.custody(entry.hash) == []
    read = await browser.send(path)
    lines: list[Any] = service.ledger.custody(entry.hash)

    assert f'href="{path}"' in case.text
    assert "canary-4713" not in case.text + before.text
    assert "canary-4713" in read.text
    assert REASON in read.text
    assert [(one.did, one.by.person) for one in lines] == [(Deed.READ, "lm-1")]


@pytest.mark.parametrize("person", ["fca-1", "com-1", "fca-3"])
async def test_nobody_else_gets_to_the_advice(service: Service, person: str) -> None:
    case_id = await _advised(service)
    browser = await Browser(service).sign_in(person)
    case = await browser.get(f"/case/{case_id}")
    token = re.findall(r'name="csrf" value="([^"]+)"', (await browser.get("/inbox")).text)[0]
    path = f"/case/{case_id}/advice/2"
    answers = [await browser.get(path), await browser.client.post(path, data={"csrf": token})]

    assert path not in case.text
    assert [answer.status_code for answer in answers] == [404, 404]
    assert all("canary-4713" not in answer.text for answer in answers)


async def test_an_entry_that_holds_no_advice_has_no_such_page(service: Service) -> None:
    case_id = await _advised(service)
    browser = await Browser(service).sign_in("lm-1")
    for number in ("1", "3", "0", "x", "02"):
        assert (await browser.get(f"/case/{case_id}/advice/{number}")).status_code == 404, number
