"""What somebody is told when Temporal does not take what they sent: no more than is known."""

from __future__ import annotations

import pytest
from temporalio.service import RPCError, RPCStatusCode

from runtime.desk_reading import unavailable

UNSURE = "It may still be applied."


@pytest.mark.parametrize(
    ("status", "said"),
    [
        # The server looked at it and took nothing.
        (RPCStatusCode.RESOURCE_EXHAUSTED, "did not take it (resource exhausted). Nothing was"),
        (RPCStatusCode.PERMISSION_DENIED, "did not take it (permission denied). Nothing was"),
        # The connection went: before it was taken or after, nobody here knows.
        (RPCStatusCode.UNAVAILABLE, "did not answer (unavailable). It may still be applied."),
        (RPCStatusCode.CANCELLED, "did not answer (cancelled). It may still be applied."),
        (RPCStatusCode.DEADLINE_EXCEEDED, "(deadline exceeded). It may still be applied."),
        (RPCStatusCode.INTERNAL, "did not answer (internal). It may still be applied."),
        # The case's own steps fail: another try meets the same.
        (RPCStatusCode.FAILED_PRECONDITION, "the case is stuck: tell an administrator"),
    ],
)
def test_nothing_is_said_to_be_unchanged_that_may_have_been_taken(
    status: RPCStatusCode, said: str
) -> None:
    told = str(unavailable(RPCError("Maisie said so", status, b""), UNSURE))

    assert said in told
    assert ("Nothing was changed" in told) != (UNSURE in told)
    assert "Maisie" not in told
