"""What each act about a comment on a colleague writes down (7.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.employee import Author, Classification, EmployeeIntake, EmployeeRecord, Watch
from models.employee_acts import LegalAdvice, NewPost, PlatformReport, Talk, WatchProposal
from models.people import Role
from procedures import common, duties, referrals
from procedures.turn import tell_person
from procedures.words import Ask

if TYPE_CHECKING:
    from procedures.employee_comments import EmployeeComments as Comments

THREAT = "threat"
"""The flag of a specific threat; danger at any time raises it too."""


# --- reporting, telling, danger ---------------------------------------------------------------


def reported(case: Comments, ask: Ask) -> None:
    """Whoever reports a post about themselves knows; a colleague as author is HR's matter too."""
    form: EmployeeIntake = ask.form
    case.update(colleague_told=case.case.opened.by == form.affected_person)
    case.turn.evidence.extend(shot.sha256 for shot in form.screenshots)
    if form.in_danger:
        start_emergency(case, ask)
    if form.author_known is Author.COLLEAGUE:
        referrals.refer(case, ask, "U")


def told_in_person(case: Comments, ask: Ask) -> None:
    """From now on the affected colleague hears of each step."""
    case.update(colleague_told=True)


def start_emergency(case: Comments, ask: Ask) -> None:
    """Everybody of the emergency path is told at once; it counts as a threat ever after (6.2)."""
    common.raise_emergency(case, ask, task=False)
    case.update(danger=True)
    case.flag(THREAT)


def confirmed_safe(case: Comments, ask: Ask) -> None:
    """The person is safe; if the police know, they need not be told again."""
    case.unflag("emergency")
    if ask.form.police_reference:
        case.update(police="told")


# --- classifying, challenging -----------------------------------------------------------------


def called_opinion(case: Comments, ask: Ask) -> None:
    """Opinion or criticism: it can be challenged once, unless this is the second look."""
    record: EmployeeRecord = case.case.record
    case.update(
        classification=Classification.OPINION,
        opinion_by=ask.person,
        challenge_over=record.challenged,
    )


def called_harassment(case: Comments, ask: Ask) -> None:
    """Harassment."""
    case.update(classification=Classification.HARASSMENT)


def called_threat(case: Comments, ask: Ask) -> None:
    """A specific threat; if somebody is in danger now, the emergency path starts at once."""
    case.update(classification=Classification.THREAT)
    case.flag(THREAT)
    if ask.form.in_danger_now:
        start_emergency(case, ask)


def challenged(case: Comments, ask: Ask) -> None:
    """The finding falls; somebody else looks again, and that is final."""
    case.update(challenged=True, classification=None)


def challenge_period_over(case: Comments, ask: Ask) -> None:
    """Time took the chance to challenge away; it opens the confirmation, and closes nothing."""
    case.update(challenge_over=True)
    duties.close(case, *(duty.id for duty in case.case.duties if duty.step))


# --- work beside the steps --------------------------------------------------------------------


def hr_acknowledged(case: Comments, ask: Ask) -> None:
    """HR knows, and has offered support."""
    case.update(support=ask.form.support)


def incident_recorded(case: Comments, ask: Ask) -> None:
    """The incident has its number."""
    case.update(incident=ask.form.incident_number)


def platform_reported(case: Comments, ask: Ask) -> None:
    """What came of it; until the platform answers, whoever reported it keeps it."""
    form: PlatformReport = ask.form
    case.update(platform_reported=form.result != "waiting")


def asked_to_watch(case: Comments, ask: Ask) -> None:
    """Communications are asked."""
    case.update(watch=Watch.ASKED)


def watch_proposed(case: Comments, ask: Ask) -> None:
    """Communications say where and until when; the Head of Communications decides (SD10)."""
    form: WatchProposal = ask.form
    case.update(watch=Watch.PROPOSED, watch_proposed_by=ask.person, watch_ends=form.ends_at)


def watch_approved(case: Comments, ask: Ask) -> None:
    """The window is open; it closes by itself."""
    case.update(watch=Watch.OPEN)


def watch_over(case: Comments, ask: Ask) -> None:
    """Declined, ended by a person, or ended by time: nothing is watched any more."""
    case.update(watch=Watch.OVER)


