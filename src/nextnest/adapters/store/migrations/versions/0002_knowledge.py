"""The broker's reviewed entries, for full-text search."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

# A row is one text of an entry, by its hash: releases that run side by side share what they have in common,
# and each looks among its own only. Rows of earlier releases stay; they are a few kilobytes each release.
# `simple` beside `english` keeps abbreviations and names as they are written.
TABLE = """
CREATE TABLE knowledge_entries (
  hash text PRIMARY KEY,
  title text NOT NULL,
  keywords text NOT NULL,
  body text NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now(),
  words tsvector NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('english', title), 'A')
    || setweight(to_tsvector('english', keywords), 'B')
    || setweight(to_tsvector('simple', keywords), 'B')
    || setweight(to_tsvector('english', body), 'C')
  ) STORED
);
CREATE INDEX knowledge_entries_by_words ON knowledge_entries USING gin (words);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLE)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("DROP TABLE knowledge_entries")
