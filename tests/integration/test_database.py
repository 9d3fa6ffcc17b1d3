"""The database starts, migrates once whoever comes first, and remembers its Chatwoot."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

from nextnest.adapters.store import database as database_module
from nextnest.adapters.store import migrating, operations
from nextnest.adapters.store.database import Database, newest_migration
from nextnest.adapters.store.migrating import _sqlalchemy_url, config, migrate
from nextnest.adapters.store.operations import OperationRows


async def test_two_processes_may_migrate_at_the_same_moment(database_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, database_url) for _ in range(3)))
    database = Database(database_url)
    await database.open()
    assert await database.migration() == newest_migration()
    await database.close()


async def test_a_database_belongs_to_the_first_chatwoot_it_met(database: Database) -> None:
    assert await database.bind_to("https://desk#1") == "https://desk#1"
    assert await database.bind_to("https://other#2") == "https://desk#1"


def test_the_newest_numbered_file_is_alembics_head() -> None:
    assert newest_migration() == ScriptDirectory.from_config(config()).get_current_head()


@pytest.fixture
def older_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process knows the first migration only; Alembic fails at one it has no file of."""
    for module in (database_module, operations):
        monkeypatch.setattr(module, "newest_migration", lambda: "0001")
    monkeypatch.setattr(migrating, "MIGRATIONS", migrating.MIGRATIONS / "nowhere")


@pytest.mark.usefixtures("older_release")
async def test_an_older_release_starts_and_is_ready_beside_a_newer_one(database_url: str) -> None:
    database = Database(database_url)
    await database.open()
    assert await database.migration() not in (None, "0001")
    readiness = await OperationRows(database).readiness()
    assert readiness.checks["migrations"] == "ok"
    await database.close()


async def test_a_release_is_not_ready_on_a_database_that_lacks_its_migration(database: Database) -> None:
    await database.run("UPDATE nextnest_migrations SET version_num = '0001'")
    readiness = await OperationRows(database).readiness()
    assert readiness.checks["migrations"] == f"at 0001, not {newest_migration()}"


_COLUMNS = """SELECT table_name, column_name, data_type, is_nullable, column_default
  FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"""


def _migrate_to(url: str, revision: str) -> None:
    made, engine = config(), create_engine(_sqlalchemy_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        made.attributes["connection"] = connection
        command.upgrade(made, revision)
        connection.commit()
    engine.dispose()


async def test_later_migrations_take_nothing_from_the_first_release(postgres: str) -> None:
    def columns() -> set[Any]:
        with psycopg.connect(url) as connection:
            return set(connection.execute(_COLUMNS).fetchall())

    name = "of_the_first_release"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = urlunsplit(urlsplit(postgres)._replace(path=f"/{name}"))
    await asyncio.to_thread(_migrate_to, url, "0001")
    before = columns()
    await asyncio.to_thread(migrate, url)
    added = columns() - before
    assert not before - columns()
    assert {column[0] for column in added} == {"knowledge_entries"}
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name}")


async def test_the_line_for_news_notices_within_half_a_minute_that_its_server_vanished(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: asyncio.Future[psycopg.AsyncConnection[Any]] = asyncio.get_running_loop().create_future()
    connect = psycopg.AsyncConnection.connect

    async def watched(*arguments: Any, **more: Any) -> psycopg.AsyncConnection[Any]:
        connection = await connect(*arguments, **more)
        made.set_result(connection)
        return connection

    async def listen() -> None:
        async for _ in database.listen("news"):
            return

    monkeypatch.setattr(psycopg.AsyncConnection, "connect", watched)
    listening = asyncio.create_task(listen())
    parameters = (await asyncio.wait_for(made, 30)).info.get_parameters()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    named = [f"keepalives_{name}" for name in ("idle", "interval", "count")]
    assert set(named) <= parameters.keys(), "else it is for the system to say: two hours on Linux"
    idle, interval, count = (int(parameters[name]) for name in named)
    assert idle + interval * count <= 30
