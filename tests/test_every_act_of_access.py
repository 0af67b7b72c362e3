"""Every act of court-directed access once, as it should be taken: who hears of it, who explains it.

The tables repeat the event table of 7.4 on purpose: they are what the class body is held against.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from models.case import Entry
from procedures.court_directed_access import CourtDirectedAccess
from tests.core_help import HASH, PROOF, Play, a_target, at_step, must, no, office


class Taken(NamedTuple):
    """Where an act is taken, by whom, and who hears of it beside those who get work from it."""

    step: str
    person: str
    told: set[str]
    given: dict[str, Any] = {}  # noqa: RUF012  # never changed


CHILD = {"targets": [a_target(child=True)]}
ORAL = {"order_status": "oral", "order_document": None, "oral_note": "said at the hearing"}
COMS = {"com-1", "com-2", "com-3", "com-4"}
LEGAL = {"leg-1", "leg-2"}

EVERY: dict[str, Taken] = {
    "send_order": Taken("registered", "fca-1", {"lm-1"} | LEGAL, ORAL),
    "start_considering": Taken("registered", "lm-1", {"fca-1"}),
    "agree": Taken("registered", "lm-1", {"fca-1"}),
    "give_legal_view": Taken("registered", "leg-1", {"lm-1"}, CHILD),
    "give_safeguarding_view": Taken("registered", "safe-1", {"lm-1"}, CHILD),
    "do_not_agree": Taken("registered", "lm-1", {"hop-1", "fca-1"}),
    "advise_to_comply": Taken("with_legal", "leg-1", {"lm-1"}),
    "go_back_to_court": Taken("with_legal", "leg-1", {"lm-1", "fca-1"}),
    "record_court_answer": Taken("back_at_court", "leg-1", {"lm-1", "fca-1"}),
    "ask_the_court": Taken("registered", "lm-1", {"fca-1"}),
    "arrange_account": Taken("arranging", "com-1", {"lm-1"}),
    "cannot_arrange": Taken("arranging", "com-1", {"lm-1"}),
    "start_session": Taken("ready", "com-1", set()),
    "capture_item": Taken("session", "com-1", set(), {}),
    "end_session": Taken("session", "com-1", {"lm-1"}),
    "verify_and_file": Taken("checking", "com-2", {"lm-1"}),
    "report_safeguarding": Taken("checking", "com-2", set()),
    "report_wrong": Taken("ready", "com-2", {"lm-1", "its-1", "hoc-1"} | LEGAL),
    "assess_breach": Taken("closing", "ig-1", {"lm-1"} | LEGAL),
    "withdraw": Taken("registered", "leg-1", {"fca-1", "lm-1"} | LEGAL | COMS),
    "vary": Taken("arranging", "leg-1", COMS),
    "complete": Taken("ready", "fca-1", {"lm-1"}),
    "file_report": Taken("closing", "fca-1", {"lm-1"}),
    "close_access": Taken("closing", "com-1", {"fca-1", "lm-1"}),
    "decide_captures": Taken("closing", "leg-1", {"fca-1"} | COMS),
    "choose_after_window": Taken("closing", "lm-1", {"fca-1"} | COMS),
    "choose_after_date": Taken("registered", "leg-1", {"fca-1"} | COMS),
    "separate": Taken("joined", "lm-1", {"fca-1"}),
    "reopen": Taken("stopped", "lm-1", {"fca-1"} | LEGAL),
    "refer": Taken("registered", "leg-1", set()),
    "take_referral": Taken("registered", "lm-1", set()),
    "raise_emergency": Taken("ready", "com-2", {"lm-1", "hop-1", "onc-1", "hrbp-1", "hsi-1"}),
    "confirm_safe": Taken(
        "registered", "lm-1", {"hrbp-1", "hsi-1", "hop-1"}, {"immediate_danger": True}
    ),
    "raise_safeguarding": Taken("ready", "com-2", {"safe-1", "lm-1"}),
    "safeguarding_handled": Taken(
        "registered", "safe-1", {"fca-1", "lm-1"}, {"safeguarding_concern": "yes"}
    ),
    "add_evidence": Taken("registered", "lm-1", set()),
    "ask_information": Taken("registered", "lm-1", set()),
    "answer": Taken("registered", "fca-1", set()),
    "link_case": Taken("registered", "lm-1", set()),
    "reassign": Taken("registered", "hop-1", set()),
    "declare_conflict": Taken("registered", "lm-1", set()),
    "pause": Taken("registered", "hop-1", set()),
    "resume": Taken("registered", "hop-1", set()),
    "correct_decision": Taken("arranging", "lm-1", set()),
    "adopt": Taken("registered", "hop-1", set()),
    "take_back": Taken("registered", "lm-1", set()),
}

DECIDES = {
    "agree", "give_legal_view", "give_safeguarding_view", "do_not_agree", "advise_to_comply",
    "go_back_to_court", "record_court_answer", "ask_the_court", "cannot_arrange", "assess_breach",
    "decide_captures", "choose_after_window", "choose_after_date", "safeguarding_handled",
    "reassign", "pause", "correct_decision", "adopt", "reopen", "separate",
}  # fmt: skip
"""Acts that need a reason and somebody who did not start the case."""

SEALED = {"give_legal_view", "advise_to_comply", "decide_captures"}
"""Privileged: the trail shows that it was given, by whom and when."""


def _standing_at(taken: Taken) -> Play:
    if taken.step == "joined":
        return Play(same_as="case-0")
    if taken.step == "stopped":
        play = Play()
        must(play.act("leg-1", "withdraw"))
        return play
    return at_step(taken.step, **taken.given)


def ready_for(act: str) -> tuple[Play, dict[str, Any]]:
    """A case in which the act can be taken at once, and what it needs beside the usual."""
    taken = EVERY[act]
    play = _standing_at(taken)
    more: dict[str, Any] = {}
    if act == "capture_item":
        more = {"sha256": HASH}
    elif act == "refer":
        more = {"to": "E"}
    elif act == "take_referral":
        must(play.act("leg-1", "refer", to="E"))
        more = {"to": "E", "case": "case-0"}
    elif act == "answer":
        must(play.act("lm-1", "ask_information"))
    elif act == "resume":
        must(play.act("hop-1", "pause"))
    elif act == "assess_breach":
        must(play.act("com-1", "report_wrong", personal_data_breach=True))
    elif act == "choose_after_window":
        must(play.act("com-1", "report_wrong"))
        more = {"choice": "tell_court", "court_told_proof": PROOF}
    elif act in ("choose_after_date", "take_back"):
        play.until("2026-12-18 16:30")
        must(play.act("lm-1", "choose_after_date"))
    elif act == "adopt":
        play.until("2026-11-24 10:30")
        more = {"decision": play.act("lm-1", "do_not_agree").decision}
    return play, more


def take(act: str, **shape: Any) -> Entry:
    """The entry of an act that is applied."""
    play, more = ready_for(act)
    must(play.act(EVERY[act].person, act, **more, **shape))
    return play.last


def test_the_table_holds_every_act_of_people() -> None:
    people = {name for name, act in CourtDirectedAccess.acts.items() if act.by_people}
    assert set(EVERY) == people - {"register"}


@pytest.mark.parametrize("act", EVERY)
def test_everybody_hears_of_an_act_who_should(act: str) -> None:
    told = {tell.person for tell in take(act).tells}
    assert told >= EVERY[act].told


@pytest.mark.parametrize("act", EVERY)
def test_what_decides_is_explained_and_what_does_not_needs_no_words(act: str) -> None:
    play, more = ready_for(act)
    receipt = play.act(EVERY[act].person, act, reason="", **more)
    if act in DECIDES:
        no(receipt, "no_reason")
    else:
        must(receipt)


@pytest.mark.parametrize("act", EVERY)
def test_privileged_advice_is_sealed_and_nothing_else_is(act: str) -> None:
    assert take(act).sealed is (act in SEALED)


@pytest.mark.parametrize("act", sorted(SEALED))
def test_refused_privileged_advice_is_sealed_too(act: str) -> None:
    play, _ = ready_for(act)
    no(play.act("fca-2", act), "wrong_role")
    assert play.last.sealed


@pytest.mark.parametrize("act", EVERY)
def test_every_entry_says_who_in_what_role_when_and_by_which_clause(act: str) -> None:
    entry = take(act)
    assert entry.actor == EVERY[act].person
    assert entry.role is not None
    assert entry.clauses
    assert entry.policy == "2.2"
    assert entry.london.endswith(("GMT", "BST"))
    assert entry.decision is not None


@pytest.mark.parametrize(
    ("at", "given", "act", "told"),
    [
        ("2026-12-16 16:01", {}, "D-23w", {"lm-1"} | LEGAL),
        ("2026-12-18 16:01", {}, "D-23", {"lm-1", "ad-1"} | LEGAL),
        ("2026-11-30 10:01", {"compliance_date": "none given"}, "D-01r", {"lm-1"} | LEGAL),
    ],
)
def test_what_the_clock_brings_is_told_too(
    at: str, given: dict[str, Any], act: str, told: set[str]
) -> None:
    play = Play(**given)
    play.until(at)
    (entry,) = [entry for entry in play.entries if entry.act == act]
    assert {tell.person for tell in entry.tells} >= told


def test_the_end_of_a_session_and_of_a_window_is_told_to_those_at_work() -> None:
    play = at_step("session")
    play.until("2026-11-30 10:10")
    limit, window = (next(e for e in play.entries if e.act == code) for code in ("D-12a", "D-22"))
    assert {tell.person for tell in limit.tells} >= COMS | {"fca-1"}
    assert {tell.person for tell in window.tells} >= {"fca-1", "lm-1"}


# --- what acts write down, where no other test needs it ---------------------------------------------


def test_orders_letters_and_proofs_are_kept_by_their_hash() -> None:
    assert Play().entries[0].evidence == (HASH,)
    assert take("go_back_to_court").evidence == (HASH,)
    assert take("record_court_answer").evidence == (HASH,)
    assert take("vary").evidence == (HASH,)
    assert take("send_order").evidence == (HASH,)
    assert take("file_report").evidence == (PROOF,)
    assert take("choose_after_date").evidence == (PROOF,)


@pytest.mark.parametrize("step", ["ready", "checking"])
def test_a_case_completed_by_its_practitioner_needs_no_further_choice(step: str) -> None:
    play = at_step(step)
    must(play.act("fca-1", "complete"))
    assert "choose" not in play.duties()
    assert "report" in play.duties()


def test_whoever_agreed_before_no_account_was_found_is_not_asked_again() -> None:
    for acts in (("advise_to_comply",), ("go_back_to_court", "record_court_answer")):
        play = at_step("arranging")
        must(play.act("com-1", "cannot_arrange"))
        for act in acts:
            must(play.act("leg-1", act))
        assert play.here == "considering"
        assert play.holders() == ["hop-1"]
        must(play.act("com-1", "report_wrong"))
        must(play.act("lm-1", "choose_after_window", choice="extend"))
        assert play.here == "considering", "what was agreed before does not count any more"


def test_nobody_says_no_twice_in_the_same_case() -> None:
    play = Play(people=office(people={"lm-1": {"line_manager": "ad-1"}}))
    must(play.act("lm-1", "do_not_agree"))
    must(play.act("leg-1", "advise_to_comply"))
    must(play.act("adm-1", "reassign", role="SM", to="lm-1"))
    no(play.act("lm-1", "do_not_agree"), "d-06")
