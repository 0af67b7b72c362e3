"""C: the work beside its steps, who owns it, and when a case needs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models.people import Role
from models.proceedings import (
    Material,
    Owed,
    ProceedingsRecord,
    Wording,
)
from procedures import proceedings_advice as advice
from procedures import proceedings_decision as rule
from procedures import referrals
from procedures.words import Task

if TYPE_CHECKING:
    from procedures.court_proceedings import CourtProceedings as Proceedings

COM, LEG, SAFE = Role.COM, Role.LEG, Role.SAFE
PR, LM, SM, AD = Role.PR, Role.LM, Role.SM, Role.AD
PR_THEN_SM = (PR, SM, AD)

LEGAL_ADVICE = Task("legal_advice", "Legal's advice on the post", LEG, ("C-05",), "C-T2", "2.3")
MANAGER_ADVICE = Task("manager_advice", "The manager's advice on the post", LM, ("C-04",), "C-T2", "2.3")
MATERIAL = Task("material", "Say if the sealed material may be used", LEG, ("C-05u",), "C-MATERIAL", "2.1")
COUNTERSIGN = Task("countersign", "Agree, or not, to deciding against Legal's advice", SM, ("C-07s",), "C-SIGN", "2.3", mandatory=False)
AGREE = Task("agree_to_close", "Agree, or not, to closing the case", LEG, ("C-16l",), "C-SIGN", "2.3", mandatory=False)
TELL_COURT = Task("tell_court", "Tell the court", PR, ("C-08",), "C-T4", "2.3", rungs=PR_THEN_SM)
TELL_PARTIES = Task("tell_parties", "Tell the parties", PR, ("C-09",), "C-T4", "2.3", rungs=PR_THEN_SM)
PLATFORM = Task("platform", "Report the post to the platform", COM, ("C-07p",), "C-STEP", "2.5")
LEGAL_STEP = Task("legal_step", "Take the legal steps chosen", LEG, ("C-07l",), "C-STEP", "2.3")
SOFTER = Task("softer_route", "Talk with the child about the post", PR, ("C-07c",), "C-STEP", "2.10")
APPROVE = Task("wording", "Approve the wording of the removal request", LM, ("C-10a",), "C-WORDING", "2.3")
REQUEST = Task("request", "Ask the party to remove the post", PR, ("C-10",), "C-T5", "2.3")
ANSWER = Task("answer", "Record what the party answers", PR, ("C-11",), "C-T5-ANSWER", "2.3")
GO_ON = Task("go_on", "Choose how to go on: it was not taken up elsewhere", LM, ("C-12", "C-16", "C-16l"), "C-T3", "2.3", mandatory=False)

TASKS = (
    LEGAL_ADVICE, MANAGER_ADVICE, MATERIAL, COUNTERSIGN, AGREE, TELL_COURT, TELL_PARTIES,
    PLATFORM, LEGAL_STEP, SOFTER, APPROVE, REQUEST, ANSWER, GO_ON,
)
OWED_IN_TELLING = {
    Owed.COURT: TELL_COURT, Owed.PARTIES: TELL_PARTIES, Owed.PLATFORM: PLATFORM,
    Owed.LEGAL_STEP: LEGAL_STEP, Owed.SOFTER: SOFTER,
}  # fmt: skip


def wanted(case: Proceedings) -> Iterator[Task]:
    """The tasks a case needs now, from what is written down."""
    record: ProceedingsRecord = case.case.record
    if record.material is Material.SEALED:
        yield MATERIAL
    if case.here in ("advising", "deciding") and record.advised is None:
        yield from (LEGAL_ADVICE,) if advice.legal_is_asked(case) else ()
    if case.here == "advising" and advice.manager_is_asked(case) and not record.manager_advised:
        yield MANAGER_ADVICE
    if rule.waits_for_the_second(case, "C-07s"):
        yield COUNTERSIGN
    if rule.waits_for_the_second(case, "C-16l"):
        yield AGREE
    if Owed.ANSWER in record.owed:
        yield ANSWER
    yield from _in_action(case, record)
    if case.here == "waiting" and record.colleague and not _conduct_is_elsewhere(case):
        yield GO_ON


def _conduct_is_elsewhere(case: Proceedings) -> bool:
    return bool(referrals.open_ones(case)) or referrals.taken_as_case(case, "U")


def _in_action(case: Proceedings, record: ProceedingsRecord) -> Iterator[Task]:
    if case.here in ("telling", "asking") and Owed.REQUEST in record.owed:
        yield REQUEST
        yield from (APPROVE,) if record.wording is Wording.PROPOSED else ()
    if case.here == "telling":
        yield from (OWED_IN_TELLING[one] for one in record.owed if one in OWED_IN_TELLING)
