"""The base of every procedure, on one that overrides nothing: what a class body may leave out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import policy
from models.case import (
    CalendarChanged,
    Decision,
    Kind,
    Opened,
    PeopleChanged,
    Receipt,
)
from models.errors import BadInput
from models.forms import CommonIntake, Note
from models.london import parse_london
from models.people import Role
from models.policy import Amount, Clock
from models.working_time import CalendarTooShort
from procedures import instants
from procedures.court_directed_access import CourtDirectedAccess
from procedures.opening import pins
from procedures.procedure import Procedure
from procedures.registry import by_name
from procedures.words import Act, Ask, Outcome, Start, Step, Task, staying
from tests.core_help import REASON, Play, away, example_directory, must, office

OPEN_ENDED = Task("chat", "Talk about it", Role.PR, ("talk",), None, "")


def never(ask: Ask) -> bool:
    """A route nobody takes."""
    return ask.act is None


class Errand(Procedure):
    """A colleague asks, the line manager answers."""

    key, code, title = "errand", "ERRAND", "An errand"
    intake_form, record_form = CommonIntake, Note
    starters, opening = (Role.PR,), "ask"
    tasks = (OPEN_ENDED,)

    draft = Start("Draft", "X0")
    asked = Step("Asked", "X1", held_by=Role.LM)
    done = Outcome("Done", "XF")
    gone = Outcome("Gone", "XG")

    ask = Act("X-1", "Ask", draft.to(asked), who=Role.PR, form=CommonIntake)
    answer_it = Act("X-2", "Answer", asked.to(done), who=Role.LM)
    vanish = Act("X-3", "Vanish", asked.to(gone, cond=never), who=Role.LM)
    talk = Act("talk", "Talk", staying(asked), who=Role.PR)

    @classmethod
    def first_record(cls, intake: Any) -> Note:
        """Nothing is gathered."""
        return Note()


class Chatty(Errand):
    """The same with a talk beside it."""

    def tasks_wanted(self) -> Iterator[Task]:
        """Always."""
        yield OPEN_ENDED


def opened(kind: type[Procedure] = Errand, **changes: Any) -> Opened:
    """An errand on a Monday morning."""
    at = parse_london("2026-11-23 10:00")
    intake = {
        "submission_token": "00000000-0000-4000-8000-000000000001", "immediate_danger": False,
        "safeguarding_concern": "no", "used_personal_account": False, "declaration": True,
    }  # fmt: skip
    people = example_directory()
    return Opened(
        case_id="errand-1", procedure="errand", at=at, by="fca-1", token="t",
        pins=pins(kind, policy.book(), policy.calendar(), at),
        roster=people.roster("fca-1", at), sender=people.sender("fca-1", at),
        intake={**intake, **changes},
    )  # fmt: skip


def case(kind: type[Errand] = Errand, **changes: Any) -> Errand:
    fact = opened(kind, **changes)
    made = kind.begin(fact)
    made.fold(fact)
    return made


def act(errand: Errand, person: str, name: str) -> Receipt:
    people, at = example_directory(), errand.case.opened.at + timedelta(minutes=1)
    receipt = errand.fold(
        Decision(
            id=f"{name}-{errand.case.seq}",
            case_id="errand-1",
            act=name,
            person=person,
            reason=REASON,
            at=at,
            roster=people.roster("fca-1", at),
            sender=people.sender(person, at),
        )
    ).receipt
    assert receipt is not None
    return receipt


def test_a_procedure_that_says_little_runs_from_its_opening_to_its_end() -> None:
    errand = case()
    assert errand.here == "asked"
    assert [duty.due for duty in errand.case.duties] == [None], "a step without a clock"
    assert errand.wake_at is None
    must(act(errand, "lm-1", "answer_it"))
    assert errand.here == "done"
    assert errand.wake_at is None


def test_what_a_procedure_leaves_out_is_nothing_at_all() -> None:
    errand = case()
    assert Errand.faults_at(errand.case.intake, errand.case.opened.at) == ()
    assert Errand.identity(errand.case.intake) is None
    assert errand.court_date is None
    assert not errand.is_urgent("S-16A", errand.case.opened.at)
    assert errand.clock_started("S-16A") is None
    assert errand.clock_of("S-16A") == "S-16A"
    assert errand.case.opened.pins.legal_first == ()
    assert errand.received() is None
    assert list(errand.tasks_wanted()) == []
    assert repr(errand) == "Errand('errand-1', at='asked')"
    # Nothing was said of a deadline for asking, so nothing is in time or late.
    assert Errand.registers_by is None
    with pytest.raises(NotImplementedError):
        super(Errand, Errand).first_record(errand.case.intake)


def test_a_task_without_a_clock_is_open_until_it_is_done() -> None:
    errand = case(Chatty)
    chat = errand.duty("chat")
    assert chat is not None
    assert (chat.due, chat.clock) == (None, None)
    assert errand.wake_at is None


def test_a_case_does_not_close_over_an_open_mandatory_task() -> None:
    errand = case(safeguarding_concern="yes")
    receipt = act(errand, "lm-1", "answer_it")
    assert (receipt.outcome, receipt.code, receipt.clause) == ("refused", "open_tasks", "INV-15")
    assert "Safeguarding and the section 16A duty" in receipt.message
    assert errand.here == "asked"


def test_an_act_that_no_route_fits_is_refused_in_words() -> None:
    receipt = act(case(), "lm-1", "vanish")
    assert (receipt.outcome, receipt.code) == ("refused", "not_possible")


def test_a_case_is_carried_over_as_a_value_or_as_json() -> None:
    errand = case()
    text = errand.case.model_dump_json()
    for again in (Errand.resume(errand.case), Errand.resume(json.loads(text))):
        assert again.case.model_dump_json() == text


def test_a_batch_is_all_the_ledger_needs() -> None:
    play = Play()
    batch = play.case.batch(tuple(play.lines), "token-1")
    assert (batch.case_id, batch.state, batch.closed, batch.subject) == (
        "case-1", "registered", False, "fca-1",
    )  # fmt: skip
    assert batch.label == "Direction registered: line manager told"
    assert batch.duties == play.case.case.duties
    assert batch.token == "token-1"


def test_a_fact_that_fails_half_way_leaves_the_case_as_it_was() -> None:
    play = Play()
    before = play.dump()
    with pytest.raises(CalendarTooShort):
        play.case.fold(
            play.decision(
                "lm-1",
                "ask_the_court",
                at=parse_london("2041-01-07 10:00"),
                fields={"question": "Which of the two accounts is meant?"},
            )
        )
    assert play.dump() == before
    must(play.act("lm-1", "agree"))


def test_a_roster_asked_for_other_people_is_not_taken() -> None:
    play = Play()
    other = play.directory.roster("fca-4", play.now)
    turned = play.case.fold(PeopleChanged(at=play.now, roster=other))
    assert turned.lines == ()
    assert play.holders() == ["lm-1"]


def test_the_same_calendar_once_more_changes_nothing() -> None:
    play = Play()
    same = CalendarChanged(id="again", at=play.now, by="adm-1", calendar=play.case.case.calendar)
    assert play.case.fold(same).lines == ()


def test_a_back_stop_may_count_every_hour_of_the_day() -> None:
    play = Play()
    hour = Amount(clock=Clock.WALL, length=timedelta(hours=1))
    assert instants.before(play.case, play.now, hour) == play.now - timedelta(hours=1)


def test_a_deadline_a_second_away_is_not_reminded_of() -> None:
    play = Play(compliance_date="2026-11-23 10:00:01")
    assert play.duty().due == play.now + timedelta(seconds=1)
    assert play.duty().remind_at is None


def test_whoever_hears_in_two_roles_hears_once() -> None:
    play = Play(people=office(absences=(away("lm-1", "2026-11-23", "2026-11-27"),)))
    must(play.act("fca-1", "raise_emergency"))
    assert play.told("hop-1", play.last).count("emergency") == 1


@pytest.mark.parametrize("name", ["D", "d", "court_directed_access", "Court-Directed-Access "])
def test_a_procedure_is_found_by_its_code_or_its_name(name: str) -> None:
    assert by_name(name) is CourtDirectedAccess


def test_a_procedure_nobody_knows_is_answered_with_those_there_are() -> None:
    with pytest.raises(BadInput) as refused:
        by_name("errand")
    assert any(line.startswith("D or court_directed_access") for line in refused.value.problems)


def test_an_unreadable_message_is_recorded_and_changes_nothing() -> None:
    play = Play()
    play.gibberish()
    assert (play.last.kind, play.last.code) == (Kind.REFUSED, "wrong_shape")
    assert play.here == "registered"
