"""C, deciding: the four separate answers of C-07, held against Legal's advice.

Read beside the class body in court_proceedings.py, which says where each rule is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models.people import PersonId, Role
from models.policy import Mark
from models.proceedings import (
    AuthorStatus,
    LegalConclusion,
    Owed,
    ProceedingsRecord,
    Reply,
    Verdict,
    Wording,
)
from models.proceedings_acts import Decide
from procedures.proceedings_advice import compulsory, hearing_is_near, legal_is_asked
from procedures.proceedings_closing import legal_passed_it_on
from procedures.words import Apart, Ask, guard

if TYPE_CHECKING:
    from procedures.court_proceedings import CourtProceedings as Court

R, L = Mark.RECONSTRUCTED, Mark.LAW
IS_A_BREACH = (Verdict.BREACH, Verdict.POSSIBLE)


# --- separation of duties ---------------------------------------------------------------------


def _first_of_two(case: Court) -> tuple[PersonId, ...]:
    return tuple(one.person for one in case.case.pending if one.act == "C-07s")


NOT_THE_FIRST = Apart(
    "SD16",
    "You have agreed already; the second of the two is somebody else.",
    _first_of_two,
)


# --- guards: deciding -------------------------------------------------------------------------


@guard("2.3", R)
def legal_has_spoken(case: Court, ask: Ask) -> str | None:
    """Where Legal's advice is compulsory or was asked for, it comes before the decision."""
    if case.case.record.advised is not None:
        return None
    lines = compulsory(case, ask.at)
    if lines:
        return f"Legal's advice is compulsory here and comes first: {lines[0].text}"
    return "Legal was asked for advice; it comes first." if legal_is_asked(case) else None


@guard("2.3")
def removal_only_from_a_party(case: Court, ask: Ask) -> str | None:
    """Only an author who is a party is asked to take a post down."""
    form: Decide = ask.form
    if not form.ask_removal.do or case.case.record.author is AuthorStatus.PARTY:
        return None
    return (
        "Only an author who is a party may be asked to remove a post. Do not ask anybody else;"
        " if the author turns out to be a party, record that first."
    )


@guard("2.3", R)
def withheld_parties_hear_nothing(case: Court, ask: Ask) -> str | None:
    """Whoever Legal withholds for safety is not told."""
    advised = case.case.record.advised
    kept = set(advised.withhold_from) if advised else set()
    if kept.isdisjoint(ask.form.parties):
        return None
    return "Legal withholds this from one of the parties named, for safety; leave them out."


@guard("2.3", R)
def court_is_not_kept_waiting(case: Court, ask: Ask) -> str | None:
    """With a hearing near, nobody waits for a removal before telling the court."""
    form: Decide = ask.form
    record: ProceedingsRecord = case.case.record
    knows = form.tell_court.do or record.court_told or record.court_aware
    if knows or form.verdict not in IS_A_BREACH or not form.ask_removal.do:
        return None
    if hearing_is_near(case, ask.at):
        return "A hearing is near: tell the court now as well; do not wait for the removal."
    return None


@guard("2.3", R)
def something_follows_a_breach(case: Court, ask: Ask) -> str | None:
    """A post that is or may be a breach is acted on, unless the court knows or it is gone."""
    form: Decide = ask.form
    record: ProceedingsRecord = case.case.record
    settled = record.court_aware or record.court_told or record.reply is Reply.REMOVED
    if form.ends or settled or form.acts or form.other.steps or Owed.ANSWER in record.owed:
        return None
    return "Choose at least one step, or say that it is not a breach and why."


@guard("2.10", R)
def softer_route_is_for_a_child(case: Court, ask: Ask) -> str | None:
    """Talking it over is for an author who is a child."""
    if "talk_with_the_child" not in ask.form.other.steps:
        return None
    if case.case.record.author is AuthorStatus.CHILD:
        return None
    return "That step is for an author who is a child; choose another."


@guard("2.3", R)
def not_ours_is_legals_to_say(case: Court, ask: Ask) -> str | None:
    """Proceedings that are not ours: Legal says so, and has told whoever's they are."""
    if ask.form.verdict is not Verdict.NOT_OURS or legal_passed_it_on(case):
        return None
    return "That they are not our proceedings, and telling the other agency, is for Legal first."


