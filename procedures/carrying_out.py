"""Carrying out a decision that may be taken: its form, its guards, its effect, its entry and receipt."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from models.case import (
    Decision,
    GuardResult,
    Kind,
    Receipt,
)
from models.errors import Refused
from models.forms import problems
from models.people import Role
from models.state import Pending
from procedures import judge
from procedures.doing import Doing
from procedures.turn import write
from procedures.words import Act, Ask

SAID = 5
"""Faults named in one answer: every answer is kept, and a case must stay small enough to carry."""


class CarryingOut(Doing):
    """A case in which an act of one person, or of two, is carried out and written down."""

    def _act(self, name: str) -> Act:
        act = self.acts.get(name) or self.acts_by_code.get(name)
        if act is None:
            raise Refused("unknown_act", "There is no act of that name in this procedure.")
        return act

    def _carry_out(
        self, act: Act, decision: Decision, standing: judge.Standing, label: str
    ) -> Receipt:
        judge.at_the_right_moment(self, act, decision)
        judge.with_a_reason(act, decision)
        form = self._form(act, decision)
        ask = Ask(act, decision.at, form, standing.holder, standing.base, decision, act.up)
        self._guards(ask)
        kind, message = Kind.APPLIED, "Applied."
        before = self.here
        if act.together and not self._second(ask):
            kind = Kind.FIRST_OF_TWO
            rest = [str(role) for role in act.together if role is not standing.base]
            message = f"Recorded. It takes effect when {self.role_names(' or '.join(rest))} agrees."
            self._settle(ask)
            self._ask_the_other(ask, rest)
        else:
            self._perform(ask)
        return self._written(ask, standing, kind, label, before, message)

    def _ask_the_other(self, ask: Ask, rest: list[str]) -> None:
        """Whoever is to agree as well hears of it, unless a task of theirs says so already."""
        asked = {
            duty.base for duty in self.case.duties if not duty.step and ask.act.code in duty.acts
        }
        for role in map(Role, rest):
            if role not in asked:
                self.tell(role, "agree_too", ask.act.label, ask.act.clause)

    def _form(self, act: Act, decision: Decision) -> Any:
        try:
            return act.form.model_validate(decision.fields)
        except ValidationError as error:
            said = problems(error)
            more = (f"and {len(said) - SAID} more",) if len(said) > SAID else ()
            raise Refused("fields", "; ".join((*said[:SAID], *more)) + ".", act.clause) from None

    def _guards(self, ask: Ask) -> None:
        for rule in ask.act.guards:
            no = rule.check(self, ask)
            self.turn.guards.append(GuardResult.made(id=rule.id, passed=no is None))
            if no is not None:
                failed = tuple(self.turn.guards)
                error = Refused(rule.id, no, rule.clause)
                error.guards = failed  # type: ignore[attr-defined]
                raise error

    def _written(  # noqa: PLR0913  # one entry, one receipt
        self, ask: Ask, standing: judge.Standing, kind: Kind, label: str, before: str, message: str
    ) -> Receipt:
        act, decision = ask.act, ask.decision
        assert decision is not None
        late = standing.in_time is False
        due = standing.duty.due if standing.duty else None
        entry = write(
            self,
            kind,
            label,
            ask.at,
            before=before,
            act=act.code,
            holder=ask.holder,
            clauses=(act.clause,),
            mark=act.mark.value,
            in_time=standing.in_time,
            due=due,
            # The first of two has withdrawn or refused nothing yet.
            no=None if kind is Kind.FIRST_OF_TWO else act.no,
            message=message,
            reason=decision.reason,
            fields=decision.fields,
            decision=decision.id,
            saw=decision.saw,
            sealed=act.sealed,
        )
        return Receipt.made(
            decision=decision.id,
            case_id=decision.case_id,
            outcome="applied",
            seq=entry.seq,
            state=self.here,
            act=act.code,
            label=label,
            message=message + (" It was late, and is marked so." if late else ""),
            clause=act.clause,
            due=min((duty.due for duty in self.case.duties if duty.due), default=None),
        )

    def _second(self, ask: Ask) -> bool:
        """Whether this is the second of two agreements; the first is written down and waits."""
        assert ask.decision is not None
        first = next((one for one in self.case.pending if one.act == ask.act.code), None)
        lapsed = first is not None and self._replaces(first, ask)
        if first is None or lapsed:
            waiting = Pending(
                act=ask.act.code, person=ask.person, role=ask.base, decision=ask.decision
            )
            others = (one for one in self.case.pending if one is not first)
            self.case.pending = (*others, waiting)
            return False
        if first.person == ask.person or first.role is ask.base:
            raise Refused("two_people", "Two different people in two roles must agree.", "SD16")
        # Compared as read: two people may write the same instant or the same yes differently.
        if self._form(ask.act, first.decision) != ask.form:
            raise Refused(
                "not_the_same",
                "The other person agreed to something else; both must be the same.",
                "SD8",
            )
        self.case.pending = tuple(one for one in self.case.pending if one is not first)
        return True

    def _replaces(self, first: Pending, ask: Ask) -> bool:
        """Whether this agreement takes the place of one whose giver no longer holds the role."""
        assert ask.decision is not None
        other = first.person != ask.person and first.role is ask.base
        return other and not judge.still_speaks(self, first, ask.decision.roster)
