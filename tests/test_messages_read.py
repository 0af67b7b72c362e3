"""What a message may not say: who is who in the case that takes it."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from models.case import Decision, Joined, PeopleChanged, Unreadable
from tests.core_help import MINUTE, Play
from workflows.messages import DECIDE, JOINED, PEOPLE_CHANGED, read

PLAY = Play()
SENT = PLAY.decision("lm-1", "agree")
LETTER = Joined(
    id="case-2:1", at=PLAY.now, procedure=PLAY.kind.key, report="case-2", by="fca-3",
    opened_at=PLAY.now, intake=PLAY.form(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "fact", "field"), [(DECIDE, SENT, "newer"), (JOINED, LETTER, "roster")]
)
def test_what_only_the_case_may_write_is_taken_from_no_message(
    name: str, fact: Decision | Joined, field: str
) -> None:
    forged = fact.model_copy(update={field: PLAY.roster()})
    payload = Payload(metadata={"encoding": b"json/plain"}, data=forged.model_dump_json().encode())

    got = read(name, [RawValue(payload)], PLAY.now + MINUTE)

    assert got == fact


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (b"Maisie said so", b"0" * 64),
        (b"not_genuine", b"Maisie said so"),
        (b"not_genuine", b"0" * 64 + b"Maisie"),
        (b"\xff", b"0" * 64),
        (b"", b""),
    ],
)
def test_the_words_of_a_forged_mark_do_not_reach_the_trail(code: bytes, data: bytes) -> None:
    mark = Payload(metadata={"encoding": b"binary/unreadable", "code": code}, data=data)

    got = read(DECIDE, [RawValue(mark)], PLAY.now)

    assert isinstance(got, Unreadable)
    assert got.code == "unreadable_payload"
    assert got.digest == sha256(data).hexdigest()


@pytest.mark.parametrize("code", ["not_encrypted", "not_genuine", "unknown_key"])
def test_what_the_codec_marked_is_recorded_as_it_says(code: str) -> None:
    metadata = {"encoding": b"binary/unreadable", "code": code.encode()}
    mark = Payload(metadata=metadata, data=b"0" * 64)

    got = read(DECIDE, [RawValue(mark)], PLAY.now)

    assert got == Unreadable(at=PLAY.now, name=DECIDE, code=code, digest="0" * 64)


@pytest.mark.parametrize("name", [DECIDE, PEOPLE_CHANGED])
def test_a_roster_of_tomorrow_is_not_taken(name: str) -> None:
    tomorrow = PLAY.roster(PLAY.now + timedelta(days=1))
    news = PeopleChanged(at=PLAY.now, roster=PLAY.roster())
    fact = (SENT if name == DECIDE else news).model_copy(update={"roster": tomorrow})
    payload = Payload(metadata={"encoding": b"json/plain"}, data=fact.model_dump_json().encode())

    got = read(name, [RawValue(payload)], PLAY.now + MINUTE)

    assert isinstance(got, Unreadable)
    assert got.code == "from_the_future"


def test_a_roster_that_ended_before_it_began_is_not_asked_for_again_and_again() -> None:
    play = Play()
    play.now += MINUTE
    ended = play.roster().model_copy(update={"until": play.now - timedelta(days=1)})
    play.fold(PeopleChanged(at=play.now, roster=ended))

    assert play.case.wake_at is not None
    assert play.case.wake_at > play.now
