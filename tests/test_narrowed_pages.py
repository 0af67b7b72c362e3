"""Pages of a sign-in that gives fewer roles than the directory: each keeps to those, to the last."""

from __future__ import annotations

import re
from typing import cast

import pytest

from models.errors import Refused
from models.people import Role
from runtime.dashboards import dashboard
from tests.service import REASON, Service
from tests.test_pages import _ORDER, SAFETY, _begun, _direction
from tests.test_proceedings_on_the_server import report
from tests.web_help import Browser, plain
from web.dashboards import FEW
from web.sessions import Session


def _narrow(browser: Browser, *roles: Role) -> None:
    """The one sign-in of this browser, as a provider's answer would have narrowed it."""
    token = browser.client.cookies["casework"]
    cast("Session", browser.site.sessions.find(token)).roles = frozenset(roles)


async def test_an_act_is_sent_in_a_role_that_the_sign_in_gives(service: Service) -> None:
    case_id = await service.open("fca-1")
    given = {"role": "LEG", "to": "lm-1"}
    await service.desk.decide(
        case_id, "reassign", "adm-1", role=Role.ADM, reason=REASON, fields=given
    )
    browser = await Browser(service).sign_in("lm-1")
    path = f"/case/{case_id}/act/agree"
    shown = (await browser.get(path)).text
    _narrow(browser, Role.LEG)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', shown))
    filled = fields | {"targets_match_order": "yes", "reason": REASON}
    answer = await browser.client.post(path, data=filled)
    said = plain((await browser.get(answer.headers["location"])).text)

    last = service.ledger.trail(case_id)[-1].entry
    assert (last.actor, last.kind, last.code) == ("lm-1", "refused", "wrong_role")
    assert "This was refused" in said


async def test_a_receipt_tells_what_came_between_only_to_who_may_still_see_it(
    service: Service,
) -> None:
    case_id = await service.open("fca-1")
    browser = await Browser(service).sign_in("lm-1")
    seen = service.desk.show(case_id).case
    await service.act(case_id, "lm-1", "start_considering")
    answer = await browser.send(
        f"/case/{case_id}/act/agree",
        targets_match_order="yes",
        reason=REASON,
        saw=str(seen.seq),
        head=seen.head,
    )
    before = plain((await browser.get(answer.headers["location"])).text)
    _narrow(browser)
    after = plain((await browser.get(answer.headers["location"])).text)

    assert "What happened since you looked" in before
    assert "What happened since you looked" not in after
    assert REASON in after, "what they typed themselves stays theirs"


async def test_your_cases_are_those_of_your_families_only_as_a_practitioner(
    service: Service,
) -> None:
    own = await service.open("fca-1")
    about = (await service.desk.open("C", report(fca_of_case="fca-1"), "com-1")).case_id
    browser = await Browser(service).sign_in("fca-1")
    every = (await browser.get("/your-cases")).text
    _narrow(browser)
    left = (await browser.get("/your-cases")).text

    assert own in every
    assert about in every
    assert own in left, "a report of one's own stays with everybody"
    assert about not in left


async def test_figures_are_counted_in_the_roles_of_the_sign_in(service: Service) -> None:
    await service.open("fca-1")
    browser = await Browser(service).sign_in("hop-1")
    every = plain((await browser.get("/dashboards")).text)
    _narrow(browser, Role.LM)
    left = plain((await browser.get("/dashboards")).text)

    assert FEW not in every, "as the next-level manager they may read the cases behind the sums"
    assert FEW in left, "as the line manager of managers they may not"
    with pytest.raises(Refused):
        dashboard(service.desk, "own-1", only=frozenset())


async def test_a_form_is_rehearsed_in_the_roles_it_would_be_sent_in(service: Service) -> None:
    browser = await Browser(service).sign_in("fca-1")
    form = await _begun(browser, "D")
    await browser.send(f"{form}/safety", **SAFETY)
    await browser.send(f"{form}/more", _ORDER, **_direction())
    before = await browser.get(f"{form}/check")
    _narrow(browser)
    after = await browser.get(f"{form}/check")

    assert "Nothing has been sent yet" in plain(before.text)
    assert after.status_code == 403
    assert "Your role cannot open this procedure" in plain(after.text)
