"""Alembic's entry: runs on the connection that `migrate` hands over, never on one of its own."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=True, version_table="nextnest_migrations")
with context.begin_transaction():
    context.run_migrations()
