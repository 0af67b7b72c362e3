"""Dates are read as words, wherever somebody wrote them as figures."""

from __future__ import annotations

import pytest

from procedures.registry import by_name
from runtime.showing_trail import flat
from web.language import Language, speaking
from web.questions import questions, said

ASKED = {one.name: one for one in questions(by_name("D").intake_form)}


@pytest.mark.parametrize(
    ("name", "typed", "shown"),
    [
        ("order_date", ("19", "11", "2026", ""), "Thu 19 Nov 2026"),
        ("order_date", ("9", "1", "2026", ""), "Fri 9 Jan 2026"),  # without a nought before it
        ("received_at", ("19", "11", "2026", "15:30"), "Thu 19 Nov 2026 15:30"),
        ("received_at", ("19", "11", "2026", ""), "Thu 19 Nov 2026"),  # half of it is no fault here
        ("order_date", ("31", "2", "2026", ""), "31 2 2026"),  # no day at all: as it was typed
        ("order_date", ("", "", "2026", ""), "2026"),
        ("order_date", ("", "", "", ""), ""),
    ],
)
def test_a_date_is_shown_in_words_before_it_is_sent(
    name: str, typed: tuple[str, ...], shown: str
) -> None:
    parts = zip(("day", "month", "year", "time"), typed, strict=True)
    answers = {f"{name}-{part}": (text,) for part, text in parts}

    [(_, words)] = said(ASKED[name], answers, str)
    assert words == shown


def test_its_day_and_month_are_those_of_the_language_of_the_page() -> None:
    answers = {"order_date-day": ("19",), "order_date-month": ("11",), "order_date-year": ("2026",)}
    with speaking(Language.WELSH):
        [(_, words)] = said(ASKED["order_date"], answers, str)

    assert words == "Iau 19 Tach 2026"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-11-19", "Thu 19 Nov 2026"),
        ("2026-11-19T15:30:00Z", "Thu 19 Nov 2026 15:30 GMT"),
        ("2026-02-31", "2026-02-31"),  # a refused decision may say anything
        ("CF-2026-11-19", "CF-2026-11-19"),  # a reference is no date
        ("2026-11-19 and later", "2026-11-19 and later"),  # what somebody wrote stays as it is
    ],
)
def test_a_date_that_was_sent_is_told_in_words(value: str, shown: str) -> None:
    assert list(flat({"order_date": value})) == [("order_date", shown)]
