"""Who may never take which part in a case (policy analysis 4.2), as far as it touches D."""

from __future__ import annotations

from typing import Any

import pytest

from models.case import Kind, No
from models.people import Account, Role, Why
from tests.core_help import (
    OTHER_HASH,
    PROOF,
    Play,
    at_step,
    away,
    example_directory,
    lent,
    must,
    no,
    office,
    standing,
)

# --- SD1: whoever started or holds the case decides nothing in it ----------------------------------


@pytest.mark.parametrize("act", ["agree", "do_not_agree", "ask_the_court"])
def test_whoever_started_a_case_never_decides_in_it_even_as_line_manager(act: str) -> None:
    play = Play()
    must(play.act("adm-1", "reassign", role="LM", to="fca-1"))
    receipt = no(play.act("fca-1", act), "sd1")
    assert receipt.clause == "SD1"
    assert receipt.message.startswith("You started this case")


def test_a_starter_who_was_made_line_manager_does_not_even_hold_the_decision() -> None:
    play = Play()
    must(play.act("adm-1", "reassign", role="LM", to="fca-1"))
    play.wait_a_minute()
    assert play.holders() == ["hop-1"]
    assert play.duty().holders[0].why is Why.UP


def test_the_first_practitioner_still_may_not_decide_after_the_case_was_reassigned() -> None:
    play = Play()
    must(play.act("hop-1", "reassign", role="PR", to="fca-2"))
    must(play.act("adm-1", "reassign", role="LM", to="fca-1"))
    no(play.act("fca-1", "agree"), "sd1")


def test_the_new_practitioner_may_not_decide_either() -> None:
    play = Play()
    must(play.act("hop-1", "reassign", role="PR", to="fca-2"))
    must(play.act("adm-1", "reassign", role="LM", to="fca-2"))
    no(play.act("fca-2", "agree"), "sd1")


@pytest.mark.parametrize("person", ["lm-1", "com-1"])
def test_nobody_who_agreed_or_arranged_is_made_the_practitioner(person: str) -> None:
    play = at_step("ready")
    receipt = no(play.act("hop-1", "reassign", role="PR", to=person), "sd1")
    assert "may not take" in receipt.message
    assert play.case.case.practitioner == "fca-1"


def test_a_practitioner_may_get_the_case_back() -> None:
    play = at_step("ready")
    must(play.act("hop-1", "reassign", role="PR", to="fca-2"))
    must(play.act("hop-1", "reassign", role="PR", to="fca-1"))
    assert play.case.case.practitioner == "fca-1"


def test_an_act_that_decides_nothing_is_open_to_whoever_started_the_case() -> None:
    must(Play().act("fca-1", "add_evidence"))


# --- SD3 and SD4: conflicts go up ------------------------------------------------------------------


def test_a_conflicted_line_manager_is_out_and_the_next_manager_holds_the_decision() -> None:
    play = Play()
    must(play.act("lm-1", "declare_conflict"))
    assert play.holders() == ["hop-1"]
    assert "to_do" in play.told("hop-1", play.last)
    receipt = no(play.act("lm-1", "agree"), "conflicted")
    assert receipt.clause == "SD3"
    must(play.act("hop-1", "agree"))


def test_a_conflicted_person_is_out_of_every_act_not_only_of_decisions() -> None:
    play = at_step("ready")
    must(play.act("com-1", "declare_conflict"))
    no(play.act("com-1", "start_session"), "conflicted")
    no(play.act("com-1", "add_evidence"), "conflicted")


def test_somebody_elses_conflict_is_declared_from_above_or_by_legal_only() -> None:
    play = Play()
    no(play.act("com-1", "declare_conflict", person="lm-1"), "own_conflict_or_from_above")
    no(play.act("fca-1", "declare_conflict", person="lm-1"), "own_conflict_or_from_above")
    must(play.act("leg-1", "declare_conflict", person="lm-1"))
    assert play.case.case.conflicted == ("lm-1",)
    must(play.act("hop-1", "declare_conflict", person="leg-1"))


def test_a_conflict_is_declared_once() -> None:
    play = Play()
    must(play.act("lm-1", "declare_conflict"))
    no(play.act("lm-1", "declare_conflict"), "recorded_already")
    must(play.act("hop-1", "declare_conflict", person="lm-1"))
    assert play.case.case.conflicted == ("lm-1",)


def test_the_agreement_of_somebody_who_turns_out_to_be_conflicted_no_longer_counts() -> None:
    play = Play()
    play.until("2026-12-18 16:30")
    must(play.act("lm-1", "choose_after_date"))
    must(play.act("hop-1", "declare_conflict", person="lm-1"))
    assert play.case.case.pending == ()
    must(play.act("leg-1", "choose_after_date"))
    assert play.last.kind is Kind.FIRST_OF_TWO
    assert play.here == "registered"


