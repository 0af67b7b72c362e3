"""Second thoughts: an agreement taken back, a late decision adopted, a decision corrected (6.6)."""

from __future__ import annotations

from models.case import (
    Decision,
    Kind,
    Receipt,
)
from models.errors import Refused
from models.people import Holder, holders, ladder
from models.state import Undo
from procedures import duties, judge
from procedures.carrying_out import CarryingOut
from procedures.words import Act, Ask


class SecondThoughts(CarryingOut):
    """A case in which what was decided can still be taken back, adopted or put right."""

    def _take_back(self, act: Act, decision: Decision, standing: judge.Standing) -> Receipt:
        form = self._form(act, decision)
        wanted = self._act(form.act).code
        mine = [p for p in self.case.pending if p.act == wanted and p.person == decision.person]
        if not mine:
            raise Refused("nothing_to_take_back", "You have given no agreement that still waits.")
        self.case.pending = tuple(one for one in self.case.pending if one not in mine)
        ask = Ask(act, decision.at, form, standing.holder, standing.base, decision)
        self._settle(ask)
        return self._written(ask, standing, Kind.APPLIED, act.label, self.here, "Taken back.")

    def _adopt(self, act: Act, decision: Decision) -> Receipt:
        form = self._form(act, decision)
        late = next((one for one in self.case.held if one.id == form.decision), None)
        if late is None:
            raise Refused("nothing_to_adopt", "There is no late decision with that id.", "6.6")
        adopted = self._act(late.act)
        own = decision.model_copy(update={"act": late.act, "fields": late.fields})
        try:
            standing = judge.standing(self, adopted, own)
        except judge.Late:
            # Held again, it would wait to be adopted itself; whoever is late adopts nothing.
            raise Refused(
                "not_yours",
                "It is somebody else's now; only they may adopt a late decision.",
                "6.6",
            ) from None
        judge.with_a_reason(act, decision)
        self.case.held = tuple(one for one in self.case.held if one is not late)
        return self._carry_out(adopted, own, standing, f"Adopted as their own: {adopted.label}")

    def _correct(self, act: Act, decision: Decision) -> Receipt:
        undo = self.case.undo
        if undo is None:
            raise Refused(
                "nothing_to_correct",
                "Nothing can be corrected: either no decision was taken, or something followed it.",
                "6.6",
            )
        form = self._form(act, decision)
        judge.with_a_reason(act, decision)
        new = self._act(form.act)
        own = decision.model_copy(update={"act": form.act, "fields": form.fields})
        judge.may_act_at_all(self, new, own)
        was = self.step.label
        self._go_back_to(undo)
        holder = self._same_or_above(undo, new, own)
        standing = judge.Standing(holder, undo.roles[0], None, None)
        receipt = self._carry_out(new, own, standing, f"Corrected: {new.label}")
        return receipt.model_copy(update={"message": f"Corrected. It was at: {was}."})

    def _go_back_to(self, undo: Undo) -> None:
        """The step as the decision found it; tasks opened since are nobody's mistake and stay."""
        if self.here != undo.state:
            found = tuple(duty for duty in undo.duties if duty.step)
            duties.close(self, *(duty.id for duty in self.case.duties if duty.step))
            self.case.duties = (*found, *self.case.duties)
            self.case.state = undo.state
            # Whoever was away or kept out since then does not get it back with the step.
            self.look_around()
        self.case.record = self.record_form.model_validate(undo.record)

    def _same_or_above(self, undo: Undo, new: Act, own: Decision) -> Holder:
        possible = undo.state in new.sources and undo.roles[0] in new.who
        if not possible or not new.decides or new.together:
            raise Refused("cannot_correct_to", "That act was not open to the same person.", "6.6")
        barred = {person for rule in self.apart(new) for person in rule.people(self)}
        for role in (rung for base in undo.roles for rung in ladder(base)):
            for holder in holders(own.roster, role, frozenset(barred | set(self.case.conflicted))):
                if holder.person == own.person:
                    return holder
        raise Refused("wrong_role", "A decision is corrected by the same role or above.", "6.6")
