"""The database starts, migrates once whoever comes first, and remembers its Chatwoot."""

from __future__ import annotations

import asyncio

from alembic.script import ScriptDirectory

from nextnest.adapters.store.database import Database, newest_migration
from nextnest.adapters.store.migrating import config, migrate


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
