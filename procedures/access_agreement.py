"""The rules of agreeing to access: by whom, within the order, with Legal and the court (7.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from models.access import (
    AccessRecord,
    Agree,
    CourtAnswer,
    Ending,
    Scope,
)
from models.people import PersonId
from models.policy import Amount, Clock, Mark
from procedures import instants
from procedures.access_direction import TOLERANCE
from procedures.words import Apart, Ask, guard

if TYPE_CHECKING:
    from procedures.court_directed_access import CourtDirectedAccess as Access

R = Mark.RECONSTRUCTED


def _who_did(case: Access, act: str) -> tuple[PersonId, ...]:
    """Everybody who ever took an act: what the record holds now may be another's doing."""
    return tuple(dict.fromkeys(done.person for done in case.case.done if done.act == act))


NOT_TWICE = Apart(
    "D-06",
    "You decided that it is not necessary; the second look is for somebody else.",
    lambda case: case.case.record.not_agreed_by,
)


THREE_PEOPLE = Apart(
    "SD5",
    "Starting, agreeing and arranging are three different people; you have had your part.",
    lambda case: (case.case.opened.by, case.case.practitioner, *_who_did(case, "D-04")),
    clause="2.13",
    mark=Mark.SEED,
)


NOT_THE_ARRANGER = Apart(
    "SD5",
    "Starting, agreeing and arranging are three different people; you have had your part.",
    lambda case: (*_who_did(case, "D-10"), *case.case.record.custodians),
    clause="2.13",
    mark=Mark.SEED,
)


@guard("2.13", R)
def targets_match_the_order(case: Access, ask: Ask) -> str | None:
    """Every account matches the wording of the order; the manager ticks it."""
    form: Agree = ask.form
    return None if form.targets_match_order else "Tick each account against the order first."


@guard("WHY-1", R)
def scope_stays_within_the_order(case: Access, ask: Ask) -> str | None:
    """The manager may narrow what is looked at, never widen it."""
    wanted, ordered = ask.form.narrowed_scope, case.case.record.scope
    if wanted is None or _within(wanted, ordered):
        return None
    return "The narrowed scope goes beyond the order; it may only take away."


def _within(inner: Scope, outer: Scope) -> bool:
    return (
        set(inner.content) <= set(outer.content)
        and outer.first <= inner.first
        and inner.last <= outer.last
    )


@guard("2.13", R)
def child_account_was_looked_at(case: Access, ask: Ask) -> str | None:
    """For a child's account, Legal and Safeguarding have given their view first."""
    record: AccessRecord = case.case.record
    if not case.case.intake.child_account:
        return None
    if record.legal_view and record.safeguarding_view:
        return None
    if False in (record.legal_view, record.safeguarding_view):
        return "Legal or Safeguarding say that it must not proceed; do not agree (D-05)."
    return "The order covers a child's account: the views of Legal and Safeguarding come first."


@guard("2.13", R)
def says_to_comply(case: Access, ask: Ask) -> str | None:
    """The advice is to comply; any other goes back to the court."""
    if ask.form.conclusion == "comply":
        return None
    return "That is not advice to comply; go back to the court instead (D-07)."


@guard("2.13", R)
def says_if_it_may_proceed(case: Access, ask: Ask) -> str | None:
    """The view on a child's account says whether access may proceed."""
    if ask.form.conclusion in ("may_proceed", "must_not_proceed"):
        return None
    return "Say whether access to the child's account may or must not proceed."


@guard("2.13", R)
def sent_before_the_court_date(case: Access, ask: Ask) -> str | None:
    """The application or letter went before the compliance date, and not in the future."""
    if ask.form.sent_at > ask.at + TOLERANCE:
        return "The time of sending lies in the future."
    court = case.court_date
    if court is not None and ask.form.sent_at >= court:
        return "It was sent after the compliance date; choose with Legal what follows (D-23)."
    return None


def confirmed(ask: Ask) -> bool:
    """The court confirmed the direction."""
    return bool(ask.form.answer == "confirmed")


def varied(ask: Ask) -> bool:
    """The court changed the direction."""
    return bool(ask.form.answer == "varied")


def discharged(ask: Ask) -> bool:
    """The court ended the direction."""
    return bool(ask.form.answer == "discharged")


def given_away(ask: Ask) -> bool:
    """The court gave it to the local authority."""
    return bool(ask.form.answer == "given_to_local_authority")


def agreed(case: Access, ask: Ask) -> None:
    """Note who agreed, and the scope as confirmed or narrowed."""
    record: AccessRecord = case.case.record
    case.update(agreed_by=ask.person, scope=ask.form.narrowed_scope or record.scope)


def not_agreed(case: Access, ask: Ask) -> None:
    """Note who did not agree: the second look is never theirs."""
    case.update(not_agreed_by=(*case.case.record.not_agreed_by, ask.person), agreed_by=None)


def looks_again(case: Access, ask: Ask) -> None:
    """An earlier agreement does not count any more: the next-level manager decides."""
    case.update(agreed_by=None)


def legal_gave_view(case: Access, ask: Ask) -> None:
    """Legal has spoken; "must not" leaves the manager without what D-04 needs."""
    case.update(legal_view=ask.form.conclusion == "may_proceed")


def safeguarding_gave_view(case: Access, ask: Ask) -> None:
    """Safeguarding has spoken."""
    case.update(safeguarding_view=ask.form.conclusion == "may_proceed")


def asked_the_court(case: Access, ask: Ask) -> None:
    """Stop the manager's clock: what is left of it is theirs again when the court has answered."""
    duty = case.duty(case.here)
    assert duty is not None
    left = duty.left if duty.paused_at else instants.time_left(case, duty, ask.at)
    case.update(left=max(left or timedelta(0), timedelta(minutes=30)))


def court_answered(case: Access, ask: Ask) -> None:
    """Take over what the court said: scope, date; who looks next, with how much time."""
    form: CourtAnswer = ask.form
    record: AccessRecord = case.case.record
    case.turn.evidence.append(form.order)
    court_date = form.compliance_date or record.court_date
    if record.left is not None and form.answer == "confirmed":
        # After a clarification nobody has said no: it goes back to the same manager's clock.
        ask.up, ask.length = 0, Amount(clock=Clock.WORKING, length=record.left)
    if form.answer == "varied":
        ask.up = 0
    changes = {
        "left": None,
        "scope": form.scope or record.scope,
        "court_date": court_date,
        "agreed_by": None,
    }
    endings = {
        "discharged": Ending.STOPPED,
        "given_to_local_authority": Ending.NOT_CARRIED_OUT,
    }
    case.update(
        **changes,
        ending=endings.get(form.answer),
        withdrawn=record.withdrawn or form.answer == "discharged",
    )
    new_date(case, court_date)


def new_date(case: Access, court_date: object) -> None:
    """The court has spoken again: the warnings of its date start afresh, though it may be past."""
    if court_date is None:
        return
    passed = ("compliance_passed", "court_warning")
    case.case.fired = tuple(name for name in case.case.fired if name not in passed)
    # One person's choice about the date that was must not meet a second one later.
    case.case.pending = tuple(one for one in case.case.pending if one.act != "D-23a")
    case.update(date_handled=False)


def sent_to_court(case: Access, ask: Ask) -> None:
    """The application or letter is with the court."""
    case.turn.evidence.append(ask.form.document)
