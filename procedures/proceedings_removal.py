"""C, the removal request: its wording, how it goes to the party, what is answered and who says so.

Read beside the class body in court_proceedings.py, which says where each rule is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.policy import Mark
from models.proceedings import (
    AuthorStatus,
    Owed,
    ProceedingsRecord,
    Reply,
    Represented,
    Wording,
)
from models.proceedings_acts import ApproveWording, RemovalReply, RemovalRequest
from procedures.proceedings_action import NOBODY_LOOKS, NOT_BY_SOCIAL_MEDIA, without
from procedures.words import Ask, guard

if TYPE_CHECKING:
    from procedures.court_proceedings import CourtProceedings as Court

R = Mark.RECONSTRUCTED


# --- guards: the removal request --------------------------------------------------------------


@guard("2.3", R)
def request_is_to_be_made(case: Court, ask: Ask) -> str | None:
    """Asking the party was chosen, and it has not been done."""
    if Owed.REQUEST in case.case.record.owed:
        return None
    return "A removal request was not chosen, or it is done; the manager may decide again."


@guard("2.3", R)
def wording_is_proposed(case: Court, ask: Ask) -> str | None:
    """There is a wording to approve."""
    if case.case.record.wording is Wording.PROPOSED:
        return None
    return "No wording of a removal request is waiting for approval."


@guard("2.3", R)
def wording_is_fit(case: Court, ask: Ask) -> str | None:
    """A request does not threaten, and names nobody to other people."""
    form: ApproveWording = ask.form
    if form.not_threatening and form.names_nobody_to_others:
        return None
    return "Do not approve a wording that threatens or names somebody; ask for another one."


@guard("2.3", R)
def wording_is_approved(case: Court, ask: Ask) -> str | None:
    """The request goes out in the wording the manager approved."""
    form: RemovalRequest = ask.form
    if case.case.record.wording is Wording.APPROVED and form.wording_as_approved:
        return None
    return "The manager approves the wording first, and it goes out as approved."


@guard("2.3")
def request_goes_to_the_party(case: Court, ask: Ask) -> str | None:
    """Only the party who wrote it is asked; a party who has a solicitor, through the solicitor."""
    form: RemovalRequest = ask.form
    record: ProceedingsRecord = case.case.record
    if record.author is not AuthorStatus.PARTY or form.to in ("a_relative", "a_friend"):
        return "Only an author who is a party is asked; nobody else is told to take it down."
    if record.represented is Represented.YES and form.to != "their_solicitor":
        return "The party is represented: ask through their solicitor."
    return None


@guard("2.11")
def request_is_not_by_social_media(case: Court, ask: Ask) -> str | None:
    """A request is never made through social media or under the post."""
    form: RemovalRequest = ask.form
    social = form.method in ("social_media", "comment_on_the_post")
    return NOT_BY_SOCIAL_MEDIA if social else None


@guard("2.3", R)
def answer_is_awaited(case: Court, ask: Ask) -> str | None:
    """A request is with the party, or was, and this is what became of it."""
    record: ProceedingsRecord = case.case.record
    if Owed.ANSWER in record.owed or record.reply in (Reply.REFUSES, Reply.NO_ANSWER):
        return None
    return "No removal request is with a party."


@guard("2.1")
def nobody_went_and_looked(case: Court, ask: Ask) -> str | None:
    """What is reported back comes from the party, a solicitor, the informant or the court."""
    return NOBODY_LOOKS if ask.form.source in ("own_viewing", "a_friend_looked") else None


@guard("2.3", R)
def removal_is_proved(case: Court, ask: Ask) -> str | None:
    """Removal has a proof, and no answer is recorded only once the time to answer is over."""
    form: RemovalReply = ask.form
    if form.reply is Reply.REMOVED and form.proof is None:
        return "Attach what shows that it was removed: the message, or what the court sent."
    duty = case.duty("answer")
    if (
        form.reply is Reply.NO_ANSWER
        and duty
        and duty.due
        and not duty.overdue
        and ask.at < duty.due
    ):
        return "The party still has time to answer; record it when the time is over."
    return None


# --- effects ----------------------------------------------------------------------------------


def wording_proposed(case: Court, ask: Ask) -> None:
    """A wording waits for the manager."""
    case.update(wording=Wording.PROPOSED)


def wording_approved(case: Court, ask: Ask) -> None:
    """The wording may go out."""
    case.update(wording=Wording.APPROVED)


def request_sent(case: Court, ask: Ask) -> None:
    """The request is with the party; the time to answer begins."""
    case.turn.evidence.append(ask.form.copy_sent)
    case.update(owed=(*without(case, Owed.REQUEST), Owed.ANSWER))


def answered(case: Court, ask: Ask) -> None:
    """Note what became of the request, from whom it is known."""
    form: RemovalReply = ask.form
    if form.proof is not None:
        case.turn.evidence.append(form.proof)
    case.update(reply=form.reply, owed=without(case, Owed.ANSWER))
