"""Notices: written with their cause, delivered at least once, however many relays there are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from activities.outbox import NoticeStatus
from models.people import Role
from tests.ledger_fixtures import (  # noqa: F401 - fixtures
    NOW,
    batch,
    cipher_fixture,
    ledger_fixture,
    ledger_url_fixture,
    line,
)

if TYPE_CHECKING:
    from activities.ledger import Ledger
    from activities.outbox import Notice

_MINUTE = timedelta(minutes=1)


def _told(ledger: Ledger, people: int = 1) -> list[Notice]:
    ledger.append(batch(line(1, tells=people)), NOW)
    return ledger.outbox()


def test_an_entry_causes_one_notice_for_each_person_told(ledger: Ledger) -> None:
    notices = _told(ledger, 2)
    assert {one.id for one in notices} == {"case-1:1:1", "case-1:1:2"}
    assert {one.person for one in notices} == {"p-0", "p-1"}
    first = notices[0]
    assert (first.role, first.what, first.about, first.clause) == (
        Role.LM,
        "decide",
        "Agree",
        "2.13",
    )
    assert (first.status, first.attempts, first.sent_at) == (NoticeStatus.WAITING, 0, None)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, ["case-2:1:1", "case-1:1:2", "case-1:1:1"]),
        ({"person": "p-0"}, ["case-2:1:1", "case-1:1:1"]),
        ({"person": "p-0", "case_id": "case-1"}, ["case-1:1:1"]),
        ({"status": NoticeStatus.SENT}, ["case-1:1:2"]),
        ({"limit": 1, "offset": 1}, ["case-1:1:2"]),
    ],
)
def test_the_outbox_lists_newest_first_what_is_asked(
    ledger: Ledger, wanted: dict[str, str], ids: list[str]
) -> None:
    _told(ledger, 2)
    ledger.append(batch(line(1, "case-2", tells=1), case_id="case-2"), NOW + _MINUTE)
    ledger.notice_sent("case-1:1:2", NOW)
    assert [one.id for one in ledger.outbox(**wanted)] == ids  # type: ignore[arg-type]


def test_a_notice_taken_is_not_taken_again_while_its_lease_runs(ledger: Ledger) -> None:
    _told(ledger)
    (taken,) = ledger.claim_notices(NOW, lease=5 * _MINUTE)
    assert taken.attempts == 1
    assert ledger.claim_notices(NOW + 4 * _MINUTE) == []


def test_a_notice_whose_relay_died_is_taken_again(ledger: Ledger) -> None:
    _told(ledger)
    ledger.claim_notices(NOW, lease=5 * _MINUTE)
    (again,) = ledger.claim_notices(NOW + 5 * _MINUTE)
    assert (again.id, again.attempts) == ("case-1:1:1", 2)


def test_the_oldest_notices_are_taken_first_and_no_more_than_asked(ledger: Ledger) -> None:
    ledger.append(batch(line(1, "case-2", tells=1), case_id="case-2"), NOW + _MINUTE)
    ledger.append(batch(line(1, tells=2)), NOW)
    ids = [one.id for one in ledger.claim_notices(NOW + _MINUTE, limit=2)]
    assert ids == ["case-1:1:1", "case-1:1:2"]


def test_a_notice_is_not_taken_before_its_time(ledger: Ledger) -> None:
    _told(ledger)
    assert ledger.claim_notices(NOW - _MINUTE) == []


def test_a_notice_sent_is_never_taken_again(ledger: Ledger) -> None:
    (notice,) = _told(ledger)
    ledger.claim_notices(NOW)
    ledger.notice_sent(notice.id, NOW + _MINUTE)
    assert ledger.claim_notices(NOW + timedelta(days=1)) == []
    (sent,) = ledger.outbox(status=NoticeStatus.SENT)
    assert (sent.sent_at, sent.next_try_at) == (NOW + _MINUTE, None)


def test_a_failed_notice_waits_for_its_next_try(ledger: Ledger) -> None:
    (notice,) = _told(ledger)
    ledger.claim_notices(NOW)
    ledger.notice_failed(notice.id, NOW, "no_route", NOW + 10 * _MINUTE)
    assert ledger.claim_notices(NOW + 9 * _MINUTE) == []
    (again,) = ledger.claim_notices(NOW + 10 * _MINUTE)
    assert (again.attempts, again.last_error) == (2, "no_route")


def test_a_notice_given_up_stays_in_the_list_as_failed(ledger: Ledger) -> None:
    (notice,) = _told(ledger)
    ledger.notice_failed(notice.id, NOW, "unknown_person", None)
    assert ledger.claim_notices(NOW + timedelta(days=1)) == []
    (failed,) = ledger.outbox(status=NoticeStatus.FAILED)
    assert failed.last_error == "unknown_person"


def test_a_relay_that_comes_late_cannot_undo_a_delivery(ledger: Ledger) -> None:
    (notice,) = _told(ledger)
    ledger.notice_sent(notice.id, NOW)
    ledger.notice_failed(notice.id, NOW + _MINUTE, "timed_out", NOW + 2 * _MINUTE)
    ledger.notice_sent(notice.id, NOW + 3 * _MINUTE)
    (sent,) = ledger.outbox()
    assert (sent.status, sent.sent_at) == (NoticeStatus.SENT, NOW)


def test_two_relays_share_the_work_and_none_is_delivered_twice(ledger: Ledger) -> None:
    _told(ledger, 40)
    start = Barrier(2)

    def relay(_: int) -> list[str]:
        start.wait()
        taken: list[str] = []
        while some := ledger.claim_notices(NOW, limit=3):
            taken += [one.id for one in some]
        return taken

    with ThreadPoolExecutor(2) as pool:
        ids = [one for some in pool.map(relay, range(2)) for one in some]
    assert sorted(ids) == sorted(one.id for one in ledger.outbox())
