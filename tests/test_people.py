"""Who holds a role now: absence, delegation, conflict, vacancy (6.5, SD3, SD4, SD15)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.directory import Absence, Delegation, Directory
from models.london import parse_london
from models.people import LADDERS, Holder, Role, Roster, Seat, Why, holders, ladder
from runtime.directory_file import load

MONDAY = parse_london("2026-11-30 10:00")
EXAMPLE = Path(__file__).parents[1] / "examples" / "directory.yaml"


@cache
def example() -> Directory:
    return load(EXAMPLE)


def organisation(*rows: dict[str, Any], **left: str) -> Directory:
    """The example with absences and delegations added; `fca_1="2026-11-27"` makes one leave."""
    base = example()
    days = {person.replace("_", "-"): day for person, day in left.items()}
    people = [
        person.model_validate({**person.model_dump(), "left_on": days[person.id]})
        if person.id in days
        else person
        for person in base.people
    ]
    absences = [Absence.model_validate(row) for row in rows if "person" in row]
    delegations = [Delegation.model_validate(row) for row in rows if "of" in row]
    return Directory(people, absences, delegations, base.accounts)


def away(person: str, delegate: str | None = None, **period: str) -> dict[str, Any]:
    return {"person": person, "from": "2026-11-30", "to": "2026-12-04", "delegate": delegate} | {
        {"from_": "from"}.get(key, key): value for key, value in period.items()
    }


def lent(of: str, to: str, roles: list[str], until: str = "2026-12-04") -> dict[str, Any]:
    return {
        "of": of, "to": to, "roles": roles, "from": "2026-11-27", "until": until, "reason": "cover",
    }  # fmt: skip


def who(
    directory: Directory,
    role: Role,
    subject: str = "fca-1",
    at: datetime = MONDAY,
    excluded: frozenset[str] = frozenset(),
) -> list[tuple[str, Role, Why, str | None]]:
    found = holders(directory.roster(subject, at), role, excluded)
    return [(one.person, one.role, one.why, one.on_behalf_of) for one in found]


LM_1 = ("lm-1", Role.LM, Why.OWN, None)
HOP_1_UP = ("hop-1", Role.SM, Why.UP, None)


def test_the_line_manager_of_the_practitioner_holds_the_case() -> None:
    assert who(organisation(), Role.LM) == [LM_1]


def test_a_recorded_absence_with_a_delegate_goes_to_the_delegate_at_once() -> None:
    directory = organisation(away("lm-1", "lm-2", from_="2026-11-30 10:00"))

    assert who(directory, Role.LM) == [("lm-2", Role.LM, Why.DELEGATE, "lm-1")]
    assert who(directory, Role.LM, at=parse_london("2026-11-30 09:59:59")) == [LM_1]


def test_a_recorded_absence_without_a_delegate_goes_to_the_next_manager_at_once() -> None:
    assert who(organisation(away("lm-1")), Role.LM) == [HOP_1_UP]


def test_an_absence_that_nobody_recorded_changes_nothing() -> None:
    directory = organisation(away("lm-1", from_="2026-12-01"))

    assert who(directory, Role.LM) == [LM_1]


def test_the_last_day_of_an_absence_counts_whole() -> None:
    directory = organisation(away("lm-1"))

    assert who(directory, Role.LM, at=parse_london("2026-12-04 23:59:59")) == [HOP_1_UP]
    assert who(directory, Role.LM, at=parse_london("2026-12-05 00:00")) == [LM_1]


def test_a_delegate_who_is_away_too_does_not_act() -> None:
    directory = organisation(away("lm-1", "lm-2"), away("lm-2"))

    assert who(directory, Role.LM) == [HOP_1_UP]


def test_cover_is_never_passed_on_by_a_delegate_who_is_away() -> None:
    directory = organisation(away("lm-1", "lm-2"), away("lm-2", "hop-2"))

    assert who(directory, Role.LM) == [HOP_1_UP]
    assert who(directory, Role.LM, "fca-4") == [("hop-2", Role.LM, Why.DELEGATE, "lm-2")]


def test_a_delegate_who_has_left_does_not_act() -> None:
    assert who(organisation(away("lm-1", "lm-2"), lm_2="2026-11-27"), Role.LM) == [HOP_1_UP]


def test_an_absence_whose_delegate_cannot_act_falls_back_on_a_delegation() -> None:
    directory = organisation(away("lm-1", "lm-2"), away("lm-2"), lent("lm-1", "hop-2", ["LM"]))

    assert who(directory, Role.LM) == [("hop-2", Role.LM, Why.DELEGATE, "lm-1")]


def test_a_delegation_puts_the_delegate_beside_its_owner() -> None:
    directory = organisation(lent("lm-1", "lm-2", ["LM"]))

    assert who(directory, Role.LM) == [LM_1, ("lm-2", Role.LM, Why.DELEGATE, "lm-1")]


def test_a_delegation_that_expired_a_minute_earlier_gives_nothing() -> None:
    directory = organisation(lent("lm-1", "lm-2", ["LM"], until="2026-11-30 09:59"))

    assert who(directory, Role.LM) == [LM_1]


def test_a_delegation_covers_only_the_roles_it_names() -> None:
    directory = organisation(lent("hop-1", "hop-2", ["LM"]), away("hop-1"))

    assert who(directory, Role.LM, "lm-1") == [("hop-2", Role.LM, Why.DELEGATE, "hop-1")]
    assert who(directory, Role.SM) == [("ad-1", Role.AD, Why.UP, None)]


def test_the_manager_of_a_manager_is_their_own_line_manager() -> None:  # SD4
    assert who(organisation(), Role.LM, "lm-1") == [("hop-1", Role.LM, Why.OWN, None)]
    assert who(organisation(), Role.LM, "fca-7") == [("lm-2", Role.LM, Why.OWN, None)]
    assert who(organisation(), Role.LM, "fca-6") == [("fca-7", Role.LM, Why.OWN, None)]


def test_nobody_covers_for_the_manager_of_their_own_case() -> None:  # SD4
    directory = organisation(away("lm-2", "fca-7"))

    assert who(directory, Role.LM, "fca-4") == [("fca-7", Role.LM, Why.DELEGATE, "lm-2")]
    assert who(directory, Role.LM, "fca-7") == [HOP_1_UP]


def test_a_conflicted_line_manager_moves_the_case_up() -> None:  # SD3
    assert who(organisation(), Role.LM, excluded=frozenset({"lm-1"})) == [HOP_1_UP]


def test_a_conflicted_manager_takes_their_delegate_along() -> None:  # SD3
    directory = organisation(lent("lm-1", "lm-2", ["LM"]))

    assert who(directory, Role.LM, excluded=frozenset({"lm-1"})) == [HOP_1_UP]


def test_a_conflicted_delegate_does_not_act() -> None:
    directory = organisation(away("lm-1", "lm-2"))

    assert who(directory, Role.LM, excluded=frozenset({"lm-2"})) == [HOP_1_UP]


def test_one_away_of_several_leaves_the_role_with_the_others() -> None:
    found = who(organisation(away("com-1")), Role.COM)

    assert [person for person, *_ in found] == ["com-2", "com-3", "com-4"]


def test_communications_all_away_moves_to_their_head() -> None:
    directory = organisation(*(away(f"com-{number}") for number in range(1, 5)))

    assert who(directory, Role.COM) == [("hoc-1", Role.HOC, Why.UP, None)]


def test_a_vacant_hr_partner_is_made_good_by_the_hr_leads() -> None:
    assert who(organisation(), Role.HRBP, "fca-6") == [("hrl-1", Role.HRBP, Why.OWN, None)]
    assert who(organisation(hrbp_1="2026-11-27"), Role.HRBP) == [
        ("hrl-1", Role.HRBP, Why.OWN, None)
    ]


def test_an_hr_lead_is_not_the_hr_partner_of_their_own_case() -> None:
    assert who(organisation(), Role.HRBP, "hrl-1") == [("hrl-1", Role.HRL, Why.UP, None)], (
        "seated as lead; the case itself excludes its subject"
    )
    assert who(organisation(), Role.HRBP, "hrl-1", excluded=frozenset({"hrl-1"})) == [
        ("ad-1", Role.AD, Why.UP, None),
        ("ad-2", Role.AD, Why.UP, None),
    ]


@pytest.mark.parametrize(
    ("subject", "line_manager", "next_level", "director"),
    [
        ("fca-1", ["lm-1"], ["hop-1"], ["ad-1"]),
        ("assoc-1", ["con-1"], ["hop-2"], ["ad-2"]),  # the contract owner stands in
        ("board-1", ["gov-1"], ["own-1"], ["top-1"]),  # the governance lead stands in
        ("contr-1", ["its-1"], ["ad-2"], ["top-1"]),
        ("top-1", ["board-1"], [], ["ad-1", "ad-2"]),  # and nobody above the Chair
        ("ad-1", ["top-1"], [], ["ad-2"]),  # the chain ends: the other director
        ("hop-1", ["ad-1"], ["top-1"], ["ad-2"]),  # one not asked already comes first
        ("left-1", ["lm-1"], ["hop-1"], ["ad-1"]),  # gone, but the managers are still there
        ("nobody", [], [], ["ad-1", "ad-2"]),  # no longer in the file: never nowhere
    ],
)
def test_everybody_has_somebody_above_them(
    subject: str, line_manager: list[str], next_level: list[str], director: list[str]
) -> None:
    seats = organisation().roster(subject, MONDAY).seats

    found = [[seat.person for seat in seats[role]] for role in (Role.LM, Role.SM, Role.AD)]
    assert found == [line_manager, next_level, director]


def test_a_manager_who_has_left_is_passed_over_from_the_next_midnight() -> None:
    directory = organisation(lm_1="2026-11-30")

    assert who(directory, Role.LM, at=parse_london("2026-11-30 23:59")) == [LM_1]
    assert who(directory, Role.LM, at=parse_london("2026-12-01 00:00")) == [HOP_1_UP]


def test_the_work_of_a_practitioner_who_has_left_goes_to_the_line_manager() -> None:
    assert who(organisation(), Role.PR, "left-1") == [("lm-1", Role.LM, Why.UP, None)]


def test_a_director_who_has_left_is_made_good_by_the_others() -> None:
    directory = organisation(ad_1="2026-11-27")

    assert who(directory, Role.AD) == [("ad-2", Role.AD, Why.OWN, None)]


def test_the_only_director_left_is_asked_again_rather_than_nobody() -> None:
    directory = organisation(ad_2="2026-11-27")

    assert who(directory, Role.AD, "hop-1") == [("ad-1", Role.AD, Why.OWN, None)]


def test_the_next_rung_may_cover_for_the_one_below() -> None:
    directory = organisation(away("com-1", "hoc-1"))

    assert ("hoc-1", Role.COM, Why.DELEGATE, "com-1") in who(directory, Role.COM)


def test_a_role_without_anybody_goes_to_the_assistant_director() -> None:
    assert who(organisation(its_1="2026-11-27"), Role.ITS) == [("ad-1", Role.AD, Why.UP, None)]


@pytest.mark.parametrize(
    ("role", "rungs"),
    [
        (Role.LM, "LM SM AD"),
        (Role.SM, "SM AD"),
        (Role.COM, "COM HOC AD"),
        (Role.HRL, "HRL AD"),  # a rung of somebody else's ladder climbs on from there
        (Role.HSI, "HSI HSL SM AD"),
        (Role.ITS, "ITS AD"),
    ],
)
def test_a_ladder_is_climbed_from_the_role_itself(role: Role, rungs: str) -> None:
    assert " ".join(ladder(role)) == rungs


PEOPLE = st.sampled_from("abcdef")
SEATS = st.builds(Seat, person=PEOPLE, away=st.booleans(), delegate=st.none() | PEOPLE)
ROSTERS = st.dictionaries(st.sampled_from(list(Role)), st.lists(SEATS, max_size=3).map(tuple)).map(
    lambda seats: Roster(at=datetime(2026, 11, 30, tzinfo=UTC), subject="a", digest="", seats=seats)
)


@given(ROSTERS, st.sampled_from(list(Role)), st.frozensets(PEOPLE, max_size=3))
def test_nobody_excluded_or_away_ever_holds(
    roster: Roster, role: Role, excluded: frozenset[str]
) -> None:
    gone = {seat.person for seats in roster.seats.values() for seat in seats if seat.away}
    found = holders(roster, role, excluded)

    people = [holder.person for holder in found]
    assert len(people) == len(set(people))
    assert not set(people) & (excluded | gone)
    assert not {holder.on_behalf_of for holder in found} & excluded
    assert len({holder.role for holder in found}) <= 1, "one rung at a time"


@given(ROSTERS, st.sampled_from(list(LADDERS)), st.frozensets(PEOPLE, max_size=3))
def test_the_nearest_rung_with_anybody_able_holds(
    roster: Roster, role: Role, excluded: frozenset[str]
) -> None:
    gone = {seat.person for seats in roster.seats.values() for seat in seats if seat.away}

    def able(rung: Role) -> set[str]:
        seats = [seat for seat in roster.seats.get(rung, ()) if seat.person not in excluded]
        named = {seat.person for seat in seats} | {seat.delegate for seat in seats}
        return {person for person in named if person} - excluded - gone

    expected = next((able(rung) for rung in ladder(role) if able(rung)), set())
    found: tuple[Holder, ...] = holders(roster, role, excluded)
    assert {holder.person for holder in found} == expected
