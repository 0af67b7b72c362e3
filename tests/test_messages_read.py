"""What a message may not say: who is who in the case that takes it."""

from __future__ import annotations

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from models.case import Decision, Joined
from tests.core_help import MINUTE, Play
from workflows.messages import DECIDE, JOINED, read

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
