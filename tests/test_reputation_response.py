"""Corporate reputation (7.2): what may be recommended, approved and sent; several reports of one post."""

from __future__ import annotations

import pytest

from models.reputation import Action, Content
from tests.core_help import must, no
from tests.reputation_help import WORDS, ReportPlay, at_step

# --- responding ------------------------------------------------------------------------------------

NEVER_ANSWERED = {Content.ABUSIVE, Content.SPAM, Content.OFF_TOPIC}
ANSWERS = {Action.STATEMENT, Action.CORRECTION, Action.ANSWER}


@pytest.mark.parametrize("content", Content)
@pytest.mark.parametrize("action", Action)
def test_abuse_spam_and_what_is_off_topic_is_never_answered(
    content: Content, action: Action
) -> None:
    """3.4 and G-2. Reporting, blocking and a solicitor's letter are no engagement."""
    play = at_step("assessing")
    must(play.act("com-1", "sort", classes=[content]))
    text = None if content is Content.CASE_INFORMATION and action not in _WRITTEN else WORDS
    receipt = play.act("com-1", "recommend_response", actions=[action], text=text)
    if content in NEVER_ANSWERED and action in ANSWERS:
        no(receipt, "abuse_is_not_engaged_with")
    elif content is Content.CASE_INFORMATION and text is not None:
        no(receipt, "no_case_is_confirmed")
    else:
        must(receipt)


_WRITTEN = ANSWERS | {Action.SOLICITOR_LETTER}


def test_the_exception_for_safeguarding_is_asked_again_when_it_is_approved() -> None:
    play = ReportPlay(safeguarding_concern="yes")
    must(play.act("safe-1", "safeguarding_handled"))
    must(play.act("com-1", "take_on"))
    must(play.act("com-1", "sort", classes=["abusive"]))
    must(play.act("com-1", "recommend_response"))
    must(play.act("fca-3", "raise_safeguarding"))
    must(play.act("safe-1", "safeguarding_handled", results=["no_risk_found"]))
    no(play.act("hoc-1", "approve_response"), "abuse_is_not_engaged_with")


def test_a_name_learnt_from_another_report_is_looked_for_when_it_is_approved() -> None:
    play = at_step("waiting_for_decision")
    play.joined_by(protected_names=["Telephone Lines"])
    no(play.act("hoc-1", "approve_response"), "no_case_is_confirmed")


def test_words_once_cleared_stay_cleared_and_others_do_not() -> None:
    bold = "We can confirm that the court has our report."
    play = at_step("assessing")
    must(play.act("com-1", "sort"))
    must(play.act("com-1", "ask_advice", draft=bold))
    must(play.act("leg-1", "give_legal_advice"))
    no(play.act("com-1", "recommend_response", text=bold + " Today."), "no_case_is_confirmed")
    must(play.act("com-1", "recommend_response", text=bold))
    must(play.act("hoc-1", "send_back"))
    must(play.act("com-2", "recommend_response", text=bold))
    must(play.act("hoc-1", "approve_response"))


def test_legal_may_change_its_mind_about_words() -> None:
    play = at_step("waiting_for_advice")
    must(play.act("leg-1", "give_legal_advice", conclusion="must_not_go_out"))
    must(play.act("com-1", "sort"))
    no(play.act("com-1", "recommend_response"), "no_case_is_confirmed")
    must(play.act("com-1", "ask_advice"))
    must(play.act("leg-2", "give_legal_advice"))
    must(play.act("com-1", "recommend_response"))


# --- several reports of one post (6.4) -------------------------------------------------------------


def test_a_second_report_brings_its_hurry_its_names_and_its_conflicts() -> None:
    play = at_step("waiting_for_decision")
    play.joined_by(
        spread="press_contact", named_colleagues=["hoc-1"], childfirst_ref="CF-1",
        protected_names=["Maisie Thornquill"],
    )  # fmt: skip
    assert play.record.protected_names == ("Maisie Thornquill",)
    assert play.record.references == ("CF-1",)
    assert play.holders() == ["ad-1"]
    assert play.hours_left() == 2  # from now on, where nearly 8 were left
    assert play.case.is_urgent("R-T1", play.now)


def test_a_second_report_with_a_child_at_risk_puts_safety_first() -> None:
    play = at_step("response_under_way")
    play.joined_by(safeguarding_concern="unsure")
    assert play.here == "safety_first"
    assert "safeguarding" in play.case.case.flags
    must(play.act("safe-1", "safeguarding_handled"))
    assert play.here == "response_under_way"


def test_a_second_report_that_says_nothing_new_changes_no_clock() -> None:
    play = at_step("waiting_for_decision")
    due = play.due()
    play.joined_by()
    assert (play.here, play.due()) == ("waiting_for_decision", due)


def test_each_reporter_hears_how_it_ends() -> None:
    play = at_step("assessing")
    play.joined_by(by="fca-4")
    must(play.act("com-1", "sort"))
    must(play.act("com-1", "recommend_no_response"))
    must(play.act("hoc-1", "approve_no_response"))
    assert play.told("fca-1", play.last) == play.told("fca-4", play.last) == ["told"]
