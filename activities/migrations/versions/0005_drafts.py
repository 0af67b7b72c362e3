"""Forms begun and not sent; inboxes that are read in their order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INSTANT = sa.String(27)

_PLACES = """
    UPDATE duty_holder SET place = (
        SELECT CASE
            WHEN duty.due IS NULL THEN '2' || duty.opened_at
            WHEN duty.overdue THEN '0' || duty.due
            ELSE '1' || duty.due
        END
        FROM duty WHERE duty.case_id = duty_holder.case_id AND duty.duty = duty_holder.duty
    )
"""


def upgrade() -> None:
    """Add the drafts, and give open work its place in the inbox of whoever holds it."""
    op.create_table(
        "draft",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("until", _INSTANT, nullable=False),
    )
    op.create_index("draft_by_person", "draft", ["person", "until"])
    op.create_index("draft_by_end", "draft", ["until"])
    op.add_column(
        "duty_holder", sa.Column("place", sa.String(28), nullable=False, server_default="")
    )
    op.execute(_PLACES)
    op.drop_index("duty_holder_by_person", "duty_holder")
    op.create_index(
        "duty_holder_by_place", "duty_holder", ["person", "place", "case_id", "duty", "role", "why"]
    )
    op.drop_index("register_by_starter", "register")
    op.create_index("register_by_starter", "register", ["started_by", "opened_at", "case_id"])
