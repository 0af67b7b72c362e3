"""The rules of recording and watching by Communications for a colleague's sake (2.6, SD10).

Only what is open is watched, proposed by one and approved by another, and for a time that ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.employee import Watch
from models.employee_acts import WatchProposal
from models.policy import Mark
from models.report import Visibility
from procedures import instants
from procedures.words import Apart, Ask, guard

if TYPE_CHECKING:
    from procedures.employee_comments import EmployeeComments as Comments

R = Mark.RECONSTRUCTED


def _proposer(case: Comments) -> tuple[str, ...]:
    proposed_by = case.case.record.watch_proposed_by
    return (proposed_by,) if proposed_by else ()


NOT_THE_PROPOSER = Apart(
    "SD10",
    "Whoever proposed the watching window does not approve it; that is for somebody else.",
    _proposer,
)


@guard("2.6")
def seen_in_the_open(case: Comments, ask: Ask) -> str | None:
    """Only open sites and groups are watched; closed groups and private messages never are."""
    hidden = (Visibility.CLOSED_GROUP, Visibility.PRIVATE_MESSAGE)
    if case.case.intake.visibility in hidden:
        return "The post is in a closed group or a private message; those are never watched."
    return None


@guard("2.6", R)
def no_watch_yet(case: Comments, ask: Ask) -> str | None:
    """One request to Communications at a time."""
    if case.case.record.watch in (None, Watch.OVER):
        return None
    return "Communications have been asked already; see what they answered."


@guard("2.6", R)
def watch_is_asked(case: Comments, ask: Ask) -> str | None:
    """Somebody asked Communications to record or watch."""
    asked = case.case.record.watch is Watch.ASKED
    return None if asked else "Nobody is waiting for an answer on recording or watching."


@guard("SD10", R)
def watch_is_proposed(case: Comments, ask: Ask) -> str | None:
    """Communications proposed a watching window."""
    proposed = case.case.record.watch is Watch.PROPOSED
    return None if proposed else "No watching window is proposed."


@guard("2.6", R)
def watch_is_undecided(case: Comments, ask: Ask) -> str | None:
    """The request is neither approved nor declined yet."""
    if case.case.record.watch in (Watch.ASKED, Watch.PROPOSED):
        return None
    return "Nobody is waiting for an answer on recording or watching."


@guard("2.6", R)
def watch_is_open(case: Comments, ask: Ask) -> str | None:
    """A watching window is open."""
    return None if case.case.record.watch is Watch.OPEN else "No watching window is open."


@guard("2.6")
def watch_stays_in_the_open(case: Comments, ask: Ask) -> str | None:
    """What is watched is open to everybody: no request to follow or to join is ever sent."""
    form: WatchProposal = ask.form
    return None if form.open_to_everybody else "Only what is open to everybody may be watched."


@guard("2.6", R)
def watch_has_an_end(case: Comments, ask: Ask) -> str | None:
    """A watching window lies ahead and is at most ten working days long."""
    ends_at = case.case.record.watch_ends if ask.act.code == "E-14c" else ask.form.ends_at
    if ends_at is None or ends_at <= ask.at:
        return "The window ends in the past; propose another."
    longest = instants.after(case, ask.at, case.deadline("E-WATCH").normal)
    return None if ends_at <= longest else "A watching window is at most ten working days long."


@guard("2.6", R)
def nothing_is_watched(case: Comments, ask: Ask) -> str | None:
    """No watching window is open and no request for one waits."""
    if case.case.record.watch in (None, Watch.OVER):
        return None
    return "Communications are still watching, or are asked to; end that first."
