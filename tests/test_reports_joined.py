"""Reports of one matter in several cases: what can go wrong on the way between two cases (6.4)."""

from __future__ import annotations

import pytest

from models.case import Joined, Kind, Returned
from procedures.corporate_reputation import CorporateReputation
from procedures.court_proceedings import CourtProceedings
from procedures.employee_comments import EmployeeComments
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from runtime import audit
from tests.core_help import away, must, no, office
from tests.lives_help import life

OTHERS = office(absences=(away("lm-1", "2026-11-23", "2026-12-04", "lm-2"),))
"""The line manager is away, and nothing is open that the manager holds: nobody's work changes."""


@pytest.mark.parametrize("kind", PROCEDURES.values(), ids=PROCEDURES)
@pytest.mark.parametrize("change", [{"intake": {"unheard_of": True}}, {"procedure": "another"}])
def test_a_letter_no_case_can_read_is_refused_and_the_case_goes_on(
    kind: type[Procedure], change: dict[str, object]
) -> None:
    play = life(kind)
    before = {**play.case.case.__dict__}
    letter = Joined(
        id="case-2:1", at=play.now, procedure=kind.key, report="case-2", by="fca-3",
        opened_at=play.now, intake=play.form(),
    )  # fmt: skip

    play.fold(letter.model_copy(update=change))

    assert (play.last.kind, play.last.code) == (Kind.REFUSED, "unreadable_report")
    changed = {name for name, value in play.case.case.__dict__.items() if value != before[name]}
    assert changed == {"seq"}
    assert audit.refold(play.lines).case.seq == play.case.case.seq


def test_a_report_with_sealed_material_joins_the_case_that_has_it_already() -> None:
    play = life(CourtProceedings, used_personal_account=True, same_as="case-0")

    assert play.here == "joined"
    assert [letter.to for letter in play.case.case.letters] == ["case-0"]
    assert play.duties() == set()


@pytest.mark.parametrize("kind", PROCEDURES.values(), ids=PROCEDURES)
def test_nobody_is_sent_to_work_that_a_joined_report_never_had(kind: type[Procedure]) -> None:
    opened = {tell.what for tell in life(kind).lines[0].entry.tells}
    joined = {tell.what for tell in life(kind, same_as="case-0").lines[0].entry.tells}

    assert "to_do" in opened
    assert "to_do" not in joined


def test_a_case_is_never_joined_to_itself() -> None:
    play = life(CorporateReputation)

    no(play.act("com-1", "join_by_hand", other="case-1"), "itself")

    assert play.here == "reported"
    must(play.act("com-1", "join_by_hand", other="case-2"))
    assert play.here == "joined"


def test_the_trail_keeps_who_was_who_when_a_report_was_joined() -> None:
    play = life(CorporateReputation)
    written = len(play.lines)
    play.people_change(OTHERS)
    assert len(play.lines) == written, "nobody's work changed, so nothing was written"

    play.joined("fca-4", "case-2", play.form(immediate_danger=True))

    assert play.holders("emergency") == ["lm-2"]
    assert audit.refold(play.lines).duty("emergency") == play.duty("emergency")


def test_the_trail_keeps_who_was_who_when_a_report_came_back() -> None:
    play = life(EmployeeComments, same_as="case-0")
    play.people_change(OTHERS)
    play.wait_a_minute()

    play.fold(Returned(at=play.now, to="case-0"))

    assert play.holders("reported") == ["lm-2"]
    assert audit.refold(play.lines).duty("reported") == play.duty("reported")


def test_whom_a_joined_report_names_has_no_part_in_the_case_any_more() -> None:
    play = life(EmployeeComments)
    assert play.holders("reported") == ["lm-1"]

    play.joined("fca-2", "case-2", play.form(colleagues_named=["lm-1"]))

    assert play.case.case.conflicted == ("lm-1",)
    assert play.holders("reported") == ["hop-1"]
    no(play.act("lm-1", "take_on"), "conflicted")


def test_the_second_of_two_is_told_and_the_first_is_not_asked_again() -> None:
    play = life(EmployeeComments)
    for who, act in (
        ("lm-1", "take_on"), ("hrbp-1", "acknowledge"), ("lm-1", "classify_harassment"),
        ("hsi-1", "record_incident"), ("lm-1", "speak"), ("lm-1", "assess_safety"),
    ):  # fmt: skip
        must(play.act(who, act))

    must(play.act("lm-1", "agree_plan"))

    assert [tell.person for tell in play.last.tells if tell.what == "agree_too"] == ["hrbp-1"]
    no(play.act("lm-1", "agree_plan"), "agreed_already")
    must(play.act("hrbp-1", "agree_plan"))
    assert play.here == "watching"
