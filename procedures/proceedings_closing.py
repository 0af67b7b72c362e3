"""C, closing: what a case may end as, who agrees to it, and opening it again.

Read beside the class body in court_proceedings.py, which says where each rule is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.policy import Mark
from models.proceedings import LegalConclusion, Owed, ProceedingsRecord, Reply
from models.proceedings_acts import Close, Decide
from procedures import referrals
from procedures.proceedings_advice import weigh
from procedures.words import Ask, guard

if TYPE_CHECKING:
    from procedures.court_proceedings import CourtProceedings as Court

R, L = Mark.RECONSTRUCTED, Mark.LAW

# --- guards: closing --------------------------------------------------------------------------


@guard("2.3", R)
def legal_did_not_advise(case: Court, ask: Ask) -> str | None:
    """The manager closes alone only where Legal had no part."""
    if case.case.record.advised is None:
        return None
    return "Legal advised on this, so Legal agrees to closing it: use 'Close with Legal'."


@guard("2.3", R)
def legal_advised_on_it(case: Court, ask: Ask) -> str | None:
    """Legal agrees to closing what it advised on."""
    if case.case.record.advised is not None:
        return None
    return "Legal did not advise on this; the manager closes it alone."


@guard("2.3", R)
def is_decided(case: Court, ask: Ask) -> str | None:
    """What has changed since is decided on before the case closes as informed or removed."""
    done = ("court_and_parties_informed", "court_informed_and_removed", "removed_on_request")
    if case.here != "deciding" or ask.form.outcome not in done:
        return None
    return "There is a decision to take first: give the four answers again, then close it."


@guard("2.3", R)
def nothing_chosen_is_left(case: Court, ask: Ask) -> str | None:
    """Everything that was chosen is done before a case closes."""
    owed = case.case.record.owed
    if not owed:
        return None
    left = ", ".join(WORDS[one] for one in owed)
    return f"Not everything chosen is done yet: {left}. Do it, or decide again."


WORDS = {
    Owed.COURT: "tell the court",
    Owed.PARTIES: "tell the parties",
    Owed.PLATFORM: "report it to the platform",
    Owed.LEGAL_STEP: "Legal's steps",
    Owed.SOFTER: "talk with the child",
    Owed.REQUEST: "ask for removal",
    Owed.ANSWER: "the party's answer",
}


@guard("2.3", R)
def outcome_is_true(case: Court, ask: Ask) -> str | None:
    """A case closes as what really happened, with its proof."""
    form: Close = ask.form
    record: ProceedingsRecord = case.case.record
    removed, told = record.reply is Reply.REMOVED, record.court_told
    missing: dict[str, str | None] = {
        "court_and_parties_informed": None
        if told or (record.court_aware and record.verdict)
        else "The court has not been told; choose another outcome or decide again.",
        "court_informed_and_removed": None
        if told and removed
        else "It needs proof that the court was told and that the post is gone.",
        "removed_on_request": None
        if removed and not told
        else "It is for a post removed on request that the court was not told of.",
        "not_a_breach": None if form.why_no_breach else "Say why it is no breach (why_no_breach).",
        "court_took_over": None
        if record.took_over
        else "Record the court's order or that it took over first (C-13).",
        "passed_on": None if legal_passed_it_on(case) else referrals.taken_over.check(case, ask),
    }
    return missing[form.outcome]


@guard("2.3", L)
def a_breach_is_not_closed_as_none(case: Court, ask: Ask) -> str | None:
    """What was decided to be a breach, or told to the court, is not closed as none."""
    record: ProceedingsRecord = case.case.record
    if ask.form.outcome != "not_a_breach" or not (record.court_told or record.took_over):
        return None
    return "The court was told or has acted, so this cannot close as no breach."


@guard("2.3", R)
def case_note_is_made(case: Court, ask: Ask) -> str | None:
    """Before a case of ours closes, a note of it is on ChildFirst."""
    form: Decide | Close = ask.form
    closing = isinstance(form, Close) or form.ends
    if not closing or form.case_note or not case.case.intake.childfirst_ref:
        return None
    return "Record the note on ChildFirst first and give its reference."


def legal_passed_it_on(case: Court) -> bool:
    """Whether Legal says that it is outside our powers, and has told whoever it concerns."""
    advised = case.case.record.advised
    return (
        advised is not None
        and advised.conclusion is LegalConclusion.OUTSIDE
        and advised.other_agency_told
    )


# --- routes -----------------------------------------------------------------------------------


def closes_informed(ask: Ask) -> bool:
    """Court and parties are informed."""
    return bool(ask.form.outcome == "court_and_parties_informed")


def closes_informed_and_removed(ask: Ask) -> bool:
    """The court is informed and the post removed."""
    return bool(ask.form.outcome == "court_informed_and_removed")


def closes_removed(ask: Ask) -> bool:
    """The post is removed; the court was not told."""
    return bool(ask.form.outcome == "removed_on_request")


def closes_as_no_breach(ask: Ask) -> bool:
    """It is not a breach."""
    return bool(ask.form.outcome == "not_a_breach")


def closes_taken_over(ask: Ask) -> bool:
    """The court took over."""
    return bool(ask.form.outcome == "court_took_over")


def closes_passed_on(ask: Ask) -> bool:
    """It was passed on."""
    return bool(ask.form.outcome == "passed_on")


# --- effects ----------------------------------------------------------------------------------


def opened_again(case: Court, ask: Ask) -> None:
    """The manager looks at it afresh; what was done stays done."""
    case.update(colleague=False, verdict=None, owed=())
    weigh(case, ask.at)
