"""Lists of cases in every order, page by page: each case once, what has no time last."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from activities.ledger import Ledger
from activities.register import CaseFilter, Order, _conditions
from activities.tables import register
from models.errors import BadInput
from tests.ledger_fixtures import (  # noqa: F401 - fixtures
    NOW,
    SmallCipher,
    batch,
    cipher_fixture,
    duty,
    ledger_fixture,
    ledger_url_fixture,
    line,
)

HOUR = timedelta(hours=1)
DUES = [None, 5, 1, None, 3, 2, 4, None]
"""Hours until each case's work is due, in the order of opening."""
UNHELD = (1, 2, 5)
"""Numbers of the cases whose work nobody holds."""


@pytest.fixture(autouse=True)
def many(ledger: Ledger) -> None:
    for number, hours in enumerate(DUES, start=1):
        case_id = f"case-{number}"
        due = None if hours is None else NOW + hours * HOUR
        open_work = (duty(due=due, holders=() if number in UNHELD else ("p-ben",)),)
        ledger.append(
            batch(line(1, case_id), case_id=case_id, token=case_id, duties=open_work), NOW
        )


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 20])
def test_what_is_due_first_comes_first_and_no_case_is_lost_between_pages(
    ledger: Ledger, size: int
) -> None:
    found = []
    for offset in range(0, len(DUES) + size, size):
        page = ledger.search(CaseFilter(closed=False), Order.DUE, size, offset)
        assert page.total == len(DUES)
        found += [row.next_due for row in page.rows]

    hours = [None if due is None else (due - NOW) // HOUR for due in found]
    assert hours == [1, 2, 3, 4, 5, None, None, None]


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("case-0a1", ["case-0a1000000000", "case-0a1fffffffff"]),
        ("case-0a1fffffffff", ["case-0a1fffffffff"]),
        ("case-0a2", ["case-0a2000000000"]),
        ("case-0", ["case-0a1000000000", "case-0a1fffffffff", "case-0a2000000000"]),
        ("case-f", []),
        ("rehearsal-0", []),
    ],
)
def test_cases_are_found_by_the_beginning_of_their_reference(
    ledger: Ledger, reference: str, found: list[str]
) -> None:
    for case_id in ("case-0a1000000000", "case-0a1fffffffff", "case-0a2000000000"):
        ledger.append(batch(line(1, case_id), case_id=case_id, token=case_id), NOW)

    rows = ledger.search(CaseFilter(reference=reference), Order.NEWEST, 20, 0).rows
    assert sorted(row.case_id for row in rows) == found


def test_a_reference_is_looked_up_and_not_searched_for(tmp_path: Path) -> None:
    wanted = sa.select(register).where(*_conditions(CaseFilter(reference="case-0a1")))
    with Ledger(f"sqlite:///{tmp_path}/ledger.db", SmallCipher()) as ledger:
        ledger.migrate()
        with ledger._database.read() as connection:
            query = wanted.compile(connection, compile_kwargs={"literal_binds": True})
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()

    assert [step.detail.split(" USING")[0] for step in plan] == ["SEARCH register"]


@pytest.mark.parametrize("order", list(Order))
def test_every_order_shows_each_case_once(ledger: Ledger, order: Order) -> None:
    found = [
        row.case_id
        for offset in (0, 3, 6)
        for row in ledger.search(CaseFilter(), order, 3, offset).rows
    ]
    assert sorted(found) == [f"case-{number}" for number in range(1, len(DUES) + 1)]


def test_work_that_nobody_holds_is_found_and_what_is_due_first_leads(ledger: Ledger) -> None:
    found = ledger.unheld(100)

    # Due in three hours, in five, and at no time.
    assert [one.case_id for one in found] == ["case-5", "case-2", "case-1"]
    assert [one.case_id for one in ledger.unheld(1)] == ["case-5"]


def test_a_clock_that_ran_out_without_a_word_is_found(ledger: Ledger) -> None:
    still = ledger.standing_still(NOW + 2 * HOUR + HOUR / 2, 100)

    assert still == ["case-3", "case-6"]


def test_only_a_notice_that_was_given_up_is_tried_again(ledger: Ledger) -> None:
    ledger.append(batch(line(1, "case-9", tells=3), case_id="case-9", token="case-9"), NOW)
    sent, failed, waiting = ledger.claim_notices(NOW)
    ledger.notice_sent(sent.id, NOW)
    ledger.notice_failed(failed.id, NOW, "refused_by_server", None)
    for other in (sent, waiting):
        with pytest.raises(BadInput, match="given up"):
            ledger.retry_notices([other.id], "adm-1", NOW)

    every = [sent.id, failed.id, waiting.id]
    assert ledger.retry_notices(every, "adm-1", NOW) == (failed.id,)
    assert [one.id for one in ledger.claim_notices(NOW)] == [failed.id]
    assert [deed.by for deed in ledger.deeds()] == ["adm-1"]
