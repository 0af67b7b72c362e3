"""The rules of corporate reputation (7.2): who is kept apart, sorting, referrals and advice.

Read beside the class body in corporate_reputation.py, which says where each one is asked. What
concerns a response, a watch or safety lies in the files named after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.people import PersonId, Role
from models.policy import Mark
from models.reputation import Channel, Content, ReputationIntake, ReputationRecord
from models.reputation_acts import LegalAdvice
from models.state import ReferralTo
from procedures import duties, instants, referrals
from procedures.reputation_safety import goes_on, time_and_rungs
from procedures.reputation_texts import fingerprint
from procedures.words import Apart, Ask, guard

if TYPE_CHECKING:
    from procedures.corporate_reputation import CorporateReputation as Reputation

R = Mark.RECONSTRUCTED
REFERRED: dict[Content, tuple[tuple[ReferralTo, str], ...]] = {
    Content.NAMES_COLLEAGUE: (("E", "APPX"),),
    Content.CASE_INFORMATION: (("C", "APPX"), ("M", "G-6")),
    Content.INFORMATION_REQUEST: (("I", "2.7"),),
    Content.COMPLAINT: (("COMPLAINT", "4.3"),),
}
"""What belongs to somebody else as well (R-05): the procedure it is referred to, and the clause."""
OWN_CHANNEL: tuple[ReferralTo, str] = ("M", "3.3")
"""Whatever stands on a channel of Cafcass's own is moderated there too."""


# --- separation of duties ---------------------------------------------------------------------


def _recommender(case: Reputation) -> tuple[PersonId, ...]:
    recommendation = case.case.record.recommendation
    return (recommendation.by,) if recommendation else ()


def _reporter(case: Reputation) -> tuple[PersonId, ...]:
    # Whoever of Communications spotted a post may propose; they never approve (SD1, SD10).
    return () if spotted_by_communications(case) else (case.case.opened.by,)


NOT_THE_RECOMMENDER = Apart(
    "SD9",
    "You recommended it; whether it is done is for somebody else to decide.",
    _recommender,
    clause="SD9",
)
NOT_THE_REPORTER = Apart(
    "SD1",
    "You reported this post; whether it is watched is for others to decide.",
    _reporter,
)


def spotted_by_communications(case: Reputation) -> bool:
    """Whether the reporter is of Communications: assessing what they spotted is their own work."""
    state = case.case
    seats = state.opened.roster.seats.get(Role.COM, ())
    return any(seat.person == state.opened.by for seat in seats)


# --- guards ---


@guard("3.4", R)
def content_is_sorted(case: Reputation, ask: Ask) -> str | None:
    """What the post is has been sorted before anything is recommended."""
    return None if case.case.record.classes else "Sort the content first (R-05)."


@guard("3.2", R)
def question_says_no_more_than_needed(case: Reputation, ask: Ask) -> str | None:
    """A question for advice carries no more of a case than the adviser needs."""
    if ask.form.no_more_than_needed:
        return None
    return "Leave out whatever the adviser does not need, then tick that you have."


@guard("APPX", R)
def only_legal_clears(case: Reputation, ask: Ask) -> str | None:
    """Words are put to Legal to be cleared, and to nobody else."""
    if ask.form.draft is None or ask.form.of == Role.LEG:
        return None
    return "Only Legal clears words to go out; ask Legal, or leave the draft out."


@guard("APPX", R)
def somebody_can_be_asked(case: Reputation, ask: Ask) -> str | None:
    """There is somebody to ask."""
    if case.who_is(Role(ask.form.of)):
        return None
    return "Nobody holds that role in this case; ask another adviser."


@guard("APPX", R)
def was_asked(case: Reputation, ask: Ask) -> str | None:
    """Advice is given by whoever was asked for it."""
    if case.case.record.asked is ask.base:
        return None
    return "The question was put to another adviser, or is answered already."


@guard("APPX", R)
def says_if_the_words_may_go_out(case: Reputation, ask: Ask) -> str | None:
    """Where words were put to Legal, the conclusion says whether they may go out."""
    drafted = case.case.record.question_text is not None
    if drafted == (ask.form.conclusion != "advice_only"):
        return None
    if drafted:
        return "Words were put to you: say whether they may go out or must not."
    return "No words were put to you, so there are none to clear; give advice only."


