"""The PostgreSQL database: one pool for our tables and the queue, and its migrations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import URL, make_url

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7_317_001  # any number of ours: who starts first migrates, the others wait


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def newest_migration() -> str:
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _sqlalchemy_url(url: str) -> URL:
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")


def migrate(url: str) -> None:
    """Bring the database up to this release; safe to run from several processes at once."""
    engine = create_engine(_sqlalchemy_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})")
        connection.commit()
        try:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_MIGRATION_LOCK})")
            connection.commit()
    engine.dispose()


async def _autocommit(connection: psycopg.AsyncConnection[DictRow]) -> None:
    await connection.set_autocommit(True)  # a statement is a transaction, unless we say where one begins


class Database:
    """Connections and transactions. `open` before use; `close` gives everything back."""

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self.url = url.replace("postgres://", "postgresql://", 1)
        self.pool: AsyncConnectionPool[psycopg.AsyncConnection[DictRow]] = AsyncConnectionPool(
            self.url,
            min_size=min(4, connections),
            max_size=connections,
            open=False,
            timeout=10,
            check=AsyncConnectionPool.check_connection,
            configure=_autocommit,
            kwargs={"row_factory": dict_row, "prepare_threshold": 3},
        )

    async def open(self) -> None:
        await (await psycopg.AsyncConnection.connect(self.url, connect_timeout=10)).close()
        await asyncio.to_thread(migrate, self.url)
        await self.pool.open(wait=True, timeout=30)

    async def close(self) -> None:
        await self.pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[psycopg.AsyncConnection[DictRow]]:
        async with self.pool.connection() as connection, connection.transaction():
            yield connection

    async def fetch(self, query: str, arguments: dict[str, Any] | None = None) -> list[DictRow]:
        """Rows of one statement, in its own transaction."""
        async with self.pool.connection() as connection:
            return await (await connection.execute(query, arguments)).fetchall()

    async def run(self, query: str, arguments: dict[str, Any] | None = None) -> int:
        """The number of rows that one statement touched, in its own transaction."""
        async with self.pool.connection() as connection:
            return (await connection.execute(query, arguments)).rowcount

    async def migration(self) -> str | None:
        rows = await self.fetch("SELECT version_num FROM nextnest_migrations")
        return str(rows[0]["version_num"]) if rows else None

    async def bind_to(self, origin: str) -> str:
        """Bind this database to one Chatwoot at first use; the origin it is bound to."""
        insert = "INSERT INTO installation (origin) VALUES (%(origin)s) ON CONFLICT DO NOTHING"
        await self.run(insert, {"origin": origin})
        return str((await self.fetch("SELECT origin FROM installation"))[0]["origin"])

    async def listen(self, channel: str) -> AsyncIterator[str]:
        """Payloads of a channel, on a connection of its own; ends when the connection is lost."""
        connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True)
        async with connection:
            await connection.execute(f'LISTEN "{channel}"')
            async for notification in connection.notifies():
                yield notification.payload
