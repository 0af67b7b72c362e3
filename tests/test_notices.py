"""The words of notices: every code has some, and they say by when, why and where, and no more."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import procedures
from activities.outbox import Notice, NoticeStatus
from models.people import Role
from procedures.common import EMERGENCY
from runtime.notices import CALL_999, MARKING, WORDS, body, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

_WINTER = datetime(2026, 11, 30, 10, 45, tzinfo=UTC)
_SUMMER = datetime(2026, 7, 1, 15, 30, tzinfo=UTC)
_SAYS_WHAT = {"say": 2, "tell_person": 3}
"""Where each function of the core takes the code. `tell` takes it one place earlier as a method."""


def _notice(what: str = "to_do", **given: object) -> Notice:
    usual = {
        "id": "c-7:3:1",
        "case_id": "c-7",
        "seq": 3,
        "person": "p-0",
        "role": Role.LM,
        "what": what,
        "about": "Closing access",
        "due": _WINTER,
        "clause": "2.13",
        "created_at": _WINTER,
        "status": NoticeStatus.WAITING,
        "attempts": 1,
        "next_try_at": None,
        "sent_at": None,
        "last_error": None,
    }
    return Notice.model_validate({**usual, **given})


# --- every code has words ---------------------------------------------------------------------


def _codes_of(source: str) -> Iterator[str]:
    """The codes that the functions of one module tell people in."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef):
            continue
        # A code that is passed on was chosen by the caller, who is looked at as well.
        passed_on = {one.arg for one in node.args.args}
        for call in ast.walk(node):
            place = _place(call)
            if place is None:
                continue
            assert isinstance(call, ast.Call)
            yield from _values(call.args[place], node, passed_on)


def _place(node: ast.AST) -> int | None:
    match node:
        case ast.Call(func=ast.Name(id="tell")):
            return 2
        case ast.Call(func=ast.Attribute(attr="tell")):
            return 1
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return _SAYS_WHAT.get(name)
    return None


def _values(code: ast.expr, within: ast.FunctionDef, passed_on: set[str]) -> Iterator[str]:
    match code:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from _values(one, within, passed_on)
            yield from _values(other, within, passed_on)
        case ast.Name(id=name) if name not in passed_on:
            given = [
                node.value
                for node in ast.walk(within)
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
            ]
            assert given, f"where does `{name}` in {within.name} come from?"
            for value in given:
                yield from _values(value, within, passed_on)
        case ast.Name():
            return
        case _:
            pytest.fail(f"write the code in {within.name} so that this test can read it")


def _codes() -> set[str]:
    folder = Path(procedures.__path__[0])
    return {code for file in folder.glob("*.py") for code in _codes_of(file.read_text())}


def test_every_code_the_procedures_tell_people_in_has_words() -> None:
    assert _codes() == set(WORDS)


def test_a_code_is_found_however_it_is_written() -> None:
    source = """
def one(self, what):
    self.tell(role, "a", label)
    tell(case, role, "b", label)
    say(case, duty, "c" if late else "d")
    clocks.say(case, duty, what)
    chosen = "e" if late else "f"
    tell_person(case, person, role, chosen, label)
"""
    assert set(_codes_of(source)) == {"a", "b", "c", "d", "e", "f"}


# --- what they say ----------------------------------------------------------------------------


@pytest.mark.parametrize("what", WORDS)
def test_every_notice_says_what_happened_what_to_do_by_when_why_and_where(what: str) -> None:
    text = body(_notice(what))
    starts = [line.partition(":")[0] for line in text.splitlines() if ": " in line]
    assert starts == ["What happened", "What to do", "By when", "Why", "Where"]
    assert "clause 2.13." in text
    assert "casework show c-7" in text
    assert text.startswith(MARKING)
    assert not set("{}") & set(text + subject(_notice(what)))


@pytest.mark.parametrize(
    ("what", "due", "when"),
    [
        ("to_do", _WINTER, "Mon 30 Nov 2026 10:45 GMT (London time)."),  # winter: London is on UTC
        ("to_do", _SUMMER, "Wed 1 Jul 2026 16:30 BST (London time)."),  # summer: an hour ahead
        ("yours_now", _SUMMER, "Wed 1 Jul 2026 16:30 BST (London time)."),
        ("to_do", None, "No time is set."),  # a step without a clock
        ("overdue", _WINTER, "Now: it was due by Mon 30 Nov 2026 10:45 GMT (London time)."),
        ("overdue", None, "Now: its time has passed."),  # a task that went up but stays theirs too
        ("emergency", _WINTER, "At once, at any hour."),  # danger waits for no clock (6.2)
        ("no_longer_yours", None, "Nothing is due from you any more."),
    ],
)
def test_by_when_is_said_in_london_time(what: str, due: datetime | None, when: str) -> None:
    assert f"By when: {when}\n" in body(_notice(what, due=due))


@pytest.mark.parametrize(
    ("clause", "why"),
    [
        ("2.13", "clause 2.13. When a court directs access"),  # in the register: in our own words
        ("INV-7", "rule INV-7 of the procedure."),  # a rule of the analysis, not a clause
        ("", "the procedure asks for it."),  # a question put by a colleague
    ],
)
def test_why_names_the_clause(clause: str, why: str) -> None:
    assert f"Why: {why}" in body(_notice(clause=clause))


@pytest.mark.parametrize("what", ["emergency", "safeguarding"])
def test_danger_says_to_call_999_before_anything_else(what: str) -> None:
    assert body(_notice(what)).splitlines()[2] == CALL_999


@pytest.mark.parametrize("what", ["to_do", "reminder", "yours_now", "overdue"])
def test_the_emergency_task_says_so_in_every_code(what: str) -> None:
    assert CALL_999 in body(_notice(what, about=EMERGENCY.label))


def test_ordinary_work_does_not_cry_wolf() -> None:
    assert "999" not in body(_notice())


@pytest.mark.parametrize("what", [*WORDS, "a_code_of_tomorrow"])
def test_the_subject_carries_nothing_of_the_case(what: str) -> None:
    line = subject(_notice(what, about="Legal's view on the child's account"))
    assert "child" not in line
    assert "c-7" not in line
    assert "2.13" not in line


def test_the_subject_says_by_when() -> None:
    assert subject(_notice()) == "Casework: Something for you to do, by Mon 30 Nov 2026 10:45 GMT"


def test_a_code_from_another_version_still_reaches_its_person() -> None:
    text = body(_notice("a_code_of_tomorrow"))
    assert "Closing access" in text
    assert "Mon 30 Nov 2026 10:45 GMT" in text
