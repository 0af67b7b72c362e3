"""A day that administrators close: shown case by case, confirmed by a second person, brought home."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

import policy
from activities.evidence_blobs import Damaged
from activities.ledger import Ledger
from models.administration import CalendarProposed
from models.case import Kind
from models.errors import BadInput, Refused
from models.london import london_date
from runtime import calendar_changes
from runtime.calendar_changes import News
from runtime.clock import utc_now
from tests.administering_help import (
    apart_fixture,  # noqa: F401 - a fixture
    next_open_day,
)
from tests.ledger_fixtures import (  # noqa: F401 - fixtures
    cipher_fixture,
    intruder,
    ledger_fixture,
    ledger_url_fixture,
)
from tests.service import Service

WHY = "Proclaimed by the King in Council, as the government's own list says."


def worked_out(service: Service, number: int) -> str:
    """Work everything out; the digest of what is shown then."""
    while service.desk.work_out(number):
        pass
    return service.desk.shown(number).digest


async def tell(service: Service) -> None:
    """Let the worker's job bring every confirmed day to every case."""
    news = News(service.client, service.ledger, service.settings.task_queue)
    while await news.once():
        pass


async def test_a_closed_day_moves_open_deadlines_as_it_was_shown_and_new_cases_have_it(
    apart: Service,
) -> None:
    case_id, closed = await apart.open(), await apart.open()
    await apart.complete(closed)
    [duty] = apart.ledger.duties(case_id)
    assert duty.due is not None
    day, before = london_date(duty.due), apart.desk.calendar
    change = apart.desk.propose_calendar("adm-1", day, "Royal wedding", WHY)
    digest = worked_out(apart, change.seq)
    shown = apart.desk.shown(change.seq)
    mine = {row.case_id: row for row in shown.rows}

    assert closed not in mine
    move = next(one for one in mine[case_id].moves if one.duty == duty.duty)
    assert move.old == duty.due
    assert move.new > move.old
    assert apart.ledger.duties(case_id)[0].due == duty.due, "looking moves nothing"
    assert apart.desk.calendar == before

    apart.desk.confirm_calendar("adm-2", change.seq, digest)
    await tell(apart)
    entry = apart.ledger.trail(case_id)[-1].entry
    [row] = apart.ledger.recalculations(change.seq, only=case_id)
    tally = apart.ledger.tally(change.seq)

    assert entry.kind is Kind.RECALCULATED
    assert entry.actor == "adm-2"
    assert apart.ledger.duties(case_id)[0].due == move.new
    assert row.code == "as_shown"
    assert tally.done == tally.cases
    assert apart.desk.calendar.version.startswith(f"{policy.calendar().version}+")
    newer = await apart.open()
    [pinned] = [line.private.fact for line in apart.ledger.trail(newer)][:1]
    assert pinned is not None
    assert pinned.kind == "opened"
    assert pinned.pins.calendar.why_closed(day) == "Royal wedding"
    again = len(apart.ledger.trail(case_id))
    await tell(apart)
    assert len(apart.ledger.trail(case_id)) == again, "told once"


async def test_the_second_administrator_is_another_person_and_confirms_what_was_shown(
    apart: Service,
) -> None:
    await apart.open()
    change = apart.desk.propose_calendar("adm-1", next_open_day(apart), "State funeral", WHY)
    with pytest.raises(BadInput, match="not what would be confirmed"):
        apart.desk.confirm_calendar("adm-2", change.seq, apart.desk.shown(change.seq).digest)
    digest = worked_out(apart, change.seq)
    with pytest.raises(Refused, match="another administrator"):
        apart.desk.confirm_calendar("adm-1", change.seq, digest)
    with pytest.raises(Refused, match="administrators"):
        apart.desk.confirm_calendar("lm-1", change.seq, digest)
    with pytest.raises(BadInput, match="not what would be confirmed"):
        apart.desk.confirm_calendar("adm-2", change.seq, "0" * 64)
    assert apart.desk.proposal(change.seq).waiting

    apart.desk.drop_calendar("adm-1", change.seq)
    with pytest.raises(BadInput, match="given up already"):
        apart.desk.confirm_calendar("adm-2", change.seq, digest)


