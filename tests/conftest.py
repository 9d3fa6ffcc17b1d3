"""Fixtures that every height shares: a real PostgreSQL, one database a test."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from nextnest.adapters.store.database import Database
from nextnest.adapters.store.embedded import EmbeddedPostgres
from nextnest.adapters.store.migrating import migrate


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a real PostgreSQL server with a migrated template database."""
    with tempfile.TemporaryDirectory(prefix="nextnest-test-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "postgres")
        url = server.start()
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE DATABASE template_nextnest")
            migrate(_with_database(url, "template_nextnest"))
            yield url
        finally:
            server.stop()


@pytest.fixture
async def database_url(postgres: str) -> AsyncIterator[str]:
    """A fresh, migrated database."""
    name = f"t_{uuid.uuid4().hex}"

    def make() -> None:
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_nextnest STRATEGY file_copy")

    def drop() -> None:
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    await asyncio.to_thread(make)
    yield _with_database(postgres, name)
    await asyncio.to_thread(drop)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.open()
    yield opened
    await opened.close()
