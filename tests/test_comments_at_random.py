"""Cases about comments played at random: whatever people and clocks do, the rules hold (6.1, 7.1)."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

from models.case import Joined, Kind, No
from models.people import Role
from procedures.employee_comments import EmployeeComments
from procedures.procedure import Outcome
from tests.comments_help import SAFE_CONTACT, Comments, a_report
from tests.core_help import away, office

WALKS = 400 if os.environ.get("CASEWORK_TESTS") == "nightly" else 15
ACTS = tuple(EmployeeComments.acts)
PEOPLE = (
    "fca-1", "fca-2", "lm-1", "hop-1", "ad-1", "hrbp-1", "hrl-1", "hsi-1",
    "com-1", "hoc-1", "leg-1", "safe-1", "onc-1", "doc-1", "adm-1", "aud-1", "left-1",
)  # fmt: skip
FURTHER: dict[str, tuple[dict[str, Any], ...]] = {
    "classify_harassment": ({"posts_seen": 2},),
    "classify_threat": ({"in_danger_now": True},),
    "speak": ({"platform_wish": "colleague"}, {"platform_wish": "communications"}),
    "report_to_platform": ({"login": "official"}, {"result": "waiting"}),
    "report_new_post": ({"immediate_danger": True},),
    "close": ({"ending": "police_led"},),
    "settle_linked": ({"needed": "court_proceedings"},),
    "reassign": ({"role": "LM", "to": "lm-2"}, {"role": "HRBP", "to": "lm-1"}, {"role": "PR", "to": "fca-2"}),
    "refer": ({"to": "C"}, {"to": "U"}),
    "take_referral": ({"to": "C", "outside": "there"}, {"to": "U", "outside": "there"}),
    "declare_conflict": ({"person": "hop-1"}, {}),
    "take_back": ({"act": "close"}, {"act": "withdraw"}),
    "ask_information": ({"to": "AFF", "question": "who else has seen it so far?"},),
    "correct_decision": ({"act": "classify_harassment", "fields": {"posts_seen": 1}},),
    "pause": ({"duty": "assessing", "why": "waiting_for_police"},),
    "resume": ({"duty": "assessing"},),
}  # fmt: skip
INTAKES: tuple[dict[str, Any], ...] = (
    {}, {"author_known": "party"}, {"author_known": "colleague"}, {"safeguarding_concern": "unsure"},
    {"immediate_danger": True, "safe_contact": SAFE_CONTACT}, {"colleagues_named": ["lm-1"]},
    {"linked_to_family_case": "unsure"}, {"kind": ["threat_of_violence"], "danger_asked_again": False},
    {"kind": ["threat_of_violence"], "danger_asked_again": True, "safe_contact": SAFE_CONTACT},
)  # fmt: skip
ANYTHING = tuple((person, act) for person in PEOPLE for act in ACTS)
SELDOM = ("raise_emergency", "report_new_post", "join_by_hand", "ask_legal", "ask_to_watch")
"""What would keep a case for ever from coming any further: only ever done by the way."""
WAITS = tuple(timedelta(minutes=m) for m in (1, 1, 1, 1, 40, 130, 600, 4320))


@cache
def walk(seed: int) -> Comments:
    """One case, from its report to wherever chance leads it."""
    chance = Random(seed)  # noqa: S311  # a test that can be played again
    people = office(absences=(away("lm-1", "2026-11-24", "2026-11-30"),)) if seed % 3 == 0 else None
    by = chance.choice(("fca-1", "fca-2", "lm-1", "lm-1"))
    play = Comments(by=by, people=people, **chance.choice(INTAKES))
    for _ in range(60):
        play.wait(chance.choice(WAITS))
        if chance.random() < 0.02:
            join(play, chance)
            continue
        person, act = asked(play, chance) if chance.random() < 0.9 else chance.choice(ANYTHING)
        more = chance.choice((*FURTHER.get(act, ()), {}))
        play.act(person, act, **more)
    return play


def asked(play: Comments, chance: Random) -> tuple[str, str]:
    """Somebody who holds open work, or started the case, takes an act that the work asks for."""
    names = {act.code: name for name, act in EmployeeComments.acts.items()}
    duty = chance.choice(play.case.case.duties or (None,))
    if duty is None or not duty.holders:
        return "lm-1", "reopen"
    holder = chance.choice(duty.holders).person
    person = play.opened.by if chance.random() < 0.2 else holder
    calm = [names[code] for code in duty.acts if names[code] not in SELDOM]
    return person, chance.choice(calm or ["reopen"])


def join(play: Comments, chance: Random) -> None:
    """A further report of the same post is joined."""
    form = a_report(**chance.choice(INTAKES))
    play.fold(
        Joined(
            id=f"letter-{play.case.case.seq}", at=play.now, procedure="employee_comments",
            report=f"case-{play.case.case.seq}", by="fca-3", opened_at=play.now, intake=form,
        )
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(WALKS))
def test_whatever_happens_the_rules_of_a_comment_case_hold(seed: int) -> None:
    play = walk(seed)

    barred = {"fca-1", play.opened.by}
    for entry in play.entries:
        act = EmployeeComments.acts_by_code.get(entry.act or "")
        if entry.kind in (Kind.APPLIED, Kind.FIRST_OF_TWO) and act is not None and act.decides:
            assert entry.actor not in barred, (entry.act, "SD1, SD2")
        if entry.actor == "system" and entry.after != entry.before:
            after = EmployeeComments.states_map[entry.after]
            assert not isinstance(after, Outcome), (entry.label, "INV-3")
        if entry.after in ("closed_managed", "closed_police") and entry.before == "watching":
            assert entry.role in (Role.LM, Role.SM, Role.AD, Role.HRBP, Role.HRL)
        if entry.kind is Kind.REFUSED:
            assert entry.before == entry.after, "INV-4"
            assert entry.no is No.REFUSED
            assert entry.message


@pytest.mark.parametrize("seed", range(0, WALKS, 2))
def test_the_recorded_facts_folded_again_give_the_same_trail(seed: int) -> None:
    play = walk(seed)

    again = EmployeeComments.begin(play.opened)
    lines = [line for fact in play.facts for line in again.fold(fact).lines]

    assert [line.entry for line in lines] == play.entries
    assert again.case.model_dump() == play.dump()