def test_cover_for_a_conflicted_person_is_conflicted_with_them() -> None:
    play = Play(people=office(absences=(away("lm-1", "2026-11-23", "2026-11-27", "lm-2"),)))
    assert play.holders() == ["lm-2"]
    must(play.act("hop-1", "declare_conflict", person="lm-1"))
    assert play.holders() == ["hop-1"]


def test_the_line_manager_of_a_practitioner_who_manages_is_that_persons_own() -> None:
    play = Play(by="fca-7")
    assert play.holders() == ["lm-2"]


def test_the_head_of_the_chain_is_asked_when_the_practitioner_is_high_up() -> None:
    people = office(people={"hop-1": {"roles": (Role.PR,)}})
    assert Play(by="hop-1", people=people).holders() == ["ad-1"]


# --- SD5: agreeing, arranging, starting are three people -------------------------------------------


def two_hats(**people: Any) -> Play:
    return Play(people=office(people=people))


def test_whoever_agreed_does_not_arrange_the_account_nor_use_it() -> None:
    play = two_hats(**{"lm-1": {"roles": (Role.COM,)}})
    must(play.act("lm-1", "agree"))
    assert "lm-1" not in play.holders()
    receipt = no(play.act("lm-1", "arrange_account", custodian="com-1"), "sd5")
    assert receipt.clause in ("SD5", "2.13")
    must(play.act("com-1", "arrange_account"))
    no(play.act("lm-1", "start_session"), "sd5")
    must(play.act("com-2", "start_session"))
    no(play.act("lm-1", "capture_item"), "sd5")


def test_whoever_started_does_not_arrange_the_account() -> None:
    play = two_hats(**{"fca-1": {"roles": (Role.PR, Role.COM)}})
    must(play.act("lm-1", "agree"))
    no(play.act("fca-1", "arrange_account"), "sd5")


@pytest.mark.parametrize("custodian", ["fca-1", "fca-2", "lm-1"])
def test_whoever_started_holds_the_case_or_agreed_does_not_hold_the_account(
    custodian: str,
) -> None:
    held = Account(
        id="official-facebook-1",
        platform="Facebook",
        custodians=("com-1", "fca-1", "fca-2", "lm-1"),
    )
    play = Play(people=office(accounts=(held,)))
    must(play.act("hop-1", "reassign", role="PR", to="fca-2"))
    must(play.act("lm-1", "agree"))
    receipt = no(play.act("com-2", "arrange_account", custodian=custodian), "account_is_official")
    assert "does not hold the account" in receipt.message
    must(play.act("com-2", "arrange_account", custodian="com-1"))


def test_whoever_arranged_an_account_does_not_agree_when_the_direction_is_varied() -> None:
    play = two_hats(**{"hop-1": {"roles": (Role.COM,)}})
    must(play.act("lm-1", "agree"))
    must(play.act("hop-1", "arrange_account"))
    must(play.act("leg-1", "vary"))
    play.until("2026-11-24 12:00")
    assert play.holders() == ["ad-1"], "the deadline passed over the arranger"
    no(play.act("hop-1", "agree"), "sd5")
    must(play.act("ad-1", "agree"))


def test_whoever_was_named_to_hold_the_account_does_not_agree_when_the_direction_is_varied() -> (
    None
):
    held = Account(id="official-facebook-1", platform="Facebook", custodians=("com-2", "hop-1"))
    play = Play(people=office(accounts=(held,)))
    must(play.act("lm-1", "agree"))
    must(play.act("com-1", "arrange_account", custodian="hop-1"))
    must(play.act("leg-1", "vary"))
    play.until("2026-11-24 12:00")
    assert play.holders() == ["ad-1"], "the deadline passed over the custodian"
    no(play.act("hop-1", "agree"), "sd5")


def test_an_earlier_agreement_counts_even_when_somebody_else_agreed_since() -> None:
    play = two_hats(**{"lm-1": {"roles": (Role.COM,)}})
    must(play.act("lm-1", "agree"))
    must(play.act("com-1", "cannot_arrange"))
    must(play.act("leg-1", "advise_to_comply"))
    must(play.act("hop-1", "agree"))
    no(play.act("lm-1", "arrange_account"), "sd5")


# --- SD6: whoever captured does not check ----------------------------------------------------------


def test_whoever_captured_an_item_does_not_check_it() -> None:
    play = at_step("checking")
    assert "com-1" not in play.holders("checking:COM")
    no(play.act("com-1", "verify_and_file"), "sd6")
    must(play.act("com-2", "verify_and_file"))
    assert [item.filed_by for item in play.record.captures] == ["com-2"]


