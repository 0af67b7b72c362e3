"""Swapping what is reconstructed: new cases take the new chart, open ones finish under the old one.

The new version is the procedure's own file with three lines changed, as somebody would change it
who has the real chart: the deadline of a step, its holder, and the route of an act. The running
service is stopped and started again with it, as a deployment would.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client

from models.case import Receipt
from procedures.corporate_reputation import CorporateReputation
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from runtime import audit
from runtime.server import EmbeddedServer
from runtime.settings import Settings
from tests.service import Service, running
from workflows.corporate_reputation import CorporateReputationCase

KEY = CorporateReputation.key
FIRST = CorporateReputation.of_version(1)
"""The chart as it was reconstructed, also when another has taken its place by now."""

CHANGED = {
    # Its deadline and its holder: eight working hours in place of four, and the head, not the team.
    'reported = Step("Reported: waiting for Communications", "R1", held_by=COM, clock="R-T1",': (
        'reported = Step("Reported: waiting for the head", "R1", held_by=HOC, clock="R-T2",'
    ),
    '"R-04", "Take on the report", reported.to(assessing),\n        who=COM,': (
        '"R-04", "Take on the report", reported.to(assessing),\n        who=HOC,'
    ),
    # A route: what is sent back goes to the very beginning.
    '"R-11", "Send the recommendation back", waiting_for_decision.to(assessing),': (
        '"R-11", "Send the recommendation back", waiting_for_decision.to(reported),'
    ),
    'key, code, title = "corporate_reputation", "R",': (
        'version, earlier = 2, (FIRST,)\n    key, code, title = "corporate_reputation", "R",'
    ),
}


def second_version() -> type[Procedure]:
    """The class body of version 2, which names version 1 as the one it follows."""
    source = Path(inspect.getfile(FIRST)).read_text(encoding="utf-8")
    for old, new in CHANGED.items():
        assert source.count(old) == 1, f"not there once: {old}"
        source = source.replace(old, new)
    module = ModuleType("procedures.corporate_reputation_2")
    module.__dict__["FIRST"] = FIRST
    exec(compile(source, "corporate_reputation_2", "exec"), module.__dict__)  # noqa: S102
    found: type[Procedure] = module.__dict__["CorporateReputation"]
    return found


@pytest.fixture
def settings(server: EmbeddedServer, tmp_path: Path) -> Settings:
    """A ledger and a task queue of its own on the shared server."""
    shared = server.settings
    changes = {"home": tmp_path, "key_ring": shared.key_ring_file, "task_queue": f"swap-{uuid4()}"}
    return shared.model_copy(update=changes)


@pytest.fixture
def swap(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[Procedure]], None]:
    """Puts another class body in the place of R, as a new program would have it there."""

    def put(kind: type[Procedure]) -> None:
        monkeypatch.setitem(PROCEDURES, KEY, kind)
        monkeypatch.setattr(CorporateReputationCase, "procedure", kind)

    return put


def form() -> dict[str, Any]:
    """An invented report of a post."""
    return {
        "submission_token": str(uuid4()),
        "immediate_danger": False,
        "safeguarding_concern": "no",
        "used_personal_account": False,
        "declaration": True,
        "discovered_at": "2026-11-20 10:00",
        "how_came_to_see": "by_chance",
        "post_url": f"https://www.facebook.com/invented.page/posts/{uuid4().int}",
        "platform": "facebook",
        "visibility": "public",
        "description": "A page says that the service never answers its telephone.",
        "channel": "elsewhere",
        "subject_of_post": "service",
        "reach": 40,
        "spread": "static",
        "claim_type": "opinion",
        "contains_case_information": "no",
    }


BECAUSE = "It is an opinion that does nobody any harm."


async def to_the_decision(service: Service, case_id: str) -> list[Receipt]:
    """From the assessment to whoever decides."""
    return [
        await service.act(case_id, "com-1", "sort", classes=["criticism"]),
        await service.act(case_id, "com-1", "recommend_no_response", because=BECAUSE),
    ]


async def test_an_open_case_finishes_under_the_version_it_began_with(
    settings: Settings, client: Client, swap: Callable[[type[Procedure]], None]
) -> None:
    swap(FIRST)
    async with running(settings, client) as before:
        old = (await before.desk.open("R", form(), "fca-1")).case_id

    swap(second_version())
    async with running(settings, client) as after:
        new = (await after.desk.open("R", form(), "fca-1")).case_id

        # The holder: Communications still takes on the old case, only the head the new one.
        refused = await after.act(new, "com-1", "take_on")
        assert (refused.outcome, refused.code) == ("refused", "wrong_role")
        assert (await after.act(old, "com-1", "take_on")).outcome == "applied"
        assert (await after.act(new, "hoc-1", "take_on")).outcome == "applied"

        # The route: sent back to the assessment there, to the very beginning here.
        for case_id, back_at in ((old, "assessing"), (new, "reported")):
            assert {one.outcome for one in await to_the_decision(after, case_id)} == {"applied"}
            sent_back = await after.act(case_id, "hoc-1", "send_back")
            assert (sent_back.outcome, sent_back.state) == ("applied", back_at)

        # The old one goes on to its end.
        assert {one.outcome for one in await to_the_decision(after, old)} == {"applied"}
        assert (await after.act(old, "hoc-1", "approve_no_response")).state == "no_response"

        assert _length(after, old) == _length(after, new) / 2
        assert {one.case_id: one.fault for one in audit.audit(after.ledger)} == {old: "", new: ""}


def _length(service: Service, case_id: str) -> float:
    """Working hours the first step of a case was given."""
    entry = service.ledger.trail(case_id)[0].entry
    (step,) = [duty for duty in entry.opened if duty.duty == "reported"]
    assert step.length is not None
    return step.length.length.total_seconds() / 3600


async def test_without_the_earlier_class_body_its_cases_wait_and_nothing_is_made_of_them(
    settings: Settings, client: Client, swap: Callable[[type[Procedure]], None]
) -> None:
    swap(FIRST)
    async with running(settings, client) as before:
        old = (await before.desk.open("R", form(), "fca-1")).case_id

    forgetful = second_version()
    forgetful.earlier = ()
    swap(forgetful)
    (verdict,) = audit.audit(before.ledger, old)
    assert verdict.fault == "version_missing"
    assert "put that file back" in verdict.said

    swap(FIRST)
    async with running(settings, client) as again:
        assert (await again.act(old, "com-1", "take_on")).outcome == "applied"
