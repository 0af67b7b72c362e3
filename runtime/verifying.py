"""Verifying a case (INV-17): its chain, its values worked out again, its files, its looks, its history.

Each finds what the others cannot: the chain what was changed in the ledger, the values what was
recorded wrongly, Temporal's replay a program that reads its histories in another order.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from activities.looks import LooksVerdict
from models.base import Value
from models.errors import BadInput, CaseworkError, Misconfigured, Unavailable
from models.looked import LISTS
from runtime.audit import Audit, audit
from runtime.evidence import FileFault, faults_of_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from runtime.desk import Desk
    from runtime.replay import Replayed


# --- by the ledger and the store alone ------------------------------------------------------------


class Verified(Value):
    """What was found of one case. Files are looked at only where the chain and the values hold."""

    audit: Audit
    files: tuple[FileFault, ...] = ()
    looks: LooksVerdict | None = None
    """The record of who looked at it; None when nobody did."""

    @property
    def ok(self) -> bool:
        """Whether everything is as it was recorded."""
        return self.audit.ok and not self.files and (self.looks is None or self.looks.ok)


def verified(desk: Desk, case_id: str | None = None) -> Iterator[Verified]:
    """One case or all, one verdict each. Raises BadInput when there is no such case."""
    found = None
    for found in audit(desk.ledger, case_id):
        # What names its files cannot be trusted where anything else differs.
        files = tuple(_files(desk, found.case_id)) if found.ok else ()
        looks = next(desk.ledger.looks.checked(found.case_id), None)
        yield Verified(audit=found, files=files, looks=looks)
    if case_id and found is None:
        raise BadInput("There is no case with that reference. `casework list` shows them.")


def _files(desk: Desk, case_id: str) -> Iterator[FileFault]:
    if desk.keeps_files:
        yield from faults_of_files(desk.ledger, desk.store, case_id)


def looks_at_lists(desk: Desk) -> LooksVerdict | None:
    """The record of who looked at lists; None when nobody did."""
    return next(desk.ledger.looks.checked(LISTS), None)


def other_looks(desk: Desk, cases: Collection[str]) -> list[LooksVerdict]:
    """The records of looks that belong to none of these cases: at lists, or at what is not there."""
    chains = desk.ledger.looks.chains() - set(cases)
    return [one for chain in sorted(chains) for one in desk.ledger.looks.checked(chain)]


# --- with Temporal's history ----------------------------------------------------------------------

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
    """What the ledger and the store alone can show, in sentences."""
    try:
        found = next(verified(desk, case_id))
    except BadInput:
        return CaseVerdict(case_id=case_id, said=("There is nothing of this case in the ledger.",))
    one, looks = found.audit, found.looks
    said = [f"{one.said[0].upper()}{one.said[1:]}."] if one.said else []
    if looks is not None and not looks.ok:
        said.append(f"Who looked is not as it was recorded, from look {looks.broken_seq} on.")
    said += [fault.said for fault in found.files]
    return CaseVerdict(
        case_id=case_id,
        entries=one.entries,
        facts=one.facts,
        reworded=one.reworded,
        looks=looks.looks if looks else 0,
        head=one.head,
        said=tuple(said),
    )


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
