"""Who may never take which part in a case about a comment, and what must never happen (4.2, 7.1)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models.case import Kind, No
from models.people import Role
from procedures.employee_comments import EmployeeComments
from procedures.employee_tasks import PLATFORM_COM, PLATFORM_OWN
from procedures.words import Outcome
from tests.comments_help import SAFE_CONTACT, STEPS, Comments, comments_at
from tests.core_help import away, lent, must, no, office

ACTS = EmployeeComments.acts
DECIDING = [name for name, act in ACTS.items() if act.decides and not act.reopens]
OWN = [act for act in ACTS.values() if act.code.startswith("E-")]


def everybody() -> Iterator[str]:
    return (person.id for person in Comments().directory.people)


# --- SD1, SD2: whom it is about decides nothing, nor does whoever reported it ----------------------


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("role", [Role.LM, Role.HRBP, Role.LEG, Role.HOC])
def test_the_affected_colleague_decides_nothing_whatever_they_are_made(
    step: str, role: Role
) -> None:
    play = comments_at(step)
    must(play.act("adm-1", "reassign", role=role.value, to="fca-1"))
    play.wait_a_minute()
    for act in DECIDING:
        receipt = play.send(play.decision("fca-1", act))
        assert receipt.outcome == "refused", (act, receipt.message)
    assert play.here == step


@pytest.mark.parametrize("role", [Role.HRBP, Role.LEG, Role.HOC])
def test_the_affected_colleague_decides_nothing_though_somebody_else_reported_it(
    role: Role,
) -> None:
    play = Comments(by="fca-2")
    for person, act in (
        ("lm-1", "tell_in_person"), ("lm-1", "take_on"), ("lm-1", "classify_harassment"),
        ("lm-1", "ask_legal"), ("lm-1", "ask_to_watch"), ("com-1", "propose_watch"),
    ):  # fmt: skip
        must(play.act(person, act))
    must(play.act("adm-1", "reassign", role=role.value, to="fca-1"))
    play.wait_a_minute()
    mine = {Role.HRBP: "agree_plan", Role.LEG: "advise", Role.HOC: "approve_watch"}
    no(play.act("fca-1", mine[role]), "sd1")


@pytest.mark.parametrize("act", ["classify_opinion", "classify_harassment", "classify_threat"])
def test_a_manager_who_reported_it_does_not_classify_it(act: str) -> None:
    play = Comments(by="lm-1")
    must(play.act("hop-1", "take_on"))
    must(play.act("lm-1", "tell_in_person"))
    no(play.act("lm-1", act), "sd1")
    must(play.act("hop-1", act))


def test_a_manager_who_reported_it_may_still_confirm_that_their_colleague_is_safe() -> None:
    play = Comments(by="lm-1", immediate_danger=True, safe_contact=SAFE_CONTACT)
    assert play.holders() == ["lm-1"]
    must(play.act("lm-1", "confirm_safe"))


@pytest.mark.parametrize(("affected", "manager", "above"), [
    ("fca-1", "lm-1", "hop-1"),
    ("lm-1", "hop-1", "ad-1"),  # a line manager's own line manager (SD4)
    ("hop-1", "ad-1", "top-1"),
    ("assoc-1", "con-1", "hop-2"),  # an associate's named stand-in
    ("contr-1", "its-1", "ad-2"),
    ("board-1", "gov-1", "own-1"),  # a Board Member's: the governance lead
])  # fmt: skip
def test_it_is_the_affected_colleagues_own_managers_who_act(
    affected: str, manager: str, above: str
) -> None:
    play = Comments(by="fca-4", affected_person=affected)
    assert play.holders() == [manager]
    play.until("2026-11-23 14:01")
    assert play.holders() == [above]


@pytest.mark.parametrize(("affected", "partner"), [
    ("fca-1", "hrbp-1"), ("fca-4", "hrbp-2"), ("fca-6", "hrl-1"), ("board-1", "hrl-1"),
    ("hrbp-1", "hrl-1"),  # nobody is their own HR partner
])  # fmt: skip
def test_hr_is_the_partner_of_the_affected_colleague_or_the_leads(
    affected: str, partner: str
) -> None:
    play = Comments(by="fca-2", affected_person=affected)
    assert play.holders("hr_support") == [partner]


# --- SD3: named or close to the author, and out of it from the start ---------------------------------


def test_whoever_the_post_names_has_no_part_and_the_role_goes_up() -> None:
    play = Comments(colleagues_named=["lm-1", "hrbp-1", "hsi-1", "hop-1"])
    assert play.holders() == ["ad-1"]
    assert play.holders("hr_support") == ["hrl-1"]
    for act in ("take_on", "tell_police", "ask_legal"):
        no(play.act("lm-1", act), "conflicted")


def test_a_delegate_does_not_carry_the_conflict_of_whom_they_cover() -> None:
    people = office(absences=(away("lm-1", "2026-11-23", "2026-11-27", "lm-2"),))
    play = Comments(people=people, colleagues_named=["lm-1"])
    assert play.holders() == ["hop-1"]


def test_whoever_covers_for_the_manager_is_bound_like_them() -> None:
    people = office(
        delegations=(lent("lm-1", "lm-2", Role.LM, first="2026-11-23", last="2026-11-27"),)
    )
    play = Comments(by="lm-2", people=people)
    no(play.act("lm-2", "take_on"), "wrong_role")


# --- SD8, SD16: manager and HR, two people ------------------------------------------------------------


@pytest.mark.parametrize("person", ["lm-1", "hrbp-1"])
def test_nobody_closes_a_case_alone(person: str) -> None:
    play = comments_at("watching")
    must(play.act(person, "close"))
    receipt = play.act(person, "close")
    assert receipt.outcome == "refused"
    assert play.here == "watching"


def test_no_act_of_one_person_closes_a_case_but_passing_on_and_confirmed_opinion() -> None:
    alone = {"pass_on", "confirm_support", "join_by_hand"}
    for name, act in ACTS.items():
        if name in alone or act.together or not act.by_people:
            continue
        ends = [each.target for each in act._transitions or () if isinstance(each.target, Outcome)]
        assert ends == [], name


# --- SD10: a window is proposed by one and approved by another ------------------------------------------


def test_whoever_proposes_to_watch_never_approves_it() -> None:
    play = comments_at("action")
    must(play.act("lm-1", "ask_to_watch"))
    must(play.act("adm-1", "reassign", role="HOC", to="com-1"))
    play.wait_a_minute()
    must(play.act("com-1", "propose_watch"))
    no(play.act("com-1", "approve_watch"), "sd10")


# --- challenge: the second look is another's and final ---------------------------------------------------


def test_whoever_called_it_opinion_never_takes_the_second_look() -> None:
    play = comments_at("opinion")
    must(play.act("fca-1", "challenge"))
    assert play.holders() == ["hop-1"]
    for act in ("classify_opinion", "classify_harassment", "classify_threat"):
        assert play.act("lm-1", act).outcome == "refused"
    must(play.act("hop-1", "classify_opinion"))
    assert play.duties() == {"confirm", "hr_support"}, "nothing is left to wait for"
    no(play.act("hrbp-1", "challenge"), "can_be_challenged")


def test_a_second_look_that_nobody_takes_goes_up_and_not_back() -> None:
    play = comments_at("opinion")
    must(play.act("fca-1", "challenge"))
    play.until("2026-11-23 14:05")
    assert play.holders() == ["ad-1"]


# --- never ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS)
def test_time_alone_closes_no_case(step: str) -> None:
    play = comments_at(step)
    play.until("2027-03-01 10:00")
    assert play.here == step
    assert all(entry.no in (None, No.EXPIRED) for entry in play.entries)


# Before opinion and before a plan they are told: by a rule, and by the talk.
@pytest.mark.parametrize("step", ["reported", "assessing", "emergency_response", "action"])
def test_no_notice_reaches_somebody_who_does_not_know_yet_that_they_were_written_about(
    step: str,
) -> None:
    play = comments_at(step, by="fca-2")
    must(play.act("fca-3", "raise_safeguarding"))
    must(play.act("safe-1", "safeguarding_handled"))
    must(play.act("hrbp-1", "acknowledge"))
    no(
        play.act("lm-1", "ask_information", to="AFF", question="who else has seen it by now?"),
        "nobody",
    )
    play.until("2026-12-30 10:00")
    assert [tell for entry in play.entries for tell in entry.tells if tell.person == "fca-1"] == []


def test_a_reporter_who_is_not_affected_hears_that_it_is_closed_and_no_more() -> None:
    play = Comments(by="fca-2")
    must(play.act("lm-1", "tell_in_person"))
    for person, act in (
        ("lm-1", "take_on"), ("lm-1", "classify_harassment"), ("hrbp-1", "acknowledge"),
        ("hsi-1", "record_incident"), ("lm-1", "speak"), ("lm-1", "assess_safety"),
        ("lm-1", "agree_plan"), ("hrbp-1", "agree_plan"), ("lm-1", "close"), ("hrbp-1", "close"),
    ):  # fmt: skip
        must(play.act(person, act))
    said = [
        (tell.what, tell.about)
        for entry in play.entries
        for tell in entry.tells
        if tell.person == "fca-2"
    ]
    assert said == [
        ("receipt", EmployeeComments.title),
        ("told", "The case you reported is closed"),
    ]


def test_help_depends_on_no_report_to_platform_or_police() -> None:
    assert not PLATFORM_OWN.mandatory
    assert not PLATFORM_COM.mandatory
    play = comments_at("watching", reported_to_platform="no")
    assert play.record.platform_reported is False
    assert play.record.police is None


def test_nobody_but_the_colleague_and_communications_reports_to_a_platform() -> None:
    play = comments_at("action")
    for person in everybody():
        receipt = play.send(play.decision(person, "report_to_platform"))
        if person in ("fca-1", "com-1", "com-2", "com-3", "com-4"):
            assert receipt.code in (None, "on_a_login_of_ones_own"), person
        else:
            assert receipt.outcome == "refused", person
            assert receipt.code != "on_a_login_of_ones_own", person


def test_no_form_asks_who_an_anonymous_author_really_is() -> None:
    forms = {act.form for act in OWN}
    fields = {name for form in forms for name in form.model_fields}
    about_the_author = {name for name in fields if "author" in name}
    assert about_the_author == {"author_handle", "author_display_name", "author_known"}
    assert not {name for name in fields if "identity" in name or "real_name" in name}


def test_no_act_speaks_to_the_author_or_asks_to_read_on() -> None:
    words = " ".join(act.label for act in OWN).casefold()
    for never in ("reply", "contact the author", "keep reading", "identify", "find out"):
        assert never not in words


def test_a_case_is_joined_or_referred_but_never_with_what_happens_to_a_colleague_who_wrote_it() -> (
    None
):
    play = Comments(author_known="colleague", by="fca-2", same_as="case-0123456789ab")
    assert play.here == "reported", "a referral to HR keeps it a case of its own"
    assert play.holders("referral_u") == ["hrbp-1"]
    assert "U" not in play.duty("referral_u").label


def test_a_wish_to_withdraw_that_a_threat_rules_out_is_nobodys_work_any_more() -> None:
    play = comments_at("assessing")
    must(play.act("fca-1", "ask_to_withdraw"))
    assert {"withdraw_manager", "withdraw_hr"} <= play.duties()
    must(play.act("lm-1", "classify_threat"))
    assert not {"withdraw_manager", "withdraw_hr"} & play.duties()


def test_a_refused_act_leaves_the_case_where_it_was_and_is_written_down() -> None:
    play = comments_at("assessing")
    no(play.act("fca-4", "classify_threat"), "wrong_role")
    assert (play.here, play.last.kind, play.last.no) == ("assessing", Kind.REFUSED, No.REFUSED)
