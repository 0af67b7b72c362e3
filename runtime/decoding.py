"""Payloads made readable for an administrator in Temporal's own pages, one case at a time.

The protocol is that of Temporal's remote codecs: payloads as JSON come in, payloads as JSON go out.
It names no case, and need not: a payload opens only for the case it was sealed for. What is
privileged stays closed (4.3).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from models.errors import BadInput
from procedures.procedure import Procedure
from runtime.codec import UNREADABLE, CaseCodec

CLOSED = "(privileged; not shown here)"
"""Stands where privileged text was."""

MOST = 500
"""Payloads of one request; Temporal's pages ask for a page of events at a time."""


class ForCase(NamedTuple):
    """A case whose payloads may be opened, and what its acts are."""

    case_id: str
    kind: type[Procedure]


class Opened(NamedTuple):
    """The payloads as they go out, and how many were opened for each case."""

    payloads: list[dict[str, Any]]
    counts: dict[str, int]


async def opened(codec: CaseCodec, namespace: str, cases: Sequence[ForCase], asked: Any) -> Opened:
    """Open what belongs to these cases; everything else goes back as it came.

    Raises BadInput when what was asked is not a list of payloads.
    """
    given, counts = _read(asked), dict.fromkeys((one.case_id for one in cases), 0)
    answer = list(given)
    for case in cases:
        context = WorkflowSerializationContext(namespace=namespace, workflow_id=case.case_id)
        found = await codec.with_context(context).decode(given)
        for place, payload in enumerate(found):
            if payload.metadata.get("encoding") != UNREADABLE:
                answer[place] = _without_what_is_privileged(payload, case.kind)
                counts[case.case_id] += 1
    return Opened([MessageToDict(one) for one in answer], counts)


CARRYING = ("correct_decision", "adopt")
"""Acts that carry another act inside them."""


def _read(asked: Any) -> list[Payload]:
    payloads = asked.get("payloads") if isinstance(asked, dict) else None
    if not isinstance(payloads, list) or len(payloads) > MOST:
        raise BadInput(f"Send payloads as Temporal's pages do, at most {MOST} at once.")
    try:
        return [ParseDict(one, Payload()) for one in payloads]
    except (ParseError, TypeError, ValueError):
        raise BadInput("A payload cannot be read; nothing was opened.") from None


def _without_what_is_privileged(payload: Payload, kind: type[Procedure]) -> Payload:
    try:
        data = json.loads(payload.data) if payload.data else None
    except ValueError:
        # Nothing of ours is written otherwise: it is not given out unseen.
        return Payload(metadata=payload.metadata, data=json.dumps(CLOSED).encode())
    private = frozenset(_privileged_acts(kind))
    return Payload(metadata=payload.metadata, data=json.dumps(_closed(data, private)).encode())


def _privileged_acts(kind: type[Procedure]) -> Iterable[str]:
    """Acts by name and code; whatever carries another act inside may carry such a one."""
    for name, act in kind.acts.items():
        if act.sealed or name in CARRYING:
            yield from (name, act.code)


def _closed(data: Any, private: frozenset[str]) -> Any:
    if isinstance(data, list):
        return [_closed(one, private) for one in data]
    if not isinstance(data, dict):
        return data
    hidden: set[str] = set()
    if data.get("act") in private:
        hidden = {"reason", "fields", "message"}
    entry = data.get("entry")
    if isinstance(entry, dict) and (entry.get("sealed") or entry.get("act") in private):
        hidden = {"private"}
    return {
        name: CLOSED if name in hidden and value else _closed(value, private)
        for name, value in data.items()
    }
