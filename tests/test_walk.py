"""The walk for newcomers can be followed: the same way is gone, and its page names every step."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser

from procedures.registry import by_name
from runtime import audit
from runtime.settings import PROJECT
from tests import walk
from tests.service import Service
from tests.visits import needs_chromium, visiting

PAGE = PROJECT / "docs" / "walk.md"
SMALL = 60_000
"""Bytes that a picture may have."""


@needs_chromium
@pytest.mark.timeout(240)
async def test_the_walk_leads_to_a_closed_case_that_verifies(
    office: Service, chromium: Browser, address: str, tmp_path: Path
) -> None:
    async with visiting(chromium, address, "walk", script=True, width=walk.SIZE[0]) as visit:
        walked = walk.Walk(visit, tmp_path)
        case_id = await walk.go(walked)

    # That cases look alike is noted by the system, whenever others were opened before.
    entries = [one.entry for one in office.desk.trail(case_id) if one.entry.actor != "system"]
    assert [(one.actor, one.act) for one in entries] == walk.TRAIL
    assert entries[-1].after == "no_breach"
    assert office.desk.show(case_id).case.closed
    [found] = await asyncio.to_thread(lambda: list(audit.audit(office.ledger, case_id)))
    assert found.ok, found.fault
    looks = {look.person for look in office.desk.looks(case_id)}
    assert "aud-1" in looks, "that an auditor read it is recorded"

    said = PAGE.read_text()
    words = {one for one in walked.pressed if one != case_id}
    assert [one for one in words if f"**{one}**" not in said] == [], "the page names every step"
    assert [one for one in walked.people if f"`{one}`" not in said] == []
    assert pictures_of(said) == walked.pictures


def pictures_of(said: str) -> list[str]:
    return re.findall(r"!\[[^\]]{20,}\]\(walk/([^)]+)\)", said)


def test_every_picture_is_there_is_small_and_says_in_words_what_it_shows() -> None:
    names = pictures_of(PAGE.read_text())
    there = sorted(file.name for file in walk.PICTURES.iterdir())

    assert names == there
    for name in names:
        file = walk.PICTURES / name
        assert file.stat().st_size < SMALL, name
        with Image.open(file) as picture:
            assert (picture.mode, picture.size) == ("P", walk.SIZE), name


def test_the_acts_of_the_walk_are_those_of_the_procedure() -> None:
    known = set(by_name(walk.CODE).acts_by_code)

    assert {act for _, act in walk.TRAIL} - known == set()
