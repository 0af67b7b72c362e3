"""Writing what one fact made of a case: trail, register, open work and notices, all or nothing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from activities import outbox, step_times
from activities.chain import Fault, KeptLine, chained, opened
from activities.claims import set_identity_open
from activities.tables import duty, duty_holder, entry, register, utc_text
from models.case import Filed
from models.chain import GENESIS
from models.errors import CaseworkError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

    from activities.chain import Cipher, Ready
    from models.case import Batch, Duty

KEPT = sa.select(
    *(
        sa.type_coerce(column, sa.String) if column.name in ("at", "recorded_at") else column
        for column in entry.columns
    )
).order_by(entry.c.case_id, entry.c.seq)
"""Every column of a KeptLine, in its order; instants as the text they are kept as."""

_HEAD = (
    sa.select(register.c.seq, register.c.head, register.c.closed_at)
    .where(register.c.case_id == sa.bindparam("of"))
    .with_for_update()
)
_ADD_ENTRY = sa.insert(entry)
_ADD_CASE = sa.insert(register)
_UPDATE_CASE = sa.update(register).where(register.c.case_id == sa.bindparam("of"))
_DROP_DUTIES = sa.delete(duty).where(duty.c.case_id == sa.bindparam("of"))
_ADD_DUTY = sa.insert(duty)
_ADD_HOLDER = sa.insert(duty_holder)


class LedgerConflict(CaseworkError):
    """The ledger holds something else in this place of the trail, or a line before it is missing.

    Never put right by trying again: the case and its record have parted, and somebody must look.
    """


class _Held(NamedTuple):
    seq: int
    head: str
    closed_at: datetime | None


_NOTHING = _Held(0, GENESIS, None)


def file(
    connection: Connection, batch: Batch, lines: Sequence[Ready], cipher: Cipher, at: datetime
) -> Filed:
    """Write a batch inside the caller's transaction; lines already there are skipped.

    `lines` are those of the batch, made ready; `at` (UTC) is when they are recorded. Raises
    LedgerConflict, and Unavailable when a line that is already there cannot be compared because its
    key is not here.
    """
    held = _held(connection, batch.case_id)
    _refuse_gap(batch, held.seq)
    known = [line for line in lines if line.entry.seq <= held.seq]
    _compare(connection, known, cipher)
    if known and len(known) == len(lines):
        # A late repeat: what the register says may be newer than this batch.
        return Filed(seq=held.seq, head=held.head)
    kept = list(chained(lines[len(known) :], held.head, at))
    last = kept[-1] if kept else None
    filed = Filed(seq=last.seq, head=last.hash) if last else Filed(seq=held.seq, head=held.head)
    if kept:
        connection.execute(_ADD_ENTRY, [_entry_row(one) for one in kept])
    _register(connection, batch, held, filed)
    _replace_duties(connection, batch, at_all=held is not _NOTHING)
    outbox.add(connection, [line.entry for line in lines[len(known) :]], at)
    step_times.note(connection, batch, held.seq)
    return filed


def _held(connection: Connection, case_id: str) -> _Held:
    row = connection.execute(_HEAD, {"of": case_id}).one_or_none()
    return _NOTHING if row is None else _Held(*row)


def _refuse_gap(batch: Batch, held: int) -> None:
    seqs = [line.entry.seq for line in batch.lines]
    first = seqs[0] if seqs else held + 1
    if any(line.entry.case_id != batch.case_id for line in batch.lines):
        raise LedgerConflict("Lines of two cases came in one batch. Nothing was recorded.")
    if seqs != list(range(first, first + len(seqs))) or not 1 <= first <= held + 1:
        raise LedgerConflict(
            f"The trail of {batch.case_id} ends at {held}, and line {first} was to follow. "
            "Nothing was recorded. Compare the case with its trail: casework verify."
        )
    if not seqs and not held:
        raise LedgerConflict(f"{batch.case_id} has no trail yet, and no line came to begin it.")


def _compare(connection: Connection, lines: Sequence[Ready], cipher: Cipher) -> None:
    if not lines:
        return
    first, last = lines[0].entry, lines[-1].entry
    found = connection.execute(
        KEPT.where(entry.c.case_id == first.case_id, entry.c.seq.between(first.seq, last.seq))
    )
    kept = {one.seq: one for one in (KeptLine(*row) for row in found)}
    for line in lines:
        _same(kept.get(line.entry.seq), line, cipher)


def _same(kept: KeptLine | None, line: Ready, cipher: Cipher) -> None:
    where = f"line {line.entry.seq} of {line.entry.case_id}"
    private = None if kept is None else opened(kept, cipher)
    if private is Fault.NO_KEY:
        raise Unavailable(
            f"The key of {where} is not here, so it cannot be told whether it is already recorded. "
            "Nothing was written. Give this process the key ring it was written with."
        )
    if kept is None or kept.body != line.body or private != line.private:
        raise LedgerConflict(
            f"The ledger holds something else as {where}. What it holds was kept and nothing was "
            "added. Compare the case with its trail: casework verify."
        )


def _entry_row(kept: KeptLine) -> dict[str, Any]:
    row = {name: getattr(kept, name) for name in KeptLine.__slots__}
    return row | {name: datetime.fromisoformat(row[name]) for name in ("at", "recorded_at")}


def _register(connection: Connection, batch: Batch, held: _Held, filed: Filed) -> None:
    ended = batch.lines[-1].entry.at if batch.lines else None
    dues = [duty.due for duty in batch.duties if duty.due is not None]
    values: dict[str, Any] = {
        "procedure": batch.procedure,
        "state": batch.state,
        "label": batch.label,
        "closed": batch.closed,
        "seq": filed.seq,
        "head": filed.head,
        "subject": batch.subject,
        "assigned": {role.value: person for role, person in batch.assigned.items()},
        "flags": list(batch.flags),
        "closed_at": (held.closed_at or ended) if batch.closed else None,
        "next_due": min(dues, default=None),
    }
    if held is not _NOTHING:
        connection.execute(_UPDATE_CASE, {"of": batch.case_id, **values})
        if batch.closed != (held.closed_at is not None):
            # A closed case lets its identity go, a reopened one takes it back if still free.
            set_identity_open(connection, batch.case_id, is_open=not batch.closed)
        return
    values |= {"case_id": batch.case_id, "started_by": batch.started_by, "token": batch.token}
    connection.execute(_ADD_CASE, values | {"opened_at": batch.lines[0].entry.at})


def _replace_duties(connection: Connection, batch: Batch, *, at_all: bool) -> None:
    if at_all:
        connection.execute(_DROP_DUTIES, {"of": batch.case_id})
    if batch.duties:
        connection.execute(_ADD_DUTY, [_duty_row(batch.case_id, one) for one in batch.duties])
    if holders := [
        {
            "case_id": batch.case_id,
            "duty": one.id,
            "person": holder.person,
            "role": holder.role.value,
            "on_behalf_of": holder.on_behalf_of,
            "why": holder.why.value,
            "place": _place(one),
        }
        for one in batch.duties
        for holder in one.holders
    ]:
        connection.execute(_ADD_HOLDER, holders)


def _place(one: Duty) -> str:
    """Where it stands in an inbox: overdue, then by due instant, then what has none by its age."""
    if one.due is None:
        return f"2{utc_text(one.opened_at)}"
    return f"{1 - one.overdue}{utc_text(one.due)}"


def _duty_row(case_id: str, one: Duty) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "duty": one.id,
        "role": one.role.value,
        "base": one.base.value,
        "label": one.label,
        "step": one.step,
        "mandatory": one.mandatory,
        "missed": one.missed,
        "overdue": one.overdue,
        "acts": list(one.acts),
        "holders": [holder.model_dump(mode="json") for holder in one.holders],
        "excluded": list(one.excluded),
        "clock": one.clock,
        "clause": one.clause,
        "opened_at": one.opened_at,
        "due": one.due,
        "remind_at": one.remind_at,
        "paused": one.paused_at is not None,
    }
