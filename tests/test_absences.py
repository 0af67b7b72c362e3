"""Absences that administrators record: validated as the file is, and felt by open cases."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import pytest

from models.administration import AbsenceRecorded
from models.errors import BadInput, Refused
from models.london import london_date
from runtime import people_watch, staffing
from runtime.clock import utc_now
from runtime.deeds import Deeds
from runtime.staffing import Staffing
from tests.administering_help import apart_fixture  # noqa: F401 - a fixture
from tests.service import Service

TODAY = london_date(utc_now())
WEEK = timedelta(days=7)


async def test_a_recorded_absence_makes_the_delegate_hold_the_work_of_an_open_case(
    apart: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_watch, "EVERY", 0.05)
    case_id = await apart.open()
    assert [one.person for one in apart.ledger.duties(case_id)[0].holders] == ["lm-1"]
    watch = asyncio.create_task(
        people_watch.run(apart.client, apart.ledger, lambda: apart.desk.directory)
    )
    await asyncio.sleep(0.2)
    deed = apart.desk.record_absence("adm-1", "lm-1", TODAY, TODAY + WEEK, "lm-2")
    for _ in range(100):
        if len(apart.ledger.trail(case_id)) > 1:
            break
        await asyncio.sleep(0.05)
    [holder] = apart.ledger.duties(case_id)[0].holders

    assert (holder.person, holder.on_behalf_of) == ("lm-2", "lm-1")
    receipt = await apart.act(case_id, "lm-2", "start_considering")
    assert receipt.outcome == "applied"

    apart.desk.withdraw_absence("adm-2", deed.seq)
    for _ in range(100):
        [holder] = apart.ledger.duties(case_id)[0].holders
        if holder.person == "lm-1":
            break
        await asyncio.sleep(0.05)
    watch.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watch
    assert holder.person == "lm-1", "who came back early holds their work again"


@pytest.mark.parametrize("person", ["lm-1", "aud-1", "fca-1"])
def test_only_an_administrator_records_who_is_away(apart: Service, person: str) -> None:
    with pytest.raises(Refused, match="administrators"):
        apart.desk.record_absence(person, "lm-2", TODAY, TODAY)
    with pytest.raises(Refused, match="administrators"):
        apart.desk.withdraw_absence(person, 1)


@pytest.mark.parametrize(
    ("person", "days", "delegate", "said"),
    [
        ("lm-2", (0, 3), "lm-2", "nobody covers for themself"),
        ("lm-2", (3, 0), None, "correct one of the two"),
        ("com-1", (0, 3), "fca-1", "may not act as COM"),
        ("lm-2", (-9, -3), None, "today or later"),
    ],
)
def test_an_absence_that_the_file_would_not_take_is_not_recorded_either(
    apart: Service, person: str, days: tuple[int, int], delegate: str | None, said: str
) -> None:
    before = apart.ledger.deeds()
    first, last = (TODAY + timedelta(days=one) for one in days)
    with pytest.raises(BadInput) as wrong:
        apart.desk.record_absence("adm-1", person, first, last, delegate)

    assert said in " ".join(wrong.value.problems)
    assert apart.ledger.deeds() == before


def test_two_absences_at_the_same_time_are_one_too_many(apart: Service) -> None:
    deed = apart.desk.record_absence("adm-1", "hsi-1", TODAY, TODAY + WEEK)
    with pytest.raises(BadInput) as wrong:
        apart.desk.record_absence("adm-1", "hsi-1", TODAY + WEEK, TODAY + WEEK)
    assert "another absence" in " ".join(wrong.value.problems)

    apart.desk.withdraw_absence("adm-1", deed.seq)
    with pytest.raises(BadInput, match="no such absence"):
        apart.desk.withdraw_absence("adm-1", deed.seq)
    again = apart.desk.record_absence("adm-1", "hsi-1", TODAY + WEEK, TODAY + WEEK)
    apart.desk.withdraw_absence("adm-1", again.seq)


def test_the_file_wins_and_what_no_longer_fits_it_is_left_out_and_said(
    apart: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staffing, "EVERY", 0.0)
    file = apart.desk.directory
    gone = AbsenceRecorded(person="nobody-1", first=TODAY, last=TODAY)
    bad = apart.ledger.note(gone, "adm-1", utc_now())
    good = apart.desk.record_absence("adm-1", "com-1", TODAY, TODAY)
    staff = Staffing(lambda: file, Deeds(apart.ledger))
    before = len(file.absences)
    found = staff()

    assert bad.seq in staff.left_out
    assert good.seq not in staff.left_out
    assert len(found.absences) >= before
    assert any(one.person == "com-1" for one in found.absences)
    apart.desk.withdraw_absence("adm-1", good.seq)
    apart.desk.withdraw_absence("adm-1", bad.seq)
