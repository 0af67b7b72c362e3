"""The audit's short way of reading a case text gives what reading it whole would have given."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from models.case import Decision, Line, Private
from models.chain import canonical
from runtime.audit_reader import Reader
from tests.golden import HERE, LINES

LINES_OF = [LINES.validate_json(path.read_text()) for path in sorted(HERE.glob("*/*/*.trail.json"))]
EVERY: list[Line] = [line for lines in LINES_OF for line in lines]
[FIRST, SECOND, *_] = [
    line.private.fact for line in EVERY if isinstance(line.private.fact, Decision)
]


def test_every_recorded_case_text_is_read_as_it_is_whole() -> None:
    reader = Reader()
    for line in EVERY:
        assert reader.private(canonical(line.private)) == line.private


def test_what_is_known_to_the_letter_is_read_once() -> None:
    reader = Reader()
    texts = [canonical(line.private) for line in LINES_OF[0] if line.private.fact]
    facts: list[Any] = [reader.private(text).fact for text in texts]
    rosters = [fact.roster for fact in facts if hasattr(fact, "roster")]

    assert len(rosters) > 1
    assert len({id(one.accounts) for one in rosters}) < len(rosters)
    assert len({one.at for one in rosters}) > 1


ROSTER = FIRST.roster.model_dump(mode="json")


# What a person may fill in, to the letter the same as what the audit cuts out of the text.
@pytest.mark.parametrize(
    "fields",
    [
        {"roster": ROSTER},  # before the fact's own, and the same instant
        {"a": {"roster": {**ROSTER, "at": "2026-01-01T00:00:00Z"}}},  # another instant
        {'x"roster': ROSTER},  # the same letters with a quotation mark before them
        {"roster": str(ROSTER)},
        {"pins": {"policy": "2.2"}},
    ],
)
def test_what_people_fill_in_is_never_taken_for_a_known_part(fields: dict[str, Any]) -> None:
    reader = Reader()
    reader.private(canonical(Private(fact=FIRST)))
    fact = FIRST.model_copy(update={"fields": fields})
    private = Private(fields=fields, fact=fact)

    assert reader.private(canonical(private)) == private
    assert reader.private(canonical(private)) == private


def test_another_roster_is_read_for_itself_and_the_instant_is_checked() -> None:
    reader = Reader()
    text = canonical(Private(fact=FIRST))
    other = FIRST.roster.model_copy(update={"accounts": (), "subject": "somebody-else"})
    private = Private(fact=SECOND.model_copy(update={"roster": other}))

    assert reader.private(text) == Private(fact=FIRST)
    assert reader.private(canonical(private)) == private
    assert reader.private(text) == Private(fact=FIRST)
    at = ROSTER["at"].encode()
    with pytest.raises(ValidationError):
        reader.private(text.replace(b'"assigned":{},"at":"' + at, b'"assigned":{},"at":"yesterday'))