def _against_legal(case: Court, form: Decide) -> bool:
    record: ProceedingsRecord = case.case.record
    advised = record.advised
    if advised is None:
        return False
    asked = record.reply is not None or Owed.ANSWER in record.owed
    answers = (
        (advised.tell_court, form.tell_court.do, record.court_told),
        (advised.tell_parties, form.tell_parties.do, record.parties_told),
        (advised.ask_removal, form.ask_removal.do, asked),
    )
    if any(_differs(*one) for one in answers):
        return True
    breach = (LegalConclusion.LIKELY, LegalConclusion.ORDER_ENGAGED)
    return form.verdict is Verdict.NOT_A_BREACH and advised.conclusion in breach


def _differs(said: bool | None, does: bool, done: bool) -> bool:  # noqa: FBT001 one answer
    """What has been done already is no longer against advice to do it."""
    return said is not None and does != said and not (said and done)


@guard("2.3", R)
def not_against_legal(case: Court, ask: Ask) -> str | None:
    """Alone, the manager decides only what does not go against Legal's advice."""
    if not _against_legal(case, ask.form):
        return None
    return (
        "That goes against Legal's advice. The next-level manager has to agree: use"
        " 'Decide against Legal's advice' for both."
    )


@guard("2.3", R)
def really_against_legal(case: Court, ask: Ask) -> str | None:
    """Two managers are needed only for what goes against Legal's advice."""
    if _against_legal(case, ask.form):
        return None
    return "Nothing in it goes against Legal's advice: the manager decides it alone."


# --- routes -----------------------------------------------------------------------------------


def says_not_a_breach(ask: Ask) -> bool:
    """The manager decides that it is not a breach."""
    return ask.form.verdict is Verdict.NOT_A_BREACH


def says_not_ours(ask: Ask) -> bool:
    """They are not our proceedings."""
    return ask.form.verdict is Verdict.NOT_OURS


def telling_is_left(machine: Court) -> bool:
    """The court, the parties or somebody else is still to be told or dealt with."""
    return bool(machine.case.record.in_telling)


def only_asking_is_left(machine: Court) -> bool:
    """Only the removal request or its answer is still to come."""
    return bool(machine.case.record.in_asking) and not machine.case.record.in_telling


def nothing_is_left(machine: Court) -> bool:
    """Everything that was chosen is done."""
    return not machine.case.record.owed


# --- effects ----------------------------------------------------------------------------------


def decided(case: Court, ask: Ask) -> None:
    """Note what was chosen: each part becomes somebody's work, side by side."""
    form: Decide = ask.form
    record: ProceedingsRecord = case.case.record
    waiting = (Owed.ANSWER,) if Owed.ANSWER in record.owed and not form.ends else ()
    case.update(
        verdict=form.verdict,
        colleague=False,
        owed=(*_chosen(form), *waiting),
        parties=form.parties,
        wording=Wording.NONE,
        reply=None if form.ask_removal.do else record.reply,
    )


def _chosen(form: Decide) -> Iterator[Owed]:
    legal = {"editor_through_legal", "injunction"}
    answers = (
        (form.tell_court.do, Owed.COURT),
        (form.tell_parties.do, Owed.PARTIES),
        (form.ask_removal.do, Owed.REQUEST),
        ("platform_report" in form.other.steps, Owed.PLATFORM),
        (not legal.isdisjoint(form.other.steps), Owed.LEGAL_STEP),
        ("talk_with_the_child" in form.other.steps, Owed.SOFTER),
    )
    return (owed for chosen, owed in answers if chosen)


def decides_again(case: Court, ask: Ask) -> None:
    """The manager looks at it afresh; a colleague's part in it stays where it was passed to."""
    case.update(colleague=False)


def waits_for_the_second(case: Court, code: str) -> bool:
    """Whether the manager has agreed to an act of two people, and the other has not yet."""
    return any(one.act == code and one.role is Role.LM for one in case.case.pending)
