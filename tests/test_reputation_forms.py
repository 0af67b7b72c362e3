"""The form that reports a post about Cafcass: what it takes, and every bad input (9.1, 9.3, 9.7).

A fault names the field and never repeats what was typed: it may be case text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from models import reputation_acts as form
from models.errors import BadInput
from models.london import parse_london
from models.reputation import ReputationIntake
from procedures.corporate_reputation import CorporateReputation
from runtime.forms_file import read_form
from tests.reputation_help import a_report, a_watch

CANARY = "Maypole"
"""Stands for case text: a message that holds it has repeated what was typed."""
NOW = parse_london("2026-11-23 10:00")


def read(**changes: Any) -> ReputationIntake:
    intake = CorporateReputation.read(a_report(**changes))
    assert isinstance(intake, ReputationIntake)
    return intake


def faults(**changes: Any) -> tuple[str, ...]:
    """What is said of a report that cannot be used."""
    with pytest.raises(BadInput) as bad:
        read(**changes)
    assert CANARY not in str(bad.value)
    return bad.value.problems


def test_the_example_of_a_report_is_a_report() -> None:
    example = Path(__file__).parents[1] / "examples" / "post_about_cafcass.yaml"
    intake = CorporateReputation.read(read_form(str(example)).data)
    assert CorporateReputation.faults_at(intake, NOW) == ()
    assert intake.hurries


UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "a script for an address": ({"post_url": f"javascript:{CANARY}(1)"}, "post_url: "),
    "data for an address": ({"post_url": f"data:text/html,{CANARY}"}, "post_url: "),
    "a file for an address": ({"post_url": "file:" + "///etc/passwd"}, "post_url: "),
    "a private address": ({"post_url": "http://127.0.0.1/x"}, "post_url: "),
    "a user name in the address": (
        {"post_url": f"https://facebook.com@{CANARY}.example/x"}, "post_url: ",
    ),
    "a very long address": ({"post_url": "https://example.org/" + "a" * 10_000}, "post_url: "),
    "two addresses": ({"post_url": f"https://a.example/1 https://{CANARY}.example/2"}, "post_url: "),
    "an address inside text": ({"post_url": f"see https://{CANARY}.example/2"}, "post_url: "),
    "danger not answered": ({"immediate_danger": None}, "immediate_danger: is missing"),
    "safeguarding not answered": ({"safeguarding_concern": None}, "safeguarding_concern: is missing"),
    "nothing after trimming": ({"description": " " * 40}, "description: is too short"),
    "only: see attached": ({"description": "see attached"}, "description: is too short"),
    "only one emoji": ({"description": "\U0001f621"}, "description: is too short"),
    "50,000 characters": ({"description": CANARY * 7200}, "description: is too long"),
    "NUL bytes": ({"description": f"{CANARY}\x00 was named there again"}, "description: contains"),
    "right-to-left override": ({"description": f"\u202e{CANARY} was named again"}, "description: con"),
    "31 February": ({"discovered_at": "2026-02-31 10:00"}, "discovered_at: "),
    "US order": ({"discovered_at": "03/04/2026"}, "discovered_at: "),
    "an hour that does not exist": ({"discovered_at": "2027-03-28 01:30"}, "discovered_at: "),
    "a number for a time": ({"discovered_at": 1_763_800_000}, "discovered_at: "),
    "not ticked": ({"declaration": False}, "declaration: must be ticked"),
    "other platform, not named": ({"platform": "other"}, "platform_other is missing"),
    "seen otherwise, not said how": ({"how_came_to_see": "other"}, "how_other is missing"),
    "no channel": ({"channel": None}, "channel: is missing"),
    "a channel of one's own": ({"channel": CANARY}, "channel: must be one of"),
    "a negative reach": ({"reach": -1}, "reach: must be at least 0"),
    "a reach in words": ({"reach": CANARY}, "reach: must be"),
    "half a person reached": ({"reach": 2.5}, "reach: is not right"),
    "a reach beyond all people": ({"reach": 10**11}, "reach: must be at most"),
    "no spread": ({"spread": None}, "spread: is missing"),
    "case information not answered": (
        {"contains_case_information": None}, "contains_case_information: is missing",
    ),
    "a response too long": ({"suggested_response": CANARY * 300}, "suggested_response: is too long"),
    "a name with a control character": ({"protected_names": [f"{CANARY}\x07"]}, "protected_names.0: "),
    "a name for a colleague's id": ({"named_colleagues": [f"Mrs {CANARY}"]}, "named_colleagues.0: "),
    "a reference with a name": ({"childfirst_ref": f"Mrs {CANARY}"}, "childfirst_ref: is not written"),
    "the author's real name": ({"author_real_name": CANARY}, "author_real_name: is not a field"),
    "a closed group": ({"visibility": "closed_group"}, "visibility: Communications looks only"),
    "a private message": ({"visibility": "private_message"}, "visibility: Communications looks only"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_bad_report_is_refused_in_plain_words(changes: dict[str, Any], said: str) -> None:
    assert any(fault.startswith(said) for fault in faults(**changes)), faults(**changes)


TAKEN: dict[str, dict[str, Any]] = {
    "no address, only a description": {"post_url": None},
    "a look-alike host is evidence": {"post_url": "https://faceb00k.com/x"},
    "markup is kept as it was seen": {"description": "<script>alert(1)</script> it said there"},
    "a formula is kept as it was seen": {"description": '=HYPERLINK("x") it said there, twice'},
    "a reach that cannot be seen": {"reach": "not visible"},
    "nobody reached": {"reach": 0},
    "who can see it is not known": {"visibility": "unknown"},
    "a private message on our own channel": {
        "visibility": "private_message", "channel": "cafcass_channel",
    },
    "a closed group where a child may be at risk": {
        "visibility": "closed_group", "safeguarding_concern": "unsure",
    },
    "a private message with a threat": {
        "visibility": "private_message", "immediate_danger": True,
    },
}  # fmt: skip


@pytest.mark.parametrize("changes", TAKEN.values(), ids=TAKEN)
def test_what_can_be_used_is_taken(changes: dict[str, Any]) -> None:
    intake = read(**changes)
    assert CorporateReputation.faults_at(intake, NOW) == ()
    for name, value in changes.items():
        if value is not None:
            assert getattr(intake, name) == value


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"discovered_at": "2026-11-23 10:06"}, "discovered_at lies in the future"),
        ({"discovered_at": "2206-11-23 10:00"}, "discovered_at lies in the future"),
        ({"discovered_at": "2019-11-23 10:00"}, "discovered_at lies too far back"),
        ({"press_deadline": "2026-11-23 10:00"}, "press_deadline has passed already"),
        ({"press_deadline": "2036-11-23 10:00"}, "press_deadline lies too far ahead"),
    ],
)
def test_dates_that_cannot_be_are_said(changes: dict[str, Any], said: str) -> None:
    (fault,) = CorporateReputation.faults_at(read(**changes), NOW)
    assert fault.startswith(said)


def test_a_clock_that_is_five_minutes_fast_is_forgiven() -> None:
    fast = read(discovered_at="2026-11-23 10:05", press_deadline="2026-11-23 10:01")
    assert CorporateReputation.faults_at(fast, NOW) == ()


@pytest.mark.parametrize(
    "spelling",
    [
        "https://m.facebook.com/invented.page/posts/1001?fbclid=1",
        "http://facebook.com/invented.page/posts/1001/",
        "\u201chttps://www.facebook.com/invented.page/posts/1001\u201d.",
    ],
)
def test_reports_of_one_post_are_one_case_however_it_is_spelled(spelling: str) -> None:
    identity = CorporateReputation.identity
    assert identity(read(post_url=spelling)) == identity(read())
    assert "facebook" not in str(identity(read()))


def test_another_post_or_none_is_another_case() -> None:
    other = read(post_url="https://www.facebook.com/invented.page/posts/1002")
    assert CorporateReputation.identity(other) != CorporateReputation.identity(read())
    assert CorporateReputation.identity(read(post_url=None)) is None
    assert CorporateReputation.posts(read(post_url=None)) == ()
    assert CorporateReputation.posts(read()) == ("https://facebook.com/invented.page/posts/1001",)
    assert CorporateReputation.author(read(author_handle="@Some.One")) == "facebook:some.one"


def test_the_colleagues_a_post_names_are_looked_up_and_kept_out() -> None:
    intake = read(named_colleagues=["com-2", "hoc-1"])
    assert CorporateReputation.people_in(intake) == {
        "named_colleagues.0": "com-2",
        "named_colleagues.1": "hoc-1",
    }
    assert CorporateReputation.conflicted_by(intake) == ("com-2", "hoc-1")


def test_no_field_of_any_form_asks_who_an_author_is() -> None:
    """G-16, INV-6. What is shown on the platform may be noted; nothing leads to a person."""
    asked = {
        name
        for act in CorporateReputation.acts.values()
        for name in act.form.model_fields
        if "author" in name
    }
    assert asked == {"author_handle", "author_display_name"}


# --- the forms of the acts -------------------------------------------------------------------------

ACTS: dict[str, tuple[type[Any], dict[str, Any], str]] = {
    "nothing sorted": (form.Sort, {"classes": []}, "at least 1"),
    "no such class": (form.Sort, {"classes": ["rude"]}, "abusive"),
    "advice of nobody": (
        form.AskAdvice, {"of": "COM", "question": "x" * 20, "no_more_than_needed": True}, "LEG",
    ),
    "words not drafted": (
        form.Response,
        {"actions": ["statement"], "case_or_person_could_be_inferred": False, "because": "x" * 20},
        "text is missing",
    ),
    "no action": (
        form.Response,
        {"actions": [], "case_or_person_could_be_inferred": False, "because": "x" * 20},
        "at least 1",
    ),
    "reason too short": (form.NoResponse, {"because": "no"}, "at least 20"),
    "watch without a need": (form.StartWatching, {"watch": a_watch(need="curiosity")}, "reputation"),
    "watch without an end": (
        form.StartWatching,
        {"watch": {key: value for key, value in a_watch().items() if key != "until"}},
        "required",
    ),
    "new content without evidence": (form.NewContent, {"what": "x" * 20}, "post_url or copy"),
    "safety without a result": (form.SafetyHandled, {"results": []}, "at least 1"),
    "police without a reference": (form.SafetyHandled, {"results": ["police_told"]}, "police_ref"),
    "no risk beside a referral": (
        form.SafetyHandled, {"results": ["no_risk_found", "referred"]}, "stands alone",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "said"), ACTS.values(), ids=ACTS)
def test_a_bad_form_of_an_act_says_what_is_wrong(
    kind: type[Any], fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError) as bad:
        kind.model_validate(fields)
    assert said in str(bad.value)
