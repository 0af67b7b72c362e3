"""The form that registers a court's direction: what it takes, and every bad input (9.1, 9.5, 9.7).

A fault names the field and never repeats what was typed: it may be case text.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from models.case import Decision, Kind, No
from models.errors import BadInput
from models.london import parse_london
from procedures.court_directed_access import CourtDirectedAccess
from tests.core_help import (
    HASH,
    MINUTE,
    START,
    Play,
    a_scope,
    a_target,
    at_step,
    must,
    no,
    usual_intake,
)

CANARY = "Maypole"
"""Stands for case text: a message that holds it has repeated what was typed."""


def faults(**changes: Any) -> tuple[str, ...]:
    """What is said of a form that cannot be used."""
    with pytest.raises(BadInput) as bad:
        CourtDirectedAccess.read(usual_intake(**changes))
    assert CANARY not in str(bad.value)
    return bad.value.problems


def doc(**changes: Any) -> dict[str, Any]:
    return {"order_document": {"sha256": HASH, "pages": 3, "pages_received": 3, **changes}}


def account(text: str) -> dict[str, Any]:
    return {"targets": [a_target(account=text)]}


# --- what cannot be read ---------------------------------------------------------------------------

UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": ({"mothers_name": CANARY}, "mothers_name: is not a field of this form"),
    "unknown field that is itself case text": (
        {f"the mother is Mrs {CANARY}": "x"}, "(unreadable name): is not a field of this form",
    ),
    "unknown field of 50,000 characters": (
        {CANARY * 7000: "x"}, "(unreadable name): is not a field of this form",
    ),
    "unknown field in a target": (
        {"targets": [a_target(note=CANARY)]}, "targets.0.note: is not a field of this form",
    ),
    "missing": ({"law_type": None}, "law_type: is missing"),
    "danger not answered": ({"immediate_danger": None}, "immediate_danger: is missing"),
    "text for yes or no": ({"immediate_danger": CANARY}, "immediate_danger: must be yes or no"),
    "number for yes or no": ({"unclear": 7}, "unclear: must be yes or no"),
    "number for text": ({"order_reference": 7}, "order_reference: must be text"),
    "list for text": ({"purpose": [CANARY] * 30}, "purpose: must be text"),
    "text for a group": ({"scope": CANARY}, "scope: must be a group of fields"),
    "text for a list": ({"targets": CANARY}, "targets: must be a list"),
    "text for a number": (doc(pages=CANARY), "order_document.pages: must be a whole number"),
    "half a page": (doc(pages=2.5), "order_document.pages: is not right (int from float)"),
    "no pages": (doc(pages=0), "order_document.pages: must be at least 1"),
    "too many pages": (doc(pages=501), "order_document.pages: must be at most 500"),
    "not one of the choices": (
        {"asked_by": CANARY},
        "asked_by: must be one of 'court', 'party', 'local_authority' or 'own_idea'",
    ),
    "choice in a list": (
        {"scope": a_scope(content=[CANARY])},
        "scope.content.0: must be one of 'posts', 'photos', 'friends_list' or 'messages'",
    ),
    "not a hash": (doc(sha256=CANARY), "order_document.sha256: is not written as it should be"),
    "not a token": (
        {"submission_token": CANARY}, "submission_token: must be a token as the form makes it (a UUID)",
    ),
    "not ticked": (
        {"declaration": False},
        "declaration: must be ticked: the form is accurate and says if a personal account was used",
    ),
    "50,000 characters": (
        {"purpose": CANARY * 7200}, "purpose: is too long (at most 1000 characters)",
    ),
    "nothing after trimming": (
        {"purpose": " " * 40}, "purpose: is too short (at least 20 characters)",
    ),
    "only: see attached": ({"purpose": "see attached"}, "purpose: is too short (at least 20 characters)"),
    "NUL bytes": (
        {"purpose": f"{CANARY}\x00 was seen there again"},
        "purpose: contains control characters; paste it as plain text",
    ),
    "right-to-left override": (
        {"purpose": f"\u202e{CANARY} was seen there again"},
        "purpose: contains characters that turn the direction of writing; remove them",
    ),
    "half a character": ({"judge_or_court": "\ud83d"}, "judge_or_court: is not right (string unicode)"),
    "a name for a person": (
        {"targets": [a_target(person_label=CANARY)]},
        "targets.0.person_label: is not written as it should be",
    ),
    "no account at all": ({"targets": []}, "targets: needs at least 1"),
    "too many accounts": ({"targets": [a_target()] * 21}, "targets: has too many (at most 20)"),
    "no content": ({"scope": a_scope(content=[])}, "scope.content: needs at least 1"),
    "a case reference with a name": (
        {"childfirst_ref": f"Mrs {CANARY}"}, "childfirst_ref: is not written as it should be",
    ),
    "31 February": ({"order_date": "2026-02-31"}, 'order_date: must be a date like "2026-12-24"'),
    "31/02": ({"order_date": "31/02/2026"}, 'order_date: must be a date like "2026-12-24"'),
    "US order": ({"order_date": "03/04/2026"}, 'order_date: must be a date like "2026-12-24"'),
    "a number for a date": ({"order_date": 0}, 'order_date: must be a date like "2026-12-24"'),
    "a time for a date": (
        {"order_date": datetime(2026, 11, 20, 9, tzinfo=UTC)},
        'order_date: must be a date like "2026-12-24"',
    ),
    "a number for a time": (
        {"received_at": 1_763_800_000}, 'received_at: must be a time like "2026-12-24 15:30"',
    ),
    "the order after its receipt": (
        {"order_date": "2026-11-24"},
        "order_date is after received_at; check both against the order",
    ),
    "compliance before the order": (
        {"compliance_date": "2026-11-19 16:00"},
        "compliance_date is before order_date; check both against the order",
    ),
    "a scope that ends before it begins": (
        {"scope": a_scope(first="2026-11-02")},
        "scope: the first date of the scope is after its last",
    ),
    "sealed, and no order": (
        {"order_document": None},
        "order_document is missing: a sealed order comes with its document",
    ),
    "spoken, and no note": (
        {"order_document": None, "order_status": "oral"},
        "oral_note is missing: note the judge's words; the order must follow",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_bad_form_is_answered_in_plain_words_about_the_field(
    changes: dict[str, Any], said: str
) -> None:
    assert faults(**changes) == (said,)


def test_a_form_as_it_should_be_is_read() -> None:
    assert CourtDirectedAccess.read(usual_intake()).order_reference == "ORD-2026-0001"


def test_every_fault_is_said_at_once() -> None:
    several = faults(law_type=None, purpose="short", order_date="31/02/2026", extra=1)
    assert {line.split(":")[0] for line in several} == {
        "law_type",
        "purpose",
        "order_date",
        "extra",
    }


@pytest.mark.parametrize("bad", [[], CANARY, None, 3, [CANARY]])
def test_what_is_not_a_form_at_all_is_refused(bad: Any) -> None:
    with pytest.raises(BadInput) as refused:
        CourtDirectedAccess.read(bad)
    assert refused.value.problems == ("the form: must be a group of fields",)


TIMES = {
    "words": (CANARY, "The time cannot be read"),
    "no hour": ("2026-11-23", "The time cannot be read"),
    "a day that is none": ("2026-11-31 10:00", "There is no such date or time"),
    "an hour that is none": ("2026-11-23 25:00", "There is no such date or time"),
    "the hour that does not exist": ("2027-03-28 01:30", "does not exist in London"),
    "summer time in winter": ("2026-11-23 09:10 BST", "London is on GMT at that time"),
    "nothing": ("", "The time cannot be read"),
}


@pytest.mark.parametrize("field", ["received_at", "compliance_date"])
@pytest.mark.parametrize(("text", "said"), TIMES.values(), ids=TIMES)
def test_a_time_that_cannot_be_is_refused_with_how_to_write_it(
    text: str, said: str, field: str
) -> None:
    first = faults(**{field: text})[0]
    assert first.startswith(f"{field}: ")
    assert said in first


def test_the_hour_that_does_not_exist_is_refused_as_a_datetime_too() -> None:
    naive = datetime(2027, 3, 28, 1, 30)  # noqa: DTZ001  # as a YAML file gives it
    assert "does not exist in London" in faults(received_at=naive)[0]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-23 09:10", "2026-11-23T09:10Z"),  # winter: London is on UTC
        ("2026-11-23T09:10", "2026-11-23T09:10Z"),  # no zone: London time, never guessed otherwise
        ("2026-11-23T09:10+00:00", "2026-11-23T09:10Z"),
        ("2026-11-23T04:10-05:00", "2026-11-23T09:10Z"),  # an offset is taken as it is
        ("2026-07-23 10:10", "2026-07-23T09:10Z"),  # summer
        ("2027-10-31 01:30", "2027-10-31T00:30Z"),  # comes twice: the first is taken
        ("2027-10-31 01:30 GMT", "2027-10-31T01:30Z"),
    ],
)
def test_times_are_london_times(text: str, utc: str) -> None:
    form = usual_intake(received_at=text, order_date="2026-01-20")
    assert CourtDirectedAccess.read(form).received_at == parse_london(utc)


def test_a_time_without_a_zone_in_a_file_is_london_time() -> None:
    naive = datetime(2026, 7, 23, 10, 10)  # noqa: DTZ001  # as a YAML file gives it
    form = usual_intake(received_at=naive, order_date=date(2026, 7, 20))
    assert CourtDirectedAccess.read(form).received_at == datetime(2026, 7, 23, 9, 10, tzinfo=UTC)


ACCOUNTS = {
    "javascript": f"javascript:{CANARY}",
    "data": f"data:text/html,{CANARY}",
    "file": "file:" + f"///{CANARY}",
    "loopback": f"http://127.0.0.1/{CANARY}",
    "user name": f"https://facebook.com@{CANARY}.example/x",
    "two": f"https://facebook.com/{CANARY} https://facebook.com/b",
    "inside text": f"look at https://facebook.com/{CANARY}",
    "10 kB": f"https://facebook.com/{CANARY * 1500}",
    "NUL": f"{CANARY}\x00",
    "override": f"\u202e{CANARY}",
    "brackets": f"http://[{CANARY}]/",
    "look-alike sign": f"http://{CANARY}\u2100.example",
    "empty": "",
    "hidden": "\u200b",
}


@pytest.mark.parametrize("text", ACCOUNTS.values(), ids=ACCOUNTS)
def test_an_account_that_is_none_is_refused_by_its_row(text: str) -> None:
    (said,) = faults(**account(text))
    assert said.startswith("targets.0.account: ")


def test_a_look_alike_host_is_evidence_and_is_kept_as_it_is() -> None:
    form = CourtDirectedAccess.read(usual_intake(**account("https://faceb00k.com/a")))
    assert form.targets[0].account == "https://faceb00k.com/a"


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("https://a.example") and more', "<script>alert(1)</script> and so on",
     "first line of it\nsecond line of it", "é" * 20, "😀" * 20],
)  # fmt: skip
def test_odd_text_is_stored_as_it_was_typed(text: str) -> None:
    assert CourtDirectedAccess.read(usual_intake(purpose=text)).purpose == text


# --- what can be read, at the wrong moment ---------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"received_at": "2026-11-23 10:06"}, "received_at lies in the future"),
        (
            {"received_at": "2024-12-31 10:00", "order_date": "2024-12-30"},
            "received_at lies too far back",
        ),
        ({"compliance_date": "2206-12-18 16:00"}, "compliance_date lies too far ahead"),
    ],
)
def test_a_time_that_must_be_a_slip_of_the_pen_is_asked_about(
    changes: dict[str, Any], said: str
) -> None:
    form = CourtDirectedAccess.read(usual_intake(**changes))
    (fault,) = CourtDirectedAccess.faults_at(form, parse_london(START))
    assert fault.startswith(said)


@pytest.mark.parametrize(
    "changes",
    [{}, {"received_at": "2026-11-23 10:05"}, {"received_at": "2025-01-02 10:00", "order_date": "2025-01-01"},
     {"compliance_date": "2029-12-31 10:00"}, {"compliance_date": "none given"}],
)  # fmt: skip
def test_a_clock_a_little_ahead_and_a_late_find_are_not_asked_about(
    changes: dict[str, Any],
) -> None:
    form = CourtDirectedAccess.read(usual_intake(**changes))
    assert CourtDirectedAccess.faults_at(form, parse_london(START)) == ()
    Play(**changes)


# --- refused by the system: the four kinds of "this is no direction" -------------------------------

REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a party asks": ({"asked_by": "party"}, "no_court_direction", "ask the court"),
    "the local authority asks": ({"asked_by": "local_authority"}, "no_court_direction", "ask the court"),
    "own idea": ({"asked_by": "own_idea"}, "no_court_direction", "must not seek out"),
    "no order": (
        {"order_status": "none", "order_document": None}, "no_court_direction", "court's direction",
    ),
    "unsigned draft": ({"order_status": "unsigned_draft"}, "no_sealed_order", "draft"),
    "directed to the local authority": (
        {"directed_to": "local_authority"}, "not_directed_to_cafcass", "somebody else",
    ),
    "directed to a party": ({"directed_to": "party"}, "not_directed_to_cafcass", "somebody else"),
    "only to consider": ({"direction_type": "consider"}, "only_to_consider", "Legal has been told"),
    "contact": ({"direction_type": "contact"}, "another_direction", "Legal has been told"),
    "something else": ({"direction_type": "other"}, "another_direction", "Legal has been told"),
    "not the case holder": (
        {"practitioner_holds_case": False}, "not_the_case_holder", "holds the case",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_direction_is_refused_by_the_system_and_recorded(
    changes: dict[str, Any], code: str, said: str
) -> None:
    play = Play(**changes)
    assert play.here == "refused"
    (entry,) = play.entries
    assert (entry.kind, entry.act, entry.no, entry.code) == (Kind.REFUSED, "D-02", No.REFUSED, code)
    assert said in entry.message
    assert "refused" in play.told("fca-1")
    assert play.duties() == set()
    assert play.case.wake_at is None


@pytest.mark.parametrize("direction", ["consider", "contact", "other"])
def test_legal_really_is_told_when_the_answer_says_so(direction: str) -> None:
    play = Play(direction_type=direction)
    assert play.told("leg-1") == ["told"]


def test_danger_on_a_refused_form_is_told_at_once_all_the_same() -> None:
    play = Play(asked_by="own_idea", immediate_danger=True, safeguarding_concern="unsure")
    assert play.here == "refused"
    assert "emergency" in play.told("onc-1")
    assert "safeguarding" in play.told("safe-1")


def test_nothing_is_decided_in_a_refused_case() -> None:
    no(Play(asked_by="party").act("lm-1", "agree"), "closed")


# --- registered ------------------------------------------------------------------------------------


def test_a_registered_direction_tells_the_line_manager_first_and_not_communications() -> None:
    play = Play()
    (entry,) = play.entries
    assert (entry.kind, entry.act, entry.before, entry.after) == (
        Kind.OPENED, "D-01", "draft", "registered",
    )  # fmt: skip
    assert play.told("lm-1") == ["to_do"]
    assert play.told("fca-1") == ["receipt"]
    told = {tell.person for tell in entry.tells}
    assert not {one for one in told if one.startswith(("com", "hoc", "leg"))}


COPIED: dict[str, dict[str, Any]] = {
    "public law": {"law_type": "public"},
    "spoken direction": {"order_status": "oral", "order_document": None, "oral_note": "as said"},
    "unclear": {"unclear": True},
    "a page is missing": doc(pages_received=2),
    "a child's account": {"targets": [a_target(child=True)]},
    "no compliance date": {"compliance_date": "none given"},
    "the person was not told": {"notice_to_person": "not given"},
    "interaction ordered": {"interaction_ordered": True},
    "messages": {"scope": a_scope(content=["messages"])},
    "to find somebody": {"direction_type": "locate"},
}


@pytest.mark.parametrize("changes", COPIED.values(), ids=COPIED)
def test_legal_reads_along_from_the_start_where_it_must(changes: dict[str, Any]) -> None:
    play = Play(**changes)
    assert play.here == "registered"
    assert play.told("leg-1"), "Legal has not been told"


@pytest.mark.parametrize(
    ("received", "in_time"),
    [("2026-11-20 10:00", True), ("2026-11-20 09:59", False), ("2026-11-23 09:59", True)],
    ids=["eight hours to the minute", "a minute more", "at once"],
)
def test_registering_late_is_shown_and_changes_nothing(received: str, in_time: bool) -> None:
    play = Play(received_at=received)
    assert play.last.in_time is in_time
    assert play.here == "registered"


def test_a_personal_account_owned_up_to_raises_the_conduct_flag() -> None:
    assert Play(used_personal_account=True).case.case.flags == ("conduct",)


@pytest.mark.parametrize(
    ("changes", "hours"),
    [({}, 8), ({"urgent_order": True}, 4), ({"compliance_date": "2026-11-30 10:00"}, 4),
     ({"compliance_date": "2026-11-30 10:01"}, 8)],
    ids=["usual", "urgent order", "forty hours left", "a minute more"],
)  # fmt: skip
def test_an_urgent_order_or_a_near_date_halves_the_managers_time(
    changes: dict[str, Any], hours: int
) -> None:
    assert Play(**changes).hours_left() == hours


# --- what acts are filled with ---------------------------------------------------------------------

BAD_FIELDS: tuple[Any, ...] = (
    CANARY, f"{CANARY}\x00", f"\u202e{CANARY}", CANARY * 7200, -1, 2.5, [CANARY], {CANARY: CANARY}, None,
)  # fmt: skip
STEP_OF = {
    "agree": "registered", "do_not_agree": "registered", "ask_the_court": "registered",
    "advise_to_comply": "with_legal", "go_back_to_court": "with_legal",
    "record_court_answer": "back_at_court", "arrange_account": "arranging",
    "start_session": "ready", "complete": "ready", "vary": "ready", "withdraw": "ready",
    "report_wrong": "ready", "capture_item": "session", "end_session": "session",
    "verify_and_file": "checking", "file_report": "closing", "close_access": "closing",
    "decide_captures": "closing", "choose_after_window": "closing", "add_evidence": "registered",
    "link_case": "registered", "ask_information": "registered", "reassign": "registered",
    "pause": "registered", "resume": "registered", "correct_decision": "arranging",
    "adopt": "registered", "take_back": "registered", "declare_conflict": "registered",
}  # fmt: skip
WHO = {
    "with_legal": "leg-1", "back_at_court": "leg-1", "arranging": "com-1", "session": "com-1",
    "checking": "com-2", "registered": "lm-1",
}  # fmt: skip
WHO_ACTS = {
    "start_session": "com-1", "complete": "fca-1", "vary": "leg-1", "withdraw": "leg-1",
    "report_wrong": "com-1", "file_report": "fca-1", "close_access": "com-1",
    "decide_captures": "leg-1", "choose_after_window": "lm-1", "reassign": "hop-1",
    "correct_decision": "lm-1", "pause": "hop-1", "resume": "hop-1",
}  # fmt: skip


@pytest.mark.parametrize("act", STEP_OF)
def test_no_answer_to_a_badly_filled_act_repeats_what_was_filled_in(act: str) -> None:
    play = at_step(STEP_OF[act])
    person = WHO_ACTS.get(act) or WHO[STEP_OF[act]]
    names = list(CourtDirectedAccess.acts[act].form.model_fields)
    usual = play.decision(person, act).fields
    play.wait(MINUTE)
    for name in (*names, CANARY, "unheard_of"):
        for number, bad in enumerate(BAD_FIELDS):
            sent = play.decision(
                person, act, fields={**usual, name: bad}, id=f"{name}{number}"[:60]
            )
            receipt = play.case.fold(sent).receipt
            assert receipt is not None
            assert CANARY not in receipt.message
            assert len(receipt.message) < 600
            if receipt.outcome == "applied":
                play = at_step(STEP_OF[act])


def test_no_entry_of_the_trail_repeats_what_was_filled_in() -> None:
    play = Play(purpose=f"whether {CANARY} was there, as is alleged", **account(f"@{CANARY}"))
    no(play.act("lm-1", "agree", **{CANARY: CANARY}), "fields")
    must(play.act("lm-1", "do_not_agree", reason=f"{CANARY} is known to us already, no need"))
    must(play.act("leg-1", "advise_to_comply", advice=f"the order names {CANARY} and binds us"))
    for line in play.lines:
        assert CANARY.casefold() not in line.entry.model_dump_json().casefold()


def test_a_decision_that_is_none_is_refused_where_it_is_made() -> None:
    with pytest.raises(ValueError, match="id"):
        Decision.model_validate({"act": "agree"})


def test_the_fields_an_act_does_not_ask_for_are_refused() -> None:
    no(Play().act("lm-1", "start_considering", role_of_sender="LM"), "fields")


def test_a_time_with_its_zone_from_a_file_is_taken_as_it_is() -> None:
    form = usual_intake(received_at=datetime(2026, 11, 23, 9, 10, tzinfo=UTC))
    assert CourtDirectedAccess.read(form).received_at == datetime(2026, 11, 23, 9, 10, tzinfo=UTC)


def test_a_time_before_all_time_is_refused_in_words() -> None:
    first = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    assert faults(received_at=first) == ("received_at: must be a time from 1900 to 2999",)
