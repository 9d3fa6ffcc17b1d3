"""Telling open chat pages, on whichever web process they are, that a thread has changed."""

from __future__ import annotations

import asyncio

import psycopg
import structlog

from nextnest.adapters.store.database import Database
from nextnest.adapters.store.work import THREAD_CHANNEL

PAUSE_SECONDS = 0.05  # between two tellings: what changes meanwhile is told together

log = structlog.get_logger()


class News:
    """Told after the commit and together: transactions that notify wait for each other when they commit.

    A notice that is lost costs a page seconds, since it looks again by itself.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed: set[int] = set()
        self._telling: asyncio.Task[None] | None = None

    def changed(self, conversation_id: int) -> None:
        self._changed.add(conversation_id)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        try:
            while self._changed:
                changed, self._changed = list(self._changed), set()
                await self._database.run(
                    "SELECT pg_notify(%(channel)s, id::text) FROM unnest(%(changed)s::bigint[]) AS id",
                    {"channel": THREAD_CHANNEL, "changed": changed},
                )
                await asyncio.sleep(PAUSE_SECONDS)
        except psycopg.OperationalError as error:
            log.warning("could not tell open pages of changes", error=type(error).__name__)
        finally:
            self._telling = None
