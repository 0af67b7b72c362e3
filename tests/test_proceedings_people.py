"""Posts about court proceedings: who may do what, who is kept apart, who takes over."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from models.people import Role
from procedures.court_proceedings import CourtProceedings
from runtime import audit
from tests.core_help import HASH, away, lent, must, no, office
from tests.proceedings_help import (
    BECAUSE,
    NO_BREACH,
    Post,
    a_decision,
    after,
    in_deciding,
    waiting,
)

EVERYBODY = (
    "fca-1", "fca-2", "lm-1", "lm-2", "hop-1", "ad-1", "com-1", "leg-1", "ldl-1", "hrbp-1",
    "safe-1", "board-1", "adm-1", "aud-1",
)  # fmt: skip


def wanting(act: str) -> Post:
    """A case that stands where an act is due."""
    if act == "choose_route":
        return Post()
    if act in ("advise_as_manager", "advise_as_legal"):
        post = Post()
        must(post.act("lm-1", "choose_route", route="both"))
        return post
    if act == "rule_on_material":
        return Post(how_came_to_see="i_searched")
    if act in ("decide", "add_post"):
        return in_deciding()
    if act in ("tell_court", "propose_wording", "report_to_platform", "take_legal_step"):
        steps = {"steps": ["platform_report", "injunction"], "because": BECAUSE}
        return after(a_decision(ask_removal=True, other=steps))
    return waiting()


# Who may, in a case of fca-1 whose managers are lm-1, hop-1 and ad-1.
MAY: list[tuple[str, set[str]]] = [
    ("choose_route", {"lm-1"}),
    ("advise_as_manager", {"lm-1"}),
    ("advise_as_legal", {"leg-1"}),
    ("rule_on_material", {"leg-1"}),
    ("decide", {"lm-1"}),
    ("tell_court", {"fca-1", "leg-1"}),
    ("propose_wording", {"fca-1"}),
    ("report_to_platform", {"com-1"}),
    ("take_legal_step", {"leg-1"}),
    ("record_court_response", {"fca-1", "leg-1"}),
    ("decide_again", {"lm-1"}),
    ("correct_author", {"lm-1", "leg-1"}),
    ("close_case", {"lm-1"}),
    ("pass_to_conduct", {"lm-1", "hrbp-1"}),
    # What protects people is open to every colleague; an auditor never acts (SD14).
    ("add_post", set(EVERYBODY) - {"aud-1"}),
    ("raise_safeguarding", set(EVERYBODY) - {"aud-1"}),
    ("raise_emergency", set(EVERYBODY) - {"aud-1"}),
]


@pytest.mark.parametrize(("act", "may"), MAY, ids=[act for act, _ in MAY])
def test_only_those_whose_it_is_may_act_and_nobody_else_changes_anything(
    act: str, may: set[str]
) -> None:
    did = set()
    for person in EVERYBODY:
        post = wanting(act)
        here = post.here
        receipt = post.act(person, act)
        if receipt.outcome == "applied":
            did.add(person)
        else:
            assert post.here == here
            assert post.last.kind == "refused", "a refusal is always recorded (INV-4)"
    assert did == may


def test_whoever_reported_decides_nothing_though_they_manage_the_practitioner() -> None:
    post = Post(by="lm-1", fca_of_case="fca-1")
    assert post.holders() == ["hop-1"]
    no(post.act("lm-1", "choose_route"), "sd1")
    must(post.act("hop-1", "choose_route"))
    must(post.act("hop-1", "advise_as_manager"))
    no(post.act("lm-1", "decide"), "sd1")
    must(post.act("hop-1", "decide"))
    assert post.holders("tell_court") == ["fca-1"]


def test_a_manager_who_reports_in_their_own_name_has_their_own_manager() -> None:
    assert Post(by="lm-1").holders() == ["hop-1"]


@pytest.mark.parametrize(
    ("named", "role", "instead"),
    [
        ("lm-1", "reported", "hop-1"),  # the role goes up one level
        ("hop-1", "reported", "lm-1"),  # whoever is not in the way stays
    ],
)
def test_whoever_the_post_names_has_no_part_in_its_case(
    named: str, role: str, instead: str
) -> None:
    post = Post(named_colleagues=[named])
    assert post.holders(role) == [instead]
    no(post.act(named, "correct_author"), "conflicted")


def test_a_named_practitioner_leaves_the_letters_to_their_manager() -> None:
    post = after(a_decision(), by="com-1", fca_of_case="fca-1", named_colleagues=["fca-1"])
    assert post.holders("tell_court") == ["lm-1"]
    no(post.act("fca-1", "tell_court"), "conflicted")
    must(post.act("lm-1", "tell_court"))


def test_two_managers_are_two_people_whoever_stands_in_for_whom() -> None:
    people = office(delegations=(
        lent("hop-1", "lm-1", Role.LM, Role.SM, first="2026-11-01", last="2026-12-31"),
    ))  # fmt: skip
    post = in_deciding(legal={"tell_court": True}, people=people)
    must(post.act("lm-1", "decide_against_legal"))
    no(post.act("lm-1", "decide_against_legal"), "sd16")
    must(post.act("hop-1", "decide_against_legal"))


def test_with_the_manager_away_the_next_two_levels_agree() -> None:
    people = office(absences=(away("lm-1", "2026-11-20", "2026-12-04"),))
    post = Post(people=people)
    must(post.act("hop-1", "choose_route", route="legal"))
    must(post.act("leg-1", "advise_as_legal", tell_court=True))
    must(post.act("hop-1", "decide_against_legal"))
    assert post.holders("countersign") == ["ad-1"]
    no(post.act("hop-1", "decide_against_legal"), "sd16")
    must(post.act("ad-1", "decide_against_legal"))


def test_the_first_of_two_may_take_it_back_and_then_nobody_is_asked_any_more() -> None:
    post = in_deciding(legal={"tell_court": True})
    must(post.act("lm-1", "decide_against_legal"))
    must(post.act("lm-1", "take_back", act="decide_against_legal"))
    assert "countersign" not in post.duties()
    must(post.act("lm-1", "decide"))


LADDERS: list[tuple[str, list[str]]] = [
    ("reported", ["lm-1", "hop-1", "ad-1"]),
    ("deciding", ["lm-1", "hop-1", "ad-1"]),
    ("legal_advice", ["leg-1", "ldl-1", "ad-1"]),
    ("manager_advice", ["lm-1", "hop-1", "ad-1"]),
    ("material", ["leg-1", "ldl-1", "ad-1"]),
    ("tell_court", ["fca-1", "hop-1", "ad-1"]),
    ("request", ["fca-1", "lm-1", "hop-1"]),
    ("platform", ["com-1", "hoc-1", "ad-1"]),
    ("legal_step", ["leg-1", "ldl-1", "ad-1"]),
]


@pytest.mark.parametrize(("duty", "ladder"), LADDERS, ids=[duty for duty, _ in LADDERS])
def test_silence_moves_work_up_one_rung_at_a_time(duty: str, ladder: list[str]) -> None:
    at = {
        "reported": "choose_route", "deciding": "decide", "legal_advice": "advise_as_legal",
        "manager_advice": "advise_as_manager", "material": "rule_on_material",
    }  # fmt: skip
    post = wanting(at.get(duty, "tell_court"))
    for person in ladder:
        assert post.holders(duty)[0] == person
        due = post.duty(duty).due
        assert due is not None
        post.until(due + timedelta(seconds=1))


@pytest.mark.parametrize("duty", ["waiting", "answer"])
def test_what_only_somebody_outside_can_give_stays_with_whoever_waits_for_it(duty: str) -> None:
    post = waiting()
    if duty == "answer":
        post = after(a_decision(tell_court=False, ask_removal=True))
        must(post.act("fca-1", "propose_wording"))
        must(post.act("lm-1", "approve_wording"))
        must(post.act("fca-1", "ask_for_removal"))
    before = post.holders(duty)
    post.wait(timedelta(days=30))
    assert post.holders(duty) == before
    assert post.duty(duty).overdue


# --- whatever people try --------------------------------------------------------------------------


def _tried(chance: random.Random, name: str, post: Post) -> dict[str, Any]:
    form = post.usual(name)
    changed: dict[str, dict[str, list[Any]]] = {
        "choose_route": {"route": ["manager", "legal", "both"]},
        "advise_as_legal": {
            "conclusion": ["breach_likely", "breach_unlikely", "outside_our_powers"],
            "tell_court": [None, True, False], "withhold_from": [[], [], ["A"]],
            "other_agency_told": [True, False],
        },
        "record_answer": {"reply": ["removed", "refuses", "no_answer"]},
        "record_court_response": {
            "response": ["noted", "takes_over", "directs_access"], "order": [HASH],
        },
        "correct_author": {"author_status": ["party", "child", "relative"]},
        "take_referral": {"to": ["U", "D"]},
        "add_post": {"used_personal_account": [True, False, False]},
        "close_case": {"outcome": ["court_and_parties_informed", "removed_on_request"]},
        "close_with_legal": {"outcome": ["court_and_parties_informed", "passed_on"]},
    }  # fmt: skip
    form |= {field: chance.choice(some) for field, some in changed.get(name, {}).items()}
    if name in ("decide", "decide_against_legal"):
        answers = {
            each: chance.random() < 0.5 for each in ("tell_court", "tell_parties", "ask_removal")
        }
        form = NO_BREACH if chance.random() < 0.1 else a_decision(**answers)
    return form


def _choice(chance: random.Random, post: Post) -> tuple[str, str]:
    """Mostly what is due and by whoever owes it, sometimes anything by anybody."""
    kind = CourtProceedings
    due = [(kind.acts_by_code[code], each) for each in post.case.case.duties for code in each.acts]
    if due and chance.random() < 0.7:
        act, duty = chance.choice(due)
        people = [holder.person for holder in duty.holders]
        return act.event or act.code, chance.choice(people or list(EVERYBODY))
    rare = ("pass_to_conduct", "join_by_hand", "declare_conflict")
    names = [
        name for name, act in kind.acts.items()
        if act.by_people and post.here in (act.sources or (post.here,))
        and (name not in rare or chance.random() < 0.05)
    ]  # fmt: skip
    return chance.choice(names), chance.choice(EVERYBODY)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_people_try_an_open_case_is_always_somebodys_and_a_closed_one_nobodys(
    seed: int,
) -> None:
    chance = random.Random(seed)  # noqa: S311 the same tries every time
    post = Post(
        proceedings_status=chance.choice(["open", "ended"]),
        author_status=chance.choice(["party", "party", "unknown"]),
        next_hearing=chance.choice([None, "2026-11-27 10:00"]),
        how_came_to_see=chance.choice(["by_chance", "i_searched"]),
        safeguarding_concern=chance.choice(["no", "no", "yes"]),
    )
    for _ in range(60):
        if chance.random() < 0.1:
            post.wait(timedelta(hours=chance.choice([1, 5, 24])))
        name, person = _choice(chance, post)
        post.act(person, name, fields=_tried(chance, name, post))
        if post.case.closed:
            assert not post.duties()
            break
        assert post.duties(), f"{post.here} is nobody's after {name}"
        for duty in post.case.case.duties:
            acts = [CourtProceedings.acts_by_code[code] for code in duty.acts]
            assert any(not act.sources or post.here in act.sources for act in acts), duty.id
    again = CourtProceedings.begin(post.opened)
    assert [line for fact in post.facts for line in again.fold(fact).lines] == post.lines


def test_a_change_of_people_that_is_not_written_leaves_nothing_behind() -> None:
    # Whoever agreed first is barred from the second part, which says nothing of who holds it: a
    # directory changed elsewhere may not note that in passing, for the trail would not tell.
    post = in_deciding(legal={"tell_court": True})
    must(post.act("hop-1", "decide_against_legal"))
    known, written = post.case.case.duties, len(post.lines)

    post.people_change(office(people={"com-1": {"left_on": "2026-11-21"}}))

    assert len(post.lines) == written
    assert post.case.case.duties == known
    assert audit.refold(post.lines).case.duties == known
