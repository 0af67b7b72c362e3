"""Journeys in real Chromium, each ending in a checked trail; pictures for a person in var/pages.

In each, all four kinds of people take part: who reports and who decides, an administrator who finds
the closed case and an auditor who checks it.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser

from models.case import Entry
from procedures.registry import by_name
from runtime import audit
from tests import overseeing, usual
from tests.nightly import NIGHTLY
from tests.service import Service
from tests.visits import NARROW, WIDE, Visit, needs_chromium, visiting

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
async def test_a_case_goes_from_its_report_to_its_end_and_is_checked_in_a_browser(  # noqa: PLR0913  # one a way
    office: Service, chromium: Browser, address: str, code: str, *, script: bool, width: int
) -> None:
    name = f"{by_name(code).key}-{'script' if script else 'plain'}-{width}"
    async with visiting(chromium, address, name, script=script, width=width) as visit:
        case_id, sentences = await _gone(visit, code)
        await overseeing.administered(visit, case_id, code, sentences)
        manifest = await overseeing.audited(visit, case_id, _story(code), usual.reason(code))
        looks = await overseeing.looks_listed(visit, case_id)

    [entry, *_] = await _trail_says(office, case_id, code)
    assert (manifest["state"], manifest["closed"]) == (ROADS[code].ends, True)
    assert manifest["checked_when_made"] == "nothing differs"
    assert manifest["head"] == office.desk.show(case_id).case.head
    assert entry.case_id == case_id
    _all_are_seen(looks, code)


async def _gone(visit: Visit, code: str) -> tuple[str, set[str]]:
    """The case that went down its road, and every sentence that somebody typed on the way."""
    road, form = ROADS[code], usual.intake(code)
    await visit.sign_in(road.by)
    case_id = await visit.report(code, form)
    await visit.press("Look at the case")
    sentences = {usual.reason(code), *overseeing.typed(form)}
    signed_in = road.by
    for who, act, changes in road.deeds:
        if who != signed_in:
            await visit.sign_in(who)
            signed_in = who
        given = usual.fields(code, act, **changes)
        sentences |= set(overseeing.typed(given))
        await visit.act(case_id, code, act, given)
    return case_id, sentences


def _story(code: str) -> list[tuple[str, str]]:
    """What an auditor should read of it: what was done, and the id of who did it."""
    kind, road = by_name(code), ROADS[code]
    done = [(kind.opening, road.by), *((act, who) for who, act, _ in road.deeds)]
    return [(f"{kind.acts[act].label} ({kind.acts[act].code})", who) for act, who in done]


def _all_are_seen(looks: list[tuple[str, str]], code: str) -> None:
    """Everybody who took part is in the list of looks, each with what they were shown."""
    road = ROADS[code]
    seen = {(who, what) for one, what in looks for who in _IDS.findall(one)}
    workers = {road.by, *(who for who, _, _ in road.deeds)}
    wanted = {(who, "the case, in the pages") for who in workers | {overseeing.ADMINISTRATOR}}
    wanted |= {(who, "the form of an act, in the pages") for who, _, _ in road.deeds}
    wanted |= {(overseeing.AUDITOR, f"{what}, in the pages") for what in AUDITED}
    assert seen == wanted


_IDS = re.compile(r"\(([a-z]+-[0-9]+)\)")
AUDITED = (
    "the trail",
    "how it stood earlier",
    "verified it",
    "took the evidence bundle",
    "who looked",
)


async def _trail_says(service: Service, case_id: str, code: str) -> list[Entry]:
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
    return entries
