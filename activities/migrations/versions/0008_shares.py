"""Inboxes that are counted from an index of their own."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("duty_holder_by_share", "duty_holder", ["person", "role", "why"])
