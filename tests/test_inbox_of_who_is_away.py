"""Somebody recorded as away finds no work of theirs, and is told why wherever they look for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.directory_rows import Absence, Delegation
from models.london import london_date, london_day, parse_london
from models.people import Role
from runtime import showing
from runtime.clock import utc_now
from tests.administering_help import apart_fixture  # noqa: F401 - a fixture
from tests.core_help import away, lent, office
from tests.service import Service
from tests.web_help import Browser, plain

TODAY = london_date(utc_now())
WEEK = timedelta(days=7)
CHANGE = "If this is not right, ask an administrator to change it."
AT = parse_london("2026-11-24 10:00")


@pytest.mark.parametrize(
    ("absences", "delegations", "until", "cover"),
    [
        # A row: who is away how long, what else was lent; until when and who covers, in words.
        (
            (away("lm-1", "2026-11-23", "2026-11-27", "lm-2"),),
            (),
            "the end of Fri 27 Nov 2026",
            "Fergus Tallentire (lm-2) covers your work.",
        ),
        (
            (away("lm-1", "2026-11-23", "2026-11-27"),),
            (),
            "the end of Fri 27 Nov 2026",
            "Nobody covers for you, so your work moves up to whoever stands next.",
        ),
        (
            # Cover is not passed on: who is away as well covers nothing.
            (
                away("lm-1", "2026-11-23", "2026-11-27 12:00", "lm-2"),
                away("lm-2", "2026-11-23", "2026-11-27"),
            ),
            (),
            "Fri 27 Nov 2026 12:00 GMT",
            "Nobody covers for you, so your work moves up to whoever stands next.",
        ),
        (
            (away("hop-1", "2026-11-23", "2026-11-27"),),
            (lent("hop-1", "hop-2", Role.SM, first="2026-11-20", last="2026-12-01"),),
            "the end of Fri 27 Nov 2026",
            "may cover part of your work; the rest moves up to whoever stands next.",
        ),
        # Somebody without a role of their own still reports, and is covered in that.
        (
            (away("fca-1", "2026-11-23", "2026-11-27", "lm-1"),),
            (),
            "the end of Fri 27 Nov 2026",
            "Beatrix Olumide (lm-1) covers your work.",
        ),
    ],
)
def test_who_is_away_is_told_until_when_and_who_covers(
    absences: tuple[Absence, ...], delegations: tuple[Delegation, ...], until: str, cover: str
) -> None:
    people = office(absences=absences, delegations=delegations)
    found = people.away(absences[0].person, AT)
    assert found is not None
    said = showing.away(found, showing.People(people))

    assert said.startswith(f"You are recorded as away until {until}. ")
    assert said.endswith(f"{cover} {CHANGE}")


@pytest.mark.parametrize(
    ("person", "when", "why"),
    [
        ("lm-1", "2026-11-22 23:59", "it has not begun"),
        ("lm-1", "2026-11-28 00:00", "it is over"),
        ("lm-2", "2026-11-24 10:00", "the one who covers is here"),
        ("nobody", "2026-11-24 10:00", "the directory does not know them"),
    ],
)
def test_who_is_not_away_is_told_nothing(person: str, when: str, why: str) -> None:
    people = office(absences=(away("lm-1", "2026-11-23", "2026-11-27", "lm-2"),))

    assert people.away(person, parse_london(when)) is None, why


async def test_their_inbox_and_their_cases_say_so(apart: Service) -> None:
    browser = await Browser(apart).sign_in("lm-1")
    before = [plain((await browser.get(path)).text) for path in ("/inbox", "/your-cases")]
    deed = apart.desk.record_absence("adm-1", "lm-1", TODAY, TODAY + WEEK, "lm-2")
    after = [plain((await browser.get(path)).text) for path in ("/inbox", "/your-cases")]
    apart.desk.withdraw_absence("adm-1", deed.seq)
    back = plain((await browser.get("/inbox")).text)
    said = f"You are recorded as away until the end of {london_day(TODAY + WEEK)}."

    assert all(said in one and "(lm-2) covers your work." in one for one in after)
    assert not any("recorded as away" in one for one in (*before, back))


def test_the_inbox_of_the_command_line_says_so_first() -> None:
    people = office(absences=(away("lm-1", "2026-11-23", "2026-11-27", "lm-2"),))
    found = people.away("lm-1", AT)
    first, second = showing.inbox([], "lm-1", showing.People(people), found)

    assert first.startswith("You are recorded as away until the end of Fri 27 Nov 2026.")
    assert second.startswith("Nothing is waiting")
