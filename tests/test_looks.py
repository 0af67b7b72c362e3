"""Who looked at a case: recorded once, chained, checked (SD14)."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from activities.ledger import Ledger
from activities.looks import LooksVerdict
from models.london import london
from models.looked import LISTS, Door, Look, Seen
from models.people import Role
from tests.ledger_fixtures import (
    NOW,
    SmallCipher,
    cipher_fixture,
    ledger_fixture,
    ledger_url_fixture,
)

__all__ = ["cipher_fixture", "ledger_fixture", "ledger_url_fixture"]


def look(case_id: str = "case-1", person: str | None = "lm-1") -> Look:
    return Look(
        case_id=case_id,
        person=person,
        role=Role.LM,
        seen=Seen.CASE,
        door=Door.PAGES,
        at=NOW,
        london=london(NOW),
    )


def verdicts(ledger: Ledger) -> dict[str, LooksVerdict]:
    return {one.case_id: one for one in ledger.looks.checked()}


def test_looks_come_back_in_order_and_each_case_has_a_chain_of_its_own(ledger: Ledger) -> None:
    ledger.looks.note(look(), look("case-2"), look(person="fca-1"))
    ledger.looks.note(look(person=None).model_copy(update={"account": "night-shift"}))

    found = ledger.looks.of("case-1")
    assert [(one.seq, one.person) for one in found] == [(1, "lm-1"), (2, "fca-1"), (3, None)]
    assert found[2].account == "night-shift"
    assert {case: one.looks for case, one in verdicts(ledger).items()} == {"case-1": 3, "case-2": 1}
    assert all(one.ok for one in verdicts(ledger).values())


def test_eight_threads_at_once_lose_no_look(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ledger.looks.note(look()), range(40)))

    assert [one.seq for one in ledger.looks.of("case-1")] == list(range(1, 41))
    assert verdicts(ledger)["case-1"].ok


@pytest.mark.parametrize("change", ["UPDATE looked SET body = '{}'", "DELETE FROM looked"])
def test_the_database_itself_refuses_to_change_a_look(
    ledger: Ledger, ledger_url: str, change: str
) -> None:
    ledger.looks.note(look())
    engine = sa.create_engine(ledger_url)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append-only"):
        connection.execute(sa.text(change))
    engine.dispose()


@pytest.fixture
def spoilt(tmp_path: Path) -> Callable[[str], LooksVerdict]:
    """What a check says of three looks once somebody past the triggers has run some SQL."""

    def spoil(change: str) -> LooksVerdict:
        file = tmp_path / "ledger.db"
        with Ledger(f"sqlite:///{file}", SmallCipher()) as ledger:
            ledger.migrate()
            ledger.looks.note(look(), look(person="fca-1"), look(person="leg-1"))
        copy = tmp_path / "copy.db"
        with sqlite3.connect(file) as here:
            here.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(file, copy)
        with sqlite3.connect(copy) as there:
            for name in ("changes", "leaves", "replaced"):
                there.execute(f"DROP TRIGGER looked_never_{name}")
            there.executescript(change)
        with Ledger(f"sqlite:///{copy}", SmallCipher()) as ledger:
            return next(ledger.looks.checked())

    return spoil


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("SELECT 1", None),
        ("UPDATE looked SET body = replace(body, 'fca-1', 'fca-2') WHERE seq = 2", 2),
        ("UPDATE looked SET body = 'no json' WHERE seq = 1", 1),
        ("DELETE FROM looked WHERE seq = 2", 2),
        ("DELETE FROM looked WHERE seq = 3", 3),
        ("DELETE FROM looked", 1),
        ("UPDATE looked_head SET seq = 2", 3),
        ("DELETE FROM looked_head", 1),
        ("UPDATE looked SET case_id = 'case-9' WHERE seq = 1", 1),
    ],
)
def test_each_way_of_hiding_a_look_is_found(
    spoilt: Callable[[str], LooksVerdict], change: str, broken: int | None
) -> None:
    assert spoilt(change).broken_seq == broken


# --- a page of them -----------------------------------------------------------------------------


@pytest.fixture
def five(tmp_path: Path) -> Callable[[str], Ledger]:
    """A ledger with five looks, in which somebody past the triggers has run some SQL."""

    def spoil(change: str) -> Ledger:
        file = tmp_path / "ledger.db"
        with Ledger(f"sqlite:///{file}", SmallCipher()) as ledger:
            ledger.migrate()
            ledger.looks.note(*[look(LISTS, f"fca-{one}") for one in range(1, 6)])
            ledger.looks.note(look("case-1"))
        with sqlite3.connect(file) as there:
            for name in ("changes", "leaves", "replaced"):
                there.execute(f"DROP TRIGGER looked_never_{name}")
            there.executescript(change)
        return Ledger(f"sqlite:///{file}", SmallCipher())

    return spoil


OTHER = "replace(body, 'fca-', 'fcb-')"
COPIED = (
    "INSERT INTO looked SELECT case_id, 6, replace(body, '\"seq\":5', '\"seq\":6'), hash, hash"
    " FROM looked WHERE case_id = 'lists' AND seq = 5"
)


@pytest.mark.parametrize(
    ("change", "pages"),
    [
        # Two on a page, the newest first: what is shown, and where it does not hold.
        ("SELECT 1", [([5, 4], None), ([3, 2], None), ([1], None), ([], None)]),
        # Each page finds what was done on it, and not what was done on another.
        (f"UPDATE looked SET body = {OTHER} WHERE seq = 2", [([5, 4], None), ([3, 2], 2)]),
        # The one before the page is missing: the page's first hangs on nothing.
        ("DELETE FROM looked WHERE seq = 3", [([5, 4], 4), ([2], 3)]),
        ("DELETE FROM looked WHERE seq = 5", [([4], 5), ([3, 2], None)]),
        ("DELETE FROM looked", [([], 4), ([], 2), ([], 1)]),
        # One more than the head knows of.
        (COPIED, [([6, 5, 4], 6), ([3, 2], None)]),
        (f"UPDATE looked_head SET hash = '{'0' * 64}'", [([5, 4], 5), ([3, 2], None)]),
        ("DELETE FROM looked_head", [([5, 4, 3, 2, 1], 1)]),
        # What says nothing any more is left out and told of.
        ("UPDATE looked SET body = 'no json' WHERE seq = 4", [([5], 4)]),
    ],
)
def test_a_page_of_looks_is_checked_as_far_as_it_reaches(
    five: Callable[[str], Ledger], change: str, pages: list[tuple[list[int], int | None]]
) -> None:
    with five(change) as ledger:
        found = [ledger.looks.newest(LISTS, 2, 2 * number) for number in range(len(pages))]

    assert [([look.seq for look in one.looks], one.broken_seq) for one in found] == pages


def test_looks_at_lists_and_at_cases_are_chains_of_their_own(ledger: Ledger) -> None:
    ledger.looks.note(look(LISTS), look("case-1"))

    assert ledger.looks.chains() == {LISTS, "case-1"}
    assert all(one.ok for one in verdicts(ledger).values())
