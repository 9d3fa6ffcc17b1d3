"""Hand-offs: one at a time for each conversation, from request to return."""

from __future__ import annotations

from datetime import datetime

from nextnest.adapters.store.connection import Connection
from nextnest.domain.handoff import HandoffReason
from nextnest.service.records import Handoff

AT_ONCE = 50  # rows for one look; the next look takes more


class HandoffRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def request(
        self, conversation_id: int, turn_id: str | None, reason: HandoffReason, *, inbox_id: int | None
    ) -> bool:
        """Request a hand-off; False when one is under way already."""
        cursor = await self._connection.execute(
            """INSERT INTO handoffs (conversation_id, turn_id, reason, inbox_id) VALUES (%s, %s, %s, %s)
               ON CONFLICT DO NOTHING""",
            (conversation_id, turn_id, reason, inbox_id),
        )
        return cursor.rowcount == 1

    async def opened(self, conversation_id: int) -> None:
        await self._connection.execute(
            """UPDATE handoffs SET state = 'open', opened_at = now()
               WHERE conversation_id = %s AND state = 'requested'""",
            (conversation_id,),
        )

    async def accepted(self, conversation_id: int) -> None:
        await self._connection.execute(
            """UPDATE handoffs SET state = 'accepted', accepted_at = now()
               WHERE conversation_id = %s AND state IN ('requested', 'open', 'escalated')""",
            (conversation_id,),
        )

    async def settled(self, conversation_id: int) -> frozenset[HandoffReason]:
        cursor = await self._connection.execute(
            "SELECT DISTINCT reason FROM handoffs WHERE conversation_id = %s AND state = 'returned'",
            (conversation_id,),
        )
        return frozenset(HandoffReason(row["reason"]) for row in await cursor.fetchall())

    async def returned(self, conversation_id: int) -> None:
        await self._connection.execute(
            """UPDATE handoffs SET state = 'returned', ended_at = now()
               WHERE conversation_id = %s AND state <> 'returned'""",
            (conversation_id,),
        )

    async def unscheduled(self) -> list[Handoff]:
        return await self._open_where("escalate_at IS NULL")

    async def overdue(self) -> list[Handoff]:
        return await self._open_where("escalate_at <= now()")

    async def schedule(self, handoff_id: int, escalate_at: datetime) -> None:
        await self._connection.execute(
            "UPDATE handoffs SET escalate_at = %s WHERE id = %s AND state = 'open'", (escalate_at, handoff_id)
        )

    async def escalate(self, handoff_id: int) -> bool:
        cursor = await self._connection.execute(
            "UPDATE handoffs SET state = 'escalated' WHERE id = %s AND state = 'open'", (handoff_id,)
        )
        return cursor.rowcount == 1

    async def _open_where(self, condition: str) -> list[Handoff]:
        cursor = await self._connection.execute(
            f"""SELECT id, conversation_id, inbox_id, opened_at FROM handoffs
                WHERE state = 'open' AND {condition} ORDER BY opened_at LIMIT {AT_ONCE}"""  # noqa: S608
        )
        return [
            Handoff(row["id"], row["conversation_id"], row["inbox_id"], row["opened_at"])
            for row in await cursor.fetchall()
        ]
