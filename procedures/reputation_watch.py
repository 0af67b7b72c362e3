"""The rules of a watch (7.2): an open site, a need, an end, and a window that closes by itself (2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.people import Role
from models.policy import Mark
from models.report import Visibility
from models.reputation import ReputationRecord, Watch
from procedures import duties
from procedures.words import Ask, Step, guard

if TYPE_CHECKING:
    from procedures.corporate_reputation import CorporateReputation as Reputation

R = Mark.RECONSTRUCTED
REVIEWS = 3
"""How often a watch is reviewed before the Head of Communications approves it afresh (R-T4)."""


# --- guards -----------------------------------------------------------------------------------


@guard("2.6")
def only_an_open_site(case: Reputation, ask: Ask) -> str | None:
    """Only an open site is watched, by looking alone: no closed group, no follow, friend or join."""
    watch: Watch | None = ask.form.watch
    if watch is None:
        return None
    if watch.where not in (Visibility.PUBLIC, Visibility.OPEN_GROUP):
        return "Only open sites and groups are watched, never closed groups or messages (2.6)."
    if not case.case.intake.open_to_all:
        return "The report says that this post is not open to everybody; it is not watched (2.6)."
    if not watch.only_looking:
        return "A watch looks and does nothing else: no follow, friend or join request (INV-12)."
    return None


@guard("2.6", R)
def watch_has_an_end(case: Reputation, ask: Ask) -> str | None:
    """A watch ends at a date, at the latest when its reviews are used up."""
    watch: Watch | None = ask.form.watch
    if watch is None:
        return None
    if watch.until <= ask.at:
        return "The end of the watch lies in the past."
    if watch.until > case.longest_watch(ask.at):
        return (
            f"A watch lasts at most one period and {REVIEWS} reviews before it is approved afresh;"
            " choose an earlier end."
        )
    return None


@guard("2.6", R)
def approved_watch_was_proposed(case: Reputation, ask: Ask) -> str | None:
    """A watch is approved where one was proposed and its end still lies ahead."""
    recommended = case.case.record.recommendation
    proposed = recommended.watch if recommended else None
    if not ask.form.watch:
        return None
    if proposed is None:
        return "No watch was proposed; send it back (R-11), or approve without one."
    return (
        "The end of the proposed watch has passed; send it back."
        if proposed.until <= ask.at
        else None
    )


@guard("SD10", R)
def approver_did_not_start_it(case: Reputation, ask: Ask) -> str | None:
    """Whoever started the case never approves its watch, in whatever role."""
    if ask.base is Role.HOC and ask.person == case.case.opened.by:
        return "You started this case; whether it is watched is for somebody else to approve."
    return None


@guard("2.6", R)
def watch_is_open(case: Reputation, ask: Ask) -> str | None:
    """The watch has not ended by itself."""
    if case.case.record.watch_open:
        return None
    return "The watch has ended. It takes a fresh approval (R-13), or is stopped (R-15)."


@guard("2.6", R)
def reviews_are_left(case: Reputation, ask: Ask) -> str | None:
    """After three reviews a watch needs a fresh approval."""
    if case.case.record.watch_reviews < REVIEWS:
        return None
    return (
        f"It has been reviewed {REVIEWS} times; it needs a fresh approval (R-13) or an end (R-15)."
    )


@guard("G-12", R)
def no_response_is_owed(case: Reputation, ask: Ask) -> str | None:
    """An approved response goes out before the case ends."""
    if case.case.record.owed:
        return "An approved response has not gone out yet; record it first (R-12)."
    return None


# --- routes -----------------------------------------------------------------------------------


def watch_begins(machine: Reputation) -> bool:
    """A watch was approved and begins now."""
    return bool(machine.case.record.watch_open)


# --- effects ----------------------------------------------------------------------------------


def open_watch(case: Reputation, ask: Ask, watch: Watch) -> None:
    """A watch begins, with all its reviews still to come."""
    case.update(watch=watch, watch_started=ask.at, watch_reviews=0, watch_open=True)


def watch_approved(case: Reputation, ask: Ask) -> None:
    """Two people agreed on this watch; one that is running is replaced by it."""
    open_watch(case, ask, ask.form.watch)
    case.update(watch_follows=False)
    if case.here == "watching":
        _start_clock(case, ask)


def watch_reviewed(case: Reputation, ask: Ask) -> None:
    """The watch goes on for another period."""
    record: ReputationRecord = case.case.record
    case.update(watch_reviews=record.watch_reviews + 1, watch_started=ask.at)
    _start_clock(case, ask)


def _start_clock(case: Reputation, ask: Ask) -> None:
    step = case.step
    assert isinstance(step, Step)
    duties.close(case, step.id)
    duties.open_step(case, step, ask, None)


def watch_ended(case: Reputation, ask: Ask) -> None:
    """Time took the permission away: nothing more is watched; people choose what follows (INV-3)."""
    case.update(watch_open=False)
    duties.close(case, "watching")


def new_content(case: Reputation, ask: Ask) -> None:
    """What is new is assessed afresh; the watch is over until somebody approves another."""
    if ask.form.copy_sha256 is not None:
        case.turn.evidence.append(ask.form.copy_sha256)
    case.update(watch=None, watch_open=False, recommendation=None)


def watch_stopped(case: Reputation, ask: Ask) -> None:
    """The watch is over."""
    case.update(watch_open=False)
