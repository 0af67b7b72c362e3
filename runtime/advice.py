"""Reading privileged advice: who may, and that somebody did (4.2 SD7, 4.3).

The ordinary trail shows when advice was given, by whom and what it concluded. Whoever has to decide
on it must be able to read it; that they did is kept in a custody list of that very entry, under the
hash it has in the chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from activities.chain import UnreadableLine
from models.base import Value
from models.case import Entry, Kind, Line
from models.errors import BadInput, Refused, Unavailable
from models.evidence import CustodyLine, Deed, Handling
from models.people import Role, ladder
from procedures.registry import by_name
from runtime import evidence
from runtime.narrowing import Roles, kept

if TYPE_CHECKING:
    from runtime.desk import Desk

GIVEN = (Kind.APPLIED, Kind.FIRST_OF_TWO, Kind.HELD)


class Advice(Value):
    """Privileged text of one entry, as it was given."""

    case_id: str
    entry: Entry
    reason: str
    fields: dict[str, object]


def read(desk: Desk, case_id: str, seq: int, person: str, only: Roles = None) -> Advice:
    """The privileged text of an entry, for those who gave it or decide on it; a custody line is kept.

    `only` are the roles they may use, None all they hold.

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
    held = kept(evidence.roles_of(desk, row, person, at), only)
    role = _admitted(row.procedure, line.entry, held)
    by = Handling(case_id=case_id, person=desk.directory.find(person).id, role=role, at=at)
    entry = desk.ledger.lines_of(case_id)[seq - 1]
    desk.ledger.note_custody(CustodyLine(sha256=entry.hash, seq=1, did=Deed.READ, by=by))
    private = line.private
    return Advice(case_id=case_id, entry=line.entry, reason=private.reason, fields=private.fields)


def readable(
    desk: Desk, case_id: str, lines: Sequence[Line], person: str, only: Roles = None
) -> frozenset[int]:
    """The numbers of the entries whose privileged text this person may read; nothing is noted."""
    sealed = [line.entry for line in lines if line.entry.sealed]
    if not sealed:
        return frozenset()
    row = desk.show(case_id).case
    held = kept(evidence.roles_of(desk, row, person, desk.now()), only)
    return frozenset(one.seq for one in sealed if _may_read(row.procedure, one, held))


def _may_read(procedure: str, entry: Entry, held: Iterable[Role]) -> bool:
    try:
        _admitted(procedure, entry, held)
    except Refused:
        return False
    return True


def _admitted(procedure: str, entry: Entry, held: Iterable[Role]) -> Role:
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
