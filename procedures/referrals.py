"""Handing a matter, or a part of it, to another process: recorded, owned, due, never lost.

A case that finds more than its own procedure covers (a post that also names a colleague, a request
for information) refers it. The referral is a task of this case until somebody over there has taken
it, and closing waits for it; so nothing falls through before that process is built here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from models.base import Value
from models.case import CaseRef
from models.errors import Refused
from models.forms import Words
from models.people import Role
from models.policy import Mark
from models.state import Referral, ReferralTo
from procedures import duties
from procedures.words import Act, Ask, Task, guard

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure

R = Mark.RECONSTRUCTED


@dataclass(frozen=True)
class Target:
    """A process something can be referred to, and who owes that it is taken up."""

    code: ReferralTo
    label: str
    owner: Role
    clause: str
    mark: Mark = Mark.SEED
    confidential: bool = False

    @property
    def task_id(self) -> str:
        """Id of the task that waits until the referral was taken."""
        return f"referral_{self.code.lower()}"

    @property
    def task(self) -> Task:
        """The task that waits until the referral was taken."""
        return Task(
            self.task_id, self.label, self.owner, ("take_referral",), "REFERRAL", self.clause
        )


TARGETS: dict[ReferralTo, Target] = {
    one.code: one
    for one in (
        Target("C", "Take up: posts about court proceedings", Role.LM, "2.3"),
        Target("D", "Take up: access directed by the court", Role.LM, "2.13"),
        Target("E", "Take up: comments about a colleague", Role.LM, "2.4"),
        Target("I", "Take up: a request for information", Role.IG, "2.7"),
        Target("K", "Take up: contact ordered by the court", Role.LM, "2.11"),
        Target("M", "Take up: moderation of an own channel", Role.COM, "3.4"),
        Target("O", "Take up: recording or watching an open site", Role.COM, "2.6"),
        Target("Q", "Take up: custody of an account", Role.COM, "5.2"),
        Target("R", "Take up: posts about Cafcass", Role.COM, "APPX"),
        # Its label says nothing: that a colleague's conduct is looked at stays with HR (4.3).
        Target("U", "Take up: a confidential referral", Role.HRBP, "4.5", confidential=True),
        Target("COMPLAINT", "Take up: a complaint", Role.CPL, "4.3"),
        Target("PRESS", "Take up: an enquiry from the press", Role.HOC, "3.3", mark=R),
    )
}
"""By code. The letters are those of the procedures of the policy analysis."""


# --- forms ------------------------------------------------------------------------------------


class Refer(Value):
    """Where the matter goes; the reason says what is handed over."""

    to: ReferralTo


class TakeReferral(Value):
    """What became of it there: the case opened, or why none is needed."""

    to: ReferralTo
    case: CaseRef | None = None
    outside: Words | None = None
    """Where it is dealt with, when that process does not run here yet."""
    not_needed_because: Words | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        given = [one for one in (self.case, self.outside, self.not_needed_because) if one]
        if len(given) != 1:
            raise ValueError(
                "give one of: case (its reference), outside (where it is dealt with),"
                " not_needed_because"
            )
        return self


# --- what effects and guards of a procedure use -----------------------------------------------


def refer(case: Procedure, ask: Ask, to: ReferralTo) -> None:
    """Refer something to another process; a referral still open there is not made twice."""
    target = TARGETS[to]
    if case.duty(target.task_id):
        return
    made = Referral(to=to, at=ask.at, by=ask.person)
    case.case.referrals = (*case.case.referrals, made)
    duties.open_task(case, target.task, ask.at)


def open_ones(case: Procedure) -> tuple[Referral, ...]:
    """Referrals that nobody has taken yet."""
    return tuple(one for one in case.case.referrals if not one.taken)


def taken_as_case(case: Procedure, to: ReferralTo) -> bool:
    """Whether something was referred there and is being dealt with there."""
    return any(one.to == to and one.taken and not one.not_needed for one in case.case.referrals)


@guard("APPX", R)
def taken_over(case: Procedure, ask: Ask) -> str | None:
    """Something was referred, and every referral has been taken up."""
    if not case.case.referrals:
        return "Refer it to the process it belongs to first; then it can be passed on."
    if open_ones(case):
        return "The other process has not taken it up yet; it stays here until it has."
    return None


@guard("APPX", R)
def referral_is_yours(case: Procedure, ask: Ask) -> str | None:
    """The referral is open, and this person owes that it is taken up."""
    duty = case.duty(TARGETS[ask.form.to].task_id)
    if duty is None:
        return "Nothing is waiting to be taken up there."
    if ask.person not in {holder.person for holder in duty.holders}:
        return "That referral is for somebody else to take up."
    return None


def task_meant(fields: dict[str, Any]) -> str | None:
    """Id of the task that a referral being taken up answers: two may be with the same role."""
    meant = fields.get("to")
    return next((one.task_id for one in TARGETS.values() if one.code == meant), None)


def _refer(case: Procedure, ask: Ask) -> None:
    form: Refer = ask.form
    if case.duty(TARGETS[form.to].task_id):
        raise Refused("referred_already", "It is referred there already and waits to be taken up.")
    refer(case, ask, form.to)


def _take(case: Procedure, ask: Ask) -> None:
    form: TakeReferral = ask.form
    duties.close(case, TARGETS[form.to].task_id)
    taken = {"taken": True, "not_needed": form.not_needed_because is not None, "case": form.case}
    case.case.referrals = tuple(
        one.model_copy(update=taken) if one.to == form.to and not one.taken else one
        for one in case.case.referrals
    )


OWNERS = tuple(dict.fromkeys(target.owner for target in TARGETS.values()))

TASKS = tuple(target.task for target in TARGETS.values())


def acts(close_to_it: tuple[Role, ...]) -> tuple[Act, ...]:
    """The two acts of every procedure; `close_to_it` may refer."""
    return (
        Act(
            "refer",
            "Refer to another process",
            who=close_to_it,
            form=Refer,
            effect=_refer,
            any_rung=True,
            clause="APPX",
            mark=R,
        ),
        Act(
            "take_referral",
            "Take up a referral",
            who=OWNERS,
            form=TakeReferral,
            answers=task_meant,
            guards=(referral_is_yours,),
            effect=_take,
            clause="APPX",
            mark=R,
        ),
    )
