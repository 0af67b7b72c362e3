"""What concerns several fields is said at once, beside a field that is wrong by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from models.access import AccessIntake
from models.base import Value
from models.employee import EmployeeIntake
from models.proceedings_acts import Decide
from models.reputation_acts import SafetyHandled
from models.together import faults_of_form, known, readable
from runtime.clock import utc_now
from tests.service import Service
from tests.web_help import Browser, day, plain

SAFE = {
    "submission_token": str(uuid4()),
    "immediate_danger": False,
    "safeguarding_concern": "no",
    "used_personal_account": False,
    "declaration": True,
}
OF_E = SAFE | {
    "discovered_at": "2026-11-20 09:40",
    "how_came_to_see": "sent_to_me",
    "platform": "facebook",
    "visibility": "public",
    "description": "an invented post about a colleague",
    "affected_person": "fca-1",
    "kind": ["insult"],
    "linked_to_family_case": "no",
    "author_known": "stranger",
    "earlier_posts": False,
    "reported_to_platform": "no",
    "reported_to_police": False,
}
SEVERAL = {"how_came_to_see": "other", "platform": "other", "linked_to_family_case": "yes"}
NO = {"do": False, "why": "an invented reason of some length"}


@pytest.mark.parametrize(
    ("form", "given", "said", "why"),
    [
        (
            EmployeeIntake,
            OF_E | SEVERAL | {"description": "short"},
            ("description: ", "how_other is", "platform_other is", "childfirst_ref is"),
            "a field that is too short hides none of three others",
        ),
        (
            EmployeeIntake,
            OF_E | SEVERAL,
            ("how_other is", "platform_other is", "childfirst_ref is"),
            "one that concerns several fields hides no other",
        ),
        (
            EmployeeIntake,
            OF_E | {"kind": [], "immediate_danger": True, "platform": "nowhere"},
            ("platform: ", "kind: ", "safe_contact is"),
            "what cannot be read is not compared: a platform that is wrong asks for no name",
        ),
        (
            SafetyHandled,
            {"results": ["police_told", "no_risk_found"], "given_to_court": "perhaps"},
            ("given_to_court: ", "police_reference is", "results: no_risk_found"),
            "the form of an act as well",
        ),
        (
            Decide,
            {"verdict": "not_a_breach"},
            ("tell_court: ", "tell_parties: ", "ask_removal: ", "why_no_breach: "),
            "what was not answered is not compared",
        ),
        (
            AccessIntake,
            SAFE
            | {
                "order_status": "sealed",
                "order_date": "2026-11-20",
                "received_at": "2026-11-19 09:00",
                "compliance_date": "2026-11-01 09:00",
            },
            ("order_date is after received_at", "compliance_date is", "order_document is"),
            "two dates against a third",
        ),
    ],
)
def test_every_fault_is_said_at_once(
    form: type[Value], given: dict[str, Any], said: tuple[str, ...], why: str
) -> None:
    found = faults_of_form(form, given)

    assert all(any(one.startswith(start) for one in found) for start in said), (why, found)
    assert len(found) == len(set(found))
    assert not any("platform_other" in one for one in found) or "platform_other is" in said


def test_a_form_that_is_right_has_no_faults() -> None:
    assert faults_of_form(EmployeeIntake, OF_E) == ()


def test_a_rule_that_asks_for_what_no_form_has_is_a_mistake_of_ours() -> None:
    def rule(form: Any) -> tuple[str, ...]:
        return (form.no_such_question,)

    read = readable(EmployeeIntake, OF_E)
    with pytest.raises(AttributeError):
        known(rule, read, EmployeeIntake)
    assert known(lambda form: (form.platform,), EmployeeIntake.partly(), EmployeeIntake) == ()


async def test_the_page_of_a_form_says_all_of_them_and_a_date_in_the_future(
    service: Service,
) -> None:
    browser = await Browser(service).sign_in("fca-2")
    form = (await browser.send("/start", happened="E")).headers["location"].rpartition("/")[0]
    tomorrow = utc_now() + timedelta(days=1)
    answer = await browser.send(
        f"{form}/post",
        **day("discovered_at", f"{tomorrow:%Y-%m-%d %H:%M}"),
        how_came_to_see="other",
        platform="other",
        visibility="public",
        description="short",
    )
    said = plain(answer.text)

    assert answer.status_code == 422
    for fault in (
        "is too short (at least 20 characters)",
        "say in a few words how the post was seen",
        "name the platform",
        "lies in the future; check the date and the time",
    ):
        assert fault in said, fault
    # Nothing is said of the page that is still to come.
    assert "answer this question" not in said
