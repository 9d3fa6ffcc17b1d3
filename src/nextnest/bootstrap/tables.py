"""Commands that only need the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from nextnest.adapters.store.database import Database
from nextnest.adapters.store.embedded import EmbeddedPostgres
from nextnest.adapters.store.operations import OperationRows
from nextnest.bootstrap.assembly import bind
from nextnest.bootstrap.up import database_name
from nextnest.broker.rates import RateSheetErrors, parse_csv
from nextnest.service.operations import Operations
from nextnest.settings import Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database of these settings; the embedded one is started where it does not run.

    Raises:
        SettingsError: it belongs to another Chatwoot.
    """
    server = EmbeddedPostgres(settings.home / "postgres") if settings.database_url is None else None
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    async with AsyncExitStack() as stack:
        if server is not None:
            stack.push_async_callback(asyncio.to_thread, server.stop)  # in the middle of its start, too
            await asyncio.to_thread(server.start)
            url = await asyncio.to_thread(server.database, database_name(settings))
        database = Database(url, connections=2)
        stack.push_async_callback(database.close)
        await database.open()
        if settings.chatwoot is not None:
            await bind(database, settings.chatwoot)
        yield database


@asynccontextmanager
async def with_operations(settings: Settings) -> AsyncIterator[Operations]:
    async with opened(settings) as database:
        yield Operations(OperationRows(database))


async def import_rates(settings: Settings, name: str, text: str) -> str:
    """Store a sheet as the newest version; a line that says what was stored.

    Raises:
        RuntimeError: the sheet is not one, with each line's problem.
    """
    try:
        sheet = parse_csv(text)
    except RateSheetErrors as error:
        raise RuntimeError(f"{name}: {error}") from error
    until = max(row.valid_until for row in sheet.rows)
    async with opened(settings) as database:
        rows = await database.fetch(
            """INSERT INTO rate_sheets (as_of, valid_until, name, content)
               VALUES (%(as_of)s, %(until)s, %(name)s, %(content)s) RETURNING version""",
            {"as_of": sheet.as_of, "until": until, "name": name, "content": text},
        )
    version = rows[0]["version"]
    return f"version {version}: {len(sheet.rows)} packages as of {sheet.as_of}, the last valid until {until}"
