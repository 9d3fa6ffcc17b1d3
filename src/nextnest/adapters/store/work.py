"""One transaction over everything that must be committed together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nextnest.adapters.queue import JobRows
from nextnest.adapters.store.connection import Connection
from nextnest.adapters.store.conversations import ConversationRows
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.drafts import DraftRows
from nextnest.adapters.store.handoffs import HandoffRows
from nextnest.adapters.store.leads import LeadRows
from nextnest.adapters.store.outbox import OutboxTable
from nextnest.adapters.store.rates import RateRows
from nextnest.adapters.store.traces import TraceOf, TraceRows
from nextnest.adapters.store.turns import TurnRows

THREAD_CHANNEL = "nextnest_thread"


class PostgresWork:
    def __init__(self, connection: Connection, trace_of: TraceOf | None) -> None:
        self._connection = connection
        self.leads = LeadRows(connection)
        self.conversations = ConversationRows(connection)
        self.turns = TurnRows(connection)
        self.outbox = OutboxTable(connection)
        self.handoffs = HandoffRows(connection)
        self.drafts = DraftRows(connection)
        self.jobs = JobRows(connection)
        self.traces = TraceRows(connection, trace_of)
        self.rates = RateRows(connection)

    async def lock(self, name: str) -> None:
        await self._connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))

    async def notify(self, conversation_id: int) -> None:
        await self._connection.execute("SELECT pg_notify(%s, %s)", (THREAD_CHANNEL, str(conversation_id)))


class PostgresStore:
    """`trace_of` makes what is kept for Langfuse of a turn that ended; None: nobody watches."""

    def __init__(self, database: Database, *, trace_of: TraceOf | None = None) -> None:
        self._database = database
        self._trace_of = trace_of

    @asynccontextmanager
    async def work(self) -> AsyncIterator[PostgresWork]:
        async with self._database.transaction() as connection:
            yield PostgresWork(connection, self._trace_of)
