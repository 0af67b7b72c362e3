"""The work beside the steps of a case about a comment on a colleague (7.1), and when it is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models.employee import Author, Classification, EmployeeRecord, Watch
from models.forms import YesNoUnsure
from models.people import Role
from models.policy import Mark
from procedures.words import Task

if TYPE_CHECKING:
    from procedures.employee_comments import EmployeeComments as Comments

S = Mark.SEED
LM, HRBP, HSI, AFF = Role.LM, Role.HRBP, Role.HSI, Role.AFF
COM, HOC, LEG = Role.COM, Role.HOC, Role.LEG

TELL = Task("tell", "Tell the affected colleague in person, not by e-mail alone", LM, ("E-01a",), "E-TELL", "2.4")
HR = Task(
    "hr_support", "Acknowledge, and record the support offered", HRBP, ("E-11",), "E-T2", "2.4",
    mark=S, rungs=(HRBP, Role.HRL),
)
INCIDENT = Task(
    "incident", "Record the Health and Safety incident", HSI, ("E-12",), "E-T3", "APPX", mark=S,
    rungs=(HSI, Role.HSL),
)
SPEAK = Task("speak", "Speak with the affected colleague and record what they wish", LM, ("E-17a",), "E-SPEAK", "2.4")
SAFETY = Task(
    "safety", "Assess safety: visits, home address, privacy settings, family", LM, ("E-17b",),
    "E-SAFETY", "2.4",
)
POLICE = Task("police", "Tell the police, or record why not", LM, ("E-16", "E-16a"), "E-POLICE", "2.4")
LEGAL = Task(
    "legal", "Give legal advice on the threat or harassment", LEG, ("E-15a",), "E-T5", "APPX",
    mark=S, rungs=(LEG, Role.LDL),
)
LINKED = Task(
    "linked", "Settle whether a linked case is needed", LM, ("E-17c",), "E-LINK", "APPX",
    mandatory=False, mark=S,
)
PLATFORM_OWN = Task(
    "platform", "If you wish: report the post to the platform", AFF, ("E-13",), None, "2.5",
    mandatory=False, mark=S,
)
PLATFORM_COM = Task(
    "platform_official", "Report the post to the platform, as the colleague asked", COM, ("E-13",),
    "E-T4", "2.5", mandatory=False,
)
WATCH = Task(
    "watch", "Propose to record or watch, or decline", COM, ("E-14a", "E-14b"), "E-T4", "2.6",
    mandatory=False, mark=S, rungs=(COM, HOC),
)
WATCH_OK = Task(
    "watch_approval", "Approve or decline the watching window", HOC, ("E-14c", "E-14b"), "E-T4",
    "2.6", mandatory=False,
)
CONFIRM = Task(
    "confirm", "Confirm that support was offered, so that the case can close", LM, ("E-10",),
    "E-CONFIRM", "2.4",
)
WITHDRAW_LM = Task(
    "withdraw_manager", "Answer the wish to withdraw, as manager", LM, ("E-21", "E-21b"),
    "E-WITHDRAW", "2.4", mandatory=False,
)
WITHDRAW_HR = Task(
    "withdraw_hr", "Answer the wish to withdraw, as HR", HRBP, ("E-21", "E-21b"), "E-WITHDRAW",
    "2.4", mandatory=False,
)
CLOSE_LM = Task("close_manager", "Agree to close, as manager", LM, ("E-20",), "E-CLOSE", "2.4", mandatory=False)
CLOSE_HR = Task("close_hr", "Agree to close, as HR", HRBP, ("E-20",), "E-CLOSE", "2.4", mandatory=False)

TASKS = (
    TELL, HR, INCIDENT, SPEAK, SAFETY, POLICE, LEGAL, LINKED, PLATFORM_OWN, PLATFORM_COM, WATCH, WATCH_OK, CONFIRM,
    WITHDRAW_LM, WITHDRAW_HR, CLOSE_LM, CLOSE_HR,
)


def wanted(case: Comments) -> Iterator[Task]:
    """The tasks a case needs now, from what is written down."""
    record: EmployeeRecord = case.case.record
    if case.closed and case.here != "closed_opinion":
        # Passed on, joined or withdrawn, nothing more is owed here; the other two ends are guarded.
        return
    if not record.colleague_told:
        yield TELL
    if record.support is None:
        yield HR
    if case.closed:
        return
    if case.here == "opinion" and record.challenge_over:
        yield CONFIRM
    yield from _in_action(case, record)
    yield from _asked_for(case, record)


def _in_action(case: Comments, record: EmployeeRecord) -> Iterator[Task]:
    if case.here in ("emergency_response", "action") and record.incident is None:
        yield INCIDENT
    if case.here != "action":
        return
    if not record.spoken:
        yield SPEAK
    if not record.safety_assessed:
        yield SAFETY
    if record.threat and record.police is None:
        yield POLICE


def _asked_for(case: Comments, record: EmployeeRecord) -> Iterator[Task]:
    needed = case.here == "action" and legal_is_needed(case)
    if (needed or record.legal_asked) and not record.legal_advised:
        yield LEGAL
    if case.here in ("action", "watching") and not record.platform_reported:
        wishes = {"colleague": (PLATFORM_OWN,), "communications": (PLATFORM_COM,)}
        yield from wishes.get(record.platform_wish or "", ())
    if case.here in ("action", "watching") and linked_is_open(case):
        yield LINKED
    if record.watch is Watch.ASKED:
        yield WATCH
    if record.watch is Watch.PROPOSED:
        yield WATCH_OK
    if record.withdrawal_asked and not record.threat:
        spoken = _agreed(case, "E-21")
        yield from (task for task in (WITHDRAW_LM, WITHDRAW_HR) if task.held_by not in spoken)
    if spoken := _agreed(case, "E-20"):
        # The other of the two has no work open while the case is watched: they are asked here.
        yield from (task for task in (CLOSE_LM, CLOSE_HR) if task.held_by not in spoken)


def _agreed(case: Comments, act: str) -> set[Role]:
    return {first.role for first in case.case.pending if first.act == act}


def linked_is_open(case: Comments) -> bool:
    """Nobody has settled yet whether the family case needs a case of its own."""
    linked = case.case.intake.linked_to_family_case is not YesNoUnsure.NO
    return linked and not case.case.record.linked_settled


def legal_is_needed(case: Comments) -> bool:
    """Harassment by a party, a threat, or a wish for an injunction: Legal advises (APPX)."""
    record: EmployeeRecord = case.case.record
    by_party = (
        record.classification is Classification.HARASSMENT
        and case.case.intake.author_known is Author.PARTY
    )
    return by_party or record.threat or record.injunction_wished
