"""The PostgreSQL database: one pool for our tables and the queue, and its migrations."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def newest_migration() -> str:
    """The migration this release wants. Their files are numbered, so that a later one is a greater one."""
    return max(path.stem.split("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))


def _migrate_if_needed(url: str) -> None:
    with psycopg.connect(url, connect_timeout=10) as connection:
        made = connection.execute("SELECT to_regclass('nextnest_migrations') IS NOT NULL").fetchone()
        if made and made[0]:
            found = connection.execute("SELECT version_num FROM nextnest_migrations").fetchone()
            if found and found[0] >= newest_migration():  # greater: a newer release runs beside this one
                return
    from nextnest.adapters.store.migrating import migrate

    migrate(url)


async def _autocommit(connection: psycopg.AsyncConnection[DictRow]) -> None:
    await connection.set_autocommit(True)  # a statement is a transaction, unless we say where one begins


# A server that vanished without a word is noticed within seconds, and found again as soon as it is back: the
# pool doubles its pauses up to the time it gives up, and begins anew with whoever asks next.
_NETWORK: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "target_session_attrs": "read-write",  # not the one that was demoted
}
_RECONNECT_SECONDS = 8.0
_TRUSTED_SECONDS = 1.0  # how long a pooled connection that answered is taken to be alive


class Database:
    """Connections and transactions. `open` before use; `close` gives everything back."""

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self.url = url.replace("postgres://", "postgresql://", 1)
        self._checked: WeakKeyDictionary[psycopg.AsyncConnection[Any], float] = WeakKeyDictionary()
        self.pool: AsyncConnectionPool[psycopg.AsyncConnection[DictRow]] = AsyncConnectionPool(
            self.url,
            min_size=min(4, connections),
            max_size=connections,
            open=False,
            timeout=10,
            reconnect_timeout=_RECONNECT_SECONDS,
            check=self._check,
            configure=_autocommit,
            kwargs={"row_factory": dict_row, "prepare_threshold": 3, **_NETWORK},
        )

    async def open(self) -> None:
        await asyncio.to_thread(_migrate_if_needed, self.url)
        await self.pool.open(wait=True, timeout=30)

    async def close(self) -> None:
        await self.pool.close()

    async def _check(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """A connection that answered a moment ago is not asked again: it would double the round trips."""
        now = time.monotonic()
        if now - self._checked.get(connection, 0.0) > _TRUSTED_SECONDS:
            await AsyncConnectionPool.check_connection(connection)
            self._checked[connection] = now

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[DictRow]]:
        try:
            async with self.pool.connection() as connection:
                yield connection
        except psycopg.OperationalError:
            self._checked.clear()  # the server may be gone: the others are asked before they are used
            raise

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[psycopg.AsyncConnection[DictRow]]:
        async with self._connection() as connection, connection.transaction():
            yield connection

    async def fetch(self, query: str, arguments: dict[str, Any] | None = None) -> list[DictRow]:
        """Rows of one statement, in its own transaction."""
        async with self._connection() as connection:
            return await (await connection.execute(query, arguments)).fetchall()

    async def run(self, query: str, arguments: dict[str, Any] | None = None) -> int:
        """The number of rows that one statement touched, in its own transaction."""
        async with self._connection() as connection:
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
        connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True, **_NETWORK)
        async with connection:
            await connection.execute(f'LISTEN "{channel}"')
            async for notification in connection.notifies():
                yield notification.payload
