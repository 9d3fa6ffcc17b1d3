"""Pooled connections: checked when they have rested, and replaced when the server has dropped them."""

from __future__ import annotations

import psycopg
import pytest

from nextnest.adapters.store import database as module
from nextnest.adapters.store.database import Database

DROP = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()"""


async def test_a_connection_that_was_dropped_while_it_rested_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TRUSTED_SECONDS", -1.0)  # all have rested long enough
    assert await database.fetch("SELECT 1 AS one") == [{"one": 1}]
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as other:
        await other.execute(DROP)

    assert await database.fetch("SELECT 1 AS one") == [{"one": 1}]
