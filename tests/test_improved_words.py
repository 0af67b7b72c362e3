"""Labels and messages may improve; a case recorded in the old words is still the same case."""

from __future__ import annotations

import pytest

from models.case import Line
from runtime import audit
from tests.core_help import Play, must, no


def in_old_words(line: Line) -> Line:
    """A line as an earlier program would have said it."""
    entry = line.entry
    said = {
        "label": f"Formerly: {entry.label}",
        "message": entry.message and f"Formerly: {entry.message}",
        "opened": tuple(one.model_copy(update={"label": "formerly"}) for one in entry.opened),
        "tells": tuple(one.model_copy(update={"about": "formerly"}) for one in entry.tells),
    }
    return line.model_copy(update={"entry": entry.model_copy(update=said)})


def lines_with_a_refusal() -> list[Line]:
    """A trail in which somebody was refused and somebody agreed."""
    play = Play()
    no(play.act("fca-1", "agree"), "wrong_role")
    must(play.act("lm-1", "agree"))
    return play.lines


def test_a_case_goes_on_from_a_trail_that_was_written_in_other_words() -> None:
    lines = lines_with_a_refusal()

    case = audit.refold([in_old_words(line) for line in lines])

    assert (case.here, case.case.seq) == ("arranging", len(lines))


@pytest.mark.parametrize(
    "changes",
    [{"after": "ready"}, {"code": "sd1"}, {"actor": "lm-2"}, {"in_time": False}, {"seq": 3}],
    ids=str,
)
def test_a_changed_value_is_found_however_it_is_said(changes: dict[str, object]) -> None:
    first, refused, agreed = map(in_old_words, lines_with_a_refusal())
    wrong = refused.model_copy(update={"entry": refused.entry.model_copy(update=changes)})

    with pytest.raises(audit.Different) as found:
        audit.refold([first, wrong, agreed])
    assert found.value.seq == wrong.entry.seq
