"""Deadline arithmetic: ours, and against businesstimedelta on the same questions."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

import businesstimedelta  # type: ignore[import-untyped]
import pytz  # type: ignore[import-untyped]

import policy
from bench.figures import say
from models.working_time import working_time

ROUNDS = 5
OURS, THEIRS = 100_000, 500

Question = tuple[datetime, timedelta]


def run() -> None:
    """due_per_s and due_ratio."""
    ours = working_time(policy.calendar())
    theirs = _businesstimedelta()
    rates: list[tuple[float, float]] = []
    for number in range(ROUNDS):
        # New questions in every round: an answer kept from the last would not be worked out.
        questions = _questions(OURS, number)
        mine = _rate(lambda q: ours.add(q[0], q[1]), questions)
        other = _rate(theirs, questions[:THEIRS])
        rates.append((mine, other))
    say("due_per_s", median(mine for mine, _ in rates), "deadlines/s")
    say("due_ratio", median(mine / other for mine, other in rates), "times")


def _questions(count: int, seed: int) -> list[Question]:
    chance = random.Random(seed)  # noqa: S311  # the same questions in every run
    start = datetime(2026, 1, 1, tzinfo=UTC)
    span = 2 * 365 * 24 * 3600
    return [
        (start + timedelta(seconds=chance.randrange(span)), timedelta(hours=chance.randint(1, 80)))
        for _ in range(count)
    ]


def _rate(ask: Callable[[Question], object], questions: list[Question]) -> float:
    begun = time.perf_counter()
    for question in questions:
        ask(question)
    return len(questions) / (time.perf_counter() - begun)


def _businesstimedelta() -> Callable[[Question], object]:
    days = {holiday.day: holiday.name for holiday in policy.calendar().holidays}
    london = pytz.timezone("Europe/London")
    week = businesstimedelta.WorkDayRule(
        start_time=datetime(2026, 1, 1, 9).time(),  # noqa: DTZ001  # a time of day has no zone
        end_time=datetime(2026, 1, 1, 17).time(),  # noqa: DTZ001
        working_days=[0, 1, 2, 3, 4],
        tz=london,
    )
    off = businesstimedelta.HolidayRule(days, tz=london)
    rules = businesstimedelta.Rules([week, off])

    def ask(question: Question) -> object:
        start, length = question
        return start + businesstimedelta.BusinessTimeDelta(rules, timedelta=length)

    return ask
