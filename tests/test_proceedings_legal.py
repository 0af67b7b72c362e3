"""When Legal comes first, what Legal's advice binds, and that a case keeps the list it began with."""

from __future__ import annotations

from typing import Any

import pytest

import policy
from models.errors import Misconfigured
from models.policy import LegalFirst, Mark
from models.proceedings import AuthorStatus, Order, ProceedingsStatus, Shown
from policy.reading import PolicyFile
from procedures.court_directed_access import CourtDirectedAccess
from procedures.opening import pins
from procedures.proceedings_advice import compulsory
from tests.core_help import must, no
from tests.proceedings_help import Post, a_decision, in_deciding
from tests.test_proceedings_intake import NOW

LIST = {line.id: line for line in policy.book().legal_first}

# Monday 23 November 10:00. A line of the list each; the usual report is true of none of them.
COMPULSORY: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"what_is_shown": ["party_name", "hearing_details", "other"]}, None),
    ({"what_is_shown": ["child_name"]}, "child-identifiable"),
    ({"what_is_shown": ["other", "child_photo"]}, "child-identifiable"),
    ({"what_is_shown": ["school"]}, "child-identifiable"),
    ({"what_is_shown": ["address"]}, "child-identifiable"),
    ({"proceedings_status": "open"}, "proceedings-open"),
    ({"proceedings_status": "unknown"}, None),
    ({"known_orders": ["transparency_order"]}, "order-about-publicity"),
    ({"known_orders": ["reporting_restriction"]}, "order-about-publicity"),
    ({"known_orders": ["injunction"]}, "order-about-publicity"),
    ({"known_orders": ["undertaking"]}, "order-about-publicity"),
    ({"known_orders": ["unknown"]}, "order-about-publicity"),
    ({"author_status": "reporter_or_blogger"}, "author-a-reporter"),
    ({"author_status": "unknown"}, "author-unknown"),
    ({"author_status": "child"}, "author-a-child"),
    ({"author_status": "colleague"}, "author-a-colleague"),
    ({"author_status": "relative"}, None),
    ({"what_is_shown": ["cafcass_report"]}, "cafcass-documents"),
    ({"what_is_shown": ["court_document"]}, "cafcass-documents"),
    ({"next_hearing": "2026-11-26 10:00"}, "hearing-near"),  # 24 hours: 7, 8, 8 and 1
    ({"next_hearing": "2026-11-26 10:02"}, None),  # two minutes more, and one passes before the act
    ({"next_hearing": "2026-11-23 09:00"}, None),  # it has been
]


@pytest.mark.parametrize(("changes", "line"), COMPULSORY)
def test_each_line_of_the_list_makes_legals_advice_compulsory(
    changes: dict[str, Any], line: str | None
) -> None:
    post = Post(**changes)
    assert [one.id for one in compulsory(post.case, post.now)] == ([line] if line else [])
    alone = post.act("lm-1", "choose_route")
    if line is None:
        must(alone)
        return
    no(alone, "route_takes_legal_along")
    assert LIST[line].text in alone.message, "the refusal says which line it is"
    assert "told" in post.told("leg-1", post.entries[0]), "Legal hears from the start"
    must(post.act("lm-1", "choose_route", route="both"))
    assert {"legal_advice", "manager_advice"} <= post.duties()


