"""What can be said of an act before its form is filled in (6.6): asked of the case, changing nothing.

Whoever opens a page is told at once what no answer of theirs could change. What depends on the form
is left to the form: a rule that asks for an answer that nobody has given yet says nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.case import Decision
from models.errors import Refused
from models.working_time import CalendarTooShort
from procedures import judge
from procedures.deciding import Deciding
from procedures.turn import Turn
from procedures.words import Act, Ask


class _NotSaidYet(Exception):
    """A rule looked at an answer."""


class _Unanswered:
    """Stands for a form that nobody has filled in; whoever looks at an answer in it stops there."""

    def __getattr__(self, name: str) -> Any:
        raise _NotSaidYet(name)


class Foreseeing(Deciding):
    """A case that can be asked what would happen. Every question leaves it as it was."""

    def foreseen_refusal(self, act: Act, decision: Decision) -> str:
        """Why this act would be refused whatever its form said; empty when that depends on it.

        The decision is one that could stand (`judge.standing`) and comes at the right moment
        (`judge.at_the_right_moment`). Costs less than one decision.
        """
        standing = judge.standing(self, act, decision)
        if self.closed:
            return self._no_reopening(decision)
        ask = Ask(act, decision.at, _Unanswered(), standing.holder, standing.base, decision, act.up)
        for rule in act.guards:
            try:
                no = rule.check(self, ask)
            except _NotSaidYet:
                continue
            if no is not None:
                return no
        # The first of two people only says so; whether it can be done is asked of the second.
        return "" if act.together else self._tried(ask)

    def _no_reopening(self, decision: Decision) -> str:
        try:
            self._not_too_long_ago(decision)
        except Refused as no:
            return str(no)
        return ""

    def _tried(self, ask: Ask) -> str:
        saved = self.snapshot()
        self._turn = Turn(ask.decision) if ask.decision else self._turn
        try:
            self._perform(ask)
        except (_NotSaidYet, CalendarTooShort):
            # An effect that went as far as an answer was not refused before it.
            return ""
        except Refused as no:
            return str(no)
        finally:
            self.restore(saved)
        return ""

    def corrections(self, decision: Decision) -> tuple[str, ...]:
        """Names of the acts to which this person may correct the last decision (6.6).

        Raises Refused, saying why, when there is none.
        """
        undo = self.case.undo
        if undo is None:
            raise Refused(
                "nothing_to_correct",
                "Nothing can be corrected: either no decision was taken, or something followed it.",
                "6.6",
            )
        why: Refused | None = None
        found: list[str] = []
        for name, act in self.acts.items():
            if undo.state in act.sources and act.decides and not act.together:
                no = self._no_correction(act, decision)
                why = why or no
                found += [] if no else [name]
        if found:
            return tuple(found)
        raise why or Refused("cannot_correct_to", "No other act was open to the same person.")

    def _no_correction(self, act: Act, decision: Decision) -> Refused | None:
        undo, saved = self.case.undo, self.snapshot()
        assert undo is not None
        self._turn = Turn(decision)
        try:
            judge.may_act_at_all(self, act, decision)
            self._go_back_to(undo)
            self._same_or_above(undo, act, decision)
        except Refused as no:
            return no
        finally:
            self.restore(saved)
        return None

    def adoptable(self, decision: Decision) -> tuple[Decision, ...]:
        """Late decisions that this person may make their own now. Raises Refused when none is."""
        found = tuple(late for late in self.case.held if self._may_adopt(late, decision))
        if found:
            return found
        if self.case.held:
            raise Refused(
                "not_yours",
                "It is somebody else's now; only they may adopt a late decision.",
                "6.6",
            )
        raise Refused("nothing_to_adopt", "No decision came late and waits to be adopted.", "6.6")

    def _may_adopt(self, late: Decision, decision: Decision) -> bool:
        act = self.acts.get(late.act) or self.acts_by_code.get(late.act)
        if act is None:
            return False
        try:
            judge.standing(self, act, decision)
            judge.at_the_right_moment(self, act, decision)
        except (Refused, judge.Late):
            return False
        return True

    def given_first(self, decision: Decision) -> Iterator[Act]:
        """Acts that this person has agreed to as the first of two, and may take back."""
        for first in self.case.pending:
            if first.person == decision.person:
                yield self.acts_by_code[first.act]
