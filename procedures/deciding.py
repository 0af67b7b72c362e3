"""Deciding: who may, when, with what reason; refused, held, adopted, corrected, by one or by two."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from models.case import (
    Decision,
    GuardResult,
    Kind,
    No,
    Receipt,
)
from models.errors import Refused
from models.forms import problems
from models.london import london
from models.people import Holder, holders, ladder
from models.state import Pending, Undo
from procedures import clocks, judge
from procedures.declared import REOPEN
from procedures.doing import Doing
from procedures.turn import write
from procedures.words import Act, Ask

REMEMBERED = 1000
"""Decision ids a case remembers: a decision sent again is answered again, and nothing happens."""
SAID = 5
"""Faults named in one answer: every answer is kept, and a case must stay small enough to carry."""


class Deciding(Doing):
    """A case that people decide in: every decision ends as an entry and a receipt (INV-4)."""

    def _decided(self, decision: Decision) -> Receipt:
        known = self.case.seen.get(decision.id)
        if known is not None:
            return known.model_copy(update={"repeated": True})
        decision = self._long_on_its_way(decision)
        current = self._is_of_this_case(decision.roster)
        if current:
            self._new_roster(decision.roster, decision.at)
        saved, written = self.snapshot(), len(self.turn.lines)
        try:
            if not current:
                raise Refused("moved_on", judge.MOVED_ON)  # noqa: TRY301  # refused like any other
            receipt = self._apply(decision)
        except (Refused, judge.Late) as no:
            self.restore(saved)
            del self.turn.lines[written:]
            self.turn.forget()
            receipt = self._refused(decision, no)
        kept = list(self.case.seen.items())[-(REMEMBERED - 1) :]
        self.case.seen = {**dict(kept), decision.id: receipt}
        return receipt

    def _long_on_its_way(self, decision: Decision) -> Decision:
        """Its holders are those of the newer roster the case has by now: the trail says so (INV-17)."""
        known = self.case.roster
        if decision.newer is not None:
            self._new_roster(decision.newer, decision.newer.at)
        elif known.at > decision.roster.at:
            self.turn.fact = decision.model_copy(update={"newer": known})
        return decision.model_copy(update={"newer": None}) if decision.newer else decision

    def _act(self, name: str) -> Act:
        act = self.acts.get(name) or self.acts_by_code.get(name)
        if act is None:
            raise Refused("unknown_act", "There is no act of that name in this procedure.")
        return act

    def _apply(self, decision: Decision) -> Receipt:
        if decision.case_id != self.case.opened.case_id:
            raise Refused("other_case", "This decision was meant for another case.")
        act = self._act(decision.act)
        if self.closed and act.reopens is not None:
            return self._reopen(act, decision)
        if act.reopens is not None:
            raise Refused("too_early", "This case is open; there is nothing to open again.", "6.9")
        if self.closed:
            raise Refused("closed", f"This case is closed: {self.step.label}.", "6.6")
        if act.code == "correct_decision":
            return self._correct(act, decision)
        if act.code == "adopt":
            return self._adopt(act, decision)
        standing = judge.standing(self, act, decision)
        if act.code == "take_back":
            return self._take_back(act, decision, standing)
        return self._carry_out(act, decision, standing, act.label)

    def _reopen(self, act: Act, decision: Decision) -> Receipt:
        """A closed case goes on, with its trail continued, while it is not too long ago (6.9)."""
        step = act.opens_again(self.here)
        if step is None:
            raise Refused("closed", f"This case is closed: {self.step.label}.", "6.6")
        assert self.case.closed_at is not None
        last = clocks.after(self, self.case.closed_at, self.deadline(REOPEN).normal)
        if decision.at > last:
            raise Refused(
                "too_long_ago",
                f"This case could be opened again until {london(last)}. Open a new one and link it.",
                "6.9",
            )
        standing = judge.standing(self, act, decision)
        judge.with_a_reason(act, decision)
        form, before = self._form(act, decision), self.here
        ask = Ask(act, decision.at, form, standing.holder, standing.base, decision, act.up)
        self._guards(ask)
        self._perform(ask)
        self.open_again(step, ask)
        return self._written(ask, standing, Kind.APPLIED, act.label, before, "Opened again.")

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
        else:
            self._perform(ask)
        return self._written(ask, standing, kind, label, before, message)

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
        return Receipt(
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
            self.turn.guards.append(GuardResult(id=rule.id, passed=no is None))
            if no is not None:
                failed = tuple(self.turn.guards)
                error = Refused(rule.id, no, rule.clause)
                error.guards = failed  # type: ignore[attr-defined]
                raise error

    def _refused(self, decision: Decision, no: Refused | judge.Late) -> Receipt:
        late = isinstance(no, judge.Late)
        act = self.acts.get(decision.act) or self.acts_by_code.get(decision.act)
        if isinstance(no, judge.Late):
            code, clause = "late", "6.6"
            message = (
                f"Late: the time ended at {no}. It was not applied; it is kept for the person who"
                " has the decision now, who may make it their own."
            )
            again = (decision.person, decision.act)
            others = (one for one in self.case.held if (one.person, one.act) != again)
            self.case.held = (*others, decision)
        else:
            code, clause, message = no.code, no.clause, str(no)
            self.turn.guards.extend(getattr(no, "guards", ()))
        if late and act is not None:
            for duty in self.case.duties:
                if act.code in duty.acts:
                    clocks.say(self, duty, "late_view")
        entry = write(
            self,
            Kind.HELD if late else Kind.REFUSED,
            act.label if act else "Unknown act",
            decision.at,
            before=self.here,
            act=act.code if act else None,
            actor=decision.person,
            clauses=(clause,),
            in_time=False if late else None,
            no=None if late else No.REFUSED,
            code=code,
            message=message,
            reason=decision.reason,
            fields=decision.fields,
            decision=decision.id,
            saw=decision.saw,
            sealed=self._is_privileged(act, decision),
        )
        return Receipt(
            decision=decision.id,
            case_id=decision.case_id,
            outcome="held" if late else "refused",
            seq=entry.seq,
            state=self.here,
            act=act.code if act else "",
            label=act.label if act else "",
            code=code,
            message=message,
            clause=clause,
        )

    def _is_privileged(self, act: Act | None, decision: Decision) -> bool:
        """Whether its text is privileged: also when it corrects or adopts an act that is."""
        inner = decision.fields.get("act")
        late = [one.act for one in self.case.held if one.id == decision.fields.get("decision")]
        named = [
            self.acts.get(str(one)) or self.acts_by_code.get(str(one)) for one in (inner, *late)
        ]
        return any(one is not None and one.sealed for one in (act, *named))

    # --- two people, late views, corrections --------------------------------------------------

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
            clocks.close(self, *(duty.id for duty in self.case.duties if duty.step))
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
