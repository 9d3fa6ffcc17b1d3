"""Conversations: who holds them, how far they are answered, when they are due."""

from __future__ import annotations

from nextnest.adapters.store.connection import Connection, one
from nextnest.domain.ownership import Holding, Owner
from nextnest.domain.persona import Persona
from nextnest.domain.thread import Status
from nextnest.service.records import Conversation


class ConversationRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, conversation_id: int) -> Conversation | None:
        row = await one(
            self._connection,
            """SELECT *, coalesce(due_at <= now(), false) AS due, now() AS read_at
               FROM conversations WHERE id = %(id)s""",
            {"id": conversation_id},
        )
        if row is None:
            return None
        return Conversation(
            id=row["id"],
            lead_id=row["lead_id"],
            persona=Persona(row["persona"]),
            holding=Holding(
                owner=Owner(row["owner"]),
                status=Status(row["status"]),
                released_at=row["released_at"],
                released_assignee=row["released_assignee"],
                bot_assigned=row["bot_assigned"],
            ),
            watermark=row["watermark"],
            wakes=row["wakes"],
            waiting_since=row["waiting_since"],
            due_at=row["due_at"],
            due=row["due"],
            turns=row["turns"],
            misunderstood=row["misunderstood"],
            superseded=row["superseded"],
            read_at=row["read_at"],
        )

    async def adopt(self, conversation_id: int, lead_id: str, persona: Persona) -> None:
        """Make the conversation the lead's, with the persona that the lead has for good."""
        await self._connection.execute(
            """INSERT INTO conversations (id, lead_id, persona) VALUES (%s, %s, %s)
               ON CONFLICT (id) DO UPDATE SET lead_id = EXCLUDED.lead_id, persona = EXCLUDED.persona""",
            (conversation_id, lead_id, persona),
        )

    async def hold(self, conversation_id: int, holding: Holding, *, rewind_to: int | None = None) -> None:
        """Store who holds it now; `rewind_to`: what was said after that message waits again."""
        await self._connection.execute(
            """UPDATE conversations SET owner = %(owner)s, status = %(status)s, released_at = %(released_at)s,
                 released_assignee = %(assignee)s, bot_assigned = %(bot_assigned)s,
                 watermark = least(watermark, coalesce(%(rewind)s, watermark))
               WHERE id = %(id)s""",
            {
                "id": conversation_id,
                "owner": holding.owner,
                "status": holding.status,
                "released_at": holding.released_at,
                "assignee": holding.released_assignee,
                "bot_assigned": holding.bot_assigned,
                "rewind": rewind_to,
            },
        )

    async def opened(self, conversation_id: int) -> None:
        await self._connection.execute(
            "UPDATE conversations SET owner = 'person', status = 'open' WHERE id = %s", (conversation_id,)
        )

    async def gone(self, conversation_id: int) -> None:
        await self._connection.execute(
            """UPDATE conversations SET owner = 'nobody', status = 'resolved', due_at = NULL,
                 waiting_since = NULL, waiting_count = 0
               WHERE id = %s""",
            (conversation_id,),
        )

    async def wake(self, conversation_id: int) -> None:
        """Something may wait for an answer now."""
        await self._connection.execute(
            """UPDATE conversations SET wakes = wakes + 1, due_at = least(coalesce(due_at, now()), now())
               WHERE id = %s""",
            (conversation_id,),
        )

    async def rest(self, conversation_id: int, wakes: int) -> None:
        """All is answered, unless somebody woke it since `wakes`."""
        await self._connection.execute(
            """UPDATE conversations SET due_at = NULL, waiting_since = NULL, waiting_count = 0
               WHERE id = %s AND wakes = %s""",
            (conversation_id, wakes),
        )