def test_the_capturer_who_became_practitioner_does_not_check_either() -> None:
    play = at_step("checking")
    no(play.act("hop-1", "reassign", role="PR", to="com-1"), "sd1")
    no(play.act("com-1", "verify_and_file"), "sd6")


# --- SD7: Legal advises ----------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["agree", "do_not_agree", "start_considering"])
def test_legal_never_makes_the_managers_decision(act: str) -> None:
    no(Play().act("leg-1", act), "wrong_role")
    play = at_step("with_legal")
    must(play.act("leg-1", "advise_to_comply"))
    no(play.act("leg-1", act), "wrong_role")
    assert play.holders() == ["hop-1"], "another manager looks again, not Legal"


def test_legal_alone_goes_to_the_court_and_reads_its_answer() -> None:
    play = at_step("with_legal")
    no(play.act("lm-1", "go_back_to_court"), "wrong_role")
    must(play.act("leg-1", "go_back_to_court"))
    no(play.act("hop-1", "record_court_answer"), "wrong_role")
    must(play.act("leg-2", "record_court_answer"))


def test_legals_advice_is_kept_sealed() -> None:
    play = at_step("with_legal")
    must(play.act("leg-1", "advise_to_comply"))
    assert play.last.sealed
    assert "advice" not in play.last.model_dump_json().replace("advises", "")


def test_the_second_look_is_never_by_whoever_did_not_agree() -> None:
    play = at_step("with_legal")
    must(play.act("leg-1", "advise_to_comply"))
    assert play.holders() == ["hop-1"]
    no(play.act("lm-1", "agree"), "wrong_role")
    must(play.act("hop-1", "do_not_agree"))
    must(play.act("leg-1", "advise_to_comply"))
    assert play.holders() == ["ad-1"]
    no(play.act("hop-1", "agree"), "d-06")
    must(play.act("ad-1", "agree"))


# --- SD13 and SD14: administrators repair, auditors read -------------------------------------------


def test_an_administrator_reassigns_but_never_decides() -> None:
    play = Play()
    must(play.act("adm-1", "reassign", role="LM", to="lm-2"))
    play.wait_a_minute()
    assert play.holders() == ["lm-2"]
    for act in ("agree", "pause", "start_considering"):
        no(play.act("adm-1", act), "administrator")


def test_an_administrator_may_do_what_anybody_may() -> None:
    must(Play().act("adm-1", "raise_safeguarding"))


def test_an_administrator_who_is_somehow_line_manager_still_does_not_decide() -> None:
    play = Play()
    must(play.act("hop-1", "reassign", role="LM", to="adm-1"))
    no(play.act("adm-1", "agree"), "administrator")


def test_nobody_is_made_an_administrator_by_a_reassignment() -> None:
    play = Play()
    no(play.act("hop-1", "reassign", role="ADM", to="lm-1"), "work_can_be_given")
    no(play.act("hop-1", "reassign", role="COL", to="lm-1"), "work_can_be_given")


@pytest.mark.parametrize(
    "act", ["raise_emergency", "add_evidence", "agree", "reassign", "declare_conflict", "withdraw"]
)
def test_an_auditor_never_acts(act: str) -> None:
    play = Play()
    before = standing(play)
    receipt = no(play.act("aud-1", act), "auditor")
    assert receipt.clause == "SD14"
    assert standing(play) == before | {"roster": play.case.case.roster.model_dump()}


def test_an_auditor_does_not_correct_a_decision_either() -> None:
    play = at_step("with_legal")
    no(play.act("aud-1", "correct_decision"), "auditor")


# --- SD15: delegation ------------------------------------------------------------------------------


def test_a_delegate_acts_in_the_name_of_whoever_delegated_and_the_trail_shows_it() -> None:
    cover = lent("lm-1", "hop-2", Role.LM, first="2026-11-23", last="2026-11-27")
    play = Play(people=office(delegations=(cover,)))
    must(play.act("hop-2", "agree"))
    assert (play.last.actor, play.last.on_behalf_of) == ("hop-2", "lm-1")
    assert play.last.why is Why.DELEGATE


def test_a_delegation_ends_by_itself_to_the_second() -> None:
    cover = lent("lm-1", "hop-2", Role.LM, first="2026-11-23 09:00", last="2026-11-23 11:00")
    play = Play(people=office(delegations=(cover,)))
    play.until("2026-11-23 11:00")
    no(play.act("hop-2", "agree", at=play.now), "wrong_role")
    must(play.act("lm-1", "agree"))


