"""Leads, their history, and the submissions that made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from nextnest.adapters.store.connection import Connection, Row, one
from nextnest.adapters.store.erasing import erase
from nextnest.domain.lead import Lead
from nextnest.domain.persona import Persona
from nextnest.domain.score import Score
from nextnest.service.records import Erased, Kept, LeadRecord

_CLOSED = "SELECT 1 FROM conversations c WHERE c.id = leads.conversation_id AND c.owner = 'nobody'"


def _record(row: Row) -> LeadRecord:
    return LeadRecord(
        id=row["id"],
        lead=Lead.model_validate(row["data"]),
        revision=row["revision"],
        score=row["score"],
        persona=Persona(row["persona"]),
        receipt=row["receipt"],
        flags=tuple(row["flags"]),
        sync=row["sync"],
        contact_id=row["contact_id"],
        conversation_id=row["conversation_id"],
        created_at=row["created_at"],
    )


class LeadRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, lead_id: str, lead: Lead, score: Score, flags: Sequence[str]) -> None:
        await self._connection.execute(
            """INSERT INTO leads (id, data, email, phone, purpose, score, receipt, persona, flags)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (
                lead_id,
                Jsonb(lead.facts()),
                lead.email,
                lead.phone,
                lead.purpose,
                score.points,
                Jsonb(score.model_dump(mode="json")),
                score.persona,
                list(flags),
            ),
        )

    async def get(self, lead_id: str, *, to_change: bool = False) -> LeadRecord | None:
        query = "SELECT * FROM leads WHERE id = %(id)s"
        if to_change:
            query += " FOR NO KEY UPDATE"
        row = await one(self._connection, query, {"id": lead_id})
        return _record(row) if row else None

    async def by_key(self, idempotency_key: str) -> str | None:
        query = "SELECT lead_id FROM submissions WHERE idempotency_key = %(key)s"
        row = await one(self._connection, query, {"key": idempotency_key})
        return row["lead_id"] if row else None

    async def remember_key(self, idempotency_key: str, lead_id: str) -> None:
        await self._connection.execute(
            "INSERT INTO submissions (idempotency_key, lead_id) VALUES (%s, %s)", (idempotency_key, lead_id)
        )

    async def same_case(self, lead: Lead) -> LeadRecord | None:
        """The newest lead of the same contact and purpose whose conversation is not closed."""
        row = await one(
            self._connection,
            f"""SELECT * FROM leads
                WHERE purpose IS NOT DISTINCT FROM %(purpose)s AND (phone = %(phone)s OR email = %(email)s)
                  AND NOT EXISTS ({_CLOSED})
                ORDER BY created_at DESC LIMIT 1""",  # noqa: S608
            {"purpose": lead.purpose, "phone": lead.phone, "email": lead.email},
        )
        return _record(row) if row else None

    async def update(self, lead_id: str, lead: Lead, score: Score) -> None:
        """Store new facts and their score; the persona was fixed before the first word and stays."""
        await self._connection.execute(
            """UPDATE leads SET data = %s, email = %s, phone = %s, score = %s, receipt = %s,
                 revision = revision + 1, updated_at = now() WHERE id = %s""",
            (
                Jsonb(lead.facts()),
                lead.email,
                lead.phone,
                score.points,
                Jsonb(score.model_dump(mode="json")),
                lead_id,
            ),
        )

    async def event(self, lead_id: str, kind: str, data: Mapping[str, Any]) -> None:
        await self._connection.execute(
            "INSERT INTO lead_events (lead_id, kind, data) VALUES (%s, %s, %s)", (lead_id, kind, Jsonb(data))
        )

    async def said_meanwhile(self, lead_id: str) -> list[Kept]:
        cursor = await self._connection.execute(
            "SELECT client_id, text, at FROM customer_messages WHERE lead_id = %s ORDER BY at", (lead_id,)
        )
        return [Kept(row["client_id"], row["text"], row["at"]) for row in await cursor.fetchall()]

    async def synced(self, lead_id: str, contact_id: int, conversation_id: int) -> None:
        await self._connection.execute(
            """UPDATE leads SET sync = 'synced', sync_error = NULL, contact_id = %s, conversation_id = %s
               WHERE id = %s""",
            (contact_id, conversation_id, lead_id),
        )

    async def sync_failed(self, lead_id: str, why: str, *, final: bool) -> int:
        """Note a failed attempt; the number of attempts so far. `final`: an operator must look at it."""
        row = await one(
            self._connection,
            """UPDATE leads SET sync_attempts = sync_attempts + 1, sync_error = %(why)s,
                 sync = CASE WHEN %(final)s THEN 'failed'::sync_state ELSE sync END
               WHERE id = %(id)s RETURNING sync_attempts""",
            {"why": why, "final": final, "id": lead_id},
        )
        return int(row["sync_attempts"]) if row else 0

    async def find(self, *, lead_id: str | None, email: str | None, phone: str | None) -> list[LeadRecord]:
        cursor = await self._connection.execute(
            """SELECT * FROM leads WHERE id = %s OR lower(email) = lower(%s) OR phone = %s
               ORDER BY created_at DESC""",
            (lead_id, email, phone),
        )
        return [_record(row) for row in await cursor.fetchall()]

    async def erase(self, lead_id: str) -> Erased | None:
        return await erase(self._connection, lead_id)
