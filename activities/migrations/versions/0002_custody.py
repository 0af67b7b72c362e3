"""Custody lists of evidence files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_custody"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE_TRIGGERS = (
    """CREATE TRIGGER custody_never_changes BEFORE UPDATE ON custody
       BEGIN SELECT RAISE(ABORT, 'custody lists are append-only'); END""",
    """CREATE TRIGGER custody_never_leaves BEFORE DELETE ON custody
       BEGIN SELECT RAISE(ABORT, 'custody lists are append-only'); END""",
    # INSERT OR REPLACE deletes without waking the trigger above.
    """CREATE TRIGGER custody_never_replaced BEFORE INSERT ON custody
       WHEN EXISTS (SELECT 1 FROM custody WHERE sha256 = NEW.sha256 AND seq = NEW.seq)
       BEGIN SELECT RAISE(ABORT, 'custody lists are append-only'); END""",
)

_POSTGRES_TRIGGERS = (
    """CREATE FUNCTION refuse_custody_change() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'custody lists are append-only'; END $$""",
    """CREATE TRIGGER custody_never_changes BEFORE UPDATE OR DELETE ON custody
       FOR EACH ROW EXECUTE FUNCTION refuse_custody_change()""",
    """CREATE TRIGGER custody_never_leaves BEFORE TRUNCATE ON custody
       FOR EACH STATEMENT EXECUTE FUNCTION refuse_custody_change()""",
)


def upgrade() -> None:
    """Make the table, and guard it."""
    op.create_table(
        "custody",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("custody_by_case", "custody", ["case_id"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for trigger in _SQLITE_TRIGGERS if sqlite else _POSTGRES_TRIGGERS:
        op.execute(trigger)
