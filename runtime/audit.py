"""The audit of a case: fold its recorded facts again and compare every value (INV-17).

Temporal's own replay compares the order of commands only. This recomputes each entry, each due
instant, each holder and each refusal with the same pure core, and compares them with the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from activities.chain import Fault, KeptLine, UnreadableLine
from activities.ledger import Checked, Ledger
from models.base import Value
from models.case import Entry, Fact, Line, Opened, Private
from models.chain import canonical
from models.errors import CaseworkError, Misconfigured, VersionMissing
from procedures.procedure import Procedure
from procedures.registry import begun_as
from runtime.audit_reader import Reader

_READER = Reader()
LONGEST = 120
"""Characters of a value that are told of a difference."""

FAULTS = {
    "edited_body": "was changed after it was recorded",
    "edited_private": "has its text changed after it was recorded",
    "missing": "is missing",
    "swapped": "stands in another's place",
    "rewritten": "was written again, with the chain broken behind it",
    "wrong_head": "is not the last one the register knows",
    "cut_off": "is missing, and everything after it",
    "different_value": "is not what the recorded facts make of the case",
    "cannot_be_folded": "cannot be worked out again from the recorded facts",
    "version_missing": "cannot be checked: its case began under a version of the procedure that this"
    " program does not hold; put that file back and name it in `earlier`",
    "register_differs": "is not where the register says the case stands",
    "key_is_missing": "cannot be opened: its key is not on this machine",
}
"""Each fault in words, said of the entry where it was found."""


class Audit(Value):
    """What the audit of one case found. `fault` is empty when every value agrees."""

    case_id: str
    entries: int
    facts: int = 0
    head: str = ""
    fault: str = ""
    broken_seq: int | None = None
    difference: str = ""
    """Where a value differs: which, what was recorded and what comes out. No case text."""
    reworded: int = 0
    """Entries that today's program would say in other words, with every value the same."""

    @property
    def ok(self) -> bool:
        """Whether chain and values agree."""
        return not self.fault

    @property
    def said(self) -> str:
        """The first difference in words; empty when there is none."""
        if self.ok:
            return ""
        more = f": {self.difference}" if self.difference else ""
        return f"entry {self.broken_seq or 1} {FAULTS.get(self.fault, self.fault)}{more}"


def refold(lines: Sequence[Line]) -> Procedure:
    """The case as its recorded facts make it. Raises CaseworkError at the first difference.

    Labels and messages may have been improved since: the words of an entry are not compared here.
    Raises Misconfigured when its text cannot be opened with the keys here.
    """
    if any(isinstance(line, UnreadableLine) and line.fault is Fault.NO_KEY for line in lines):
        raise Misconfigured(
            "What this case says cannot be opened with the keys here; nothing was changed. Set"
            " CASEWORK_KEY_RING to the key file of the service; `casework verify` says more."
        )
    case, folded = _folded([line.private.fact for line in lines if line.private.fact is not None])
    for kept, again in zip(lines, folded, strict=False):
        if kept.private != again.private:
            raise Different(kept.entry.seq)
        if not same_values(kept.entry, again.entry):
            raise Different(kept.entry.seq)
    _as_many(lines, folded)
    return case


def same_values(kept: Entry, again: Entry) -> bool:
    """Whether two entries say the same, in whatever words."""
    return kept == again or _values_of(kept) == _values_of(again)


def _folded(facts: Sequence[Fact]) -> tuple[Procedure, list[Line]]:
    if not facts or not isinstance(facts[0], Opened):
        raise CaseworkError("The trail does not begin with the opening of a case.")
    case = begun_as(facts[0]).begin(facts[0])
    return case, [line for fact in facts for line in case.fold(fact).lines]


def _as_many(kept: Sequence[object], folded: Sequence[Line]) -> None:
    if len(folded) != len(kept):
        raise Different(min(len(folded), len(kept)) + 1)


class Different(CaseworkError):
    """The recorded entry is not what the recorded facts make."""

    def __init__(self, seq: int, what: str = "") -> None:
        super().__init__(f"Entry {seq} is not what the recorded facts make of the case.")
        self.seq = seq
        self.what = what


def audit(ledger: Ledger, case_id: str | None = None) -> Iterator[Audit]:
    """Check chain, values and register of one case or of all, one verdict a case."""
    for checked in ledger.checked(case_id):
        chain = checked.verdict
        found = Audit(case_id=chain.case_id, entries=chain.entries, head=chain.head)
        if chain.ok and not chain.unreadable:
            yield found.model_copy(update=_values(checked))
        else:
            fault = str(chain.fault) if chain.fault else "key_is_missing"
            yield found.model_copy(update={"fault": fault, "broken_seq": chain.broken_seq})


def _values(checked: Checked) -> dict[str, object]:
    try:
        texts = [_READER.private(text) for text in checked.texts]
        facts = [text.fact for text in texts if text.fact is not None]
        case, folded = _folded(facts)
        reworded = _compare(checked.lines, texts, folded)
    except Different as different:
        return {
            "fault": "different_value",
            "broken_seq": different.seq,
            "difference": different.what,
        }
    except VersionMissing:
        return {"fault": "version_missing"}
    except (CaseworkError, ValidationError, ValueError, KeyError):
        # Written by another version, or by nobody we know: not ours to vouch for.
        return {"fault": "cannot_be_folded"}
    if checked.row is None or (checked.row.state, checked.row.closed) != (case.here, case.closed):
        return {"facts": len(facts), "fault": "register_differs"}
    return {"facts": len(facts), "reworded": reworded}


def _compare(kept: Sequence[KeptLine], texts: Sequence[Private], folded: Sequence[Line]) -> int:
    """How many entries differ in words alone; raises Different for any other difference."""
    reworded = 0
    for line, text, again in zip(kept, texts, folded, strict=False):
        # Byte for byte: the entry as it would be written today, and as it was written then.
        body = canonical(again.entry, simple=True).decode()
        if text != again.private:
            raise Different(line.seq, "its case text is not that of the recorded fact")
        if body != line.body:
            recorded = Entry.model_validate_json(line.body)
            if not same_values(recorded, again.entry):
                raise Different(line.seq, _first_difference(recorded, again.entry))
            reworded += 1
    _as_many(kept, folded)
    return reworded


def _first_difference(recorded: Entry, again: Entry) -> str:
    one, other = _values_of(recorded), _values_of(again)
    for name in Entry.model_fields:
        was, comes = getattr(one, name), getattr(other, name)
        if was != comes:
            return f"its `{name}` was recorded as {_short(was)} and comes out as {_short(comes)}"
    return ""


def _short(value: object) -> str:
    said = "nothing" if value in (None, (), "") else str(value)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]} ..."


def _values_of(entry: Entry) -> Entry:
    """An entry without its words: labels and messages may be improved, values never change.

    That nobody changed the words that were recorded is for the chain to show.
    """
    return entry.model_copy(
        update={
            "label": "",
            "message": "",
            "opened": tuple(one.model_copy(update={"label": ""}) for one in entry.opened),
            "moved": tuple(one.model_copy(update={"label": ""}) for one in entry.moved),
            "tells": tuple(one.model_copy(update={"about": ""}) for one in entry.tells),
        }
    )
