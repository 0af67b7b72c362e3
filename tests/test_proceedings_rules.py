"""Posts about court proceedings: what must never happen, and the rules of telling and asking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest

from models.proceedings import AuthorStatus
from models.proceedings_acts import NotABreach, PartyTold, RemovalRequest
from procedures.court_proceedings import CourtProceedings
from procedures.words import Outcome
from tests.core_help import HASH, must, no
from tests.proceedings_help import NO_BREACH, Post, a_decision, after, in_deciding, waiting

ASKED = a_decision(tell_court=False, ask_removal=True)


def asked(**given: Any) -> Post:
    """A case in which a removal request is with the party."""
    post = after(ASKED, **given)
    must(post.act("fca-1", "propose_wording"))
    must(post.act("lm-1", "approve_wording"))
    must(post.act("fca-1", "ask_for_removal"))
    return post


# --- never ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [one for one in AuthorStatus if one is not AuthorStatus.PARTY])
def test_nobody_but_a_party_is_ever_asked_to_remove_a_post(status: AuthorStatus) -> None:
    post = Post(author_status=status, author_represented=None)
    must(post.act("lm-1", "choose_route", route="legal"))
    must(post.act("leg-1", "advise_as_legal"))
    no(post.act("lm-1", "decide", fields=ASKED), "removal_only_from_a_party")
    must(post.act("lm-1", "decide"))


@pytest.mark.parametrize("method", ["social_media", "comment_on_the_post"])
def test_no_request_is_made_where_the_post_is(method: str) -> None:
    post = after(ASKED)
    must(post.act("fca-1", "propose_wording"))
    must(post.act("lm-1", "approve_wording"))
    refused = no(
        post.act("fca-1", "ask_for_removal", method=method), "request_is_not_by_social_media"
    )
    assert "never approached through social media" in refused.message
    assert refused.clause == "2.11"


def test_every_other_way_of_asking_is_possible() -> None:
    ways = get_args(RemovalRequest.model_fields["method"].annotation)
    for method in set(ways) - {"social_media", "comment_on_the_post"}:
        post = after(ASKED)
        must(post.act("fca-1", "propose_wording"))
        must(post.act("lm-1", "approve_wording"))
        must(post.act("fca-1", "ask_for_removal", method=method))


@pytest.mark.parametrize("to", ["a_relative", "a_friend"])
def test_a_relative_or_friend_is_never_told_to_take_it_down(to: str) -> None:
    post = after(ASKED)
    must(post.act("fca-1", "propose_wording"))
    must(post.act("lm-1", "approve_wording"))
    no(post.act("fca-1", "ask_for_removal", to=to), "request_goes_to_the_party")


@pytest.mark.parametrize("source", ["own_viewing", "a_friend_looked"])
@pytest.mark.parametrize("reply", ["removed", "refuses"])
def test_what_somebody_went_and_looked_at_proves_nothing(source: str, reply: str) -> None:
    refused = no(asked().act("fca-1", "record_answer", source=source, reply=reply),
                 "nobody_went_and_looked")  # fmt: skip
    assert "Nobody goes and looks" in refused.message
    assert refused.clause == "2.1"


@pytest.mark.parametrize("source", ["party", "solicitor", "informant", "court"])
def test_proof_comes_from_the_party_a_solicitor_the_informant_or_the_court(source: str) -> None:
    post = asked()
    no(post.act("fca-1", "record_answer", source=source, proof=None), "removal_is_proved")
    must(post.act("fca-1", "record_answer", source=source))
    assert post.here == "waiting"


def test_no_answer_is_never_taken_as_removal() -> None:
    post = asked()
    due = post.duty("answer").due
    assert due is not None
    none = {"reply": "no_answer", "proof": None}
    no(post.act("fca-1", "record_answer", **none), "removal_is_proved")
    post.until(due + timedelta(hours=1))
    must(post.act("lm-1", "record_answer", **none))
    for outcome in ("removed_on_request", "court_informed_and_removed"):
        no(post.act("lm-1", "close_case", outcome=outcome), "outcome_is_true")


def test_ended_proceedings_are_no_reason_for_no_breach() -> None:
    reasons = get_args(NotABreach)
    assert reasons
    assert not [one for one in reasons if "end" in one or "over" in one or "closed" in one]
    post = in_deciding(proceedings_status="ended")
    wrong = {**NO_BREACH, "why_no_breach": "case_ended"}
    no(post.act("lm-1", "decide", fields=wrong), "fields")
    no(post.act("lm-1", "decide", fields={**NO_BREACH, "why_no_breach": None}), "fields")


def test_with_a_hearing_near_the_court_does_not_wait_for_a_removal() -> None:
    post = in_deciding(legal={}, next_hearing="2026-11-24 10:00")
    no(post.act("lm-1", "decide", fields=ASKED), "court_is_not_kept_waiting")
    must(post.act("lm-1", "decide", fields=a_decision(ask_removal=True)))
    assert {"tell_court", "request"} <= post.duties(), "side by side"
    knows = in_deciding(legal={}, next_hearing="2026-11-24 10:00", court_already_aware="yes")
    must(knows.act("lm-1", "decide", fields=ASKED))


def test_nobody_is_asked_to_judge_whether_a_post_is_authentic() -> None:
    fields = {
        name for act in CourtProceedings.acts.values() for name in act.form.model_fields
    } | set(CourtProceedings.intake_form.model_fields)
    assert not [name for name in fields if "authentic" in name or "genuine" in name]


def test_time_alone_closes_no_case_and_decides_nothing() -> None:
    for post in (Post(), in_deciding(), after(a_decision()), asked(), waiting()):
        here, verdict = post.here, post.record.verdict
        post.wait(timedelta(days=60))
        assert (post.here, post.record.verdict) == (here, verdict)
        assert not isinstance(post.case.step, Outcome)


# --- four separate answers --------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["tell_court", "tell_parties", "ask_removal", "other"])
@pytest.mark.parametrize("because", ["", "ok", "aaaaaaaaaaaaaaaaaaaaaaaaaaa"])
def test_each_of_the_four_answers_needs_a_reason_of_its_own(answer: str, because: str) -> None:
    form = a_decision()
    form[answer] = {**form[answer], "because": because}
    refused = no(in_deciding().act("lm-1", "decide", fields=form), "fields")
    assert f"{answer}.because" in refused.message


INCONSISTENT: dict[str, dict[str, Any]] = {
    "parties are told, but none is named": {
        **a_decision(), "tell_parties": a_decision()["tell_court"], "parties": [],
    },
    "a party is named, but none is told": a_decision(parties=["A"]),
    "no breach, and the court is told": {**NO_BREACH, "tell_court": a_decision()["tell_court"]},
    "a breach, and why it is none": a_decision(why_no_breach="lawful_reporting"),
    "the same step twice": a_decision(
        other={"steps": ["injunction", "injunction"], "because": "It has to be done, and at once."}
    ),
    "a party by name": a_decision(tell_parties=True, parties=["Mr Maypole"]),
}  # fmt: skip


@pytest.mark.parametrize("form", INCONSISTENT.values(), ids=INCONSISTENT)
def test_answers_that_contradict_each_other_are_not_taken(form: dict[str, Any]) -> None:
    refused = no(in_deciding().act("lm-1", "decide", fields=form), "fields")
    assert "Maypole" not in refused.message


CHOSEN: list[tuple[dict[str, Any], str, set[str]]] = [
    (a_decision(), "telling", {"tell_court"}),
    (a_decision(tell_parties=True), "telling", {"tell_court", "tell_parties"}),
    (ASKED, "asking", {"request"}),
    (a_decision(ask_removal=True), "telling", {"tell_court", "request"}),
    (
        a_decision(tell_court=False, other={
            "steps": ["platform_report", "injunction", "editor_through_legal"],
            "because": "Each of these helps in its own way here.",
        }),
        "telling", {"platform", "legal_step"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("decision", "step", "tasks"), CHOSEN)
def test_what_is_chosen_becomes_somebodys_work_side_by_side(
    decision: dict[str, Any], step: str, tasks: set[str]
) -> None:
    post = after(decision)
    assert post.here == step
    assert post.duties() == tasks


# --- telling ----------------------------------------------------------------------------------


def test_only_legal_makes_an_application_to_the_court() -> None:
    post = after(a_decision())
    no(post.act("fca-1", "tell_court", method="application_form"), "application_is_legals")
    must(post.act("leg-1", "tell_court", method="application_form"))


@pytest.mark.parametrize(("conclusion", "may"), [("usable", True), ("unusable", False)])
def test_sealed_material_is_attached_only_once_legal_says_so(conclusion: str, may: bool) -> None:
    post = after(a_decision(), how_came_to_see="i_searched")
    no(post.act("fca-1", "tell_court", evidence_attached=[HASH]), "attached_material_may_be_used")
    must(post.act("leg-1", "rule_on_material", conclusion=conclusion))
    told = post.act("fca-1", "tell_court", evidence_attached=[HASH])
    assert (told.outcome == "applied") is may
    if not may:
        must(post.act("fca-1", "tell_court"))


def test_no_way_of_telling_a_party_is_through_social_media() -> None:
    for through in get_args(PartyTold.model_fields["through"].annotation):
        post = after(a_decision(tell_parties=True))
        told = [{"party": "A", "represented": "no", "through": through}]
        receipt = post.act("fca-1", "tell_parties", told=told)
        assert (receipt.code == "told_the_right_way") is (through == "social_media")


@pytest.mark.parametrize("act", ["tell_court", "tell_parties"])
def test_what_is_done_is_not_done_twice_and_not_undone(act: str) -> None:
    post = after(a_decision(tell_parties=True))
    must(post.act("fca-1", act))
    again = post.act("fca-1", act)
    assert again.outcome == "refused"
    assert "or it is done" in again.message
    no(post.act("lm-1", "correct_decision", act="decide", fields={"act": "decide", "fields": {}}),
       "nothing_to_correct")  # fmt: skip
