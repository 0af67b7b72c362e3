"""The form that reports a comment on a colleague: every field and every bad input (9.1, 9.2, 9.7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.employee import CommentKind, EmployeeIntake
from models.errors import BadInput
from models.london import parse_london
from procedures.employee_comments import EmployeeComments
from runtime.forms_file import read_form
from tests.comments_help import SAFE_CONTACT, a_report
from tests.core_help import HASH, START

CANARY = "Maypole"
"""Stands for case text: a message that holds it has repeated what was typed."""
EXAMPLE = Path(__file__).parents[1] / "examples" / "comment.yaml"


def read(**changes: Any) -> EmployeeIntake:
    form: EmployeeIntake = EmployeeComments.read(a_report(**changes))
    return form


def faults(**changes: Any) -> tuple[str, ...]:
    """What is said of a form that cannot be used."""
    with pytest.raises(BadInput) as bad:
        read(**changes)
    assert CANARY not in str(bad.value)
    return bad.value.problems


# --- what cannot be read ------------------------------------------------------------------------

ADDRESSES = {
    "javascript": f"javascript:{CANARY}",
    "data": f"data:text/html,{CANARY}",
    "a file of this machine": "file:" + f"///{CANARY}",
    "loopback": f"http://127.0.0.1/{CANARY}",
    "localhost": f"http://localhost/{CANARY}",
    "a private network": f"https://192.168.1.4/{CANARY}",
    "user name": f"https://facebook.com@{CANARY}.example/x",
    "two addresses": f"https://facebook.com/{CANARY} https://facebook.com/b",
    "inside text": f"look at https://facebook.com/{CANARY}",
    "10 kB": f"https://facebook.com/{CANARY * 1500}",
    "NUL": f"https://facebook.com/{CANARY}\x00",
    "override": f"https://facebook.com/\u202e{CANARY}",
    "no dot": f"https://{CANARY}/",
    "empty": "",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
@pytest.mark.parametrize("field", ["post_url", "earlier_post_links"])
def test_an_address_that_is_none_is_refused(field: str, address: str) -> None:
    if field == "post_url":
        said = faults(post_url=address)
    else:
        said = faults(earlier_posts=True, earlier_post_links=[address])
    assert len(said) == 1
    assert said[0].startswith(field)


TEXTS = {
    "nothing left after trimming": "   \n  ",
    "only see attached": "see attached",
    "50,000 characters": CANARY * 7143,
    "NUL": f"{CANARY} is what it says here\x00",
    "override": f"\u202e{CANARY} is what it says here",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_description_that_says_nothing_or_hides_something_is_refused(text: str) -> None:
    (said,) = faults(description=text)
    assert said.startswith("description: ")


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("https://a.example") and more', "<script>alert(1)</script> and so on",
     "first line of it\nand a second line", "\U0001f620" * 20],
)  # fmt: skip
def test_odd_text_is_kept_exactly_as_it_was_typed(text: str) -> None:
    assert read(description=text).description == text


ODD: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": ({"childs_name": CANARY}, "childs_name: is not a field of this form"),
    "a name as a field": ({f"Mrs {CANARY}": "x"}, "(unreadable name): is not a field of this form"),
    "danger not answered": ({"immediate_danger": None}, "immediate_danger: is missing"),
    "danger as text": ({"immediate_danger": CANARY}, "immediate_danger: must be yes or no"),
    "nobody is affected": ({"affected_person": None}, "affected_person: is missing"),
    "a typed name for a person": (
        {"affected_person": f"{CANARY} Smith"}, "affected_person: is not written as it should be",
    ),
    "no kind at all": ({"kind": []}, "kind: needs at least 1"),
    "an unknown kind": ({"kind": [CANARY]}, "kind.0: must be one of"),
    "a threat and no second question": (
        {"kind": ["threat_of_violence"]}, "danger_asked_again is missing",
    ),
    "an address published and no second question": (
        {"kind": ["address_or_family_published"]}, "danger_asked_again is missing",
    ),
    "danger and no way to reach them": ({"immediate_danger": True}, "safe_contact is missing"),
    "danger at the second question and no way to reach them": (
        {"kind": ["threat_of_violence"], "danger_asked_again": True}, "safe_contact is missing",
    ),
    "a contact without number or address": (
        {"safe_contact": {"best_time": "evenings"}}, "safe_contact: give a telephone number",
    ),
    "a number that cannot be dialled": (
        {"safe_contact": {**SAFE_CONTACT, "phone": f"12-{CANARY}"}},
        "safe_contact.phone: is not written as it should be",
    ),
    "an e-mail address that is none": (
        {"safe_contact": {"email": CANARY, "best_time": "now"}},
        "safe_contact.email: is not written as it should be",
    ),
    "a family case without its reference": (
        {"linked_to_family_case": "yes"}, "childfirst_ref is missing",
    ),
    "a reference that is a name": (
        {"childfirst_ref": f"{CANARY} (mother)"}, "childfirst_ref: is not written as it should be",
    ),
    "links to posts there are not": (
        {"earlier_post_links": ["https://x.com/a/1"]}, "earlier_posts says no",
    ),
    "51 links": (
        {"earlier_posts": True, "earlier_post_links": [f"https://x.com/a/{n}" for n in range(51)]},
        "earlier_post_links: has too many (at most 50)",
    ),
    "another platform, unnamed": ({"platform": "other"}, "platform_other is missing"),
    "seen some other way, unsaid": ({"how_came_to_see": "other"}, "how_other is missing"),
    "a handle of 101 characters": (
        {"author_handle": "a" * 101}, "author_handle: is too long (at most 100 characters)",
    ),
    "21 screenshots": (
        {"screenshots": [{"sha256": HASH, "kind": "png", "title": "one"}] * 21},
        "screenshots: has too many (at most 20)",
    ),
    "a program for a screenshot": (
        {"screenshots": [{"sha256": HASH, "kind": "exe", "title": "one"}]},
        "screenshots.0.kind: is not written as it should be",
    ),
    "a hash that is none": (
        {"screenshots": [{"sha256": CANARY, "kind": "png", "title": "one"}]},
        "screenshots.0.sha256: is not written as it should be",
    ),
    "wishes of 1,001 characters": (
        {"consent_wishes": "a" * 1001}, "consent_wishes: is too long (at most 1000 characters)",
    ),
    "31 February": ({"discovered_at": "31/02/2026"}, "discovered_at: "),
    "the hour that does not exist": (
        {"discovered_at": "2027-03-28 01:30"}, "discovered_at: ",
    ),
    "not ticked": ({"declaration": False}, "declaration: must be ticked"),
    "no token": ({"submission_token": "again"}, "submission_token: must be a token"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), ODD.values(), ids=ODD)
def test_what_cannot_be_is_refused_by_field_and_never_repeated(
    changes: dict[str, Any], said: str
) -> None:
    found = faults(**changes)
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-23 10:06", "discovered_at lies in the future"),  # six minutes ahead of the desk
        ("2020-12-31 10:00", "discovered_at lies too far back"),  # a slip of the pen
        ("2206-11-23 10:00", "discovered_at lies in the future"),
    ],
)
def test_a_time_that_must_be_a_slip_of_the_pen_is_asked_about(at: str, said: str) -> None:
    (fault,) = EmployeeComments.faults_at(read(discovered_at=at), parse_london(START))
    assert fault.startswith(said)


@pytest.mark.parametrize("at", ["2026-11-23 10:05", "2021-01-02 10:00", "2026-10-25 01:30"])
def test_a_clock_a_little_ahead_and_an_old_post_are_not_asked_about(at: str) -> None:
    assert EmployeeComments.faults_at(read(discovered_at=at), parse_london(START)) == ()


# --- what the form says of itself ---------------------------------------------------------------


@pytest.mark.parametrize("kind", CommentKind)
def test_only_a_threat_or_a_published_address_asks_about_danger_again(kind: CommentKind) -> None:
    asks = kind in (CommentKind.THREAT, CommentKind.DOXXING)
    form = read(kind=[kind.value], danger_asked_again=False)
    assert form.threatening is asks
    assert not form.in_danger
    assert read(kind=[kind.value], danger_asked_again=True, safe_contact=SAFE_CONTACT).in_danger


@pytest.mark.parametrize("phone", ["+44 7700 900123", "07700 900123", "+44 20 7946 0018"])
def test_numbers_as_people_write_them_are_taken(phone: str) -> None:
    assert read(safe_contact={"phone": phone, "best_time": "now"}).safe_contact is not None


SAME = "https://www.facebook.com/invented.group/posts/1001"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SAME, "https://m.facebook.com/invented.group/posts/1001?fbclid=abc"),
        ("https://x.com/a/status/1", "https://twitter.com/a/status/1?s=20"),
        ("https://youtu.be/abc", "https://www.youtube.com/watch?v=abc&si=xyz"),
        (SAME, SAME + "."),
    ],
)
def test_one_post_however_its_address_is_written_is_one_case(one: str, other: str) -> None:
    first, second = read(post_url=one), read(post_url=other)
    assert EmployeeComments.identity(first) == EmployeeComments.identity(second) is not None
    assert EmployeeComments.posts(first) == EmployeeComments.posts(second)


def test_another_colleague_in_the_same_post_is_a_case_of_their_own() -> None:
    first, second = read(), read(affected_person="fca-2")
    assert EmployeeComments.identity(first) != EmployeeComments.identity(second)
    assert EmployeeComments.posts(first) == EmployeeComments.posts(second)


def test_without_an_address_no_report_is_taken_for_another() -> None:
    form = read(post_url=None)
    assert EmployeeComments.identity(form) is None
    assert EmployeeComments.posts(form) == ()


def test_a_look_alike_host_is_evidence_and_another_post() -> None:
    kept = "https://faceb00k.com/invented.group/posts/1001"
    form = read(post_url=kept)
    assert form.post_url == kept
    assert EmployeeComments.identity(form) != EmployeeComments.identity(read(post_url=SAME))


def test_the_author_is_compared_as_shown_and_nothing_more() -> None:
    assert EmployeeComments.author(read(author_handle="@Some\u200bBody")) == "facebook:somebody"
    assert EmployeeComments.author(read()) is None


def test_the_identity_says_nothing_of_post_or_person() -> None:
    identity = EmployeeComments.identity(read()) or ""
    assert len(identity) == 64
    assert set(identity) <= set("0123456789abcdef")


def test_every_colleague_named_is_asked_of_the_directory_by_its_field() -> None:
    form = read(colleagues_named=["lm-1", "fca-1"])
    assert EmployeeComments.people_in(form) == {
        "affected_person": "fca-1", "colleagues_named.0": "lm-1", "colleagues_named.1": "fca-1",
    }  # fmt: skip
    # Whom it is about keeps their voice, though the post names them.
    assert EmployeeComments.conflicted_by(form) == ("lm-1",)


def test_posts_reported_together_are_counted_once_each() -> None:
    links = [
        "https://x.com/a/1",
        "https://twitter.com/a/1?s=20",
        "https://x.com/a/2",
        SAME + "?fbclid=1",
    ]
    assert read(earlier_posts=True, earlier_post_links=links).posts == 3


def test_the_example_form_is_one() -> None:
    form = EmployeeComments.read(read_form(str(EXAMPLE)).data)
    assert form.affected_person == "fca-1"
    assert EmployeeComments.faults_at(form, parse_london(START)) == ()
