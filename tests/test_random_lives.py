"""Cases of every procedure played at random: what must hold whatever happens (6.1, 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from models.case import Decision, Receipt
from models.people import Role
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES
from runtime.rehearsal.story import Story
from tests.core_help import MINUTE, office
from tests.lives_drawn import COMMON, NONSENSE, PEOPLE, REPORTERS, TIMES, organisations
from tests.lives_help import REASON, START, filled, readable, stories, usual, varied
from tests.lives_watch import WatchedLife
from tests.nightly import NIGHTLY, PHASES

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
LAST = datetime(2028, 6, 1, tzinfo=UTC)
"""The calendar of a case opened in 2026 ends with 2029."""


class AnyLife(RuleBasedStateMachine):
    """Cases of one procedure as they may come."""

    kind: type[Procedure]
    play: WatchedLife
    dice: Random

    @initialize(dice=st.integers(0, 2**32))
    def open(self, dice: int) -> None:
        """The form is sent: the usual one, or another that the desk would take."""
        self.dice = Random(f"open {dice}")  # noqa: S311  # a game, no secret
        kind = type("OneLife", (WatchedLife,), {"kind": self.kind})
        office = self.dice.choice(organisations())
        if self.dice.random() < 0.3:
            same = self.dice.choice((None, "case-0"))
            by = self.dice.choice(REPORTERS)
            self.play = kind(by=by, people=office, same_as=same, **self.intake())
            return
        story = self.dice.choice(stories(self.kind.key))
        office = self.dice.choice((organisations()[0], organisations()[0], office))
        told = story.intake if readable(self.kind, story.intake, story.opens) else {}
        self.play = kind(at=story.opens.isoformat(), by=story.by, people=office, **told)
        self.road(story)

    def road(self, story: Story) -> None:
        """Some of a story, so that what lies far from the beginning is reached often."""
        last = self.dice.choice((len(story.steps), self.dice.randint(0, len(story.steps))))
        for step in story.steps[:last]:
            if step.act is None or step.who is None or step.at < self.play.now:
                continue
            self.play.until(step.at)
            fields = filled(step.fields, step.at)
            self.play.send(self.play.decision(step.who, step.act, fields=fields, reason=REASON))

    def intake(self) -> dict[str, Any]:
        """What the form says that is not usual."""
        known = filled(usual(self.kind.key)["intake"], START)
        for _ in range(5):
            form = varied(self.kind.intake_form, known, self.dice)
            if self.dice.random() < 0.7 and readable(self.kind, form, START):
                return form
        return {}

    @rule(dice=st.integers(0, 2**32))
    def something_happens(self, dice: int) -> None:
        """One of the many things that may happen; which one, the dice say."""
        # Drawn one by one, the first of every list would come far too often.
        self.dice = Random(f"{dice} {len(self.play.lines)}")  # noqa: S311  # a game, no secret
        if self.play.case.closed:
            if self.dice.random() < 0.6:
                self.open_again()
            elif self.dice.random() < 0.6:
                return
        (what,) = self.dice.choices(tuple(HAPPENS), tuple(HAPPENS.values()))
        what(self)

    def teardown(self) -> None:
        """Whatever happened: once everybody is back, somebody holds what has to be done."""
        if not hasattr(self, "play") or self.play.case.closed:
            return
        self.play.people_change(office())
        self.play.somebody_goes_on()

    # --- what may happen ------------------------------------------------------------------------

    def send(self, person: str, act: str, fields: dict[str, Any], **given: Any) -> Receipt:
        """Somebody acts."""
        self.play.wait(MINUTE)
        given.setdefault("reason", REASON)
        return self.play.send(self.play.decision(person, act, fields=fields, **given))

    def fields(self, act: str) -> dict[str, Any]:
        """What is usually filled in, or something else that may be."""
        known: dict[str, Any] = filled(
            {**self.play.usual(act), **self.dice.choice(({}, *COMMON.get(act, ())))}, self.play.now
        )
        if act == "correct_decision":
            other = self.dice.choice([name for name, one in self.kind.acts.items() if one.decides])
            return {"act": other, "fields": self.fields(other) if other != act else {}}
        if act == "take_referral":
            waits = [one.to for one in self.play.case.case.referrals if not one.taken]
            known["to"] = self.dice.choice(waits or ["C"])
            return known
        if act == "take_back":
            two = [name for name, one in self.kind.acts.items() if one.together]
            return {"act": self.dice.choice(two or [act])}
        if act in ("pause", "resume"):
            known["duty"] = self.dice.choice(
                [d.id for d in self.play.case.case.duties] or ["closing"]
            )
            return known
        form = self.kind.acts[act].form if act in self.kind.acts else None
        if form is not None and self.dice.random() < 0.35:
            return varied(form, known, self.dice)
        return known

    def work(self) -> None:
        """Whoever holds something does one of the things it asks for."""
        case = self.play.case
        held = [(duty, holder) for duty in case.case.duties for holder in duty.holders]
        if held:
            duty, holder = self.dice.choice(held)
            names = [name for name, act in case.acts.items() if act.code in duty.acts]
            act = self.dice.choice(names)
            if act in LOUD and self.dice.random() < 0.8:
                return
            role = self.dice.choice((None, None, holder.role))
            self.send(holder.person, act, self.fields(act), as_role=role)

    def chance(self) -> None:
        """Somebody who may does something that is possible here."""
        case = self.play.case
        possible = [
            name for name, act in case.acts.items()
            if act.by_people and act.reopens is None and (not act.sources or case.here in act.sources)
        ]  # fmt: skip
        act = self.dice.choice(possible)
        if act in LOUD and self.dice.random() < 0.8:
            return
        role = self.dice.choice(case.acts[act].who)
        who = [holder.person for holder in case.who_is(role)] or PEOPLE
        self.send(self.dice.choice(who), act, self.fields(act))

    def anything(self) -> None:
        """Anybody does anything, likely or not."""
        dice, act = self.dice, self.dice.choice(tuple(self.kind.acts))
        fields = dice.choice((self.fields(act), self.fields(act), *NONSENSE))
        back = dice.choice((0, 0, 5, 90)) * MINUTE
        self.send(
            dice.choice(PEOPLE), act, fields, at=max(self.play.opened.at, self.play.now - back),
            as_role=dice.choice((None, None, *Role)), reason=dice.choice((REASON, REASON, "", "a" * 30)),
            on_behalf_of=dice.choice((None, None, "lm-1", "fca-1")),
            saw=dice.choice((None, None, 0, self.play.case.case.seq)),
        )  # fmt: skip

    def danger(self) -> None:
        """Any colleague, conflicted or not, says that somebody is in danger or at risk."""
        act = self.dice.choice(("raise_emergency", "raise_safeguarding"))
        sender = self.dice.choice(("contr-1", *self.play.case.case.conflicted))
        was_open = not self.play.case.closed
        active = self.play.directory.sender(sender, self.play.now).active
        receipt = self.send(sender, act, {})
        if was_open and active:
            assert receipt.outcome == "applied", f"{act} was refused: {receipt.message} (INV-11)"

    def again(self) -> None:
        """A decision is sent once more."""
        known = [fact for fact in self.play.facts if isinstance(fact, Decision)]
        if known:
            self.play.send(self.dice.choice(known))

    def late(self) -> None:
        """A deadline passes, whose it was decides, and the new owner makes that theirs."""
        duties = [d for d in self.play.case.case.duties if d.due and d.holders]
        if not duties:
            return
        duty = self.dice.choice(duties)
        assert duty.due is not None
        if duty.due > LAST:
            return
        names = [name for name, act in self.kind.acts.items() if act.code in duty.acts]
        act = self.dice.choice(names)
        self.play.until(max(self.play.now, duty.due + MINUTE))
        self.send(duty.holders[0].person, act, self.fields(act))
        now = self.play.case.duty(duty.id)
        for holder in now.holders if now else ():
            for held in self.play.case.case.held[-1:]:
                self.send(holder.person, "adopt", {"decision": held.id})

    def second_thoughts(self) -> None:
        """Whoever did something last wants it otherwise."""
        undo, done = self.play.case.case.undo, self.play.case.case.done
        if undo is None:
            return
        possible = [
            name for name, act in self.kind.acts.items()
            if act.decides and undo.state in act.sources and undo.roles[0] in act.who
        ]  # fmt: skip
        act = self.dice.choice(possible or ["agree"])
        fields = {"act": act, "fields": self.fields(act) if possible else {}}
        self.send(done[-1].person, "correct_decision", fields)

    def two_people(self) -> None:
        """Two people agree on the same, in whatever order, or one thinks better of it."""
        here = self.play.here
        two = [name for name, act in self.kind.acts.items() if act.together and here in act.sources]
        if not two:
            return
        act = self.dice.choice(two)
        fields = self.fields(act)
        for role in self.dice.sample(self.kind.acts[act].together, 2):
            for holder in self.play.case.who_is(role)[:1]:
                self.send(holder.person, act, fields)
                if self.dice.random() < 0.15:
                    self.send(holder.person, "take_back", {"act": act})
                if self.dice.random() < 0.15:
                    self.dice.choice((AnyLife.people, AnyLife.joined, AnyLife.chance))(self)

    def joined(self) -> None:
        """Another report of the same matter is joined here, or goes its own way again."""
        form = self.play.form(**self.intake())
        by, number = self.dice.choice(REPORTERS), self.dice.randint(2, 4)
        self.play.joined(by, f"case-{number}", form, separated=self.dice.random() < 0.2)

    def open_again(self) -> None:
        """A closed case is opened again, or the one it was joined to has ended."""
        if self.dice.random() < 0.3:
            self.play.returned()
            return
        acts = [name for name, act in self.kind.acts.items() if act.opens_again(self.play.here)]
        if acts:
            act = self.dice.choice(acts)
            role = self.dice.choice(self.kind.acts[act].who)
            who = [holder.person for holder in self.play.case.who_is(role)] or PEOPLE
            self.send(self.dice.choice(who), act, self.fields(act))

    def time(self) -> None:
        """Minutes or weeks pass."""
        if self.play.now < LAST:
            self.play.wait(self.dice.choice(TIMES))

    def next_instant(self) -> None:
        """The next instant that matters: exactly, or a second later."""
        wake = self.play.case.wake_at
        if wake is not None and wake < LAST:
            self.play.until(max(self.play.now, wake + self.dice.choice((0, 1)) * SECOND))

    def people(self) -> None:
        """The directory changes: somebody leaves, is away, or gets another role."""
        self.play.people_change(self.dice.choice(organisations()))

    def holiday(self) -> None:
        """A holiday is proclaimed; nothing may become due earlier (3.1)."""
        day = (self.play.now + self.dice.randint(1, 30) * DAY).date()
        if day not in {holiday.day for holiday in self.play.case.case.calendar.holidays}:
            self.play.holiday(day.isoformat(), f"proclaimed-{day}")

    def nonsense(self) -> None:
        """A message comes that nobody can read."""
        self.play.gibberish()

    def carried(self) -> None:
        """The case goes on in a new run."""
        self.play.carry_over()


LOUD = frozenset({"raise_emergency", "raise_safeguarding", "join_by_hand", "declare_conflict"})
"""Possible nearly anywhere: taken at every chance, no case would get far."""

HAPPENS: dict[Callable[[AnyLife], None], int] = {
    AnyLife.work: 45,
    AnyLife.chance: 25,
    AnyLife.anything: 8,
    AnyLife.time: 8,
    AnyLife.next_instant: 5,
    AnyLife.late: 3,
    AnyLife.second_thoughts: 8,
    AnyLife.two_people: 6,
    AnyLife.people: 3,
    AnyLife.carried: 2,
    AnyLife.joined: 3,
    AnyLife.danger: 2,
    AnyLife.again: 1,
    AnyLife.holiday: 1,
    AnyLife.nonsense: 1,
}
"""How often each happens."""


@pytest.mark.timeout(3600 if NIGHTLY else 240)
@pytest.mark.parametrize("kind", PROCEDURES.values(), ids=PROCEDURES)
def test_no_case_breaks_a_rule_whatever_happens_to_it(kind: type[Procedure]) -> None:
    run_state_machine_as_test(
        type("AnyLifeOfIt", (AnyLife,), {"kind": kind}),
        settings=settings(
            max_examples=500 if NIGHTLY else 38,
            stateful_step_count=60 if NIGHTLY else 40,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
