"""Reading privileged advice: who may, and that somebody did (4.2 SD7, 4.3).

The ordinary trail shows when advice was given, by whom and what it concluded. Whoever has to decide
on it must be able to read it; that they did is kept in a custody list of that very entry, under the
hash it has in the chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from activities.chain import UnreadableLine
from models.base import Value
from models.case import Entry, Kind
from models.errors import BadInput, Refused, Unavailable
from models.evidence import CustodyLine, Deed, Handling
from models.people import Role, ladder
from procedures.registry import by_name
from runtime import evidence

if TYPE_CHECKING:
    from runtime.desk import Desk

GIVEN = (Kind.APPLIED, Kind.FIRST_OF_TWO, Kind.HELD)


class Advice(Value):
    """Privileged text of one entry, as it was given."""

    case_id: str
    entry: Entry
    reason: str
    fields: dict[str, object]


def read(desk: Desk, case_id: str, seq: int, person: str) -> Advice:
    """The privileged text of an entry, for those who gave it or decide on it; a custody line is kept.

    Raises BadInput when that entry is none, Unavailable when its key is not here, Refused for
    anybody else, an auditor too: auditors see that the advice exists (4.3).
    """
    lines = desk.trail(case_id)
    if not 0 < seq <= len(lines) or not lines[seq - 1].entry.sealed:
        raise BadInput("That entry holds no privileged advice. `casework trail` shows which do.")
    line, at = lines[seq - 1], desk.now()
    if isinstance(line, UnreadableLine):
        raise Unavailable(
            "The text of that entry cannot be opened here; nothing was given out. Give this"
            " process the key ring it was written with: casework verify."
        )
    row = desk.show(case_id).case
    role = _admitted(desk, row.procedure, line.entry, evidence.roles_of(desk, row, person, at))
    by = Handling(case_id=case_id, person=desk.directory.find(person).id, role=role, at=at)
    kept = desk.ledger.lines_of(case_id)[seq - 1]
    desk.ledger.note_custody(CustodyLine(sha256=kept.hash, seq=1, did=Deed.READ, by=by))
    private = line.private
    return Advice(case_id=case_id, entry=line.entry, reason=private.reason, fields=private.fields)


def _admitted(desk: Desk, procedure: str, entry: Entry, held: list[Role]) -> Role:
    act = by_name(procedure).acts_by_code.get(entry.act or "")
    meant = (*act.who, *act.tells) if act is not None and entry.kind in GIVEN else ()
    allowed = {rung for role in meant for rung in ladder(role)} - {Role.AUD, Role.COL, Role.REP}
    for role in held:
        if role in allowed:
            return role
    raise Refused(
        "not_a_reader",
        "Privileged advice is for those who gave it and those who decide on it. Nothing was given"
        " out.",
        "4.3",
    )