async def test_another_day_confirmed_meanwhile_makes_what_was_shown_worth_nothing(
    apart: Service,
) -> None:
    case_id = await apart.open()
    first = apart.desk.propose_calendar("adm-1", next_open_day(apart), "First day", WHY)
    later = next_open_day(apart, 8)
    second = apart.desk.propose_calendar("adm-1", later, "Second day", WHY)
    one, two = worked_out(apart, first.seq), worked_out(apart, second.seq)
    apart.desk.confirm_calendar("adm-2", first.seq, one)

    with pytest.raises(BadInput, match="not what would be confirmed"):
        apart.desk.confirm_calendar("adm-2", second.seq, two)
    assert worked_out(apart, second.seq) != two
    apart.desk.drop_calendar("adm-2", second.seq)
    await tell(apart)
    assert apart.ledger.recalculations(first.seq, only=case_id)[0].code in ("as_shown", "otherwise")


async def test_a_case_that_does_not_answer_is_tried_again(
    apart: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await apart.open()
    change = apart.desk.propose_calendar("adm-1", None, "The calendar as it is now", WHY)
    digest = worked_out(apart, change.seq)
    apart.desk.confirm_calendar("adm-2", change.seq, digest)
    await apart.handle(case_id).terminate()
    monkeypatch.setattr(calendar_changes, "AGAIN", timedelta(0))
    # What other tests confirmed shall not reach this case first.
    monkeypatch.setattr(calendar_changes, "LATECOMERS", timedelta(0))
    news = News(apart.client, apart.ledger, apart.settings.task_queue)
    await news.once()
    [row] = apart.ledger.recalculations(change.seq, only=case_id)
    assert (row.code, row.status) == ("started_again", "waiting")

    while apart.ledger.recalculations(change.seq, only=case_id)[0].status != "done":
        await news.once()
    [row] = apart.ledger.recalculations(change.seq, only=case_id)
    assert row.tries > 1


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 12, 25), "closed already: Christmas Day"),
        (date(2026, 12, 26), "closed already: Saturday"),
        (date(2020, 3, 3), "past"),
        (date(2099, 3, 3), "the calendar ends on"),
    ],
)
def test_a_day_that_cannot_be_closed_is_not_proposed(apart: Service, day: date, said: str) -> None:
    with pytest.raises(BadInput) as wrong:
        apart.desk.propose_calendar("adm-1", day, "Some day", WHY)
    assert said in " ".join(wrong.value.problems)


def test_only_administrators_propose(apart: Service) -> None:
    with pytest.raises(Refused, match="administrators"):
        apart.desk.propose_calendar("own-1", next_open_day(apart), "Some day", WHY)


def test_who_writes_in_the_list_of_deeds_afterwards_is_found(
    ledger: Ledger, ledger_url: str
) -> None:
    for day in (date(2027, 3, 3), date(2027, 3, 4)):
        what = CalendarProposed(day=day, name="Some day", why=WHY)
        ledger.note(what, "adm-1", utc_now(), reason="canary-in-the-reason")
    assert ledger.check_deeds() == 2
    assert ledger.reason_of(1) == "canary-in-the-reason"
    with intruder(ledger_url) as connection:
        changed = "UPDATE administered SET body = replace(body, '03-04', '03-05') WHERE seq = 2"
        connection.execute(sa.text(changed))

    with pytest.raises(Damaged, match="changed after it was written"):
        ledger.check_deeds()


def test_the_database_itself_refuses_to_change_a_deed(ledger: Ledger, ledger_url: str) -> None:
    ledger.note(CalendarProposed(day=None, name="Only that", why=WHY), "adm-1", utc_now())
    for change in ("UPDATE administered SET body = '{}'", "DELETE FROM administered"):
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            intruder(ledger_url, guards=True) as connection,
        ):
            connection.execute(sa.text(change))
