"""The trail of a case as rows for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from activities.tables import utc_text
from runtime.trail_told import EntryTold

COLUMNS = (
    "case", "seq", "at_utc", "at_london", "kind", "act", "what", "from", "to", "actor", "role",
    "on_behalf_of", "in_time", "due_utc", "no", "code", "message", "clauses", "evidence", "told",
    "privileged", "text", "decision", "prev", "hash",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def entries_csv(entries: Iterable[EntryTold]) -> bytes:
    """One row an entry, UTF-8 with a mark of it, so that spreadsheets read it rightly."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    table.writerows([_harmless(cell) for cell in _row(one)] for one in entries)
    return ("\ufeff" + out.getvalue()).encode()


def _row(told: EntryTold) -> list[object]:
    entry = told.entry
    said = "; ".join(f"{name}: {words}" for name, words, _ in told.said)
    return [
        entry.case_id, entry.seq, utc_text(entry.at), entry.london, entry.kind, entry.act,
        entry.label, entry.before, entry.after, entry.actor, entry.role, entry.on_behalf_of,
        {True: "yes", False: "no", None: ""}[entry.in_time],
        utc_text(entry.due) if entry.due else "", entry.no, entry.code, entry.message,
        " ".join(entry.clauses), " ".join(entry.evidence),
        " ".join(dict.fromkeys(one.person for one in entry.tells)),
        "yes" if entry.sealed else "no", said, entry.decision, told.kept.prev, told.kept.hash,
    ]  # fmt: skip


def _harmless(cell: object) -> str:
    """Text that a spreadsheet would take for a formula is shown as text."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
