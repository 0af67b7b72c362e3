"""Journeys in real Chromium, each ending in a checked trail; pictures for a person in var/pages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser

from procedures.registry import by_name
from runtime import audit
from tests import usual
from tests.nightly import NIGHTLY
from tests.service import Service
from tests.visits import NARROW, WIDE, needs_chromium, visiting

pytestmark = needs_chromium


@dataclass(frozen=True)
class Road:
    """The shortest honest road of a procedure: who reports, who does what, and where it ends."""

    by: str
    deeds: tuple[tuple[str, str, dict[str, object]], ...]
    ends: str


NO = {"do": False}
ROADS = {
    "E": Road(
        "fca-2",
        (
            ("lm-1", "take_on", {}),
            ("hrbp-1", "acknowledge", {}),
            ("lm-1", "classify_harassment", {}),
            ("hsi-1", "record_incident", {}),
            ("lm-1", "speak", {}),
            ("lm-1", "assess_safety", {}),
            ("lm-1", "agree_plan", {}),
            ("hrbp-1", "agree_plan", {}),
            ("hrbp-1", "close", {}),
            ("lm-1", "close", {}),
        ),
        "closed_managed",
    ),
    "R": Road(
        "fca-1",
        (
            ("com-1", "take_on", {}),
            ("com-1", "sort", {}),
            ("com-1", "recommend_no_response", {}),
            ("hoc-1", "approve_no_response", {}),
        ),
        "no_response",
    ),
    "C": Road(
        "fca-1",
        (
            ("lm-1", "choose_route", {}),
            ("lm-1", "advise_as_manager", {}),
            (
                "lm-1",
                "decide",
                {
                    "verdict": "not_a_breach",
                    "why_no_breach": "about_something_else",
                    "case_note": "CN-0001",
                    "tell_court": NO,
                    "tell_parties": NO,
                    "parties": [],
                    "ask_removal": NO,
                },
            ),
        ),
        "no_breach",
    ),
    "D": Road(
        "fca-1",
        (
            ("lm-1", "start_considering", {}),
            ("lm-1", "agree", {}),
            ("com-1", "arrange_account", {}),
            ("fca-1", "complete", {}),
            ("fca-1", "file_report", {}),
            ("com-1", "close_access", {}),
        ),
        "completed",
    ),
}
"""By the letter of the procedure."""

EVERY_DAY = [("E", False, NARROW), ("R", True, NARROW), ("C", False, WIDE), ("D", True, WIDE)]
WAYS = [(code, script, NARROW) for code in ROADS for script in (True, False)]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("code", "script", "width"), WAYS if NIGHTLY else EVERY_DAY)
async def test_a_case_goes_from_its_report_to_its_end_in_a_browser(  # noqa: PLR0913  # one a way
    office: Service, chromium: Browser, address: str, code: str, *, script: bool, width: int
) -> None:
    road = ROADS[code]
    name = f"{by_name(code).key}-{'script' if script else 'plain'}-{width}"
    async with visiting(chromium, address, name, script=script, width=width) as visit:
        await visit.sign_in(road.by)
        case_id = await visit.report(code, usual.intake(code))
        signed_in = road.by
        for who, act, changes in road.deeds:
            if who != signed_in:
                await visit.sign_in(who)
                signed_in = who
            await visit.act(case_id, code, act, usual.fields(code, act, **changes))

    await _trail_says(office, case_id, code)


async def _trail_says(service: Service, case_id: str, code: str) -> None:
    """Every entry is what somebody did in the browser, in that order, and the whole audits."""
    road, acts = ROADS[code], by_name(code).acts
    # That cases look alike is noted by the system, whenever others were opened before.
    entries = [one.entry for one in service.desk.trail(case_id) if one.entry.actor != "system"]
    done = [(one.actor, one.act) for one in entries]
    asked = [(who, acts[act].code) for who, act, _ in road.deeds]
    assert [entries[0].kind, done[0][0], done[1:]] == ["opened", road.by, asked]
    assert {one.kind for one in entries[1:]} <= {"applied", "first_of_two"}
    assert entries[-1].after == road.ends
    assert service.desk.show(case_id).case.closed
    [found] = await asyncio.to_thread(lambda: list(audit.audit(service.ledger, case_id)))
    assert found.ok, found.fault
