"""A case as it stood at each entry of its trail is what the rehearsal saw there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.errors import CaseworkError
from runtime.audit import Different
from runtime.past import facts_of, seq_at, stood, walk
from runtime.trail_told import clause_told
from tests.audit_help import ONE_OF_EACH, rehearsed


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_at_every_entry_it_stands_where_the_rehearsal_stood(name: str) -> None:
    seen = rehearsed(name)

    for seq, (state, duties) in seen.states.items():
        found = stood(seen.lines, seq)
        assert (found.state, tuple(work.duty for work in found.work)) == (state, duties), seq
        assert found.first <= seq <= found.last
    assert len(seen.states) == len(seen.lines) > 3


def test_entries_written_in_one_go_show_the_case_as_all_of_them_left_it() -> None:
    seen = rehearsed("employee_comments/same_post_reported_again")
    together = [group for group in facts_of(seen.lines) if len(group) > 1]

    assert together
    for group in together:
        views = {stood(seen.lines, one.entry.seq).state for one in group}
        assert views == {group[-1].entry.after}


def test_every_due_instant_that_is_open_adds_up() -> None:
    explained = 0
    for name in ONE_OF_EACH:
        seen = rehearsed(name)
        for seq in seen.states:
            for work in stood(seen.lines, seq).work:
                explained += bool(work.explained)
                assert bool(work.explained) is (work.duty.due is not None), (name, seq, work)
    assert explained > 10


def test_a_due_instant_that_a_shorter_calendar_would_bring_forward_says_that_it_stays() -> None:
    seen = rehearsed("court_directed_access/a_holiday_is_proclaimed")
    moved = [work for seq in seen.states for work in stood(seen.lines, seq).work]

    assert any("closed: " in line for work in moved for line in work.explained)


def test_an_instant_leads_to_the_last_entry_by_then() -> None:
    lines = rehearsed(ONE_OF_EACH[1]).lines
    before = lines[0].entry.at - timedelta(days=1)

    assert seq_at(lines, before) == 1
    for line in lines:
        found = seq_at(lines, line.entry.at)
        assert lines[found - 1].entry.at == line.entry.at
        assert found >= line.entry.seq
    assert seq_at(lines, lines[-1].entry.at + timedelta(days=999)) == len(lines)


def test_what_the_facts_do_not_make_is_not_shown_as_if_it_had_been() -> None:
    lines = rehearsed(ONE_OF_EACH[0]).lines
    forged = lines[2].model_copy(
        update={"entry": lines[2].entry.model_copy(update={"after": "closed"})}
    )
    lines[2] = forged

    assert stood(lines, 2).seq == 2
    with pytest.raises(Different, match="Entry 3"):
        stood(lines, 3)


def test_a_trail_without_its_opening_or_its_texts_cannot_be_worked_through() -> None:
    lines = rehearsed(ONE_OF_EACH[0]).lines
    bare = [line.model_copy(update={"private": type(line.private)()}) for line in lines]

    for trail in (lines[1:], bare):
        with pytest.raises(CaseworkError):
            list(walk(trail))


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_every_rule_an_entry_names_has_words(name: str) -> None:
    for line in rehearsed(name).lines:
        for clause in line.entry.clauses:
            assert clause_told(line.entry.procedure, clause).text, clause


def test_a_rule_nobody_knows_is_shown_by_its_number_alone() -> None:
    assert clause_told("court_proceedings", "9.99").text == ""
