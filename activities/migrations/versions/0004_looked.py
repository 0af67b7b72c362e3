"""Who looked at which case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SQLITE_TRIGGERS = (
    """CREATE TRIGGER looked_never_changes BEFORE UPDATE ON looked
       BEGIN SELECT RAISE(ABORT, 'the record of looks is append-only'); END""",
    """CREATE TRIGGER looked_never_leaves BEFORE DELETE ON looked
       BEGIN SELECT RAISE(ABORT, 'the record of looks is append-only'); END""",
    # INSERT OR REPLACE deletes without waking the trigger above.
    """CREATE TRIGGER looked_never_replaced BEFORE INSERT ON looked
       WHEN EXISTS (SELECT 1 FROM looked WHERE case_id = NEW.case_id AND seq = NEW.seq)
       BEGIN SELECT RAISE(ABORT, 'the record of looks is append-only'); END""",
)

_POSTGRES_TRIGGERS = (
    """CREATE FUNCTION refuse_looked_change() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the record of looks is append-only'; END $$""",
    """CREATE TRIGGER looked_never_changes BEFORE UPDATE OR DELETE ON looked
       FOR EACH ROW EXECUTE FUNCTION refuse_looked_change()""",
    """CREATE TRIGGER looked_never_leaves BEFORE TRUNCATE ON looked
       FOR EACH STATEMENT EXECUTE FUNCTION refuse_looked_change()""",
)


def upgrade() -> None:
    """Make the tables, and guard the one that only grows."""
    op.create_table(
        "looked",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "looked_head",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for trigger in _SQLITE_TRIGGERS if sqlite else _POSTGRES_TRIGGERS:
        op.execute(trigger)
