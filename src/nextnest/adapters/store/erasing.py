"""Erasing a lead: every row that holds a word of it, and none that another lead needs."""

from __future__ import annotations

from nextnest.adapters.store.connection import Connection, one
from nextnest.service.records import Erased

# The conversation's own row stays: it holds no personal data, and without it an old thread would look new.
_ERASE = (
    """DELETE FROM trace_outbox WHERE turn_id IN (SELECT id FROM turns WHERE conversation_id = %(id)s)""",
    """DELETE FROM outbox WHERE conversation_id = %(id)s""",
    """DELETE FROM handoffs WHERE conversation_id = %(id)s""",
)


async def erase(connection: Connection, lead_id: str) -> Erased | None:
    """What was erased; None when there is no such lead."""
    lead = await one(
        connection,
        """SELECT conversation_id, contact_id,
             (SELECT count(*) FROM lead_events WHERE lead_id = %(id)s) AS events,
             (SELECT count(*) FROM customer_messages WHERE lead_id = %(id)s) AS messages
           FROM leads WHERE id = %(id)s FOR UPDATE""",
        {"id": lead_id},
    )
    if lead is None:
        return None
    conversation = {"id": lead["conversation_id"]}
    for statement in _ERASE:
        await connection.execute(statement, conversation)
    turns = await connection.execute("DELETE FROM turns WHERE conversation_id = %(id)s", conversation)
    await connection.execute(
        """UPDATE conversations SET due_at = NULL, waiting_since = NULL, waiting_count = 0
           WHERE id = %(id)s""",
        conversation,
    )
    await connection.execute("DELETE FROM leads WHERE id = %(id)s", {"id": lead_id})
    return Erased(
        lead_id=lead_id,
        conversation_id=lead["conversation_id"],
        contact_id=lead["contact_id"],
        events=lead["events"],
        turns=turns.rowcount,
        messages=lead["messages"],
    )
