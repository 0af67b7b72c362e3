"""The audit of a case: fold its recorded facts again and compare every value (INV-17).

Temporal's own replay compares the order of commands only. This recomputes each entry, each due
instant, each holder and each refusal with the same pure core, and compares them with the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from activities.chain import KeptLine
from activities.ledger import Ledger
from models.base import Value
from models.case import Fact, Line, Opened
from models.errors import CaseworkError
from procedures.procedure import Procedure
from procedures.registry import PROCEDURES


class Audit(Value):
    """What the audit of one case found. `fault` is empty when every value agrees."""

    case_id: str
    entries: int
    facts: int = 0
    head: str = ""
    fault: str = ""
    broken_seq: int | None = None

    @property
    def ok(self) -> bool:
        """Whether chain and values agree."""
        return not self.fault


def refold(lines: Sequence[Line]) -> Procedure:
    """The case as its recorded facts make it. Raises CaseworkError at the first difference."""
    facts = list(facts_of(lines))
    if not facts or not isinstance(facts[0], Opened):
        raise CaseworkError("The trail does not begin with the opening of a case.")
    case = PROCEDURES[facts[0].procedure].begin(facts[0])
    folded = [line for fact in facts for line in case.fold(fact).lines]
    for kept, again in zip(lines, folded, strict=False):
        if (kept.entry, kept.private) != (again.entry, again.private):
            raise Different(kept.entry.seq)
    if len(folded) != len(lines):
        raise Different(min(len(folded), len(lines)) + 1)
    return case


class Different(CaseworkError):
    """The recorded entry is not what the recorded facts make."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"Entry {seq} is not what the recorded facts make of the case.")
        self.seq = seq


def facts_of(lines: Sequence[Line]) -> Iterator[Fact]:
    """The facts of a trail in order: each lies with the first entry it made."""
    for line in lines:
        if line.private.fact is not None:
            yield line.private.fact


def audit(ledger: Ledger, case_id: str | None = None) -> Iterator[Audit]:
    """Check chain, values and register of one case or of all, one verdict a case."""
    for chain, kept in ledger.checked(case_id):
        found = Audit(case_id=chain.case_id, entries=chain.entries, head=chain.head)
        if chain.ok and not chain.unreadable:
            yield found.model_copy(update=_values(ledger, kept))
        else:
            fault = str(chain.fault) if chain.fault else "key_is_missing"
            yield found.model_copy(update={"fault": fault, "broken_seq": chain.broken_seq})


def _values(ledger: Ledger, kept: Sequence[KeptLine]) -> dict[str, object]:
    try:
        lines = [ledger.read(each) for each in kept]
        facts: dict[str, object] = {"facts": sum(1 for _ in facts_of(lines))}
        case = refold(lines)
    except Different as different:
        return {"fault": "different_value", "broken_seq": different.seq}
    except (CaseworkError, ValidationError, KeyError):
        # Written by another version, or by nobody we know: not ours to vouch for.
        return {"fault": "cannot_be_folded"}
    row = ledger.register(kept[0].case_id)
    if row is None or (row.state, row.closed) != (case.here, case.closed):
        return {**facts, "fault": "register_differs"}
    return facts
