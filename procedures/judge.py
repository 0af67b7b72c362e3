"""Who may act, in which role, in time or late (4.2, 6.5, 6.6).

The answer is a `Holder` to act as, or a `Refused` in plain words. The four other ends of a
decision that came at the wrong moment stay apart: too early, already decided, late, moved on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.case import Decision, Duty
from models.errors import Refused
from models.forms import MEANINGFUL, meaningful
from models.london import london
from models.people import OWN_LINE, Holder, Role, Roster, holders, ladder
from models.state import Done, Pending
from procedures.words import Act

if TYPE_CHECKING:
    from procedures.doing import Doing as Procedure


MOVED_ON = "The case has moved on since what you were shown. Nothing was applied; look again."


class Late(Exception):
    """The deadline passed and the duty moved on: the decision is kept, not applied (6.6)."""


@dataclass(frozen=True)
class Standing:
    """In what capacity somebody acts, and which duty the act answers."""

    holder: Holder
    base: Role
    duty: Duty | None
    in_time: bool | None


def standing(case: Procedure, act: Act, decision: Decision) -> Standing:
    """In what capacity this person may take this act now; raises Refused or Late."""
    may_act_at_all(case, act, decision)
    found = _current(case, act, decision) or _earlier(case, act, decision)
    if found is not None:
        return found
    raise _why_not(case, act, decision)


def may_act_at_all(case: Procedure, act: Act, decision: Decision) -> None:
    """Refuse whom no role could help: inactive, auditor, administrator, conflicted (4.2)."""
    sender = decision.sender
    if sender.person != decision.person or not sender.active:
        raise Refused("not_active", "You are not an active colleague in the directory.")
    if Role.AUD in sender.roles:
        raise Refused("auditor", "Auditors read; they never act in a case.", "SD14")
    if Role.ADM in sender.roles and Role.ADM not in act.who and not _open_to_all(act):
        raise Refused("administrator", "Administrators repair; they never decide.", "SD13")
    if decision.person in case.case.conflicted and not _open_to_all(act):
        raise Refused(
            "conflicted",
            "You are recorded as conflicted out of this case; the role moved up.",
            "SD3",
        )
    if not act.by_people:
        raise Refused("system_only", "Only the system does this, when its time comes.")


def _open_to_all(act: Act) -> bool:
    """Whether any colleague may: a conflict never keeps anybody from saying "danger" (INV-11)."""
    return Role.COL in act.who and not act.decides


def _duties(case: Procedure, act: Act, decision: Decision) -> list[Duty]:
    asking = [d for d in case.case.duties if act.code in d.acts and d.base in act.who]
    meant = act.answers(decision.fields) if act.answers else None
    asking = [duty for duty in asking if duty.id == meant] or asking
    # A task names its own owner; the step it stands beside may be with somebody else by now.
    return [duty for duty in asking if not duty.step] or asking


def _capacities(
    case: Procedure, act: Act, decision: Decision
) -> list[tuple[Role, Role, Duty | None]]:
    """(role to hold now, role of the act's `who` it stands for, duty) in the order of `who`."""
    duties = [] if act.any_rung else _duties(case, act, decision)
    # The second of two people speaks for the role the first did not (SD16).
    firsts = [first for first in case.case.pending if first.act == act.code]
    taken = {first.role for first in firsts if still_speaks(case, first, decision.roster)}
    found: list[tuple[Role, Role, Duty | None]] = []
    for base in act.who:
        if base in taken and len(act.who) != len(taken):
            continue
        # One role may owe the same act twice, on two rungs: either is a capacity to act in.
        owed = [(duty.role, base, duty) for duty in duties if duty.base is base]
        found.extend(owed or [(base, base, None)])
    return found


def still_speaks(case: Procedure, first: Pending, roster: Roster) -> bool:
    """Whether the first of two people still holds the role they agreed in, on any of its rungs.

    If not, nobody could take the agreement back: somebody who holds it now may give another.
    """
    barred = frozenset(case.case.conflicted)
    rungs = (holders(roster, rung, barred) for rung in ladder(first.role))
    return any(holder.person == first.person for rung in rungs for holder in rung)


def _barred(case: Procedure, act: Act, duty: Duty | None, base: Role) -> frozenset[str]:
    people = {person for rule in case.apart(act) for person in rule.people(case)}
    if _open_to_all(act):
        return frozenset(people)
    own = {case.case.practitioner} if base in OWN_LINE else set()
    return frozenset(people | own | set(case.case.conflicted) | set(duty.excluded if duty else ()))


def _fits(decision: Decision, holder: Holder, base: Role) -> bool:
    if holder.person != decision.person:
        return False
    if decision.role is not None and decision.role not in (holder.role, base):
        return False
    return decision.on_behalf_of in (None, holder.on_behalf_of)


def _held_by(
    case: Procedure, decision: Decision, role: Role, base: Role, barred: frozenset[str]
) -> Holder | None:
    if role in (Role.PR, Role.AFF) and role is not case.seat:
        # The directory seats the person a case is about in both; only one of them is true of it.
        return None
    if role is Role.COL or _is_in_person(case, decision, role):
        holder = Holder(person=decision.person, role=role)
        free = decision.person not in barred
        return holder if free and _fits(decision, holder, base) else None
    found = holders(decision.roster, role, barred)
    return next((holder for holder in found if _fits(decision, holder, base)), None)


def _is_in_person(case: Procedure, decision: Decision, role: Role) -> bool:
    """Whether somebody is the reporter or the affected colleague: leave takes no voice away."""
    themselves = {Role.REP: case.case.opened.by, Role.AFF: case.case.practitioner}
    return themselves.get(role) == decision.person


def _current(case: Procedure, act: Act, decision: Decision) -> Standing | None:
    for role, base, duty in _capacities(case, act, decision):
        holder = _held_by(case, decision, role, base, _barred(case, act, duty, base))
        if holder is not None:
            answered = duty or _answered(case, act)
            due = answered.due if answered else None
            return Standing(holder, base, answered, decision.at <= due if due else None)
    return None


def _answered(case: Procedure, act: Act) -> Duty | None:
    """The task an act of any rung ends: whoever does it, the trail says if it was in time (6.8)."""
    return next((d for d in case.case.duties if not d.step and act.code in d.acts), None)


def _earlier(case: Procedure, act: Act, decision: Decision) -> Standing | None:
    """Somebody whose turn it was: in time if it was received by then, whenever it is processed."""
    for duty in [] if act.any_rung else _duties(case, act, decision):
        for role, until in duty.past:
            barred = _barred(case, act, duty, duty.base)
            holder = _held_by(case, decision, role, duty.base, barred)
            if holder is not None and decision.at <= until:
                return Standing(holder, duty.base, duty, in_time=True)
            if holder is not None and act.decides:
                raise Late(london(until))
            if holder is not None:
                # Work that decides nothing stays welcome from whoever owed it, marked late.
                return Standing(holder, duty.base, duty, in_time=False)
    return None


def _why_not(case: Procedure, act: Act, decision: Decision) -> Refused:
    """The plainest true reason: the moment has passed, separation of duties, or the role."""
    if act.sources and case.here not in act.sources and _on_the_ladder(case, act, decision):
        return _not_now(case, act)
    capacities = _capacities(case, act, decision)
    for role, base, _duty in capacities:
        held = _held_by(case, decision, role, base, frozenset())
        barring = [rule for rule in case.apart(act) if decision.person in rule.people(case)]
        if held is not None and barring:
            return Refused(barring[0].id.lower(), barring[0].says, barring[0].id)
    given = ((first.act, first.person) for first in case.case.pending)
    if (act.code, decision.person) in given:
        return Refused(
            "agreed_already", "You have agreed already; it waits for the other person.", "SD16"
        )
    wanted = " or ".join(dict.fromkeys(str(role) for role, _, _ in capacities))
    return Refused(
        "wrong_role",
        f"This is for {case.role_names(wanted)} of this case; you do not hold that role now.",
        "INV-4",
    )


def _on_the_ladder(case: Procedure, act: Act, decision: Decision) -> bool:
    """Whether the act could be this person's at some rung, had it been open."""
    rungs = {rung: base for base in act.who for rung in ladder(base)}
    return any(_held_by(case, decision, rung, base, frozenset()) for rung, base in rungs.items())


def at_the_right_moment(case: Procedure, act: Act, decision: Decision) -> None:
    """Refuse what comes for another case, too early, a second time, or after the case moved on."""
    if decision.at < case.case.opened.at:
        raise Refused("before_the_case", "This was received before the case was opened.")
    if act.sources and case.here not in act.sources:
        raise _not_now(case, act)
    if not (act.decides or act.leaves(case.here)):
        # What only adds to the case does no harm beside what somebody else did meanwhile.
        return
    seen = decision.saw
    if seen is not None and any(seq > seen and at < decision.at for seq, at in case.case.moved):
        raise Refused("moved_on", MOVED_ON)


def _not_now(case: Procedure, act: Act) -> Refused:
    """Decided already, left behind for now, or still to come: each in its own true words."""
    left = next((done for done in reversed(case.case.done) if done.before in act.sources), None)
    if left is None:
        return Refused(
            "too_early", f"That step is not open yet; the case is at: {case.step.label}.", "6.6"
        )
    if _settled(case, act, left):
        role, done = case.role_names(str(left.role)), case.acts_by_code[left.act]
        what = "decided" if done.decides or done.final_word else "done"
        return Refused("already_decided", f"Already {what} by {role} at {london(left.at)}.", "6.6")
    return Refused(
        "too_early", f"That step is not open now; the case is at: {case.step.label}.", "6.6"
    )


def _settled(case: Procedure, act: Act, left: Done) -> bool:
    """Whether somebody decided the very thing: an act open wherever this one is, or this one."""
    done = case.acts_by_code[left.act]
    decided = left.role is not None and (done.decides or done.final_word or done is act)
    # What is open in other steps as well may still come: leaving one of them decided nothing of it.
    return decided and set(act.sources) <= set(done.sources)


def with_a_reason(act: Act, decision: Decision) -> None:
    """A deciding act says why (INV-14)."""
    if act.decides and not meaningful(decision.reason):
        raise Refused(
            "no_reason",
            f"A reason of at least {MEANINGFUL} letters is needed; it is what will be relied on.",
            "INV-14",
        )
