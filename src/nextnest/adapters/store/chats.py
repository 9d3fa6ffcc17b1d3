"""What an open chat page needs to know, and what its customer said."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress

import psycopg
import structlog

from nextnest.adapters.queue import JobRows
from nextnest.adapters.store.connection import one
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.outbox import OutboxTable
from nextnest.adapters.store.work import THREAD_CHANNEL
from nextnest.domain.ownership import Owner
from nextnest.service.chat import ChatState
from nextnest.service.records import Kept, said_on_page

HEARTBEAT_SECONDS = 15.0  # a page looks again this often even when no news came
NO_CONVERSATION_SECONDS = 1.0  # and this often while there is no conversation that news could be of

log = structlog.get_logger()


class ChatRows:
    """`listen` runs beside the web app and wakes the pages of a conversation when it changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watchers: dict[int, set[asyncio.Event]] = defaultdict(set)

    async def state(self, lead_id: str) -> ChatState:
        rows = await self._database.fetch(
            """SELECT l.conversation_id, coalesce(c.owner, 'bot') AS owner,
                 coalesce(c.waiting_since IS NOT NULL, false)
                   OR EXISTS (SELECT 1 FROM turns t WHERE t.conversation_id = c.id AND t.outcome IS NULL)
                   AS answering
               FROM leads l LEFT JOIN conversations c ON c.id = l.conversation_id WHERE l.id = %(id)s""",
            {"id": lead_id},
        )
        if not rows:
            raise LookupError(lead_id)
        pending = await self._database.fetch(
            """SELECT m.client_id, m.text, m.at FROM customer_messages m
               LEFT JOIN outbox o ON o.key = 'said:' || m.lead_id || ':' || m.client_id
               WHERE m.lead_id = %(id)s AND (o.state IS NULL OR o.state IN ('intended', 'unknown', 'failed'))
               ORDER BY m.at""",
            {"id": lead_id},
        )
        return ChatState(
            lead_id=lead_id,
            conversation_id=rows[0]["conversation_id"],
            owner=Owner(rows[0]["owner"]),
            answering=rows[0]["answering"],
            pending=tuple(Kept(row["client_id"], row["text"], row["at"]) for row in pending),
        )

    async def keep(self, lead_id: str, client_id: str, text: str) -> Kept:
        async with self._database.transaction() as connection:
            lead = await one(
                connection, "SELECT conversation_id FROM leads WHERE id = %(id)s FOR SHARE", {"id": lead_id}
            )
            if lead is None:
                raise LookupError(lead_id)
            await connection.execute(
                """INSERT INTO customer_messages (lead_id, client_id, text) VALUES (%s, %s, %s)
                   ON CONFLICT DO NOTHING""",
                (lead_id, client_id, text),
            )
            row = await one(
                connection,
                "SELECT text, at FROM customer_messages WHERE lead_id = %(lead)s AND client_id = %(client)s",
                {"lead": lead_id, "client": client_id},
            )
            if row is None:
                raise LookupError(client_id)
            kept = Kept(client_id, row["text"], row["at"])
            if lead["conversation_id"] is not None:
                await OutboxTable(connection).intend(lead["conversation_id"], [said_on_page(lead_id, kept)])
                await JobRows(connection).carry(lead["conversation_id"])
        return kept

    async def changes(self, lead_id: str) -> AsyncGenerator[None]:
        while (conversation_id := (await self.state(lead_id)).conversation_id) is None:
            await asyncio.sleep(NO_CONVERSATION_SECONDS)
            yield
        with self._watching(conversation_id) as woken:
            while True:
                woken.clear()
                yield  # at once, too: for what changed before we watched
                with suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        await woken.wait()

    @contextmanager
    def _watching(self, conversation_id: int) -> Iterator[asyncio.Event]:
        woken = asyncio.Event()
        self._watchers[conversation_id].add(woken)
        try:
            yield woken
        finally:
            self._watchers[conversation_id].discard(woken)
            if not self._watchers[conversation_id]:
                del self._watchers[conversation_id]

    async def listen(self) -> None:
        """Pass changes on to the pages, for ever; a lost connection is taken up again."""
        while True:
            try:
                async for payload in self._database.listen(THREAD_CHANNEL):
                    for woken in self._watchers.get(int(payload), ()):
                        woken.set()
            except psycopg.OperationalError:
                log.warning("lost the line for news of threads; trying again")
            await asyncio.sleep(1)
