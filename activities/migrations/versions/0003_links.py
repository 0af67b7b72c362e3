"""Which cases are about the same post: links and suggestions (6.4)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002_custody"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the sightings, and what a claim answered; cases from before have neither."""
    op.create_table(
        "sighting",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("post", sa.String(64)),
        sa.Column("author", sa.String(64)),
        sa.Column("matter", sa.String(64)),
        sa.Column("opened_at", sa.String(27), nullable=False),
    )
    op.create_index("sighting_by_post", "sighting", ["post"])
    op.create_index("sighting_by_author", "sighting", ["author", "opened_at"])
    op.add_column("submission", sa.Column("linked", sa.JSON))
    op.add_column("submission", sa.Column("similar", sa.JSON))
    op.add_column("identity", sa.Column("procedure", sa.Text))
