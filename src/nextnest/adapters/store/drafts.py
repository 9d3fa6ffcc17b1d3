"""Drafts that wait for a person, at most one for each conversation, and what became of them."""

from __future__ import annotations

from nextnest.adapters.store.connection import Connection, Row, one
from nextnest.service.records import DraftRecord, DraftState

_DRAFT = """
SELECT d.*, t.input_ids, o.message_id AS note FROM drafts d
  JOIN turns t ON t.id = d.turn_id
  LEFT JOIN outbox o ON o.key = d.turn_id || ':draft'
"""


def _draft(row: Row) -> DraftRecord:
    return DraftRecord(
        turn_id=row["turn_id"],
        conversation_id=row["conversation_id"],
        text=row["text"],
        channel=row["channel"],
        contact_name=row["contact_name"],
        after=row["after_message"],
        first_input=min(row["input_ids"]),
        last_input=max(row["input_ids"]),
        state=DraftState(row["state"]),
        decided_by=row["decided_by"],
        note=row["note"],
    )


class DraftRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, draft: DraftRecord) -> None:
        await self._connection.execute(
            """INSERT INTO drafts (turn_id, conversation_id, text, channel, contact_name, after_message)
               VALUES (%s, %s, %s, %s, %s, %s)""",
            (
                draft.turn_id,
                draft.conversation_id,
                draft.text,
                draft.channel,
                draft.contact_name,
                draft.after,
            ),
        )

    async def get(self, turn_id: str) -> DraftRecord | None:
        row = await one(self._connection, f"{_DRAFT} WHERE d.turn_id = %(id)s", {"id": turn_id})
        return _draft(row) if row else None

    async def latest(self, conversation_id: int) -> DraftRecord | None:
        query = f"{_DRAFT} WHERE d.conversation_id = %(id)s ORDER BY d.created_at DESC LIMIT 1"
        row = await one(self._connection, query, {"id": conversation_id})
        return _draft(row) if row else None

    async def decide(self, turn_id: str, state: DraftState, *, text: str, by: str) -> bool:
        cursor = await self._connection.execute(
            """UPDATE drafts SET state = %s::draft_state, final_text = %s, decided_by = %s, decided_at = now()
               WHERE turn_id = %s AND state = 'waiting'""",
            (state, text, by, turn_id),
        )
        return cursor.rowcount == 1

    async def lapse(self, turn_id: str, *, rewind: bool) -> DraftState | None:
        row = await one(
            self._connection,
            """WITH before AS (
                 SELECT d.turn_id, d.state, d.conversation_id, t.input_ids
                 FROM drafts d JOIN turns t ON t.id = d.turn_id
                 WHERE d.turn_id = %(id)s AND d.state IN ('waiting', 'approved') FOR UPDATE OF d
               ), lapsed AS (
                 UPDATE drafts d SET state = 'lapsed', decided_at = now() FROM before
                 WHERE d.turn_id = before.turn_id
               ), rewound AS (
                 UPDATE conversations c
                 SET watermark = least(watermark, (SELECT min(m) - 1 FROM unnest(before.input_ids) AS m))
                 FROM before WHERE c.id = before.conversation_id AND %(rewind)s
               )
               SELECT state::text AS state FROM before""",
            {"id": turn_id, "rewind": rewind},
        )
        return DraftState(row["state"]) if row else None
