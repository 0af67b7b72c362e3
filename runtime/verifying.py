"""Verifying a case: its chain, its values worked out again, its files, its looks, its history.

Each finds what the others cannot: the chain what was changed in the ledger, the values what was
recorded wrongly, Temporal's replay a program that reads its histories in another order.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from models.base import Value
from models.errors import BadInput, CaseworkError, Misconfigured, Unavailable
from runtime.audit import Audit, audit
from runtime.evidence import faults_of_files

if TYPE_CHECKING:
    from runtime.desk import Desk
    from runtime.replay import Replayed

History = Literal["same", "differs", "not_there", "not_asked"]


class CaseVerdict(Value):
    """What was found of one case; `said` is empty when everything agrees."""

    case_id: str
    entries: int = 0
    facts: int = 0
    reworded: int = 0
    looks: int = 0
    head: str = ""
    history: History = "not_asked"
    runs: int = 0
    events: int = 0
    said: tuple[str, ...] = ()
    """Each difference as a sentence, the first one first."""

    @property
    def ok(self) -> bool:
        """Whether nothing differs. A history that Temporal no longer has is no difference."""
        return not self.said


async def verify(desk: Desk, case_id: str) -> CaseVerdict:
    """Everything there is to check of one case. Raises Unavailable when the ledger is not there."""
    found = await asyncio.to_thread(checked, desk, case_id)
    return await _with_history(desk, found)


def checked(desk: Desk, case_id: str) -> CaseVerdict:
    """What the ledger and the store alone can show."""
    one = next(audit(desk.ledger, case_id), None)
    if one is None:
        return CaseVerdict(case_id=case_id, said=("There is nothing of this case in the ledger.",))
    said = [f"{one.said[0].upper()}{one.said[1:]}."] if one.said else []
    looks = next(iter(desk.ledger.looks.checked(case_id)), None)
    if looks is not None and not looks.ok:
        said.append(f"Who looked is not as it was recorded, from look {looks.broken_seq} on.")
    said += _files(desk, one)
    return CaseVerdict(
        case_id=case_id,
        entries=one.entries,
        facts=one.facts,
        reworded=one.reworded,
        looks=looks.looks if looks else 0,
        head=one.head,
        said=tuple(said),
    )


def _files(desk: Desk, one: Audit) -> list[str]:
    if not one.ok:
        # What names its files cannot be trusted.
        return []
    try:
        return [fault.said for fault in faults_of_files(desk.ledger, desk.store, one.case_id)]
    except Misconfigured:
        return []


async def _with_history(desk: Desk, found: CaseVerdict) -> CaseVerdict:
    try:
        replayed = await desk.replay(found.case_id)
    except BadInput:
        return found.model_copy(update={"history": "not_there"})
    except (Unavailable, Misconfigured):
        return found
    except CaseworkError as fault:
        return found.model_copy(update={"said": (*found.said, str(fault))})
    return found.model_copy(update=_history(found, replayed))


def _history(found: CaseVerdict, replayed: Replayed) -> dict[str, object]:
    counts = {"runs": replayed.runs, "events": replayed.events}
    if replayed.ok:
        return {"history": "same", **counts}
    words = f"Today's program does not read its history in the same order ({replayed.fault})."
    return {"history": "differs", "said": (*found.said, words), **counts}
