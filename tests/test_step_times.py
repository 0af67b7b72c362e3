from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import policy
from activities.database import _MIGRATIONS
from activities.figures import InStep, Sums, Wanted
from activities.ledger import Ledger
from activities.tables import noted, stay
from models.case import Fact, Receipt
from models.london import parse_london
from tests.core_help import MINUTE, Play, must
from tests.ledger_fixtures import (
    cipher_fixture,
    intruder,
    ledger_fixture,
    ledger_url_fixture,
)

__all__ = ["cipher_fixture", "ledger_fixture", "ledger_url_fixture"]

HOUR = 3600


class Filed(Play):
    """A case of the core, filed in a ledger as the shell files it."""

    def __init__(self, ledger: Ledger, **given: Any) -> None:
        self.ledger = ledger
        super().__init__(**given)

    def fold(self, fact: Fact) -> Receipt | None:
        turned = self.case.fold(fact)
        self.lines.extend(turned.lines)
        if turned.lines:
            self.ledger.append(self.case.batch(turned.lines), self.now)
        return turned.receipt

    def sums(self, at: datetime | None = None) -> Sums:
        """What is counted of it."""
        return self.ledger.sums(Wanted(), at or self.now, policy.calendar())

    def step(self, state: str) -> InStep:
        """What is counted of one step."""
        return next(one for one in self.sums().steps if one.state == state)


def test_a_stay_is_as_long_as_the_working_time_in_it(ledger: Ledger) -> None:
    play = Filed(ledger, at="2026-11-23 10:00")
    play.until("2026-11-23 16:00")
    must(play.act("lm-1", "start_considering", at=play.now))
    play.until("2026-11-24 10:00")
    must(play.act("lm-1", "agree", at=play.now))

    registered, considering = play.step("registered"), play.step("considering")
    # Monday 10 to 16; then Monday 16 to 17 and Tuesday 9 to 10.
    assert (registered.average, considering.average) == (6 * HOUR, 2 * HOUR)
    assert (registered.left, registered.here, registered.over) == (1, 0, 0)
    # The line manager's eight working hours run through both steps.
    assert registered.allowed == considering.allowed == 8 * HOUR


def test_nights_weekends_and_what_the_case_knows_as_a_holiday_do_not_count(ledger: Ledger) -> None:
    play = Filed(ledger, at="2026-11-20 15:00")
    play.holiday("2026-11-23")
    play.until("2026-11-24 10:00")
    must(play.act("lm-1", "start_considering", at=play.now))
    # Friday 15 to 17 and Tuesday 9 to 10; Monday was proclaimed a holiday.
    assert play.step("registered").average == 3 * HOUR


def test_a_running_stay_counts_up_to_now(ledger: Ledger) -> None:
    play = Filed(ledger, at="2026-11-23 10:00")
    found = next(one for one in play.sums(parse_london("2026-11-23 12:00")).steps)
    assert (found.state, found.left, found.here) == ("registered", 0, 1)
    assert (found.average, found.longest_here) == (None, 2 * HOUR)


def test_a_deadline_that_passes_is_counted_with_the_step_and_the_month(ledger: Ledger) -> None:
    play = Filed(ledger, at="2026-11-30 10:00")
    assert play.step("registered").over == 0
    play.until("2026-12-01 10:01")
    assert play.step("registered").over == 1
    kinds = {(one.kind, one.month): one.number for one in play.sums().months}
    assert kinds == {("opened", "2026-11"): 1, ("escalated", "2026-12"): 1}


@pytest.mark.parametrize(
    ("at", "month"),
    [
        # In July London is an hour ahead of UTC: this is 30 June there.
        ("2026-07-01 00:30", "2026-07"),
        ("2026-11-30 23:59", "2026-11"),
    ],
)
def test_months_are_those_of_london(ledger: Ledger, at: str, month: str) -> None:
    assert [one.month for one in Filed(ledger, at=at).sums().months] == [month]


def test_refusals_are_counted_by_their_code_and_change_no_stay(ledger: Ledger) -> None:
    play = Filed(ledger)
    before = play.step("registered")
    receipt = play.act("fca-2", "agree")
    assert receipt.outcome == "refused"
    found = [(one.code, one.number) for one in play.sums().refusals]
    assert found == [(receipt.code, 1)]
    assert play.step("registered").here == before.here == 1


def test_a_closed_case_is_in_no_step_and_counts_as_closed(ledger: Ledger) -> None:
    play = Filed(ledger, asked_by="party")
    assert play.case.closed
    sums = play.sums()
    assert sums.steps == ()
    assert {one.kind: one.number for one in sums.months} == {"opened": 1, "refused": 1, "closed": 1}
    assert [(one.opened, one.open) for one in sums.standing] == [(1, 0)]


def test_a_batch_filed_twice_is_counted_once(ledger: Ledger, ledger_url: str) -> None:
    play = Filed(ledger)
    must(play.act("lm-1", "start_considering"))
    before = _rows(ledger_url)
    last = tuple(play.lines[-1:])
    ledger.append(play.case.batch(last), play.now + MINUTE)
    assert _rows(ledger_url) == before


def test_cases_are_chosen_by_the_london_day_of_their_opening(ledger: Ledger) -> None:
    play = Filed(ledger, at="2026-07-01 00:30")
    day = play.now.astimezone().date()
    for first, last, number in (
        ("2026-07-01", None, 1),
        ("2026-07-02", None, 0),
        (None, "2026-07-01", 1),
        (None, "2026-06-30", 0),
    ):
        wanted = Wanted.model_validate({"first": first, "last": last})
        found = ledger.sums(wanted, play.now, policy.calendar())
        assert sum(one.opened for one in found.standing) == number, (first, last, day)
        assert len(found.steps) == len(found.months) == number


def _rows(ledger_url: str) -> list[Any]:
    with intruder(ledger_url, guards=True) as connection:
        every: list[Any] = []
        for table in (stay, noted):
            every += connection.execute(sa.select(table).order_by(*table.primary_key)).all()
        return every


def test_what_lies_in_the_ledger_already_is_noted_when_the_tables_are_added(
    ledger: Ledger, ledger_url: str
) -> None:
    play = Filed(ledger, at="2026-11-30 10:00")
    play.act("fca-2", "agree")
    play.until("2026-12-01 10:01")
    must(play.act("hop-1", "start_considering"))
    before, steps = _rows(ledger_url), play.sums().steps
    with intruder(ledger_url, guards=True) as connection:
        for name in ("stay", "noted", "calendar"):
            connection.execute(sa.text(f"DROP TABLE {name}"))
        _add_again(connection)

    after = _rows(ledger_url)
    assert [_lasting(one) for one in after] == [_lasting(one) for one in before]
    # Their calendar lies encrypted: counted on the one of today, the time is the same.
    assert [one.average for one in play.sums().steps] == [one.average for one in steps]


def _lasting(row: Any) -> dict[str, Any]:
    """What a row says that the open part of a trail tells."""
    unknown = ("allowed", "worked", "calendar")
    return {name: value for name, value in row._asdict().items() if name not in unknown}


def _add_again(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    ours = ScriptDirectory.from_config(config).get_revision("0006")
    assert ours is not None
    with Operations.context(MigrationContext.configure(connection)):
        ours.module.upgrade()
