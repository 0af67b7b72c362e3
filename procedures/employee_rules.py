"""The rules about comments on a colleague: who stays apart, guards, and routes (7.1).

Read beside the class body in employee_comments.py, which says where each one is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.employee import EmployeeRecord
from models.employee_acts import Close, Harassment, PoliceTold
from models.people import Role
from models.policy import Mark
from models.report import TOLERANCE
from procedures import common
from procedures.employee_tasks import linked_is_open
from procedures.words import Apart, Ask, guard

if TYPE_CHECKING:
    from procedures.employee_comments import EmployeeComments as Comments

R, L = Mark.RECONSTRUCTED, Mark.LAW


# --- separation of duties ---------------------------------------------------------------------


def _first_looker(case: Comments) -> tuple[str, ...]:
    record: EmployeeRecord = case.case.record
    return (record.opinion_by,) if record.challenged and record.opinion_by else ()


SECOND_LOOK = Apart(
    "E-09",
    "You called it opinion or criticism, and that was challenged; the second look is for somebody else.",
    _first_looker,
)


# --- guards -----------------------------------------------------------------------------------


@guard("2.4", R)
def colleague_not_told_yet(case: Comments, ask: Ask) -> str | None:
    """The affected colleague does not know of the case yet."""
    told = case.case.record.colleague_told
    return "The affected colleague knows of the case already." if told else None


@guard("2.4", R)
def told_in_the_past(case: Comments, ask: Ask) -> str | None:
    """The affected colleague was told before it is recorded."""
    return None if ask.form.told_at <= ask.at + TOLERANCE else "That time lies in the future."


@guard("2.4", R)
def colleague_knows(case: Comments, ask: Ask) -> str | None:
    """The affected colleague knows of the case: only so can they challenge the finding."""
    if case.case.record.colleague_told:
        return None
    return "Tell the affected colleague in person first; only then can they challenge this."


@guard("2.4")
def guidance_test_applied(case: Comments, ask: Ask) -> str | None:
    """The finding follows the test of the guidance on unacceptable behaviour."""
    if ask.form.guidance_test_applied:
        return None
    return "Apply the test of the guidance on unacceptable behaviour first, and say what it gave."


@guard("2.4", R)
def posts_were_seen(case: Comments, ask: Ask) -> str | None:
    """Harassment is judged by all posts the case counts, not by one of them."""
    form: Harassment = ask.form
    posts = case.case.record.posts
    if form.posts_seen == posts:
        return None
    return f"The case counts {posts} posts. Take all of them into account and give that number."


@guard("2.4", R)
def police_were_considered(case: Comments, ask: Ask) -> str | None:
    """With a specific threat the police are considered at once."""
    return None if ask.form.police_considered else "Consider telling the police first; then decide."


@guard("2.4", R)
def can_be_challenged(case: Comments, ask: Ask) -> str | None:
    """The finding is challenged once, within the challenge period."""
    record: EmployeeRecord = case.case.record
    if record.challenged:
        return "This was challenged once already; the second look is final."
    if record.challenge_over:
        return "The challenge period is over. If something new comes up, the case can be reopened."
    return None


@guard("2.4", R)
def challenge_period_is_over(case: Comments, ask: Ask) -> str | None:
    """Until the challenge period is over, nobody closes the case."""
    if case.case.record.challenge_over:
        return None
    return "The affected colleague and HR may still challenge this; wait until that time is over."


@guard("2.4", R)
def offered_in_the_past(case: Comments, ask: Ask) -> str | None:
    """Support was offered before the case closes."""
    return None if ask.form.offered_at <= ask.at + TOLERANCE else "That offer lies in the future."


@guard("2.4", R)
def spoken_in_the_past(case: Comments, ask: Ask) -> str | None:
    """The person was spoken to before it is recorded."""
    return None if ask.form.spoken_at <= ask.at + TOLERANCE else "That time lies in the future."


@guard("2.5", R)
def on_a_login_of_ones_own(case: Comments, ask: Ask) -> str | None:
    """The colleague reports on their own login, Communications on an official one."""
    right = "official" if ask.base is Role.COM else "own"
    if ask.form.login == right:
        return None
    return "Nobody reports on somebody else's login: the colleague uses their own, Communications an official one."


@guard("INV-7", L)
def only_the_minimum_is_given(case: Comments, ask: Ask) -> str | None:
    """Case information goes to the police once Legal has cleared it, or to protect life at once."""
    form: PoliceTold = ask.form
    if "case_information" not in form.given or case.here == "emergency_response":
        return None
    if case.case.record.disclosure_cleared:
        return None
    return "Give only the post and who is at risk; for case information ask Legal first."


@guard("2.4", R)
def everything_was_thought_of(case: Comments, ask: Ask) -> str | None:
    """Privacy settings and family are part of every assessment."""
    if ask.form.privacy_settings_checked and ask.form.family_considered:
        return None
    return "Go through the privacy settings and think of the family too; then record it."


@guard("2.4", R)
def colleague_was_consulted(case: Comments, ask: Ask) -> str | None:
    """The affected colleague was asked about the plan, and what they said is noted."""
    return None if ask.form.colleague_consulted else "Ask the affected colleague about it first."


@guard("2.4", R)
def colleague_is_told(case: Comments, ask: Ask) -> str | None:
    """The affected colleague was told that the case will close, and what they said is noted."""
    return None if ask.form.colleague_told else "Tell the affected colleague first."


@guard("APPX", R)
def linked_case_is_settled(case: Comments, ask: Ask) -> str | None:
    """Where a family case may be touched, it is settled whether that needs a case of its own."""
    if not linked_is_open(case):
        return None
    return "Settle first whether a case about the proceedings or the reputation is needed too."


@guard("2.4", R)
def police_lead_it(case: Comments, ask: Ask) -> str | None:
    """Only what the police were told of is closed as led by them."""
    form: Close = ask.form
    if form.ending == "managed" or case.case.record.police == "told":
        return None
    return "The police were not told; close it as managed, or tell them first."


@guard("2.4", R)
def may_be_withdrawn(case: Comments, ask: Ask) -> str | None:
    """A threat, an emergency or a safeguarding concern is not withdrawn."""
    if case.case.record.threat:
        return "There was a threat or an emergency; such a case is not withdrawn."
    if case.duty(common.SAFEGUARDING.id):
        return "A safeguarding concern is open; until it is handled the case is not withdrawn."
    return None


@guard("2.4", R)
def withdrawal_is_asked(case: Comments, ask: Ask) -> str | None:
    """The affected colleague asked to withdraw."""
    if case.case.record.withdrawal_asked:
        return None
    return "Only the affected colleague can wish to withdraw, and they have not."


# --- routes: which way an act leads -----------------------------------------------------------


def reported_danger(ask: Ask) -> bool:
    """The report says that somebody is in danger."""
    return bool(ask.form.in_danger)


def danger_now(ask: Ask) -> bool:
    """Asked again, the answer is that somebody is in danger now."""
    return bool(ask.form.in_danger_now)


def post_of_danger(ask: Ask) -> bool:
    """The new post puts somebody in danger."""
    return bool(ask.form.immediate_danger)


def managed(ask: Ask) -> bool:
    """It was managed within Cafcass."""
    return bool(ask.form.ending == "managed")


def police_led(ask: Ask) -> bool:
    """The police lead it, and a safety plan is in place."""
    return bool(ask.form.ending == "police_led")
