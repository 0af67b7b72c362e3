"""Reading a story, and saying exactly what did not come true."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.errors import BadInput, Misconfigured
from runtime.directory_file import load
from runtime.rehearsal import Played, Story, check, compare, play_on_core, read_story, render
from runtime.rehearsal.facts import EXAMPLE_DIRECTORY
from runtime.rehearsal.when import instant

STORY = """\
title: The manager agrees on the same day
opens: "2026-11-23 10:00"
steps:
  - {at: +1wh, who: fca-2, act: agree, expect: refused, because: line manager}
  - {at: +1wh, who: lm-1, act: agree, id: yes}
outcome: arranging
nos: [refused]
flags: []
trail:
  - opened
  - refused agree fca-2
  - {says: applied agree, at: "2026-11-23 12:00"}
due:
  - {duty: arranging, at: "2026-11-25 12:00", role: COM, backstop: false}
told:
  - {who: com-1, what: to_do, at: "2026-11-23 12:00"}
  - {who: com-1, never: true, by: "2026-11-23 11:59"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the procedure's name, as stories lie in."""
    here = tmp_path / "court_directed_access"
    here.mkdir()
    return here


def read(folder: Path, text: str) -> Story:
    path = folder / "a_story.yaml"
    path.write_text(text, encoding="utf-8")
    return read_story(path)


def faults_of(folder: Path, text: str) -> list[str]:
    story = read(folder, text)
    prefix = f"{story.path}:"
    return [fault.removeprefix(prefix) for fault in check(story, play_on_core(story))]


def refused(folder: Path, text: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        read(folder, text)
    return str(caught.value).replace(f"{folder / 'a_story.yaml'}:", "")


def play(folder: Path, text: str = STORY) -> Played:
    return play_on_core(read(folder, text))


def test_the_story_of_these_tests_comes_true(folder: Path) -> None:
    assert faults_of(folder, STORY) == []


# What is changed in the story, and the fault that says so with its line.
@pytest.mark.parametrize(
    ("change", "line", "expected", "came"),
    [
        (
            ("expect: refused, because", "expect: applied, because"),
            4,
            "applied",
            "refused: wrong_role",
        ),
        (("expect: refused, because", "expect: held, because"), 4, "held", "refused: wrong_role"),
        (("because: line manager", "because: the moon"), 4, "the moon", "Line manager"),
        (("id: yes}", "expect: refused}"), 5, "expected refused", "applied"),
        (("id: yes}", "repeated: true}"), 5, "repeated: true", "taken as new"),
        (("outcome: arranging", "outcome: ready"), 6, "outcome ready", "arranging"),
        (("outcome: arranging", "no: expired"), 6, "no: expired", "none"),
        (("nos: [refused]", "nos: []"), 7, "nos none", "refused"),
        (("nos: [refused]", "nos: [refused, expired]"), 7, "expired, refused", "refused"),
        (("flags: []", "flags: [conduct]"), 8, "flags conduct", "none"),
        (("- refused agree fca-2", "- refused agree fca-3"), 11, "fca-3", "2 refused D-04"),
        (('agree, at: "2026-11-23 12:00"', 'agree, at: "2026-11-23 12:01"'), 12, "12:01", "12:00"),
        (("duty: arranging", "duty: ready"), 14, "ready due", "no due instant"),
        (('at: "2026-11-25 12:00"', 'at: "2026-11-25 12:01"'), 14, "12:01", "2026-11-25 12:00"),
        (("role: COM", "role: HOC"), 14, "for HOC", "for COM"),
        (("backstop: false", "backstop: true"), 14, "backstop True", "12:00 for COM"),
        (("what: to_do", "what: overdue"), 16, "com-1 told overdue", "never told that"),
        (('by: "2026-11-23 11:59"', 'by: "2026-11-23 12:00"'), 17, "never told by", "to_do at"),
    ],
)
def test_a_broken_expectation_is_caught_with_its_line(
    folder: Path, change: tuple[str, str], line: int, expected: str, came: str
) -> None:
    (fault,) = faults_of(folder, STORY.replace(*change, 1))
    assert fault.startswith(f"{line}: ")
    wanted, _, seen = fault.partition("; came")
    assert expected in wanted
    assert came in seen


def test_a_due_instant_that_moved_is_asked_for_with_what_it_was(folder: Path) -> None:
    text = 'title: silence\nopens: "2026-11-23 10:00"\nuntil: "2026-11-24 11:00"\ndue:\n'
    text += '  - {duty: registered, at: "2026-11-24 14:00", was: "2026-11-24 10:00"}\n'
    assert faults_of(folder, text) == []
    (fault,) = faults_of(folder, text.replace("11-24 10:00", "11-24 09:00"))
    assert fault.startswith("5: expected registered due 2026-11-24 14:00, was 2026-11-24 09:00")
    assert "2026-11-24 14:00 for SM, was 2026-11-24 10:00" in fault


def test_an_exact_trail_refuses_an_entry_too_many_and_one_too_few(folder: Path) -> None:
    exact = STORY.replace("flags: []", "exact: true")
    assert faults_of(folder, exact) == []
    (more,) = faults_of(folder, exact.replace("  - refused agree fca-2\n", ""))[:1]
    assert more.startswith("11: expected “applied agree”")
    assert "2 refused D-04 wrong_role by fca-2" in more
    last = exact.replace("due:", "  - applied arrange_account\ndue:")
    assert faults_of(folder, last) == ["13: expected “applied arrange_account”; came nothing"]


def test_an_outcome_that_is_a_no_is_never_passed_over(folder: Path) -> None:
    text = 'title: withdrawn\nopens: "2026-11-23 10:00"\nsteps:\n'
    text += "  - {at: +1wh, who: leg-1, act: withdraw}\noutcome: stopped\n"
    assert faults_of(folder, text) == ["5: expected no: none; came withdrawn"]
    assert faults_of(folder, text + "no: withdrawn\n") == []


def test_trail_lines_come_in_order(folder: Path) -> None:
    turned = STORY.replace(
        "  - opened\n  - refused agree fca-2\n", "  - refused agree\n  - opened\n"
    )
    (fault,) = faults_of(folder, turned)
    assert fault.startswith("11: expected “opened” after 2 refused D-04")


# What is written, and the line and the words of the fault.
@pytest.mark.parametrize(
    ("was", "now", "fault"),
    [
        ("flags: []", "mood: good", "8: `mood` is not known here; write one of title"),
        ("who: lm-1", "hwo: lm-1", "5: `hwo` is not known here; write one of at, who, act, with"),
        ("role: COM", "rank: COM", "14: `rank` is not known here; write one of duty, at"),
        ("what: to_do", "wat: to_do", "16: `wat` is not known here; write one of who, what"),
        ("nos: [refused]", "absences: [{perso: lm-1}]", "7: `perso` is not known here"),
        ("nos: [refused]", "intake: {colour: red}", "7: colour: is not a field of this form"),
        ("nos: [refused]", "intake: {targets: []}", "7: targets: needs at least 1"),
        ("expect: refused", "expect: maybe", "4: `expect`"),
        ("at: +1wh, who: fca-2", "at: soon, who: fca-2", "4: The time cannot be read."),
        ('"2026-11-23 10:00"', "+1wh", "2: There is nothing before it to count from"),
        ('"2026-11-23 10:00"', '"2027-03-28 01:30"', "2: The clocks go forward"),
        ("at: +1wh, who: lm-1", 'at: "2026-11-20 10:00", who: lm-1', "5: this is before the step"),
        ("act: agree, id: yes", "reason: none", "5: a step says one of"),
        ("who: lm-1, act", "act", "5: `who` is missing"),
        ("title: The", "procedure: Z\ntitle: The", "1: There is no procedure of that name."),
        ("nos: [refused]", "nos: [perhaps]", "7: "),
        ("outcome: arranging", "outcome: a\noutcome: b", "7: `outcome` is written twice"),
    ],
)
def test_a_faulty_story_is_refused_with_the_line(
    folder: Path, was: str, now: str, fault: str
) -> None:
    assert fault in refused(folder, STORY.replace(was, now, 1))


def test_every_fault_of_a_story_is_said_at_once(folder: Path) -> None:
    text = STORY.replace("flags: []", "mood: good").replace("role: COM", "rank: COM")
    assert [line.partition(":")[0] for line in refused(folder, text).splitlines()] == ["8", "14"]


@pytest.mark.parametrize("text", ["", "- a list", "just words"])
def test_a_file_that_is_no_story_is_refused(folder: Path, text: str) -> None:
    assert refused(folder, text).startswith("1: a story is written as")


def test_a_story_that_is_not_there_is_refused_plainly(folder: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        read_story(folder / "missing.yaml")


def test_a_form_that_the_desk_would_refuse_names_the_line(folder: Path) -> None:
    future = STORY.replace("flags: []", 'intake: {received_at: "2026-11-24 10:00"}')
    with pytest.raises(BadInput, match=":8: the form cannot be used"):
        play(folder, future)


def test_people_who_cannot_be_so_name_the_line(folder: Path) -> None:
    nobody = STORY.replace(
        "flags: []", "absences: [{person: lm-9, from: 2026-11-23, to: 2026-11-24}]"
    )
    with pytest.raises(Misconfigured, match=":8: the directory cannot be so"):
        play(folder, nobody)


# From Friday 16:45: working hours run over the weekend, real hours do not wait.
@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("+2wh", "2026-11-30T10:45"),
        ("+15wmin", "2026-11-27T17:00"),  # the closing instant, not the next opening
        ("+2h", "2026-11-27T18:45"),
        ("+30min", "2026-11-27T17:15"),
        ("+1s", "2026-11-27T16:45:01"),
        ("-8wh", "2026-11-26T16:45"),
        ("-0min", "2026-11-27T16:45"),
        ("2026-11-27 17:00", "2026-11-27T17:00"),
    ],
)
def test_a_step_may_say_how_long_after_the_one_above(text: str, at: str) -> None:
    friday = datetime(2026, 11, 27, 16, 45, tzinfo=UTC)
    assert instant(text, friday) == datetime.fromisoformat(at).replace(tzinfo=UTC)


def test_what_a_story_writes_is_laid_over_the_usual_key_by_key(folder: Path) -> None:
    own = STORY.replace("flags: []", "intake: {scope: {note: only this}, law_type: public}")
    story = read(folder, own)
    assert story.intake["law_type"] == "public"
    assert story.intake["scope"]["note"] == "only this"
    assert story.intake["scope"]["content"] == ["posts"]


def test_a_usual_file_beside_the_story_comes_first(folder: Path) -> None:
    (folder / "_usual.yaml").write_text("by: fca-2\n", encoding="utf-8")
    assert "order_status: is missing" in refused(folder, STORY)


def test_ids_come_from_the_name_of_the_story_alone(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other" / "court_directed_access"
    elsewhere.mkdir(parents=True)
    one, other = read(folder, STORY), read(elsewhere, STORY)
    assert one.case_id == other.case_id
    assert one.decision_id(1) == other.decision_id(1) != one.decision_id(2)
    assert play_on_core(one).trail == play_on_core(other).trail


def test_two_ways_of_playing_are_compared_entry_for_entry(folder: Path) -> None:
    one = play(folder)
    assert compare(one, one.model_copy(update={"on": "server"})) == []
    late = one.trail[2].model_copy(update={"at": one.trail[2].at + timedelta(seconds=1)})
    other = one.model_copy(update={"on": "server", "trail": (*one.trail[:2], late)})
    (difference,) = compare(one, other)
    assert difference.startswith("entry 3: ")
    assert "12:00:01 on server" in difference
    shorter = one.model_copy(update={"trail": one.trail[:2], "state": "registered"})
    assert len(compare(one, shorter)) == 2


def test_a_played_story_is_read_with_plain_names_and_london_times(folder: Path) -> None:
    text = render(play(folder), load(EXAMPLE_DIRECTORY))
    assert "Mon 23 Nov 2026 12:00 GMT" in text
    assert "Beatrix Olumide, Line manager" in text
    assert "It rests at: Communications arranging an official account." in text
    assert "Wed 25 Nov 2026 12:00 GMT" in text
    assert "lm-1" not in text


def test_a_played_story_is_plain_data(folder: Path) -> None:
    data = json.loads(json.dumps(play(folder).as_json()))
    assert data["state"] == "arranging"
    assert [entry["act"] for entry in data["trail"]] == ["D-01", "D-04", "D-04"]
    assert data["due"][-1]["due"] == "2026-11-25T12:00:00Z"
    assert data["results"][0]["receipt"]["outcome"] == "refused"


def test_time_passes_up_to_the_last_instant_but_not_through_it(folder: Path) -> None:
    silent = 'title: silence\nopens: "2026-11-23 10:00"\nuntil: "{}"\noutcome: registered\n'
    # The deadline is Tuesday 10:00; its own instant is still in time.
    before = play(folder, silent.format("2026-11-24 10:00"))
    after = play(folder, silent.format("2026-11-24 10:00:01"))
    assert [entry.kind for entry in before.trail] == ["opened", "reminded"]
    assert [entry.kind for entry in after.trail] == ["opened", "reminded", "escalated"]
