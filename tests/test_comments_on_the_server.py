"""Reports of comments on a colleague, on the real service: one case, several reports, two people."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from models.errors import BadInput
from runtime import audit, showing, showing_trail
from runtime.clock import utc_now
from tests.comments_help import SAFE_CONTACT, a_report
from tests.service import Service


def a_post() -> str:
    return f"https://www.facebook.com/invented.group/posts/{uuid4().hex[:10]}"


def report(**changes: Any) -> dict[str, Any]:
    """A report sent now, about a post of its own."""
    seen = (utc_now() - timedelta(hours=1)).isoformat()
    given = {"submission_token": str(uuid4()), "discovered_at": seen, "post_url": a_post()}
    return a_report(**{**given, **changes})


async def opened(service: Service, by: str = "fca-1", **changes: Any) -> str:
    return (await service.desk.open("E", report(**changes), by)).case_id


def state(service: Service, case_id: str) -> str:
    row = service.ledger.register(case_id)
    assert row is not None
    return row.state


async def test_a_report_reaches_the_inboxes_of_manager_and_hr(service: Service) -> None:
    case_id = await opened(service, by="fca-2")

    work = {
        (row.case_id, row.label)
        for person in ("lm-1", "hrbp-1")
        for row in service.ledger.inbox(person)
    }

    assert (case_id, "Reported: waiting for the line manager") in work
    assert (case_id, "Acknowledge, and record the support offered") in work
    assert (case_id, "Tell the affected colleague in person, not by e-mail alone") in work
    assert case_id not in {row.case_id for row in service.ledger.inbox("fca-1")}


async def test_three_reports_of_one_post_are_one_case_however_its_address_is_written(
    service: Service,
) -> None:
    post = a_post()
    first = await opened(service, post_url=post)

    others = [
        await service.desk.open("E", report(post_url=one), by)
        for one, by in ((f"{post}?fbclid=x", "fca-2"), (post.replace("www.", "m."), "fca-3"))
    ]

    assert [one.state for one in others] == ["joined", "joined"]
    for _ in range(200):
        heard = [one for one in service.ledger.trail(first) if one.entry.code == "joined"]
        if len(heard) == len(others):
            break
        await asyncio.sleep(0.05)
    assert len(heard) == 2
    assert all(one.ok for one in audit.audit(service.ledger, first))


async def test_two_reports_at_the_same_moment_do_not_both_stay_open(service: Service) -> None:
    post = a_post()

    both = await asyncio.gather(
        *(service.desk.open("E", report(post_url=post), by) for by in ("fca-2", "fca-3"))
    )

    assert sorted(one.state for one in both) == ["joined", "reported"]


async def test_the_same_post_about_another_colleague_is_a_case_of_its_own(
    service: Service,
) -> None:
    post = a_post()
    await opened(service, post_url=post)

    other = await opened(service, by="fca-2", post_url=post, affected_person="fca-2")

    assert state(service, other) == "reported"


async def test_a_look_alike_is_joined_by_the_manager_and_taken_apart_again(
    service: Service,
) -> None:
    first, second = await opened(service), await opened(service, by="fca-2", post_url=None)

    await service.act(second, "lm-1", "join_by_hand", other=first)
    assert state(service, second) == "joined"
    assert (await service.entry(first, code="joined")).entry.after == "reported"

    await service.act(second, "lm-1", "separate")
    assert state(service, second) == "reported"
    await service.entry(first, code="separated")
    assert all(one.ok for one in audit.audit(service.ledger, second))


async def test_a_report_is_not_joined_to_a_case_about_somebody_else(service: Service) -> None:
    first = await opened(service)
    other = await opened(service, by="fca-2", affected_person="fca-2")

    with pytest.raises(BadInput, match="about somebody else"):
        await service.act(other, "lm-1", "join_by_hand", other=first)

    assert state(service, other) == "reported"


async def test_a_referral_is_taken_up_only_by_a_case_that_is_there(service: Service) -> None:
    case_id, other = await opened(service), await opened(service)
    access = await service.open()
    assert (await service.act(case_id, "lm-1", "refer", to="D")).outcome == "applied"

    for wrong in ("case-000000000000", case_id):
        with pytest.raises(BadInput, match="case that was opened for it"):
            await service.act(case_id, "lm-1", "take_referral", to="D", case=wrong)
    with pytest.raises(BadInput, match="another process"):
        await service.act(case_id, "lm-1", "take_referral", to="D", case=other)

    taken = await service.act(case_id, "lm-1", "take_referral", to="D", case=access)
    assert taken.outcome == "applied"


async def test_a_trail_says_which_report_was_joined_to_which(service: Service) -> None:
    post = a_post()
    first = await opened(service, post_url=post)
    second = await opened(service, by="fca-2", post_url=post)
    heard = await service.entry(first, code="joined")
    joined = service.ledger.trail(second)

    people = showing.People(service.desk.directory)
    assert f"the other report: {second}" in "\n".join(showing_trail.trail([heard], people))
    assert f"the other report: {first}" in "\n".join(showing_trail.trail(joined, people))
    assert showing_trail.trail_document([heard])[0]["other_case"] == second


@pytest.mark.parametrize(
    "changes",
    [{"affected_person": "nobody-1"}, {"affected_person": "left-1"}, {"colleagues_named": ["left-1"]}],
)  # fmt: skip
async def test_somebody_unknown_or_gone_is_not_taken_as_affected_or_named(
    service: Service, changes: dict[str, Any]
) -> None:
    with pytest.raises(BadInput) as said:
        await opened(service, by="fca-2", **changes)

    (field,) = changes
    assert [line.startswith(field) for line in said.value.problems] == [True]


async def test_danger_goes_to_the_emergency_step_and_is_ended_there(service: Service) -> None:
    case_id = await opened(service, by="fca-2", immediate_danger=True, safe_contact=SAFE_CONTACT)
    assert state(service, case_id) == "emergency_response"

    now = utc_now().isoformat()
    receipt = await service.act(
        case_id, "onc-1", "confirm_safe", spoken_at=now, police_reference="CAD-1"
    )

    assert (receipt.outcome, receipt.state) == ("applied", "action")


async def test_a_withdrawn_case_is_opened_again_by_whom_it_is_about(service: Service) -> None:
    case_id = await opened(service)
    await service.act(case_id, "fca-1", "ask_to_withdraw", why="I would rather leave it")
    await service.act(case_id, "hrbp-1", "withdraw")
    closed = await service.act(case_id, "lm-1", "withdraw")
    assert closed.state == "withdrawn"

    again = await service.act(case_id, "fca-1", "reopen", what_is_new="it has begun all over again")

    assert (again.outcome, again.state) == ("applied", "assessing")
    assert all(one.ok for one in audit.audit(service.ledger, case_id))
