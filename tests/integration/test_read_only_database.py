"""A database that can only be read from for a while: its disk is full, or another server takes over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import psycopg.sql
import pytest
import structlog.testing

from nextnest.adapters import queue as queue_module
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.events import EventRows, Quiet
from nextnest.service.receive import Wake
from tests.integration.test_workers import attending, has, message, name_of, queued, until, workers

SETTING = psycopg.sql.Identifier("default_transaction_read_only")


@contextmanager
def demoted(postgres: str, database: Database) -> Iterator[None]:
    """The server drops all lines, and takes new ones to read only."""
    name = psycopg.sql.Identifier(name_of(database))
    with psycopg.connect(postgres, autocommit=True) as outside:
        outside.execute(psycopg.sql.SQL("ALTER DATABASE {} SET {} = on").format(name, SETTING))
        lines = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
        outside.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM ({lines}) AS l", (name_of(database),))
        try:
            yield
        finally:
            outside.execute(psycopg.sql.SQL("ALTER DATABASE {} RESET {}").format(name, SETTING))


@contextmanager
def full(postgres: str, database: Database) -> Iterator[None]:
    """The server keeps its lines, and lets nobody write on them."""
    del database  # all on this server
    with psycopg.connect(postgres, autocommit=True) as outside:
        outside.execute(psycopg.sql.SQL("ALTER SYSTEM SET {} = on").format(SETTING))
        outside.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            outside.execute(psycopg.sql.SQL("ALTER SYSTEM RESET {}").format(SETTING))
            outside.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("read_only", [demoted, full])
async def test_a_worker_outlives_a_database_that_is_only_read_from_for_a_while(
    database: Database,
    postgres: str,
    monkeypatch: pytest.MonkeyPatch,
    read_only: Callable[[str, Database], AbstractContextManager[None]],
) -> None:
    done: list[int] = []

    async def attend(conversation: int) -> None:
        done.append(conversation)

    async def refused() -> bool:
        """The worker has tried to write meanwhile, in vain."""
        why = {line.get("error") for line in lines if line["event"] == "could not look for stalled jobs"}
        return worker.done() or not why.isdisjoint({"ReadOnlySqlTransaction", "PoolTimeout"})

    async def stored() -> bool:
        try:
            return await EventRows(database, Quiet(0, 0)).accept(message(2, 1), Wake.QUIET)
        except psycopg.Error:
            return False

    monkeypatch.setattr(queue_module, "HEARTBEAT_SECONDS", 0.5)
    async with workers(database, attending(attend)) as (worker,):
        await queued(database, 1)
        await until(lambda: has(done, 1))
        with read_only(postgres, database), structlog.testing.capture_logs() as lines:
            database.pool.timeout = 0.5  # seconds, instead of ten
            await until(refused)
            assert not worker.done()
        database.pool.timeout = 10
        await until(stored)
        await until(lambda: has(done, 2))
        assert not worker.done()


async def test_a_server_that_can_only_be_read_from_is_not_worked_with(
    database: Database, postgres: str
) -> None:
    """So that of two servers in one address the one that was demoted is left alone."""
    with demoted(postgres, database):
        database.pool.timeout = 1.0
        await database.pool.check()  # lets go of the lines that were dropped
        with pytest.raises(psycopg.OperationalError):
            await database.fetch("SELECT 1")
        async with asyncio.timeout(30):
            with pytest.raises(psycopg.OperationalError, match="read-only"):
                await anext(database.listen("anything"))
