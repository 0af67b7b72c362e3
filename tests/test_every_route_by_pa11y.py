"""Every route of the pages, looked at by pa11y: once a day, and every look there is at night."""

from __future__ import annotations

import pytest

from tests import examining
from tests.routes_help import TODAY, Seeds
from tests.visits import CHROMIUM, needs_chromium


@needs_chromium
@pytest.mark.timeout(300)
async def test_pa11y_finds_nothing_on_any_page(seeds: Seeds) -> None:
    pages = [
        await examining.to_visit(seeds, route, look)
        for route, looks in TODAY.items()
        for look in looks
    ]
    found = await examining.pa11y(str(CHROMIUM), pages)

    assert len(found) == len(pages)
    assert {name: issues for name, issues in found.items() if issues} == {}
