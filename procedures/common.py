"""What may happen in every procedure (6.1-6.3, 6.5, 6.6, 6.9): written once, in the same words.

Ids are words, not numbers, so that they can never be taken for events of one procedure's table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from models.base import Value
from models.case import CaseRef
from models.directory_rows import PersonRef
from models.errors import Refused
from models.forms import Evidence, LondonTime, Paragraph, Short
from models.people import PersonId, Role
from models.policy import Mark
from procedures import clocks, duties, referrals
from procedures.words import Act, Apart, Ask, Task, guard

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure

R = Mark.RECONSTRUCTED

# --- separation of duties that holds in every procedure (4.2) ---------------------------------

STARTED_IT = Apart(
    "SD1",
    "You started this case or hold it, or it is about you; the decision is for somebody else.",
    lambda case: (case.case.opened.by, case.case.practitioner),
)

# --- tasks ------------------------------------------------------------------------------------

EMERGENCY = Task(
    "emergency",
    "Somebody may be in danger: confirm that they are safe",
    Role.LM,
    ("confirm_safe",),
    "E-X1",
    "2.4",
    rungs=(Role.LM, Role.ONC, Role.DOC),
)
SAFEGUARDING = Task(
    "safeguarding",
    "Safeguarding and the section 16A duty",
    Role.SAFE,
    ("safeguarding_handled",),
    "S-16A",
    "2.10",
    mark=Mark.LAW,
)
INFORMATION = Task(
    "information", "Answer the question asked", Role.PR, ("answer",), "INFO", "6.9", mandatory=False
)


# --- forms ------------------------------------------------------------------------------------


class ConfirmSafe(Value):
    """When the person was spoken to, and what the police were told (6.2)."""

    spoken_at: LondonTime
    police_reference: Short | None = None
    police_not_told_because: Short | None = None


class SafeguardingHandled(Value):
    """How safeguarding ended; a section 16A assessment goes to the court whatever it says (L10)."""

    outcome: Literal["referred", "advice_given", "no_risk_found"]
    given_to_court: bool


class AskInformation(Value):
    """A question to one of the roles of this case."""

    to: Role
    question: Paragraph


class Answer(Value):
    """The answer."""

    answer: Paragraph


class Link(Value):
    """Another case, or work that belongs to a procedure not built yet, with its owner."""

    other: Short
    relation: Literal["same_post", "same_family_case", "follows_from", "referred"]


class Reassign(Value):
    """Who takes over a role in this case."""

    role: Role
    to: PersonRef


class Conflict(Value):
    """Who is conflicted; left out, it is the sender."""

    person: PersonRef | None = None


class Pause(Value):
    """Which clock stops, and for which listed reason."""

    duty: Short
    why: Literal["waiting_for_court", "waiting_for_identity", "waiting_for_police"]


class Resume(Value):
    """Which clock goes on."""

    duty: Short


class Correct(Value):
    """What the last decision should have been."""

    act: Short
    fields: dict[str, Any] = Field(default_factory=dict)


class Adopt(Value):
    """The late decision that its new owner makes their own."""

    decision: Short


class JoinTo(Value):
    """The open case of the same matter that this report is joined to."""

    other: CaseRef


class TakeBack(Value):
    """The act whose first agreement is taken back."""

    act: Short


# --- rules ------------------------------------------------------------------------------------


@guard("2.4", R)
def emergency_is_open(case: Procedure, ask: Ask) -> str | None:
    """There is an emergency to end."""
    return None if case.duty(EMERGENCY.id) else "No emergency is open in this case."


@guard("2.10", R)
def safeguarding_is_open(case: Procedure, ask: Ask) -> str | None:
    """There is a safeguarding concern to handle."""
    return None if case.duty(SAFEGUARDING.id) else "No safeguarding concern is open in this case."


@guard("2.4", R)
def police_told_or_why_not(case: Procedure, ask: Ask) -> str | None:
    """The police reference, or the reason they were not told, is recorded."""
    form: ConfirmSafe = ask.form
    if form.police_reference or form.police_not_told_because:
        return None
    return "Give the police reference, or say why the police were not told."


@guard("2.10", Mark.LAW)
def assessment_given_to_the_court(case: Procedure, ask: Ask) -> str | None:
    """A section 16A risk assessment is given to the court whatever its conclusion."""
    if ask.form.given_to_court:
        return None
    return "The risk assessment goes to the court whatever it concludes; record that it did."


@guard("INV-15", R)
def nothing_mandatory_is_open(case: Procedure, ask: Ask) -> str | None:
    """Every task that must be done is done."""
    still = ", ".join(duty.label for duty in case.case.duties if duty.mandatory)
    return f"Not everything is done yet. Still open: {still}." if still else None


KEPT = frozenset(
    {Role.COL, Role.REP, Role.AFF, Role.OWN, Role.CMT, Role.ADM, Role.AUD, Role.SYS}
)
"""Roles that nobody hands on within a case: they are of the whole organisation, or of nobody."""


@guard("SD13", R)
def work_can_be_given(case: Procedure, ask: Ask) -> str | None:
    """Only roles that work on a case are handed on in it; nobody is made administrator by it."""
    # Whom a report is about never changes: only a practitioner's case passes to somebody else.
    if ask.form.role in KEPT or (ask.form.role is Role.PR and case.seat is not Role.PR):
        return "That role is not handed to somebody else within a case."
    return None


@guard("G-10", R)
def clock_may_pause(case: Procedure, ask: Ask) -> str | None:
    """Only a running working-hours clock pauses; emergencies and court dates never do."""
    duty = case.duty(ask.form.duty)
    if duty is None or duty.due is None or duty.overdue or duty.paused_at or duty.at_due:
        return "There is no running deadline of that name to pause."
    if duty.length is None or duty.length.clock != "wh":
        return "Emergencies and other round-the-clock deadlines never pause."
    return None


@guard("G-10", R)
def clock_is_paused(case: Procedure, ask: Ask) -> str | None:
    """The clock that goes on is one that was paused."""
    duty = case.duty(ask.form.duty)
    return None if duty and duty.paused_at else "That deadline is not paused."


@guard("SD3", R)
def own_conflict_or_from_above(case: Procedure, ask: Ask) -> str | None:
    """Anybody declares their own conflict; that of somebody else, only a senior or Legal."""
    if ask.form.person in (None, ask.person):
        return None
    seniors = (Role.SM, Role.AD, Role.LEG, Role.LDL)
    if any(ask.person == holder.person for role in seniors for holder in case.who_is(role)):
        return None
    return "You can declare your own conflict; somebody else's is for a senior manager or Legal."


# --- effects ----------------------------------------------------------------------------------


def raise_emergency(case: Procedure, ask: Ask, *, task: bool = True) -> None:
    """Start the emergency path at once, at any hour; ordinary clocks run on beside it (6.2)."""
    if task:
        duties.open_task(case, EMERGENCY, ask.at)
    for role in (Role.ONC, Role.LM, Role.SM, Role.HRBP, Role.HSI):
        # Not the task's own words: most who hear of it may not say that somebody is safe.
        case.tell(role, "emergency", "Somebody may be in danger", "2.4", ask.at)
    case.flag("emergency")


def raise_safeguarding(case: Procedure, ask: Ask, *, task: bool = True) -> None:
    """Tell safeguarding and the line manager at once; closing waits for the task (6.3)."""
    if task:
        duties.open_task(case, SAFEGUARDING, ask.at)
    for role in (Role.SAFE, Role.LM):
        case.tell(role, "safeguarding", SAFEGUARDING.label, "2.10")
    case.flag("safeguarding")


def _safe(case: Procedure, ask: Ask) -> None:
    duties.close(case, EMERGENCY.id)
    case.unflag("emergency")


def _safeguarded(case: Procedure, ask: Ask) -> None:
    duties.close(case, SAFEGUARDING.id)


def _add_evidence(case: Procedure, ask: Ask) -> None:
    case.turn.evidence.append(ask.form.sha256)


def _ask_information(case: Procedure, ask: Ask) -> None:
    form: AskInformation = ask.form
    if case.duty(INFORMATION.id):
        raise Refused("asked_already", "A question is still open; wait for its answer first.")
    # Auditors read; they would be asked for what they may not give (SD14).
    if form.to is Role.AUD or not (case.hears(form.to) and case.who_is(form.to)):
        raise Refused("nobody", "Nobody holds that role in this case; ask another role.", "6.9")
    to = Task(
        INFORMATION.id, INFORMATION.label, form.to, INFORMATION.done_by, "INFO", "6.9",
        mandatory=False,
    )
    duties.open_task(case, to, ask.at)


def _answered(case: Procedure, ask: Ask) -> None:
    duty = case.duty(INFORMATION.id)
    if duty is None:
        raise Refused("nothing_asked", "No question is open in this case.")
    if ask.person not in {holder.person for holder in duty.holders}:
        raise Refused("wrong_role", "The question was put to somebody else.", "INV-4")
    duties.close(case, INFORMATION.id)


def _reassign(case: Procedure, ask: Ask) -> None:
    form: Reassign = ask.form
    state = case.case
    if form.to in state.conflicted:
        raise Refused("conflicted", "That person is conflicted out of this case.", "SD3")
    if form.role is Role.PR:
        state.practitioner = form.to
        if _had_a_part(case, form.to):
            raise Refused(
                "sd1", "That person has taken a part in this case that its holder may not take.",
                "SD1",
            )
    state.assigned = {**state.assigned, form.role: form.to}
    state.people_stale = True
    # Who is barred changes with whoever holds the case; the trail must say so here (INV-17).
    case.look_around()


def _had_a_part(case: Procedure, person: PersonId) -> bool:
    """Whether somebody took an act that the separation of duties keeps from them now."""
    acts = (case.acts_by_code[done.act] for done in case.case.done if done.person == person)
    return any(person in rule.people(case) for act in acts for rule in case.apart(act))


def _conflict(case: Procedure, ask: Ask) -> None:
    person = ask.form.person or ask.person
    state = case.case
    if ask.person in state.conflicted:
        raise Refused("recorded_already", "That is recorded already; the role moved up.", "SD3")
    case.keep_out((person,))


def _pause(case: Procedure, ask: Ask) -> None:
    duty = case.duty(ask.form.duty)
    assert duty is not None
    clocks.pause(case, duty, ask.at)


def _resume(case: Procedure, ask: Ask) -> None:
    duty = case.duty(ask.form.duty)
    assert duty is not None
    clocks.resume(case, duty, ask.at)


ANYONE = (Role.COL,)
CLOSE_TO_IT = (
    Role.PR, Role.AFF, Role.LM, Role.SM, Role.AD, Role.COM, Role.HOC, Role.LEG, Role.LDL, Role.SAFE,
    Role.HRBP, Role.HSI,
)

COMMON: dict[str, Act] = {
    act.code: act
    for act in (
        Act(
            "raise_emergency", "Raise an emergency", who=ANYONE, effect=raise_emergency,
            any_rung=True, clause="2.4", mark=R,
        ),
        Act(
            "confirm_safe", "Confirm that the person is safe", who=(Role.LM, Role.SM, Role.ONC, Role.DOC),
            form=ConfirmSafe, guards=(emergency_is_open, police_told_or_why_not), effect=_safe, any_rung=True,
            tells=(Role.HRBP, Role.HSI, Role.SM), clause="2.4", mark=R,
        ),
        Act(
            "raise_safeguarding", "Raise a safeguarding concern", who=ANYONE,
            effect=raise_safeguarding, any_rung=True, clause="2.10",
        ),
        Act(
            "safeguarding_handled", "Record how safeguarding was handled", who=Role.SAFE,
            form=SafeguardingHandled, guards=(safeguarding_is_open, assessment_given_to_the_court),
            effect=_safeguarded, tells=(Role.PR, Role.LM), decides=True, clause="2.10", mark=Mark.LAW,
        ),
        Act(
            "add_evidence", "Add evidence", who=(*CLOSE_TO_IT, Role.REP), form=Evidence, effect=_add_evidence,
            any_rung=True, clause="6.7", mark=R,
        ),
        Act(
            "ask_information", "Ask for information", who=CLOSE_TO_IT, form=AskInformation,
            effect=_ask_information, any_rung=True, clause="6.9", mark=R,
        ),
        Act(
            "answer", "Answer", who=ANYONE, form=Answer, effect=_answered, any_rung=True,
            clause="6.9", mark=R,
        ),
        *referrals.acts(CLOSE_TO_IT),
        Act(
            "link_case", "Link another case", who=CLOSE_TO_IT, form=Link, any_rung=True,
            clause="6.4", mark=R,
        ),
        Act(
            "reassign", "Reassign a role of this case", who=(Role.ADM, Role.SM, Role.AD),
            form=Reassign, guards=(work_can_be_given,), effect=_reassign, any_rung=True,
            decides=True, clause="SD13", mark=R,
        ),
        Act(
            "declare_conflict", "Declare a conflict of interest", who=ANYONE, form=Conflict,
            guards=(own_conflict_or_from_above,), effect=_conflict, any_rung=True, clause="SD3", mark=R,
        ),
        Act(
            "pause", "Pause a deadline", who=(Role.LM, Role.SM, Role.LEG, Role.LDL), form=Pause,
            guards=(clock_may_pause,), effect=_pause, any_rung=True, decides=True, clause="G-10", mark=R,
        ),
        Act(
            "resume", "Let a paused deadline run on", who=(Role.LM, Role.SM, Role.LEG, Role.LDL),
            form=Resume, guards=(clock_is_paused,), effect=_resume, any_rung=True, clause="G-10", mark=R,
        ),
        Act(
            "correct_decision", "Correct the last decision", who=ANYONE, form=Correct,
            any_rung=True, decides=True, clause="6.6", mark=R,
        ),
        Act(
            "adopt", "Adopt a late decision as your own", who=ANYONE, form=Adopt, any_rung=True,
            decides=True, clause="6.6", mark=R,
        ),
        Act(
            "take_back", "Take back the first of two agreements", who=ANYONE, form=TakeBack,
            any_rung=True, clause="SD8", mark=R,
        ),
    )
}
"""By id. `correct_decision`, `adopt` and `take_back` are carried out by the core itself."""

TASKS = (EMERGENCY, SAFEGUARDING, INFORMATION, *referrals.TASKS)

__all__ = ["COMMON", "STARTED_IT", "TASKS", "raise_emergency", "raise_safeguarding"]
