"""Recording and watching by Communications: only in the open, by two people, for a time (2.6, SD10)."""

from __future__ import annotations

import pytest

from models.case import Kind
from models.employee import Watch
from tests.comments_help import comments_at
from tests.core_help import must, no


@pytest.mark.parametrize("visibility", ["closed_group", "private_message"])
def test_what_is_not_open_is_never_watched(visibility: str) -> None:
    play = comments_at("action", visibility=visibility)
    no(play.act("hrbp-1", "ask_to_watch"), "seen_in_the_open")
    assert "watch" not in play.duties()


@pytest.mark.parametrize("visibility", ["public", "open_group", "unknown"])
def test_what_may_be_open_can_be_asked_for(visibility: str) -> None:
    must(comments_at("action", visibility=visibility).act("lm-1", "ask_to_watch"))


@pytest.mark.parametrize(
    ("ends_at", "refused"),
    [
        ("2026-12-07 10:05", False),  # ten working days to the minute: asked on Monday 23rd, 10:05
        ("2026-12-07 10:06", True),
        ("2026-11-23 10:04", True),  # it has passed
    ],
)
def test_a_window_ends_within_ten_working_days(ends_at: str, *, refused: bool) -> None:
    play = comments_at("action")
    must(play.act("lm-1", "ask_to_watch"))
    play.now = play.case.case.opened.at
    play.until("2026-11-23 10:04")
    receipt = play.act("com-1", "propose_watch", ends_at=ends_at)
    assert (receipt.code == "watch_has_an_end") is refused


def test_a_window_that_is_over_by_the_time_it_is_approved_is_not_approved() -> None:
    play = comments_at("action")
    must(play.act("lm-1", "ask_to_watch"))
    must(play.act("com-1", "propose_watch", ends_at="2026-11-23 15:00"))
    play.until("2026-11-23 15:00")
    no(play.act("hoc-1", "approve_watch"), "watch_has_an_end")
    must(play.act("hoc-1", "decline_watch"))


def test_time_ends_a_window_and_nothing_opens_it_again_by_itself() -> None:
    play = comments_at("watching")
    must(play.act("lm-1", "ask_to_watch"))
    no(play.act("lm-1", "close"), "nothing_is_watched")
    must(play.act("com-1", "propose_watch"))
    must(play.act("hoc-1", "approve_watch"))
    no(play.act("lm-1", "close"), "nothing_is_watched")
    play.until("2026-11-27 12:01")
    assert play.last.kind is Kind.EXPIRED
    assert play.record.watch is Watch.OVER
    must(play.act("lm-1", "ask_to_watch"))


def test_what_is_withdrawn_is_not_watched_any_longer() -> None:
    play = comments_at("action")
    must(play.act("lm-1", "ask_to_watch"))
    must(play.act("lm-1", "ask_legal"))
    must(play.act("fca-1", "ask_to_withdraw"))
    must(play.act("lm-1", "withdraw"))
    must(play.act("hrbp-1", "withdraw"))
    assert play.here == "withdrawn"
    assert play.record.watch is Watch.OVER
    assert play.told("com-1", play.last) == ["told"]
    assert play.told("leg-1", play.last) == ["told"]
