"""Reports of posts about court proceedings, on the real service."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from models.errors import BadInput
from models.people import Role
from procedures.court_proceedings import CourtProceedings
from runtime import audit
from runtime.clock import utc_now
from runtime.forms_file import read_form
from tests.proceedings_help import NO_BREACH, usual_report
from tests.service import Service

EXAMPLE = Path(__file__).parents[1] / "examples" / "post_about_proceedings.yaml"


def report(**changes: Any) -> dict[str, Any]:
    """A report sent now, about a post of its own."""
    post = f"https://www.facebook.com/invented.account/posts/{uuid4().hex[:10]}"
    seen = (utc_now() - timedelta(hours=1)).isoformat()
    given = {"submission_token": str(uuid4()), "discovered_at": seen, "post_url": post}
    return usual_report(**{**given, **changes})


async def opened(service: Service, by: str = "fca-1", **changes: Any) -> str:
    return (await service.desk.open("C", report(**changes), by)).case_id


def state(service: Service, case_id: str) -> str:
    row = service.ledger.register(case_id)
    assert row is not None
    return row.state


async def test_any_colleague_reports_and_it_is_the_case_of_the_practitioner(
    service: Service,
) -> None:
    case_id = await opened(service, by="com-1", fca_of_case="fca-2", proceedings_status="open")

    row = service.ledger.register(case_id)

    assert row is not None
    assert row.subject == "fca-2"
    assert case_id in {each.case_id for each in service.ledger.inbox("lm-1")}
    first, *_ = service.ledger.trail(case_id)
    told = {each.person for each in first.entry.tells}
    assert {"com-1", "fca-2", "lm-1", "leg-1", "leg-2"} <= told, "proceedings are open: Legal too"


@pytest.mark.parametrize(
    "changes",
    [
        {"fca_of_case": "nobody-1"},
        {"named_colleagues": ["left-1"]},
        {"author_status": "colleague", "author_represented": None, "author_colleague": "left-1"},
    ],
)
async def test_somebody_unknown_or_gone_is_not_taken_as_one_of_the_case(
    service: Service, changes: dict[str, Any]
) -> None:
    with pytest.raises(BadInput) as said:
        await opened(service, **changes)

    *_, field = changes
    assert [line.startswith(field) for line in said.value.problems] == [True]


async def test_the_same_post_in_the_same_proceedings_is_one_case_and_in_others_another(
    service: Service,
) -> None:
    usual = report()
    post = usual["post_url"]
    first = (await service.desk.open("C", usual, "fca-1")).case_id

    again = await service.desk.open(
        "C", report(post_url=f"{post}?fbclid=x", proceedings_status="open"), "fca-2"
    )
    other = await opened(service, post_url=post, childfirst_ref="CF-2026-00999")

    assert (again.state, state(service, other)) == ("joined", "reported")
    assert (await service.entry(first, code="joined")).entry.after == "reported"
    refused = await service.act(
        first, "lm-1", "choose_route", route="manager", question="Does the court have to know?"
    )
    assert refused.code == "route_takes_legal_along", "the second report says: open proceedings"


async def test_a_closed_case_is_opened_again_and_the_audit_agrees_with_all_of_it(
    service: Service,
) -> None:
    case_id = await opened(service)
    question = "Does the court have to know of it?"
    await service.act(case_id, "lm-1", "choose_route", route="manager", question=question)
    await service.act(case_id, "lm-1", "advise_as_manager", advice="Nothing private is told in it.")
    closed = await service.act(case_id, "lm-1", "decide", **NO_BREACH)
    assert closed.state == "no_breach"

    again = await service.act(case_id, "leg-1", "reopen")

    assert (again.outcome, again.state) == ("applied", "deciding")
    assert all(one.ok for one in audit.audit(service.ledger, case_id))


def test_the_example_is_a_form_that_opens() -> None:
    form = CourtProceedings.read(read_form(str(EXAMPLE)).data)
    assert Role.COL in CourtProceedings.starters
    assert form.next_hearing is not None
