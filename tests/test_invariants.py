"""What must hold in every case, whatever people, clocks and wires do (6.1, 4.2).

A machine plays cases at random: likely and unlikely acts of likely and unlikely people, time in
steps from minutes to weeks, a directory and a calendar that change, messages nobody can read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
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
from models.directory import Directory
from models.people import Role
from procedures.court_directed_access import CourtDirectedAccess
from tests.core_help import (
    HOUR,
    MINUTE,
    PROOF,
    REASON,
    Play,
    a_scope,
    a_target,
    away,
    lent,
    office,
    usual_fields,
)
from tests.core_watch import Watched
from tests.nightly import NIGHTLY, PHASES

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
LAST = datetime(2028, 6, 1, tzinfo=UTC)
"""The calendar of a case opened in 2026 ends with 2029."""

# --- what is drawn ----------------------------------------------------------------------------

PEOPLE = (
    "fca-1", "fca-2", "lm-1", "lm-2", "hop-1", "ad-1", "com-1", "com-2", "com-3", "hoc-1", "leg-1",
    "leg-2", "ldl-1", "safe-1", "ig-1", "onc-1", "doc-1", "adm-1", "aud-1", "left-1", "nobody-1",
)  # fmt: skip
ACTS = tuple(CourtDirectedAccess.acts)
FURTHER: dict[str, tuple[dict[str, Any], ...]] = {
    "agree": ({"narrowed_scope": a_scope(content=["posts"])}, {"targets_match_order": False}),
    "advise_to_comply": ({"conclusion": "must_not_proceed"},),
    "give_legal_view": ({"conclusion": "must_not_proceed"},),
    "record_court_answer": (
        {"answer": "varied", "scope": a_scope(), "compliance_date": "2027-03-01 16:00"},
        {"answer": "varied"},
        {"answer": "discharged"},
        {"answer": "given_to_local_authority"},
    ),
    "arrange_account": (
        {"custodian": "com-2"}, {"account_id": "official-youtube-old"}, {"mode": "communications_alone"},
    ),
    "capture_item": ({"sha256": "d" * 64}, {"sha256": "e" * 64}, {"in_scope": False}),
    "verify_and_file": ({"result": "more"}, {"out_of_scope_removed": ["d" * 64]}),
    "report_wrong": ({"personal_data_breach": True}, {"kind": "personal_account_used"}),
    "vary": (
        {"compliance_date": "2027-02-01 10:00", "out_of_scope": ["d" * 64]},
        {"compliance_date": "2026-12-01 10:00"},
    ),
    "choose_after_window": (
        {"choice": "extend"}, {"choice": "tell_court", "court_told_proof": PROOF},
    ),
    "choose_after_date": ({"choice": "extension_asked"}, {"choice": "could_not_be_carried_out"}),
    "reassign": (
        {"to": "fca-3"}, {"role": "LM", "to": "lm-2"}, {"role": "COM", "to": "com-3"},
        {"role": "PR", "to": "com-1"}, {"role": "ADM", "to": "lm-1"}, {"role": "LEG", "to": "ldl-1"},
        {"role": "LM", "to": "gone-1"},
    ),
    "declare_conflict": ({"person": "lm-1"}, {"person": "leg-1"}, {"person": "com-1"}),
    "ask_information": ({"to": "LEG"}, {"to": "SYS"}, {"to": "COM"}),
    "correct_decision": (
        {"act": "agree", "fields": {"targets_match_order": True}},
        {"act": "ask_the_court", "fields": {"question": "Which of the two accounts is meant?"}},
    ),
    "pause": ({"duty": "safeguarding"}, {"duty": "emergency"}, {"duty": "closing"}),
    "resume": ({"duty": "safeguarding"}, {"duty": "closing"}),
}  # fmt: skip
NONSENSE: tuple[dict[str, Any], ...] = (
    {}, {"conclusion": 3}, {"targets_match_order": [], "unheard_of": "\x00"}, {"act": "nothing"},
    {"decision": "d1"},
)  # fmt: skip
INTAKES: tuple[dict[str, Any], ...] = (
    {},
    {"urgent_order": True, "compliance_date": "2026-11-26 16:00"},
    {"compliance_date": "none given"},
    {"compliance_date": "2026-11-20 16:00"},
    {"targets": [a_target(child=True)]},
    {"order_status": "oral", "order_document": None, "oral_note": "said at the hearing"},
    {"immediate_danger": True, "safeguarding_concern": "unsure"},
    {"safeguarding_concern": "yes", "compliance_date": "2026-12-02 10:00"},
)
TIMES = (MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, DAY, 3 * DAY, 7 * DAY, 21 * DAY)


@cache
def organisations() -> tuple[Directory, ...]:
    """The example organisation, and what may happen to it."""
    return (
        office(),
        office(absences=(away("lm-1", "2026-11-23", "2026-12-04", "lm-2"),)),
        office(absences=(away("hop-1", "2026-11-24", "2026-12-04"), away("leg-1", "2026-11-23", "2027-01-08"))),
        office(absences=(away("lm-1", "2026-11-24", "2026-11-27"), away("fca-1", "2026-11-24", "2026-12-30"))),
        office(delegations=(lent("lm-1", "hop-2", Role.LM, first="2026-11-23", last="2026-12-11"),)),
        office(people={"hop-1": {"roles": (Role.COM, Role.LEG)}, "lm-1": {"roles": (Role.LEG,)}}),
        office(people={"lm-1": {"roles": (Role.COM, Role.SAFE)}, "ad-1": {"roles": (Role.AD, Role.COM)}}),
        office(people={"com-1": {"left_on": "2026-11-24"}, "fca-1": {"left_on": "2026-11-27"}}),
    )  # fmt: skip


# --- the machine ------------------------------------------------------------------------------


class AnyCase(RuleBasedStateMachine):
    """Cases as they may come."""

    play: Watched
    dice: Random

    @initialize(intake=st.sampled_from(INTAKES), office=st.integers(0, 7), joins=st.booleans())
    def open(self, intake: dict[str, Any], office: int, joins: bool) -> None:
        """The direction is registered."""
        same = "case-0" if joins and office == 3 else None
        self.play = Watched(people=organisations()[office], same_as=same, **intake)

    @rule(dice=st.integers(0, 2**32))
    def something_happens(self, dice: int) -> None:
        """One of the many things that may happen; which one, the dice say."""
        # Drawn one by one, the first of every list would come far too often.
        self.dice = Random(f"{dice} {len(self.play.lines)}")  # noqa: S311  # a game, no secret
        if self.play.case.closed and self.dice.random() < 0.8:
            return
        (what,) = self.dice.choices(tuple(HAPPENS), tuple(HAPPENS.values()))
        what(self)

    def teardown(self) -> None:
        """Whatever happened: people can still bring the case to an end."""
        if hasattr(self, "play"):
            bring_to_an_end(self.play)

    # --- what may happen ------------------------------------------------------------------------

    def send(self, person: str, act: str, fields: dict[str, Any], **given: Any) -> Receipt:
        """Somebody acts."""
        self.play.wait(MINUTE)
        return self.play.send(self.play.decision(person, act, fields=fields, **given))

    def fields(self, act: str) -> dict[str, Any]:
        """What is usually filled in, or something else that may be."""
        further = self.dice.choice(({}, {}, *FURTHER.get(act, ())))
        return {**usual_fields(act, self.play), **further}

    def work(self) -> None:
        """Whoever holds something does one of the things it asks for."""
        case = self.play.case
        held = [(duty, holder) for duty in case.case.duties for holder in duty.holders]
        if held:
            duty, holder = self.dice.choice(held)
            act = self.dice.choice(
                [name for name, act in case.acts.items() if act.code in duty.acts]
            )
            role = self.dice.choice((None, holder.role))
            self.send(holder.person, act, self.fields(act), as_role=role)

    def chance(self) -> None:
        """Somebody who may does something that is possible here."""
        case = self.play.case
        possible = [
            name for name, act in case.acts.items()
            if act.by_people and (not act.sources or case.here in act.sources)
        ]  # fmt: skip
        if possible:
            act = self.dice.choice(possible)
            if act in ENDING and self.dice.random() < 0.8:
                return
            role = self.dice.choice(case.acts[act].who)
            anyone = [holder.person for one in INSIDE for holder in case.who_is(one)]
            who = [holder.person for holder in case.who_is(role)] or anyone or PEOPLE
            self.send(self.dice.choice(who), act, self.fields(act))

    def anything(self) -> None:
        """Anybody does anything, likely or not."""
        dice, act = self.dice, self.dice.choice(ACTS)
        fields = dice.choice((self.fields(act), self.fields(act), *NONSENSE))
        self.send(
            dice.choice(PEOPLE), act, fields,
            as_role=dice.choice((None, None, *Role)), reason=dice.choice((REASON, REASON, "", "a" * 30)),
            on_behalf_of=dice.choice((None, None, "lm-1", "fca-1")),
            saw=dice.choice((None, None, 0, self.play.case.case.seq)),
        )  # fmt: skip

    def straight_on(self) -> None:
        """The next steps of the straight way, so that its far end is reached often."""
        for _ in range(self.dice.randint(1, 4)):
            act = self.dice.choice(NEXT.get(self.play.here, ("add_evidence",)))
            duty = self.play.case.duty(self.play.here)
            for holder in duty.holders if duty else ():
                if self.send(holder.person, act, self.fields(act)).outcome == "applied":
                    break

    def again(self) -> None:
        """A decision is sent once more."""
        known = [fact for fact in self.play.facts if isinstance(fact, Decision)]
        if known:
            self.play.send(self.dice.choice(known))

    def late(self) -> None:
        """A deadline passes, whose it was decides, and the new owner makes that theirs."""
        duty = self.play.case.duty(self.play.here)
        act = self.dice.choice(NEXT.get(self.play.here, ("add_evidence",)))
        if duty is None or duty.due is None:
            return
        self.play.until(max(self.play.now, duty.due + MINUTE))
        for holder in duty.holders[:1]:
            self.send(holder.person, act, self.fields(act))
        now = self.play.case.duty(self.play.here)
        for holder in now.holders if now else ():
            for held in self.play.case.case.held[-1:]:
                self.send(holder.person, "adopt", {"decision": held.id})

    def second_thoughts(self) -> None:
        """Whoever did something last wants it otherwise."""
        for done in self.play.case.case.done[-1:]:
            act = self.dice.choice(DECIDES)
            fields = {"act": act, "fields": self.fields(act)}
            self.send(done.person, "correct_decision", fields)

    def two_people(self) -> None:
        """Both choose after the date, or one thinks better of it."""
        choice = self.dice.choice(({}, *FURTHER["choose_after_date"]))
        fields = {**usual_fields("choose_after_date", self.play), **choice}
        for role in self.dice.sample((Role.LM, Role.LEG), 2):
            for holder in self.play.case.who_is(role)[:1]:
                self.send(holder.person, "choose_after_date", fields)
                if self.dice.random() < 0.3:
                    self.send(holder.person, "take_back", usual_fields("take_back", self.play))

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
        state = self.play.case.case
        if day not in {holiday.day for holiday in state.calendar.holidays}:
            was = {duty.id: duty.due for duty in state.duties}
            self.play.holiday(day.isoformat(), f"proclaimed-{day}")
            for duty in self.play.case.case.duties:
                before = was.get(duty.id)
                assert before is None or (duty.due is not None and duty.due >= before)

    def nonsense(self) -> None:
        """A message comes that nobody can read."""
        self.play.gibberish()

    def carried(self) -> None:
        """The case goes on in a new run."""
        self.play.carry_over()


HAPPENS: dict[Callable[[AnyCase], None], int] = {
    AnyCase.work: 30,
    AnyCase.chance: 20,
    AnyCase.straight_on: 15,
    AnyCase.anything: 10,
    AnyCase.time: 8,
    AnyCase.next_instant: 6,
    AnyCase.late: 3,
    AnyCase.second_thoughts: 4,
    AnyCase.two_people: 2,
    AnyCase.people: 3,
    AnyCase.carried: 3,
    AnyCase.again: 2,
    AnyCase.holiday: 1,
    AnyCase.nonsense: 1,
}
"""How often each happens."""

NEXT: dict[str, tuple[str, ...]] = {
    "registered": ("agree", "agree", "do_not_agree"),
    "considering": ("agree", "agree", "do_not_agree"),
    "with_legal": ("go_back_to_court", "advise_to_comply"),
    "back_at_court": ("record_court_answer",),
    "arranging": ("arrange_account", "arrange_account", "cannot_arrange"),
    "ready": ("start_session", "start_session", "complete"),
    "session": ("capture_item", "end_session"),
    "checking": ("verify_and_file",),
    "closing": ("close_access", "choose_after_window"),
}
"""The straight way on, with its forks."""


def bring_to_an_end(play: Play) -> None:
    """Legal records a withdrawal, then whoever owes something does it."""
    play.wait(MINUTE)
    lawyers = [holder.person for holder in play.case.who_is(Role.LEG)]
    for person in lawyers[:1]:
        play.act(person, "withdraw")
    for _ in range(12):
        stuck = [duty.id for duty in play.case.case.duties if duty.mandatory and not duty.holders]
        if play.case.closed or stuck or not lawyers:
            return
        for person, act in _owed(play):
            play.act(person, act)
    assert play.case.closed, f"wedged in {play.here}: {play.duties()}"


def _owed(play: Play) -> list[tuple[str, str]]:
    acts = {act.code: name for name, act in play.case.acts.items() if name in LAST_ACTS}
    return [
        (holder.person, acts[code])
        for duty in play.case.case.duties
        for code in duty.acts
        if code in acts
        for holder in duty.holders[:2]
    ]


DECIDES = ("agree", "do_not_agree", "ask_the_court", "advise_to_comply", "go_back_to_court")
ENDING = frozenset({"withdraw", "report_wrong", "record_court_answer"})
"""Possible nearly anywhere: taken at every chance, no case would last."""
INSIDE = (Role.PR, Role.LM, Role.SM, Role.COM, Role.LEG, Role.SAFE)

LAST_ACTS = frozenset(
    {
        "confirm_safe", "safeguarding_handled", "assess_breach", "end_session", "verify_and_file",
        "decide_captures", "close_access",
    }
)  # fmt: skip
"""What is left to do once a direction is withdrawn."""


@pytest.mark.timeout(3600 if NIGHTLY else 240)
def test_no_case_breaks_a_rule_whatever_happens_to_it() -> None:
    run_state_machine_as_test(
        AnyCase,
        settings=settings(
            max_examples=2000 if NIGHTLY else 200,
            stateful_step_count=50,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
