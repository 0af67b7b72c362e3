"""The rules of a response (7.2): what may be recommended, approved and sent (3.4, G-2, G-5, G-12)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from models.policy import Mark
from models.reputation import ENGAGES, Action, Content, Recommendation, ReputationRecord
from procedures.reputation_texts import could_tell, fingerprint
from procedures.reputation_watch import open_watch
from procedures.words import Ask, guard

if TYPE_CHECKING:
    from procedures.corporate_reputation import CorporateReputation as Reputation

R = Mark.RECONSTRUCTED
TOLERANCE = timedelta(minutes=5)
"""How far ahead of the server a colleague's own clock may be (9.1)."""
NO_ENGAGEMENT = {Content.ABUSIVE: "3.4", Content.SPAM: "G-2", Content.OFF_TOPIC: "G-2"}
"""What is not answered in public, and the clause that says so."""


# --- guards -----------------------------------------------------------------------------------


@guard("3.4")
def abuse_is_not_engaged_with(case: Reputation, ask: Ask) -> str | None:
    """Abusive content is not answered in public, but for safeguarding; nor spam or what is off topic."""
    answered = ENGAGES & set(_actions(case, ask))
    classes = [one for one in NO_ENGAGEMENT if one in case.case.record.classes]
    if not answered or not classes or "safeguarding" in case.case.flags:
        return None
    named = ", ".join(one.replace("_", " ") for one in classes)
    clauses = ", ".join(sorted({NO_ENGAGEMENT[one] for one in classes}))
    return (
        f"The content is sorted as {named}: Cafcass does not answer it ({clauses}). Recommend no"
        " response, a report to the platform or a block; the one exception is safeguarding."
    )


@guard("G-5")
def no_case_is_confirmed(case: Reputation, ask: Ask) -> str | None:
    """Words from which a case or a person could be inferred go out only once Legal has cleared them."""
    text, inferable = _text(case, ask)
    if text is None:
        return None
    record: ReputationRecord = case.case.record
    cleared = record.legal_said.get(fingerprint(text))
    if cleared is False:
        return "Legal has said that these words must not go out; draft others (R-08)."
    why = _why_legal(case, text, inferable=inferable)
    if not why or cleared:
        return None
    return f"Waiting for Legal: {', '.join(why)}. Put the words to Legal first (R-06)."


def _why_legal(case: Reputation, text: str, *, inferable: bool) -> list[str]:
    record: ReputationRecord = case.case.record
    found = could_tell(text, record.protected_names, record.references)
    why = [f"the draft holds {one}" for one in found]
    if inferable:
        why.append("a case or a person could be inferred")
    if Content.CASE_INFORMATION in record.classes:
        why.append("the post holds case information")
    return why


def _actions(case: Reputation, ask: Ask) -> tuple[Action, ...]:
    """The actions an act is about: those of its form, or else those that were recommended."""
    recommended = case.case.record.recommendation
    own = getattr(ask.form, "actions", None)
    return own or (recommended.actions if recommended else ())


def _text(case: Reputation, ask: Ask) -> tuple[str | None, bool]:
    if hasattr(ask.form, "actions"):
        return ask.form.text, ask.form.case_or_person_could_be_inferred
    recommended = case.case.record.recommendation
    return (recommended.text, recommended.inferable) if recommended else (None, False)


@guard("SD9", R)
def no_response_was_recommended(case: Reputation, ask: Ask) -> str | None:
    """No response is approved where it was recommended; anything else is sent back."""
    recommended = case.case.record.recommendation
    if recommended is not None and not recommended.actions:
        return None
    return "A response was recommended; approve it, or send it back with your reason (R-11)."


@guard("SD9", R)
def a_response_was_recommended(case: Reputation, ask: Ask) -> str | None:
    """A response is approved as it was recommended."""
    recommended = case.case.record.recommendation
    if recommended is not None and recommended.actions:
        return None
    return "No response was recommended; approve that, or send it back with your reason (R-11)."


@guard("G-15", R)
def response_is_awaited(case: Reputation, ask: Ask) -> str | None:
    """There is an approved response that has not gone out."""
    if case.case.record.owed:
        return None
    return "No approved response is waiting to go out."


@guard("G-15", R)
def went_out_as_approved(case: Reputation, ask: Ask) -> str | None:
    """What went out is what was approved, and it went out after that and not in the future."""
    if not ask.form.as_approved:
        return "Only what was approved goes out; tell the Head of Communications what happened."
    approved = [done.at for done in case.case.done if done.act == "R-10"]
    if not approved[-1] - TOLERANCE <= ask.form.went_out_at <= ask.at + TOLERANCE:
        return "The time lies before the approval or in the future; check it."
    return None


# --- routes -----------------------------------------------------------------------------------


def responded_before(machine: Reputation) -> bool:
    """A response has gone out earlier in this case."""
    return bool(machine.case.record.responded)


# --- effects ----------------------------------------------------------------------------------


def recommended(case: Reputation, ask: Ask) -> None:
    """Note what is recommended, by whom, in which words."""
    form = ask.form
    new = Recommendation(
        by=ask.person,
        actions=getattr(form, "actions", ()),
        text=getattr(form, "text", None),
        inferable=getattr(form, "case_or_person_could_be_inferred", False),
        watch=form.watch,
    )
    case.update(recommendation=new)


def sent_back(case: Reputation, ask: Ask) -> None:
    """The recommendation is over; another one follows."""
    case.update(recommendation=None)


def no_response_approved(case: Reputation, ask: Ask) -> None:
    """Nothing is answered; the watch begins if it was approved."""
    _with_watch(case, ask)


def response_approved(case: Reputation, ask: Ask) -> None:
    """The response is to go out; an approved watch begins when it has."""
    recommended = case.case.record.recommendation
    assert recommended is not None
    watch = recommended.watch if ask.form.watch else None
    case.update(owed=True, watch=watch, watch_follows=watch is not None)


def _with_watch(case: Reputation, ask: Ask) -> None:
    recommended = case.case.record.recommendation
    if ask.form.watch and recommended is not None and recommended.watch is not None:
        open_watch(case, ask, recommended.watch)


def response_done(case: Reputation, ask: Ask) -> None:
    """It has gone out, with its copy; the watch approved with it begins, if its end still lies ahead."""
    record: ReputationRecord = case.case.record
    case.turn.evidence.append(ask.form.copy_sha256)
    case.update(owed=False, responded=True, watch_follows=False)
    if record.watch_follows and record.watch is not None and record.watch.until > ask.at:
        open_watch(case, ask, record.watch)