def legal_asked(case: Comments, ask: Ask) -> None:
    """Legal owes advice."""
    case.update(legal_asked=True, legal_advised=False)


def legal_advised(case: Comments, ask: Ask) -> None:
    """Legal has advised, and says whether case information may leave."""
    form: LegalAdvice = ask.form
    case.update(legal_advised=True, disclosure_cleared=form.disclosure_cleared)


def police_told(case: Comments, ask: Ask) -> None:
    """The police know."""
    case.update(police="told")


def police_not_told(case: Comments, ask: Ask) -> None:
    """The police were considered; the colleague's own view stands beside the manager's."""
    case.update(police="not_told")


def spoken(case: Comments, ask: Ask) -> None:
    """What the colleague wishes shapes who is asked for what; being spoken to is being told."""
    form: Talk = ask.form
    case.update(
        spoken=True,
        colleague_told=True,
        platform_wish=form.platform_wish,
        injunction_wished=form.injunction_wished,
    )


def safety_assessed(case: Comments, ask: Ask) -> None:
    """Safety has been thought through."""
    case.update(safety_assessed=True)


def linked_settled(case: Comments, ask: Ask) -> None:
    """A linked case that is needed is somebody's work from now on."""
    case.update(linked_settled=True)
    if ask.form.needed == "court_proceedings":
        referrals.refer(case, ask, "C")
    if ask.form.needed == "corporate_reputation":
        referrals.refer(case, ask, "R")


# --- plan, watching, closing ------------------------------------------------------------------


def new_post(case: Comments, ask: Ask) -> None:
    """One post more. While a plan is in place it means a new incident and a new plan."""
    form: NewPost = ask.form
    case.update(posts=case.case.record.posts + 1)
    # Whoever agreed to a plan, to closing or to withdrawing did not know of it.
    case.case.pending = ()
    if form.evidence:
        case.turn.evidence.append(form.evidence)
    if case.here == "watching":
        case.update(incident=None, spoken=False, safety_assessed=False, police=None)
    if form.immediate_danger:
        start_emergency(case, ask)


def reviewed(case: Comments, ask: Ask) -> None:
    """Watching goes on, with a fresh review date."""
    case.update(reviews=case.case.record.reviews + 1)
    duties.close(case, case.here)
    duties.open_step(case, case.step, replace(ask, up=0), None)  # type: ignore[arg-type]


def closed(case: Comments, ask: Ask) -> None:
    """Whoever reported it hears that it is closed, and no more than that (4.3)."""
    for person in (case.case.opened.by, *(one.by for one in case.case.joined)):
        if person != case.case.practitioner:
            label = "The case you reported is closed"
            tell_person(case, person, Role.REP, "told", label, "4.3")


def withdrawn(case: Comments, ask: Ask) -> None:
    """Whatever others were asked for ends with it; they hear so."""
    record: EmployeeRecord = case.case.record
    if record.watch not in (None, Watch.OVER):
        case.tell(Role.COM, "told", ask.act.label, ask.act.clause)
    if record.legal_asked:
        case.tell(Role.LEG, "told", ask.act.label, ask.act.clause)
    case.update(watch=None if record.watch is None else Watch.OVER)
    closed(case, ask)


def asked_to_withdraw(case: Comments, ask: Ask) -> None:
    """The colleague would rather not go on, so they know of it; manager and HR answer together."""
    case.update(withdrawal_asked=True, colleague_told=True)


def not_withdrawn(case: Comments, ask: Ask) -> None:
    """It goes on; an agreement that waited for the other one has lost its point."""
    case.update(withdrawal_asked=False)
    case.case.pending = tuple(first for first in case.case.pending if first.act != "E-21")


def reopened(case: Comments, ask: Ask) -> None:
    """Assessed anew, by the ordinary manager first, and open to one challenge again."""
    case.update(
        opinion_by=None, challenged=False, challenge_over=False, incident=None, spoken=False,
        safety_assessed=False, police=None, legal_asked=False, legal_advised=False, watch=None,
        linked_settled=False, platform_reported=False, withdrawal_asked=False,
    )  # fmt: skip
