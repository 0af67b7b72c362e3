"""One role that is asked twice: two referrals to one owner, two people who hold a role in turn."""

from __future__ import annotations

from models.case import Kind
from procedures import judge
from tests.core_help import Play, must, no, office
from tests.reputation_help import ReportPlay, a_watch, at_step

GONE = office(people={"com-1": {"left_on": "2026-11-24"}})
OTHER_END = a_watch(until="2026-12-11 17:00")


def test_a_referral_is_judged_by_its_own_clock_beside_one_that_has_moved_up() -> None:
    play = Play()
    must(play.act("leg-1", "refer", to="C"))
    play.until("2026-11-24 09:30")
    must(play.act("leg-1", "refer", to="E"))
    play.until("2026-11-24 12:00")
    assert (play.holders("referral_c"), play.holders("referral_e")) == (["hop-1"], ["lm-1"])
    due = play.duty("referral_e").due

    for person in ("lm-1", "hop-1"):
        unsaid = play.decision(person, "take_referral", fields={})
        assert judge.standing(play.case, play.kind.acts["take_referral"], unsaid).in_time

    must(play.act("lm-1", "take_referral", to="E", outside="in a case of its own"))

    assert (play.last.in_time, play.last.due) == (True, due)
    no(play.act("lm-1", "take_referral", to="C", outside="there"), "referral_is_yours")
    must(play.act("hop-1", "take_referral", to="C", outside="in a case of its own"))
    assert play.last.in_time


def proposed() -> ReportPlay:
    """Somebody of Communications has proposed a watch; the Head has not spoken."""
    play = at_step("waiting_for_decision")
    assert must(play.act("com-1", "start_watching")).label
    assert play.last.kind is Kind.FIRST_OF_TWO
    return play


def test_while_the_first_of_two_holds_the_role_nobody_else_speaks_for_it() -> None:
    play = proposed()

    no(play.act("com-2", "start_watching", watch=OTHER_END), "wrong_role")

    assert [first.person for first in play.case.case.pending] == ["com-1"]


def test_an_agreement_of_somebody_who_left_gives_way_to_one_of_their_successor() -> None:
    play = proposed()
    play.until("2026-11-25 09:10")
    play.people_change(GONE)

    must(play.act("com-2", "start_watching", watch=OTHER_END))
    assert play.last.kind is Kind.FIRST_OF_TWO
    assert [first.person for first in play.case.case.pending] == ["com-2"]
    no(play.act("hoc-1", "start_watching"), "not_the_same")
    must(play.act("hoc-1", "start_watching", watch=OTHER_END))

    assert play.here == "watching"


def test_an_agreement_of_somebody_who_left_still_counts_until_then() -> None:
    play = proposed()
    play.until("2026-11-25 09:10")
    play.people_change(GONE)

    must(play.act("hoc-1", "start_watching"))

    assert play.here == "watching"


def test_nobody_puts_a_question_to_an_auditor_who_could_not_answer() -> None:
    play = Play()

    no(play.act("lm-1", "ask_information", to="AUD"), "nobody")