def test_every_line_of_the_list_is_marked_sourced_and_tried() -> None:
    assert {line for _, line in COMPULSORY} - {None} == set(LIST)
    known: dict[str, set[Any]] = {
        "shown": set(Shown), "status": set(ProceedingsStatus), "orders": set(Order),
        "author": set(AuthorStatus),
    }  # fmt: skip
    for line in LIST.values():
        assert line.mark is Mark.RECONSTRUCTED
        assert line.source in policy.book().clauses
        assert line.text.endswith(".")
        if line.field:
            assert set(line.any_of) <= {str(one) for one in known[line.field]}, line.id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: {text: T., source: s}\n", "say either field and any_of, or hearing_within"),
        ("a: {text: T., source: s, field: author}\n", "any_of: the answers of the field"),
        ("a: {text: T., source: s, field: author, any_of: [x], hearing_within: 8wh}\n", "either"),
        ("a: {text: T., source: s, hearing_within: 8wh, any_of: [x]}\n", "any_of"),
        ("a: {text: T., source: s, field: weather, any_of: [x]}\n", "field"),
        ("a: {text: T., source: s, hearing_within: soon}\n", "an amount is written like"),
    ],
)
def test_a_line_that_asks_nothing_or_two_things_stops_the_service_and_names_the_line(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    (tmp_path / "compulsory_legal.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("policy.reading.files", lambda _package: tmp_path)
    with pytest.raises(Misconfigured, match=r"compulsory_legal\.yaml, line 1, a: ") as fault:
        PolicyFile("compulsory_legal.yaml").values(LegalFirst, key="id")
    assert said in str(fault.value)


def test_a_running_case_keeps_the_list_it_began_with() -> None:
    book = policy.book()
    shorter = book.model_copy(update={"legal_first": ()})
    assert pins(CourtDirectedAccess, book, policy.calendar(), NOW).legal_first == ()
    old = Post(proceedings_status="open")
    kept = old.opened.pins.model_copy(update={"legal_first": shorter.legal_first})
    new = old.opened.model_copy(update={"pins": kept})
    begun = type(old.case).begin(new)
    begun.fold(new)
    assert compulsory(begun, old.now) == ()
    assert [one.id for one in compulsory(old.case, old.now)] == ["proceedings-open"]


# --- what the advice binds ----------------------------------------------------------------------

LIKELY = {"conclusion": "breach_likely"}
AGAINST: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    # what Legal said, what is decided, whether that goes against it
    (LIKELY, a_decision(), False),
    ({"tell_court": True}, a_decision(), False),
    ({"tell_court": True}, a_decision(tell_court=False, ask_removal=True), True),
    ({"tell_court": False}, a_decision(), True),
    ({"tell_parties": True}, a_decision(), True),
    ({"tell_parties": True}, a_decision(tell_parties=True), False),
    ({"ask_removal": True}, a_decision(), True),
    ({"ask_removal": False}, a_decision(ask_removal=True), True),
    ({"ask_removal": None}, a_decision(ask_removal=True), False),
]


@pytest.mark.parametrize(("advice", "decision", "against"), AGAINST)
def test_going_against_legal_takes_two_managers_and_anything_else_takes_one(
    advice: dict[str, Any], decision: dict[str, Any], against: bool
) -> None:
    alone = in_deciding(legal=advice).act("lm-1", "decide", fields=decision)
    both = in_deciding(legal=advice)
    first = both.act("lm-1", "decide_against_legal", fields=decision)
    if not against:
        must(alone)
        no(first, "really_against_legal")
        return
    no(alone, "not_against_legal")
    must(first)
    assert both.here == "deciding", "one of two moves nothing"
    assert both.holders("countersign") == ["hop-1"]
    must(both.act("hop-1", "decide_against_legal", fields=decision))
    assert both.here in ("telling", "asking")


@pytest.mark.parametrize(
    ("conclusion", "against"),
    [("breach_likely", True), ("court_order_engaged", True), ("breach_possible", False),
     ("breach_unlikely", False), ("outside_our_powers", False)],
)  # fmt: skip
def test_calling_it_no_breach_when_legal_sees_one_takes_two_managers(
    conclusion: str, against: bool
) -> None:
    post = in_deciding(legal={"conclusion": conclusion})
    decision = a_decision(
        verdict="not_a_breach", why_no_breach="lawful_reporting", tell_court=False,
        case_note="CN-1",
    )  # fmt: skip
    alone = post.act("lm-1", "decide", fields=decision)
    assert (alone.code == "not_against_legal") is against
    assert (alone.outcome == "applied") is not against


def test_what_was_done_already_is_not_against_the_advice_to_do_it() -> None:
    post = in_deciding(legal={"tell_court": True})
    must(post.act("lm-1", "decide"))
    must(post.act("fca-1", "tell_court"))
    must(post.act("lm-1", "decide_again"))
    must(post.act("lm-1", "decide", fields=a_decision(tell_court=False, ask_removal=True)))


def test_sealed_advice_shows_in_the_trail_as_given_and_no_more() -> None:
    text = "Details of the private hearing are protected."
    post = in_deciding(legal={"advice": text})
    line = next(one for one in post.lines if one.entry.act == "C-05")
    assert line.entry.sealed
    assert text not in line.entry.model_dump_json()
    assert "breach" not in line.entry.model_dump_json()
    assert text not in post.record.model_dump_json(), "the record keeps what binds, not the text"


@pytest.mark.parametrize("status", ["child", "reporter_or_blogger"])
def test_a_child_or_a_reporter_as_the_author_has_legal_asked_anew(status: str) -> None:
    post = in_deciding(legal=LIKELY)
    must(post.act("lm-1", "correct_author", author_status=status, author_represented=None))
    no(post.act("lm-1", "decide"), "legal_has_spoken")
    assert "legal_advice" in post.duties()
    no(post.act("lm-1", "close_case", outcome="not_a_breach", why_no_breach="lawful_reporting"),
       "nothing_mandatory_is_open")  # fmt: skip
    must(post.act("leg-1", "advise_as_legal"))
    must(post.act("lm-1", "decide"))
