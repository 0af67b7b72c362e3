"""No message stops a case: any act, letter or news, with anything put anywhere into it (M1-M6).

What the shell does with a message is done here without a server: it is read, every instant before it
happens first, it is folded, and what came of it is made ready for the ledger and for the next run.
Whatever raises there would have the workflow's task fail, again and again, for ever.
"""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from activities.chain import ready
from models.case import CalendarChanged, Fact, Joined, PeopleChanged, Ticked, Unreadable
from models.working_time import CalendarTooShort
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from runtime.keyring import KeyRing
from tests.lives_help import Life, life
from tests.nightly import NIGHTLY
from workflows.messages import CALENDAR_CHANGED, DECIDE, JOINED, PEOPLE_CHANGED, read, turned_away

MESSAGES = 20_000 if NIGHTLY else 600
"""Of each procedure."""
OF_ONE_CASE = 40
MOST_INSTANTS = 500
"""More than come in the time between two messages."""
PEOPLE = ("lm-1", "com-1", "leg-1", "fca-1", "hoc-1", "hrbp-1", "hsi-1", "adm-1", "aud-1", "hop-1")

DEEP: Any = {}
for _ in range(150):
    DEEP = {"a": [DEEP]}
PUT: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**53, 2**53 + 1, 10**30, 0.1, -0.0, 1e308, 1e-308,
    "", " ", "\x00", "\u2028", "\u202e", "ß", "\U0001f642", "x" * 300, "x" * 6000, "lm-1", "system",
    "SYS", "LM", "AUD", "case-1", "case-0123456789ab", "rehearsal-1", "agree", "D-04", "correct_decision",
    "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "1900-01-01T00:00:00+14:00",
    "2026-03-29T01:30:00Z", "2026-11-23T10:00:00", "2026-11-23T10:00:00+23:59",
    "2999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00",
    "0001-01-01", "2999-12-31", "P1D", "PT0S", "-P999999999D", "P999999999D", "24:00", "09:00",
    [], {}, [[]], [None], ["lm-1"] * 3, {"a": 1}, {"": ""}, {"\u00e9": 1}, DEEP,
)  # fmt: skip


@pytest.fixture(name="ring", scope="module")
def ring_fixture(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    file = tmp_path_factory.mktemp("drawn") / "keyring.json"
    KeyRing.create(file)
    return KeyRing.load(file)


def _messages(play: Life, dice: Random) -> tuple[str, Fact]:
    """Something that could be sent to the case as it stands."""
    name = dice.choice((DECIDE, DECIDE, DECIDE, DECIDE, JOINED, PEOPLE_CHANGED, CALENDAR_CHANGED))
    if name == JOINED:
        fact = Joined(
            id=f"case-2:{dice.random()}", at=play.now, procedure=play.kind.key, report="case-2",
            by="fca-3", opened_at=play.now, intake=play.form(), separated=dice.random() < 0.2,
        )  # fmt: skip
        return name, fact
    if name == PEOPLE_CHANGED:
        return name, PeopleChanged(at=play.now, roster=play.roster())
    if name == CALENDAR_CHANGED:
        calendar = play.case.case.calendar
        return name, CalendarChanged(id="day-1", at=play.now, by="adm-1", calendar=calendar)
    wanted = [code for duty in play.case.case.duties for code in duty.acts]
    now = [play.kind.acts_by_code[code] for code in wanted] or [*play.kind.acts.values()]
    acts = now if dice.random() < 0.6 else [*play.kind.acts.values()]
    act = dice.choice([one for one in acts if one.by_people] or [*play.kind.acts.values()])
    named = next(key for key, one in play.kind.acts.items() if one is act)
    holders = [holder.person for duty in play.case.case.duties for holder in duty.holders]
    person = dice.choice([*holders, *PEOPLE])
    return name, play.decision(person, named, fields=play.usual(named))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in plain data where something else can be put: its container and its key."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else range(len(value))
    found = [(value, key) for key in keys]
    for key in keys:
        found += _places(value[key])
    return found


def _spoilt(fact: Fact, dice: Random) -> bytes:
    plain = fact.model_dump(mode="json")
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
        # Near the top as often as deep down in the list of who is who.
        top = [(plain, key) for key in plain]
        inside = _places(plain.get("fields")) or top
        container, key = dice.choice(dice.choice((top, inside, _places(plain))))
        if dice.random() < 0.1 and isinstance(container, dict):
            container[dice.choice(("x", "kind", "id", ""))] = deepcopy(dice.choice(PUT))
        else:
            container[key] = deepcopy(dice.choice(PUT))
    return json.dumps(plain).encode()


def _fold(play: Life, fact: Fact) -> None:
    """As `workflows.case.Case._fold` does."""
    try:
        play.fold(fact)
    except CalendarTooShort:
        fact = Unreadable(at=fact.at, name="decide", code="calendar_too_short", digest="")
        play.fold(fact)
    case = play.case
    if isinstance(fact, Unreadable):
        turned_away(fact, case.case.opened.case_id, case.case.seq, case.here)


def _until(play: Life, at: datetime) -> None:
    """Every instant before `at`, as `workflows.case.Case._catch_up` lets it happen."""
    for _ in range(MOST_INSTANTS):
        wake = play.case.wake_at
        if wake is None or wake >= at:
            return
        _fold(play, Ticked(at=wake, roster=play.roster(wake)))
    raise AssertionError(f"the clock of the case does not get past {wake}")


def _taken(play: Life, name: str, data: bytes, ring: KeyRing) -> Fact:
    payload = Payload(metadata={"encoding": b"json/plain"}, data=data)
    fact = read(name, [RawValue(payload)], play.now)
    _until(play, fact.at)
    _fold(play, fact)
    batch = play.case.batch(tuple(play.lines), "token")
    again = type(batch).model_validate_json(batch.model_dump_json())
    for line in again.lines:
        ready(line, ring)
    play.lines.clear()
    play.kind.resume(play.case.case.model_dump(mode="json"))
    return fact


@pytest.mark.parametrize("kind", PROCEDURES.values(), ids=PROCEDURES)
def test_nothing_that_is_sent_stops_a_case(kind: type[Procedure], ring: KeyRing) -> None:
    dice = Random(f"messages {kind.key}")  # noqa: S311  # a game, no secret
    read_as: dict[str, int] = {}
    for number in range(MESSAGES):
        if number % OF_ONE_CASE == 0:
            play = life(kind)
        play.now += timedelta(minutes=dice.choice((1, 1, 1, 30, 600)))
        _until(play, play.now)
        name, fact = _messages(play, dice)
        data = _spoilt(fact, dice)
        try:
            got = _taken(play, name, data, ring)
        except Exception as fault:
            raise AssertionError(f"{name} stopped it: {data.decode()[:3000]}") from fault
        read_as[got.kind] = read_as.get(got.kind, 0) + 1
    # Else it would be the reader alone that was asked.
    assert read_as["decided"] > MESSAGES / 5, read_as
    assert read_as["unreadable"] > MESSAGES / 5, read_as
