"""The outbox's rows. States: intended, unknown (attempted), sent, settled, failed, cancelled."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.types.json import Jsonb

from nextnest.adapters.store.connection import Connection, one
from nextnest.service.records import BESIDE, Guard, Intent, Kind, NewIntent

PATIENCE = 3  # attempts after which a write that no customer waits for lets others pass while it waits


class OutboxTable:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def intend(self, conversation_id: int, intents: Sequence[NewIntent]) -> int:
        """Intend each once: a key that was ever intended is left as it is; how many were new."""
        cursor = self._connection.cursor()
        await cursor.executemany(
            """INSERT INTO outbox (key, conversation_id, turn_id, kind, guard, payload, after_message)
               VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING""",
            [
                (i.key, conversation_id, i.turn_id, i.kind, i.guard, Jsonb(i.payload), i.after)
                for i in intents
            ],
        )
        return cursor.rowcount

    async def next(self, conversation_id: int, *, customer: bool) -> Intent | None:
        """The first intent of a line that is not done; its later ones wait for it, unless it stands back."""
        row = await one(
            self._connection,
            """SELECT *, extract(epoch FROM not_before - now())::float8 AS wait,
                 extract(epoch FROM now() - created_at)::float8 AS age,
                 extract(epoch FROM now() - attempted_at)::float8 AS since_attempt,
                 kind = ANY(%(beside)s::outbox_kind[]) AND attempts >= %(patience)s AND not_before > now()
                   AS stands_back
               FROM outbox
               WHERE conversation_id = %(id)s AND state IN ('intended', 'unknown')
                 AND (kind = 'customer_message') = %(customer)s
               ORDER BY stands_back, id LIMIT 1""",
            {
                "id": conversation_id,
                "customer": customer,
                "beside": sorted(BESIDE),
                "patience": PATIENCE,
            },
        )
        if row is None:
            return None
        return Intent(
            id=row["id"],
            key=row["key"],
            conversation_id=row["conversation_id"],
            turn_id=row["turn_id"],
            kind=Kind(row["kind"]),
            guard=Guard(row["guard"]),
            payload=row["payload"],
            unknown=row["state"] == "unknown",
            attempts=row["attempts"],
            wait=row["wait"],
            stands_back=row["stands_back"],
            age=row["age"],
            since_attempt=row["since_attempt"],
            after=row["after_message"],
        )

    async def attempt(self, intent: Intent) -> bool:
        cursor = await self._connection.execute(
            """UPDATE outbox SET state = 'unknown', attempts = attempts + 1, attempted_at = now()
               WHERE id = %s AND attempts = %s AND state IN ('intended', 'unknown')""",
            (intent.id, intent.attempts),
        )
        return cursor.rowcount == 1

    async def sent(self, intent_id: int, *, message_id: int | None, window_ms: float | None) -> None:
        await self._connection.execute(
            """UPDATE outbox SET state = 'sent', done_at = now(), message_id = %s, window_ms = %s,
                 error = NULL, attempts = greatest(attempts, 1)
               WHERE id = %s""",
            (message_id, window_ms, intent_id),
        )

    async def outdated(self, intent: Intent) -> None:
        await self._connection.execute(
            """UPDATE outbox SET state = 'cancelled'
               WHERE conversation_id = %s AND kind = %s AND id < %s AND state IN ('intended', 'failed')""",
            (intent.conversation_id, intent.kind, intent.id),
        )

    async def settled(self, intent_id: int, *, message_id: int | None) -> None:
        await self._connection.execute(
            "UPDATE outbox SET state = 'settled', done_at = now(), message_id = %s WHERE id = %s",
            (message_id, intent_id),
        )

    async def later(self, intent_id: int, *, seconds: float, why: str, unknown: bool) -> None:
        await self._connection.execute(
            """UPDATE outbox SET not_before = now() + make_interval(secs => %(seconds)s), error = %(why)s,
                 state = CASE WHEN %(unknown)s THEN 'unknown' ELSE 'intended' END::outbox_state,
                 attempts = attempts + CASE WHEN %(unknown)s THEN 0 ELSE 1 END
               WHERE id = %(id)s AND state IN ('intended', 'unknown')""",
            {"id": intent_id, "seconds": seconds, "why": why, "unknown": unknown},
        )

    async def failed(self, intent_id: int, why: str) -> None:
        await self._connection.execute(
            "UPDATE outbox SET state = 'failed', error = %s WHERE id = %s", (why, intent_id)
        )

    async def cancel_turn(self, turn_id: str) -> None:
        await self._connection.execute(
            "UPDATE outbox SET state = 'cancelled' WHERE turn_id = %s AND state IN ('intended', 'unknown')",
            (turn_id,),
        )

    async def cancel_all(self, conversation_id: int) -> None:
        await self._connection.execute(
            """UPDATE outbox SET state = 'cancelled'
               WHERE conversation_id = %s AND state IN ('intended', 'unknown')""",
            (conversation_id,),
        )

    async def open_of_turn(self, turn_id: str) -> int:
        row = await one(
            self._connection,
            """SELECT count(*) AS n FROM outbox WHERE turn_id = %(id)s AND state IN ('intended', 'unknown')
                 AND NOT (kind = ANY(%(beside)s::outbox_kind[]) AND attempts >= %(patience)s)""",
            {"id": turn_id, "beside": sorted(BESIDE), "patience": PATIENCE},
        )
        return int(row["n"]) if row else 0

    async def said_of_turn(self, turn_id: str) -> bool:
        """Whether the customer has read any part of the turn's reply."""
        row = await one(
            self._connection,
            """SELECT 1 FROM outbox
               WHERE turn_id = %(id)s AND kind = 'message' AND state IN ('sent', 'settled') LIMIT 1""",
            {"id": turn_id},
        )
        return row is not None

    async def failed_of_turn(self, turn_id: str) -> str | None:
        """Why a turn cannot count as done: its message or its status was refused."""
        row = await one(
            self._connection,
            """SELECT kind || ': ' || coalesce(error, '') AS why FROM outbox
               WHERE turn_id = %(id)s AND state = 'failed' AND kind IN ('message', 'status') LIMIT 1""",
            {"id": turn_id},
        )
        return row["why"] if row else None
