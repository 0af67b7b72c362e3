"""What administrators do, the cases a changed calendar reaches, and indices for their search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SQLITE_TRIGGERS = (
    """CREATE TRIGGER administered_never_changes BEFORE UPDATE ON administered
       BEGIN SELECT RAISE(ABORT, 'what was administered is append-only'); END""",
    """CREATE TRIGGER administered_never_leaves BEFORE DELETE ON administered
       BEGIN SELECT RAISE(ABORT, 'what was administered is append-only'); END""",
    # INSERT OR REPLACE deletes without waking the trigger above.
    """CREATE TRIGGER administered_never_replaced BEFORE INSERT ON administered
       WHEN EXISTS (SELECT 1 FROM administered WHERE seq = NEW.seq)
       BEGIN SELECT RAISE(ABORT, 'what was administered is append-only'); END""",
)

_POSTGRES_TRIGGERS = (
    """CREATE FUNCTION refuse_administered_change() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'what was administered is append-only'; END $$""",
    """CREATE TRIGGER administered_never_changes BEFORE UPDATE OR DELETE ON administered
       FOR EACH ROW EXECUTE FUNCTION refuse_administered_change()""",
    """CREATE TRIGGER administered_never_leaves BEFORE TRUNCATE ON administered
       FOR EACH STATEMENT EXECUTE FUNCTION refuse_administered_change()""",
)


def upgrade() -> None:
    """Add the two tables and the indices; what was there before is not touched."""
    op.create_table(
        "administered",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "recalculation",
        sa.Column("change", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("moves", sa.JSON, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try_at", sa.String(27)),
    )
    op.create_index("recalculation_by_status", "recalculation", ["change", "status"])
    op.create_index("register_by_state", "register", ["procedure", "state", "opened_at"])
    op.create_index("entry_by_instant", "entry", ["at"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for trigger in _SQLITE_TRIGGERS if sqlite else _POSTGRES_TRIGGERS:
        op.execute(trigger)