def test_a_delegate_says_truly_for_whom_they_act() -> None:
    cover = lent("lm-1", "hop-2", Role.LM, first="2026-11-23", last="2026-11-27")
    play = Play(people=office(delegations=(cover,)))
    no(play.act("hop-2", "agree", on_behalf_of="lm-2"), "wrong_role")
    no(play.act("lm-1", "agree", on_behalf_of="hop-2"), "wrong_role")
    must(play.act("hop-2", "agree", on_behalf_of="lm-1"))


def test_a_role_claimed_but_not_held_is_refused() -> None:
    play = Play()
    no(play.act("lm-1", "agree", as_role=Role.AD), "wrong_role")
    must(play.act("lm-1", "agree", as_role=Role.LM))


# --- SD16: two roles, two people -------------------------------------------------------------------


def date_missed(**given: Any) -> Play:
    play = Play(**given)
    play.until("2026-12-18 16:30")
    return play


@pytest.mark.parametrize("order", [("lm-1", "leg-1"), ("leg-1", "lm-1")])
def test_two_people_choose_in_either_order(order: tuple[str, str]) -> None:
    play = date_missed()
    first, second = order
    receipt = must(play.act(first, "choose_after_date"))
    assert play.last.kind is Kind.FIRST_OF_TWO
    assert receipt.message.startswith("Recorded. It takes effect when")
    assert play.here == "registered"
    must(play.act(second, "choose_after_date"))
    assert play.here == "expired"
    assert play.last.no is not No.REFUSED


def test_one_person_in_both_roles_is_refused_as_the_second() -> None:
    people = office(people={"lm-1": {"roles": (Role.LEG,)}})
    play = date_missed(people=people)
    must(play.act("lm-1", "choose_after_date"))
    receipt = no(play.act("lm-1", "choose_after_date"), "two_people")
    assert receipt.clause == "SD16"
    assert play.here == "registered"


def test_two_people_of_the_same_role_are_not_two_roles() -> None:
    play = date_missed()
    must(play.act("leg-1", "choose_after_date"))
    no(play.act("leg-2", "choose_after_date"), "wrong_role")


def test_the_second_must_agree_to_the_same_thing() -> None:
    play = date_missed()
    must(play.act("lm-1", "choose_after_date", choice="expired"))
    no(play.act("leg-1", "choose_after_date", choice="extension_asked"), "not_the_same")
    no(play.act("leg-1", "choose_after_date", court_told_proof=OTHER_HASH), "not_the_same")
    must(play.act("leg-1", "choose_after_date", choice="expired"))


def test_the_first_may_be_taken_back_by_its_giver_only() -> None:
    play = date_missed()
    must(play.act("lm-1", "choose_after_date"))
    no(play.act("leg-1", "take_back"), "nothing_to_take_back")
    must(play.act("lm-1", "take_back"))
    assert play.case.case.pending == ()
    must(play.act("leg-1", "choose_after_date"))
    assert play.last.kind is Kind.FIRST_OF_TWO


def test_whoever_has_chosen_owes_nothing_more_until_they_take_it_back() -> None:
    play = date_missed()
    assert {"date_manager", "date_legal"} <= play.duties()
    must(play.act("lm-1", "choose_after_date"))
    assert "date_manager" not in play.duties()
    must(play.act("lm-1", "take_back"))
    assert "date_manager" in play.duties()


def test_an_agreement_about_a_date_that_was_moved_does_not_meet_a_later_one() -> None:
    play = at_step("ready")
    play.until("2026-12-18 16:30")
    must(play.act("lm-1", "choose_after_date", choice="expired"))
    play.wait_a_minute()
    must(play.act("lm-1", "take_back"))
    must(play.act("lm-1", "choose_after_date", choice="extension_asked"))
    must(play.act("leg-1", "choose_after_date", choice="extension_asked"))
    assert play.here == "back_at_court"
    play.until("2026-12-21 10:00")
    must(play.act("lm-1", "choose_after_date", choice="expired", court_told_proof=PROOF))
    must(play.act("leg-1", "record_court_answer", answer="varied",
                  scope=play.record.scope.model_dump(mode="json"),
                  compliance_date="2027-01-15 16:00"))  # fmt: skip
    assert play.case.case.pending == ()
    play.until("2027-01-15 16:30")
    must(play.act("leg-1", "choose_after_date", choice="expired"))
    assert play.last.kind is Kind.FIRST_OF_TWO


def test_everybody_in_these_stories_is_in_the_example_directory() -> None:
    known = {person.id for person in example_directory().people}
    assert {"lm-1", "hop-1", "ad-1", "com-1", "leg-1", "adm-1", "aud-1", "fca-7"} <= known
