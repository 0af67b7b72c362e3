"""A closed case in the browsers of those who look after it and check it: administrator, auditor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

from procedures.registry import by_name
from tests.visits import Visit

ADMINISTRATOR, AUDITOR = "adm-1", "aud-1"
GREEN = "rgb(15, 122, 82)"
LONG = 20
"""Letters from which on a text that somebody typed could be nothing else by accident."""


def typed(given: Any) -> Iterator[str]:
    """The sentences in what somebody filled in."""
    if isinstance(given, str) and len(given) >= LONG and " " in given:
        yield given
    elif isinstance(given, dict | list):
        for inner in given.values() if isinstance(given, dict) else given:
            yield from typed(inner)


async def administered(visit: Visit, case_id: str, code: str, sentences: set[str]) -> None:
    """An administrator searches for the case, and reads on its page nothing that anybody wrote."""
    await visit.sign_in(ADMINISTRATOR)
    assert visit.page.url.endswith("/administer"), "their work begins there"
    await visit.press("Cases")
    await visit.page.select_option("#procedure", by_name(code).key)
    await visit.page.select_option("#status", "closed")
    await visit.page.select_option("#sort", "newest")
    await visit.press("Search")
    await visit.press(case_id)
    said = await visit.page.inner_text("main")
    assert "Reasons and answers are not for you" in said
    assert "No work is open" in said
    assert {one for one in sentences if one in said} == set(), "only codes, times and people"
    assert await visit.page.locator("a[href*='/act/']").count() == 0, "they can never decide"


async def audited(
    visit: Visit, case_id: str, story: list[tuple[str, str]], reason: str
) -> dict[str, Any]:
    """An auditor reads it, steps back, verifies it and takes it away; its row of the manifest.

    `story` is what was done, in words, and the id of who did it, from the first entry to the last.
    """
    await visit.sign_in(AUDITOR)
    await visit.page.locator("summary", has_text="Narrow what is listed").click()
    await visit.page.fill("#case", case_id)
    await visit.press("Show cases")
    await visit.press(case_id)
    await _the_trail_tells(visit, story, reason)
    await _an_entry_back(visit, case_id)
    await _verified(visit)
    await visit.goto(f"/audit/case/{case_id}")
    await visit.press("Take its evidence bundle")
    return await _taken(visit, case_id)


async def _the_trail_tells(visit: Visit, story: list[tuple[str, str]], reason: str) -> None:
    entries = [await one.inner_text() for one in await visit.page.locator(".app-entry").all()]
    heads = [entry.partition("\n\n") for entry in entries]
    assert [int(head.partition(".")[0]) for head, _, _ in heads] == [*range(1, len(heads) + 1)]
    # That cases look alike is noted by the system, whenever others were opened before.
    ours = [one for one in heads if "the system" not in one[2].partition("\n")[0]]
    for (head, _, rest), (label, who) in zip(ours, story, strict=True):
        assert head.partition(". ")[2].removesuffix(" (reconstructed)") == label
        assert f"({who})" in rest.partition("\n")[0], (rest, who)
    assert reason in await visit.page.inner_text("main"), "auditors read the reasons"


async def _an_entry_back(visit: Visit, case_id: str) -> None:
    await visit.press("See how it stands now, with the diagram")
    number, _, last = (await visit.page.inner_text("h1")).rpartition("entry ")[2].partition(" of ")
    assert number == last
    await visit.page.locator("a[rel=prev]").click()
    await visit.look()
    assert f"after entry {int(last) - 1} of {last}" in await visit.page.inner_text("h1")
    assert await visit.page.locator("h2", has_text="Where it stood").count() == 1
    assert await visit.page.locator("h2", has_text="In the diagram").count() == 1
    await visit.goto(f"/audit/case/{case_id}")


async def _verified(visit: Visit) -> None:
    await visit.press("Verify it")
    await visit.press("Verify")
    # The page asks again by itself, with JavaScript or without, until the verification has ended.
    await visit.page.locator(".app-verdict").wait_for()
    await visit.look()
    verdict = visit.page.locator(".app-verdict")
    assert "Everything agrees" in await verdict.inner_text()
    colour = await verdict.evaluate("one => getComputedStyle(one).borderLeftColor")
    assert colour == GREEN


async def _taken(visit: Visit, case_id: str) -> dict[str, Any]:
    async with visit.page.expect_download() as coming:
        await visit.page.get_by_role("button", name="Take the bundle").click()
    download = await coming.value
    assert download.suggested_filename == f"OFFICIAL-SENSITIVE-bundle-{case_id}.zip"
    with ZipFile(await download.path()) as bundle:
        assert bundle.testzip() is None
        manifest = json.loads(bundle.read("manifest.json"))
        assert {*manifest["files"], "manifest.json", "SHA256SUMS"} == set(bundle.namelist())
    assert manifest["made"]["by"] == AUDITOR
    [row] = manifest["cases"]
    return dict(row)


async def looks_listed(visit: Visit, case_id: str) -> list[tuple[str, str]]:
    """Who looked and at what, as the auditor's page lists it; the list must hang together."""
    await visit.goto(f"/audit/case/{case_id}/looks")
    assert "none was changed or taken out" in await visit.page.inner_text("main")
    rows = await visit.page.locator("tbody tr").all()
    cells = [await row.locator("td").all_inner_texts() for row in rows]
    return [(who, what) for _, who, what in cells]
