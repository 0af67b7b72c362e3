"""The trail, the register, open work, notices, submissions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INSTANT = sa.String(27)

_SQLITE_TRIGGERS = (
    """CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry
       BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END""",
    """CREATE TRIGGER entry_never_leaves BEFORE DELETE ON entry
       BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END""",
    # INSERT OR REPLACE deletes without waking the trigger above.
    """CREATE TRIGGER entry_never_replaced BEFORE INSERT ON entry
       WHEN EXISTS (SELECT 1 FROM entry WHERE case_id = NEW.case_id AND seq = NEW.seq)
       BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END""",
)

_POSTGRES_TRIGGERS = (
    """CREATE FUNCTION refuse_entry_change() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$""",
    """CREATE TRIGGER entry_never_changes BEFORE UPDATE OR DELETE ON entry
       FOR EACH ROW EXECUTE FUNCTION refuse_entry_change()""",
    """CREATE TRIGGER entry_never_leaves BEFORE TRUNCATE ON entry
       FOR EACH STATEMENT EXECUTE FUNCTION refuse_entry_change()""",
)


def upgrade() -> None:
    """Make every table, and guard the trail."""
    _trail()
    _register()
    _work()
    _notices()
    _duplicates()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for trigger in _SQLITE_TRIGGERS if sqlite else _POSTGRES_TRIGGERS:
        op.execute(trigger)


def _trail() -> None:
    op.create_table(
        "entry",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("salt_commit", sa.String(64), nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
    )


def _register() -> None:
    op.create_table(
        "register",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("assigned", sa.JSON, nullable=False),
        sa.Column("flags", sa.JSON, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT),
        sa.Column("next_due", _INSTANT),
        sa.Column("token", sa.Text, unique=True),
    )
    op.create_index("register_by_opening", "register", ["closed", "opened_at"])
    op.create_index("register_by_due", "register", ["closed", "next_due"])
    op.create_index("register_by_subject", "register", ["subject"])
    op.create_index("register_by_starter", "register", ["started_by"])


def _work() -> None:
    op.create_table(
        "duty",
        sa.Column("case_id", sa.Text, sa.ForeignKey("register.case_id"), primary_key=True),
        sa.Column("duty", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("step", sa.Boolean, nullable=False),
        sa.Column("mandatory", sa.Boolean, nullable=False),
        sa.Column("missed", sa.Integer, nullable=False),
        sa.Column("overdue", sa.Boolean, nullable=False),
        sa.Column("acts", sa.JSON, nullable=False),
        sa.Column("holders", sa.JSON, nullable=False),
        sa.Column("excluded", sa.JSON, nullable=False),
        sa.Column("clock", sa.Text),
        sa.Column("clause", sa.Text, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("due", _INSTANT),
        sa.Column("remind_at", _INSTANT),
        sa.Column("paused", sa.Boolean, nullable=False),
    )
    op.create_table(
        "duty_holder",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("duty", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("on_behalf_of", sa.Text),
        sa.Column("why", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id", "duty"], ["duty.case_id", "duty.duty"], ondelete="CASCADE", name="of_duty"
        ),
    )
    op.create_index("duty_holder_by_person", "duty_holder", ["person"])


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("due", _INSTANT),
        sa.Column("clause", sa.Text, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", _INSTANT),
        sa.Column("sent_at", _INSTANT),
        sa.Column("last_error", sa.Text),
        sa.ForeignKeyConstraint(
            ["case_id", "seq"], ["entry.case_id", "entry.seq"], name="of_entry"
        ),
    )
    op.create_index("notice_by_next_try", "notice", ["status", "next_try_at"])
    op.create_index("notice_by_person", "notice", ["person", "created_at"])
    op.create_index("notice_by_case", "notice", ["case_id", "seq"])


def _duplicates() -> None:
    op.create_table(
        "submission",
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("case_id", sa.Text, nullable=False, unique=True),
        sa.Column("same_as", sa.Text),
    )
    op.create_table(
        "identity",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
    )
    op.create_index("identity_by_case", "identity", ["case_id"])
