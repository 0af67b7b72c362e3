"""A story played on the pure core: milliseconds, no server, no ledger.

The clock is the story's own. Every instant that matters before a fact is folded before it; a
deadline's own instant still counts in time, so it rings only when the next fact is later.
"""

from __future__ import annotations

from datetime import datetime

from models.case import Decision, Entry
from models.errors import CaseworkError
from procedures.procedure import Outcome, Procedure
from procedures.registry import by_name
from runtime.rehearsal.facts import Facts
from runtime.rehearsal.played import Played, Result
from runtime.rehearsal.story import Story

MOST_TICKS = 5000
"""More instants than any story has: a case that keeps ringing is broken, not busy."""


def play_on_core(story: Story) -> Played:
    """Play a story in the pure core.

    Raises BadInput for a form the desk would refuse, Misconfigured for a directory that cannot be.
    """
    facts = Facts(story)
    opened = facts.opened()
    case = by_name(story.procedure).begin(opened)
    player = _Player(case, facts)
    player.trail += [line.entry for line in case.fold(opened).lines]
    results = [player.step(number) for number in range(1, len(story.steps) + 1)]
    if story.until is not None:
        player.wait(story.until)
    step = case.step
    return Played(
        story=story.name,
        title=story.title,
        on="core",
        case_id=story.case_id,
        state=case.here,
        label=step.label,
        closed=case.closed,
        no=step.no if isinstance(step, Outcome) else None,
        flags=case.case.flags,
        trail=tuple(player.trail),
        results=tuple(results),
    )


class _Player:
    def __init__(self, case: Procedure, facts: Facts) -> None:
        self.case = case
        self.facts = facts
        self.trail: list[Entry] = []

    def step(self, number: int) -> Result:
        """Let time pass up to the step, then let it happen."""
        at = self.facts.story.steps[number - 1].at
        self.wait(at)
        state = self.case.case
        fact = self.facts.of(number, state.practitioner, state.assigned)
        turned = self.case.fold(fact)
        self.trail += [line.entry for line in turned.lines]
        receipt = turned.receipt if isinstance(fact, Decision) else None
        return Result(step=number, at=at, receipt=receipt)

    def wait(self, until: datetime) -> None:
        """Let every instant strictly before `until` happen."""
        for _ in range(MOST_TICKS):
            wake = self.case.wake_at
            if wake is None or wake >= until:
                return
            state = self.case.case
            tick = self.facts.ticked(wake, state.practitioner, state.assigned)
            self.trail += [line.entry for line in self.case.fold(tick).lines]
        raise CaseworkError(f"The case of {self.facts.story.name} never comes to rest.")
