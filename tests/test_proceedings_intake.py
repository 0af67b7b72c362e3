"""The form that reports a post about court proceedings: every bad input (9.1, 9.4, 9.7)."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import BadInput
from models.forms import Evidence
from models.london import parse_london
from models.proceedings import ProceedingsIntake
from procedures.court_proceedings import CourtProceedings
from tests.core_help import HASH, OTHER_HASH
from tests.proceedings_help import Post, usual_report

CANARY = "Maypole"
"""Stands for case text: a message that holds it has repeated what was typed."""
NOW = parse_london("2026-11-23 10:00")


def read(**changes: Any) -> ProceedingsIntake:
    form: ProceedingsIntake = CourtProceedings.read(usual_report(**changes))
    return form


def faults(**changes: Any) -> str:
    """What is said of a form that cannot be used."""
    with pytest.raises(BadInput) as bad:
        read(**changes)
    said = "\n".join((str(bad.value), *bad.value.problems))
    assert CANARY not in said
    return said


UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": ({"title": f"{CANARY} child"}, "title: is not a field of this form"),
    "no token": ({"submission_token": None}, "submission_token: is missing"),
    "token that is none": ({"submission_token": CANARY}, "a token as the form makes it"),
    "danger not asked": ({"immediate_danger": None}, "immediate_danger: is missing"),
    "danger maybe": ({"immediate_danger": CANARY}, "immediate_danger: must be yes or no"),
    "not declared": ({"declaration": False}, "declaration: must be ticked"),
    "script address": ({"post_url": f"javascript:{CANARY}"}, "post_url: an address starts with"),
    "data address": ({"post_url": f"data:text/html,{CANARY}"}, "post_url: an address starts with"),
    "file address": ({"post_url": "file:" + "///etc/passwd"}, "post_url: an address starts with"),
    "own machine": ({"post_url": "http://127.0.0.1/x"}, "does not name a public site"),
    "disguised host": (
        {"post_url": f"https://facebook.com@{CANARY}.example/"}, "with a user name in it",
    ),
    "two addresses": (
        {"post_url": "https://a.example/1 https://a.example/2"}, "give one address",
    ),
    "address in a sentence": ({"post_url": f"see https://a.example/{CANARY}"}, "give one address"),
    "address of 10 kB": ({"post_url": "https://a.example/" + "x" * 10_000}, "post_url: is too long"),
    "empty description": ({"description": "   "}, "description: is too short"),
    "see attached": ({"description": "see attached"}, "description: is too short"),
    "only a picture sign": ({"description": "\U0001f621"}, "description: is too short"),
    "50,000 characters": ({"description": CANARY * 7200}, "description: is too long"),
    "a zero byte": ({"description": f"{CANARY} wrote this\x00 on a page"}, "control characters"),
    "turned around": ({"description": f"{CANARY} wrote \u202e this on a page"}, "turn the direction"),
    "no such day": ({"discovered_at": "2026-02-31 10:00"}, "discovered_at"),
    "American order": ({"discovered_at": "03/04/2026 10:00"}, "discovered_at"),
    "an hour that is not": ({"discovered_at": "2027-03-28 01:30"}, "discovered_at"),
    "seconds since 1970": ({"discovered_at": 1764000000}, "must be a time like"),
    "platform unknown": ({"platform": CANARY}, "platform: must be one of"),
    "other platform unnamed": ({"platform": "other"}, "platform_other is missing"),
    "seen otherwise": ({"how_came_to_see": "other"}, "how_other is missing"),
    "name as a reference": ({"childfirst_ref": f"{CANARY} Smith"}, "childfirst_ref: is not written"),
    "court too long": ({"court": "x" * 41}, "court: is too long"),
    "court turned around": ({"court": f"{CANARY} \u202e court"}, "court: is not written as"),
    "nothing shown": ({"what_is_shown": []}, "what_is_shown: needs at least 1"),
    "shown something else": ({"what_is_shown": [CANARY]}, "what_is_shown.0: must be one of"),
    "orders not answered": ({"known_orders": []}, "known_orders: needs at least 1"),
    "none and one": (
        {"known_orders": ["none_known", "injunction"]}, "none_known does not go with another",
    ),
    "party, solicitor not asked": ({"author_represented": None}, "author_represented is missing"),
    "solicitor unnamed": ({"author_represented": "yes"}, "author_solicitor is missing"),
    "colleague named, author a party": ({"author_colleague": "fca-3"}, "author_colleague is only"),
    "a person that is no id": ({"fca_of_case": f"Mrs {CANARY}"}, "fca_of_case"),
    "21 screenshots": (
        {"screenshots": [{"sha256": HASH, "kind": "png", "title": "t"}] * 21},
        "screenshots: has too many",
    ),
    "a program as a picture": (
        {"screenshots": [{"sha256": HASH, "kind": "exe", "title": "t"}]}, "screenshots.0.kind",
    ),
    "hearing that is no time": ({"next_hearing": CANARY}, "next_hearing"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_form_that_cannot_be_used_says_which_field_and_never_what_was_typed(
    changes: dict[str, Any], said: str
) -> None:
    assert said in faults(**changes)


TOLD_APART = [
    ("2026-11-23 10:05", None, ""),  # a clock five minutes ahead
    ("2026-11-23 10:06", None, "discovered_at lies in the future"),
    ("2206-11-20 10:00", None, "discovered_at lies in the future"),
    ("2020-11-20 10:00", None, "discovered_at lies too far back"),
    ("2021-11-20 10:00", None, ""),
    ("2026-11-20 10:00", "2029-12-31 10:00", ""),  # three calendar years on
    ("2026-11-20 10:00", "2030-01-02 10:00", "next_hearing lies too far ahead"),
    ("2026-11-20 10:00", "2026-11-01 10:00", ""),  # a hearing that has been is no fault
]


@pytest.mark.parametrize(("seen", "hearing", "said"), TOLD_APART)
def test_dates_are_held_against_the_instant_the_form_is_sent(
    seen: str, hearing: str | None, said: str
) -> None:
    form = read(discovered_at=seen, next_hearing=hearing)
    assert "\n".join(CourtProceedings.faults_at(form, NOW)).startswith(said)
    assert bool(CourtProceedings.faults_at(form, NOW)) is bool(said)


def test_a_hearing_that_has_been_is_pointed_out_and_taken() -> None:
    assert read(next_hearing="2026-11-01 10:00").warnings_at(NOW) == (
        "next_hearing has passed; give the next one if there is one",
    )
    assert read(next_hearing="2026-12-01 10:00").warnings_at(NOW) == ()


def test_what_looks_dangerous_in_a_text_is_kept_as_text() -> None:
    for text in ("<script>alert(1)</script> was posted", '=HYPERLINK("x","y") was posted here'):
        assert read(description=text).description == text


SAME_POST = [
    "https://m.facebook.com/invented.account/posts/1001?fbclid=abc",
    "https://www.facebook.com/invented.account/posts/1001/#comments",
    "http://FACEBOOK.com/invented.account/posts/1001?utm_source=mail.",
    "\u201chttps://www.facebook.com/invented.account/posts/1001\u201d",
]


@pytest.mark.parametrize("address", SAME_POST)
def test_every_spelling_of_a_post_in_the_same_proceedings_is_the_same_case(address: str) -> None:
    same = CourtProceedings.identity(read(post_url=address))
    assert same == CourtProceedings.identity(read())
    assert same is not None
    assert "facebook" not in same, "an identity is never readable"


def test_another_post_other_proceedings_or_no_address_is_another_case() -> None:
    usual = CourtProceedings.identity(read())
    other_post = read(post_url="https://www.facebook.com/invented.account/posts/1002")
    other_case = read(childfirst_ref="CF-2026-00872")
    unknown = read(childfirst_ref=None)
    found = {CourtProceedings.identity(one) for one in (other_post, other_case, unknown)}
    assert len(found) == 3
    assert usual not in found
    assert CourtProceedings.identity(read(post_url=None)) is None


def test_the_form_says_whose_case_it_is_and_who_is_named_in_it() -> None:
    form = read(
        fca_of_case="fca-2", named_colleagues=["fca-1", "lm-2"], author_status="colleague",
        author_represented=None, author_colleague="fca-3",
    )  # fmt: skip
    assert CourtProceedings.subject(form, "com-1") == "fca-2"
    assert CourtProceedings.subject(read(), "com-1") == "com-1"
    assert CourtProceedings.people_in(form) == {
        "fca_of_case": "fca-2", "author_colleague": "fca-3",
        "named_colleagues.0": "fca-1", "named_colleagues.1": "lm-2",
    }  # fmt: skip
    assert set(CourtProceedings.conflicted_by(form)) == {"fca-1", "lm-2", "fca-3"}
    assert CourtProceedings.posts(form) == ("https://facebook.com/invented.account/posts/1001",)
    assert CourtProceedings.author(form) == "facebook:invented.account"
    assert CourtProceedings.posts(read(post_url=None)) == ()


def test_the_hashes_of_what_was_handed_in_are_in_the_trail() -> None:
    shots = [Evidence(sha256=one, kind="png", title="shot") for one in (HASH, OTHER_HASH)]
    post = Post(screenshots=[one.model_dump() for one in shots])
    assert post.entries[0].evidence == (HASH, OTHER_HASH)


@pytest.mark.parametrize(
    ("changes", "flags", "material"),
    [
        ({}, (), "open"),
        ({"how_came_to_see": "i_searched"}, ("conduct",), "sealed"),
        ({"used_personal_account": True}, ("conduct",), "sealed"),
    ],
)
def test_what_somebody_searched_for_raises_the_conduct_flag_and_is_sealed(
    changes: dict[str, Any], flags: tuple[str, ...], material: str
) -> None:
    post = Post(**changes)
    assert post.case.case.flags == flags
    assert post.record.material == material
    assert ("material" in post.duties()) is bool(flags)
    assert post.here == "reported", "the case goes on all the same"


def test_danger_and_safeguarding_start_at_once_at_any_hour() -> None:
    post = Post(at="2026-11-28 22:00", immediate_danger=True, safeguarding_concern="yes")
    assert {"emergency", "safeguarding"} <= post.duties()
    assert "emergency" in post.told("onc-1", post.entries[0])
    assert "safeguarding" in post.told("safe-1", post.entries[0])


def test_an_adoption_is_pointed_out_to_legal() -> None:
    assert post_tells_legal(Post(case_type="adoption"))
    assert not post_tells_legal(Post())


def post_tells_legal(post: Post) -> bool:
    return any(tell.about.startswith("Adoption") for tell in post.entries[0].tells)
