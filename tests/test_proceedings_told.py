"""Posts about court proceedings: who hears of what, what needs a reason, what is no work of anybody's."""

from __future__ import annotations

import pytest

from models.people import Role
from procedures.court_proceedings import CourtProceedings
from runtime.path_ahead import path_ahead
from tests.core_help import must, no
from tests.proceedings_help import BECAUSE, Post, a_decision, after, in_deciding, waiting

COM, HRBP, LEG, LM, PR, REP, SAFE = (
    Role.COM, Role.HRBP, Role.LEG, Role.LM, Role.PR, Role.REP, Role.SAFE,
)  # fmt: skip

# The column "Tell" of the analysis 7.3, by the id of the event.
TOLD: list[tuple[str, set[Role]]] = [
    ("C-04", {PR}),
    ("C-05", {LM, PR}),
    ("C-07", {PR, LEG}),
    ("C-07s", {PR, LEG}),
    ("C-08", {LM}),
    ("C-09", {LM}),
    ("C-10", {LM, LEG}),
    ("C-11", {LM}),
    ("C-12", {LEG}),
    ("C-13", {LM, LEG}),
    ("C-15", {LM, LEG}),
    ("C-16", {PR, REP}),  # and whoever reported, as each reporter hears the end (6.4)
    ("C-16l", {PR, REP}),
    ("C-17", {REP}),
    ("C-18", set()),  # confidential
]


@pytest.mark.parametrize(("code", "roles"), TOLD)
def test_those_hear_of_it_whom_the_analysis_names(code: str, roles: set[Role]) -> None:
    assert set(CourtProceedings.acts_by_code[code].tells) == roles


def test_the_reporter_and_the_practitioner_hear_the_end_each_once() -> None:
    post = waiting(by="com-1", fca_of_case="fca-1")
    must(post.act("lm-1", "close_case"))
    assert post.told("com-1", post.last) == ["told"]
    assert post.told("fca-1", post.last) == ["told"]


def test_the_practitioner_of_the_case_hears_of_a_report_by_somebody_else() -> None:
    post = waiting(by="com-1", fca_of_case="fca-1")
    assert "told" in post.told("fca-1", post.entries[0])
    assert "receipt" in post.told("com-1", post.entries[0])


DECIDING = {
    "advise_as_manager", "advise_as_legal", "rule_on_material", "decide", "decide_against_legal",
    "close_case", "close_with_legal", "join_by_hand", "separate", "reopen", "pass_to_conduct",
}  # fmt: skip


def test_what_decides_needs_a_reason_and_what_only_records_does_not() -> None:
    own = [name for name, act in CourtProceedings.acts.items() if act.code.startswith("C-")]
    assert {name for name in own if CourtProceedings.acts[name].decides} == DECIDING
    no(in_deciding().act("lm-1", "decide", reason="ok"), "no_reason")


@pytest.mark.parametrize("act", ["choose_route", "approve_wording", "decide_again"])
def test_what_a_manager_does_without_a_reason_is_still_not_for_whoever_reported(act: str) -> None:
    assert "SD1" in {rule.id for rule in CourtProceedings.acts[act].apart}


@pytest.mark.parametrize(
    ("person", "act"),
    [("com-1", "report_to_platform"), ("leg-1", "take_legal_step"), ("fca-1", "talk_with_child")],
)
def test_a_step_that_was_not_chosen_is_not_recorded_as_taken(person: str, act: str) -> None:
    no(after(a_decision()).act(person, act), "step_was_chosen")


def test_a_step_is_taken_once() -> None:
    both = {"steps": ["platform_report"], "because": BECAUSE}
    post = after(a_decision(other=both))
    must(post.act("com-1", "report_to_platform"))
    no(post.act("com-2", "report_to_platform"), "step_was_chosen")


def test_an_answer_without_a_request_is_refused() -> None:
    no(waiting().act("fca-1", "record_answer"), "answer_is_awaited")


def test_what_was_chosen_and_not_done_keeps_a_case_open() -> None:
    post = after(a_decision(tell_parties=True))
    must(post.act("fca-1", "tell_court"))
    must(post.act("com-1", "add_post"))
    assert post.here == "deciding", "decided afresh, with the parties still to be told"
    refused = no(post.act("lm-1", "close_case"), "nothing_chosen_is_left")
    assert "tell the parties" in refused.message


def test_a_new_post_takes_back_what_was_said_of_removal() -> None:
    post = after(a_decision(tell_court=False, ask_removal=True))
    must(post.act("fca-1", "propose_wording"))
    must(post.act("lm-1", "approve_wording"))
    must(post.act("fca-1", "ask_for_removal"))
    must(post.act("fca-1", "record_answer"))
    assert post.record.reply == "removed"
    must(post.act("fca-2", "add_post"))
    assert post.record.reply is None


def test_a_request_that_is_with_the_party_is_waited_for_whatever_is_decided_meanwhile() -> None:
    post = after(a_decision(tell_court=False, ask_removal=True))
    must(post.act("fca-1", "propose_wording"))
    must(post.act("lm-1", "approve_wording"))
    must(post.act("fca-1", "ask_for_removal"))
    must(post.act("fca-2", "add_post"))
    assert {"answer", "deciding"} == post.duties()
    must(post.act("lm-1", "decide"))
    assert {"answer", "tell_court"} == post.duties()
    must(post.act("fca-1", "tell_court"))
    assert post.here == "asking"
    must(post.act("fca-1", "record_answer"))
    assert post.here == "waiting"


def test_a_dry_run_shows_telling_the_court_on_the_usual_way() -> None:
    path = path_ahead(Post().case)
    assert [stage.code for stage in path.usual] == ["C2", "C3", "C4", "C6"]
    assert path.ends == "Closed: court and parties informed"
