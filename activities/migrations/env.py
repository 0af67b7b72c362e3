"""Alembic's entry: it runs inside the connection and transaction that `Database.migrate` opened."""

from __future__ import annotations

from alembic import context

from activities.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