# --- routes: which way an act leads -----------------------------------------------------------


def somebody_may_be_harmed(machine: Reputation) -> bool:
    """The report says that somebody may be in danger or at risk."""
    return bool(machine.case.intake.harm_is_possible)


def communications_spotted_it(machine: Reputation) -> bool:
    """Communications reported it: there is nobody to wait for."""
    return spotted_by_communications(machine)


# --- effects: what an act writes down ---------------------------------------------------------


def reported(case: Reputation, ask: Ask) -> None:
    """Keep the hashes of what came with the report; a hurried one is told to the Head at once."""
    intake: ReputationIntake = case.case.intake
    case.turn.evidence.extend(one.sha256 for one in intake.screenshots)
    case.update(left="assessing" if spotted_by_communications(case) else "reported")
    if intake.hurries:
        case.tell(Role.HOC, "told", ask.act.label, ask.act.clause)


def sorted_content(case: Reputation, ask: Ask) -> None:
    """Note what the post is, refer what is somebody else's too, and hurry when the press asks."""
    classes = tuple(one for one in Content if one in ask.form.classes)
    case.update(classes=classes)
    known = {one.to for one in case.case.referrals}
    for target in _targets(case):
        if target not in known:
            referrals.refer(case, ask, target)
    if Content.PRESS_INTEREST in classes:
        hurry(case, ask)


def _targets(case: Reputation) -> tuple[ReferralTo, ...]:
    """Where the case has to be referred as it is sorted now, each once."""
    rows = [row for one in case.case.record.classes for row in REFERRED.get(one, ())]
    own = [OWN_CHANNEL] if case.case.intake.channel is Channel.CAFCASS else []
    return tuple(dict.fromkeys(target for target, _clause in rows + own))


def hurry(case: Reputation, ask: Ask) -> None:
    """From now on the urgent amounts apply; a running clock is shortened, never lengthened."""
    if case.case.record.hurried:
        return
    case.update(hurried=True)
    duty = case.duty(case.here)
    if duty is None or duty.due is None or duty.overdue or duty.paused_at:
        return
    urgent = case.deadline(duty.clock).urgent
    if urgent is None or instants.after(case, ask.at, urgent) >= duty.due:
        return
    sooner = duties.started(case, duty, urgent, ask.at)
    duties.replace(case, sooner)
    duties.moved(case, sooner, duty.due)
    duties.say(case, sooner, "to_do")


def asked(case: Reputation, ask: Ask) -> None:
    """Note whom the question went to, and which words Legal is to clear."""
    draft = ask.form.draft
    left, up = time_and_rungs(case, ask)
    case.update(
        asked=Role(ask.form.of),
        asked_left=left,
        asked_up=up,
        question_text=fingerprint(draft) if draft is not None else None,
    )


def legal_advised(case: Reputation, ask: Ask) -> None:
    """Legal has cleared the very words put to them, or barred them, or advised."""
    record: ReputationRecord = case.case.record
    form: LegalAdvice = ask.form
    said = dict(record.legal_said)
    if record.question_text is not None:
        said[record.question_text] = form.conclusion == "may_go_out"
    case.update(legal_said=said)
    advised(case, ask)


def advised(case: Reputation, ask: Ask) -> None:
    """The question is answered: assessing goes on with the time it had, after safety if need be."""
    record: ReputationRecord = case.case.record
    case.update(asked=None, question_text=None)
    if case.here == "safety_first":
        case.update(left="assessing", left_time=record.asked_left, left_up=record.asked_up)
    else:
        goes_on(ask, record.asked_left, record.asked_up)


def reopened(case: Reputation, ask: Ask) -> None:
    """It is assessed afresh: what was recommended, watched or asked before is over."""
    case.update(recommendation=None, watch=None, watch_open=False, watch_follows=False, asked=None)


def took_over(case: Reputation, other: ReputationIntake, ask: Ask) -> None:
    """Of a report that was joined: what must not go out, who is named in it, and its hurry (6.4)."""
    record: ReputationRecord = case.case.record
    names = dict.fromkeys((*record.protected_names, *other.protected_names))
    references = dict.fromkeys((*record.references, *filter(None, (other.childfirst_ref,))))
    case.update(protected_names=tuple(names), references=tuple(references))
    if other.hurries and not case.is_urgent("R-T1", ask.at):
        hurry(case, ask)
