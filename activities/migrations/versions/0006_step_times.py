"""How long each case was in each step, and what came up in it: what dashboards count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STAY = sa.table(
    "stay",
    *(
        sa.column(name)
        for name in ("case_id", "seq", "procedure", "state", "entered_at", "left_at", "clock")
    ),
    sa.column("over", sa.Boolean),
)
_NOTED = sa.table(
    "noted",
    *(sa.column(name) for name in ("case_id", "seq", "procedure", "kind", "code", "month")),
)
_KINDS = ("refused", "held", "escalated", "overdue")


def upgrade() -> None:
    """Add the tables, and note what the open part of each trail says of the time before."""
    op.create_table(
        "stay",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("entered_at", sa.String(27), nullable=False),
        sa.Column("left_at", sa.String(27)),
        sa.Column("clock", sa.Text, nullable=False),
        sa.Column("allowed", sa.Integer),
        sa.Column("worked", sa.Integer),
        sa.Column("over", sa.Boolean, nullable=False),
        sa.Column("calendar", sa.String(64)),
    )
    op.create_index("stay_by_state", "stay", ["procedure", "state"])
    op.create_table(
        "noted",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("month", sa.String(7), nullable=False),
    )
    op.create_index("noted_by_month", "noted", ["procedure", "month"])
    op.create_table(
        "calendar",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    _note_what_was()


def _note_what_was() -> None:
    # Which deadline ran and on which calendar lies encrypted: of these stays only the time is kept.
    connection = op.get_bind()
    registered = connection.execute(sa.text("SELECT case_id, closed FROM register"))
    closed = {one.case_id: bool(one.closed) for one in registered}
    rows = connection.execute(sa.text("SELECT case_id, body FROM entry ORDER BY case_id, seq"))
    trails: dict[str, list[dict[str, Any]]] = {}
    for case_id, body in rows:
        trails.setdefault(case_id, []).append(json.loads(body))
    for case_id, trail in trails.items():
        stays = list(_stays(trail, ended=closed.get(case_id, False)))
        notes = list(_notes(trail, ended=closed.get(case_id, False)))
        for table, found in ((_STAY, stays), (_NOTED, notes)):
            if found:
                connection.execute(sa.insert(table), found)


def _utc(text: str) -> str:
    at = datetime.fromisoformat(text).astimezone(ZoneInfo("UTC"))
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _stays(trail: list[dict[str, Any]], *, ended: bool) -> Iterator[dict[str, Any]]:
    moves = [one for one in trail if one["seq"] == 1 or one["before"] != one["after"]]
    for number, one in enumerate(moves):
        following = moves[number + 1] if number + 1 < len(moves) else None
        if following is None and ended:
            return
        over = [
            _missed(each)
            for each in trail
            if one["seq"] < each["seq"] and (following is None or each["seq"] < following["seq"])
        ]
        yield {
            "case_id": one["case_id"],
            "seq": one["seq"],
            "procedure": one["procedure"],
            "state": one["after"],
            "entered_at": _utc(one["at"]),
            "left_at": _utc(following["at"]) if following else None,
            "clock": "wh",
            "over": any(over),
        }


def _missed(one: dict[str, Any]) -> bool:
    late = one["kind"] == "escalated" or one.get("code") == "overdue"
    duties = [each["duty"].partition(":")[0] for each in one.get("moved", ())]
    return late and one["before"] in duties


def _notes(trail: list[dict[str, Any]], *, ended: bool) -> Iterator[dict[str, Any]]:
    yield _row(trail[0], 0, "opened", None)
    for one in trail:
        kind = "overdue" if one.get("code") == "overdue" else one["kind"]
        if kind in _KINDS:
            code = one.get("code") if kind in ("refused", "held") else None
            yield _row(one, one["seq"], kind, code)
    moves = [one for one in trail if one["seq"] == 1 or one["before"] != one["after"]]
    if ended and moves:
        yield _row(moves[-1], -moves[-1]["seq"], "closed", None)


def _row(one: dict[str, Any], seq: int, kind: str, code: str | None) -> dict[str, Any]:
    here = datetime.fromisoformat(one["at"]).astimezone(ZoneInfo("Europe/London"))
    return {
        "case_id": one["case_id"],
        "seq": seq,
        "procedure": one["procedure"],
        "kind": kind,
        "code": code,
        "month": f"{here:%Y-%m}",
    }
