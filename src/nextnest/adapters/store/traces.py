"""What waits for Langfuse: written with the turn's end, kept until the server has taken it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psycopg.types.json import Jsonb

from nextnest.adapters.store.connection import Connection, Row, one
from nextnest.domain.persona import Persona
from nextnest.domain.reply import Reply
from nextnest.domain.trace import Step, StepKind, TurnTrace

TraceOf = Callable[[TurnTrace], dict[str, Any]]


class TraceRows:
    def __init__(self, connection: Connection, trace_of: TraceOf | None) -> None:
        self._connection = connection
        self._trace_of = trace_of

    async def add(self, turn_id: str) -> None:
        """Keep the trace of a turn that has just ended; nothing when nobody watches."""
        if self._trace_of is None:
            return
        row = await one(
            self._connection,
            """SELECT t.*, c.lead_id, l.data ->> 'property_type' AS property_type
               FROM turns t JOIN conversations c ON c.id = t.conversation_id
                 LEFT JOIN leads l ON l.id = c.lead_id
               WHERE t.id = %(id)s AND t.outcome IS NOT NULL""",
            {"id": turn_id},
        )
        if row is None:
            return
        sends = await self._connection.execute(
            """SELECT key, coalesce(attempted_at, done_at) AS began, done_at, window_ms FROM outbox
               WHERE turn_id = %s AND kind = 'message' AND state IN ('sent', 'settled') ORDER BY id""",
            (turn_id,),
        )
        trace = TurnTrace(
            turn_id=turn_id,
            conversation_id=row["conversation_id"],
            contact_key=row["lead_id"] or f"conversation-{row['conversation_id']}",
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            inputs=tuple(row["inputs"]),
            outcome=row["outcome"],
            reason=row["reason"],
            reply=Reply.model_validate(row["reply"]) if row["reply"] else None,
            persona=Persona(row["persona"]),
            lead_score=row["lead_score"],
            property_type=row["property_type"],
            rule_version=row["rule_version"],
            attempts=row["attempts"],
            steps=(
                *(Step.from_json(step) for step in row["steps"]),
                *(_sent(send) for send in await sends.fetchall()),
            ),
        )
        await self._connection.execute(
            "INSERT INTO trace_outbox (turn_id, payload) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (turn_id, Jsonb(self._trace_of(trace))),
        )


def _sent(row: Row) -> Step:
    return Step(
        name=row["key"].rsplit(":", 1)[-1],
        kind=StepKind.SEND,
        started_at=row["began"],
        ended_at=row["done_at"],
        detail={"window_ms": row["window_ms"]},
    )
