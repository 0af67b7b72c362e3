"""Deciding: who may, when, with what reason; refused, held, adopted, corrected, by one or by two."""

from __future__ import annotations

from models.case import (
    Decision,
    Kind,
    No,
    Receipt,
)
from models.errors import Refused
from models.london import london
from procedures import duties, instants, judge
from procedures.answering import REOPEN
from procedures.second_thoughts import SecondThoughts
from procedures.turn import write
from procedures.words import Act, Ask

REMEMBERED = 1000
"""Decision ids a case remembers: a decision sent again is answered again, and nothing happens."""


class Deciding(SecondThoughts):
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
        self._not_too_long_ago(decision)
        standing = judge.standing(self, act, decision)
        judge.with_a_reason(act, decision)
        form, before = self._form(act, decision), self.here
        ask = Ask(act, decision.at, form, standing.holder, standing.base, decision, act.up)
        self._guards(ask)
        self._perform(ask)
        self.open_again(step, ask)
        return self._written(ask, standing, Kind.APPLIED, act.label, before, "Opened again.")

    def _not_too_long_ago(self, decision: Decision) -> None:
        assert self.case.closed_at is not None
        last = instants.after(self, self.case.closed_at, self.deadline(REOPEN).normal)
        if decision.at > last:
            raise Refused(
                "too_long_ago",
                f"This case could be opened again until {london(last)}. Open a new one and link it.",
                "6.9",
            )

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
                    duties.say(self, duty, "late_view")
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
