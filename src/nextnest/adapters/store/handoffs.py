"""Hand-offs: one at a time for each conversation, from request to return."""

from __future__ import annotations

from nextnest.adapters.store.connection import Connection
from nextnest.domain.handoff import HandoffReason


class HandoffRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def request(self, conversation_id: int, turn_id: str | None, reason: HandoffReason) -> bool:
        """Request a hand-off; False when one is under way already."""
        cursor = await self._connection.execute(
            """INSERT INTO handoffs (conversation_id, turn_id, reason) VALUES (%s, %s, %s)
               ON CONFLICT DO NOTHING""",
            (conversation_id, turn_id, reason),
        )
        return cursor.rowcount == 1

    async def opened(self, conversation_id: int) -> None:
        await self._set(conversation_id, "open", ("requested",))

    async def accepted(self, conversation_id: int) -> None:
        await self._connection.execute(
            """UPDATE handoffs SET state = 'accepted', accepted_at = now()
               WHERE conversation_id = %s AND state IN ('requested', 'open', 'escalated')""",
            (conversation_id,),
        )

    async def returned(self, conversation_id: int) -> None:
        await self._connection.execute(
            """UPDATE handoffs SET state = 'returned', ended_at = now()
               WHERE conversation_id = %s AND state <> 'returned'""",
            (conversation_id,),
        )

    async def _set(self, conversation_id: int, state: str, of: tuple[str, ...]) -> None:
        await self._connection.execute(
            """UPDATE handoffs SET state = %s::handoff_state
               WHERE conversation_id = %s AND state = ANY(%s::handoff_state[])""",
            (state, conversation_id, list(of)),
        )
