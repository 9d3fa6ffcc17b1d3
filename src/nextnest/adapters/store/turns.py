"""Turns: what each of a customer's messages came to."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from nextnest.adapters.store.connection import Connection, Row, one
from nextnest.domain.persona import Persona
from nextnest.domain.reply import Reply
from nextnest.service.records import Outcome, Turn


def _turn(row: Row) -> Turn:
    return Turn(
        id=row["id"],
        conversation_id=row["conversation_id"],
        input_ids=tuple(row["input_ids"]),
        inputs=tuple(row["inputs"]),
        first_input_at=row["first_input_at"],
        started_at=row["started_at"],
        answered_at=row["answered_at"],
        plan=Outcome(row["plan"]) if row["plan"] else None,
        reason=row["reason"],
        last_message=row["last_message"],
        reply=Reply.model_validate(row["reply"]) if row["reply"] else None,
        persona=Persona(row["persona"]),
        lead_score=row["lead_score"],
        rule_version=row["rule_version"],
        steps=tuple(row["steps"]),
    )


class TurnRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, turn_id: str) -> Turn | None:
        row = await one(self._connection, "SELECT * FROM turns WHERE id = %(id)s", {"id": turn_id})
        return _turn(row) if row else None

    async def current(self, conversation_id: int) -> Turn | None:
        """The turn that has not ended; there is at most one."""
        row = await one(
            self._connection,
            "SELECT * FROM turns WHERE conversation_id = %(id)s AND outcome IS NULL",
            {"id": conversation_id},
        )
        return _turn(row) if row else None

    async def start(self, turn: Turn) -> int:
        """Begin a turn, or begin it anew when it died before it had an answer; how often it was begun."""
        row = await one(
            self._connection,
            """INSERT INTO turns (id, conversation_id, input_ids, inputs, first_input_at, started_at,
                 last_message, persona, lead_score, rule_version)
               VALUES (%(id)s, %(conversation)s, %(ids)s, %(inputs)s, %(first)s, %(started)s, %(last)s,
                 %(persona)s, %(score)s, %(rules)s)
               ON CONFLICT (id) DO UPDATE SET input_ids = EXCLUDED.input_ids, inputs = EXCLUDED.inputs,
                 last_message = EXCLUDED.last_message, attempts = turns.attempts + 1
               RETURNING attempts""",
            {
                "id": turn.id,
                "conversation": turn.conversation_id,
                "ids": list(turn.input_ids),
                "inputs": list(turn.inputs),
                "first": turn.first_input_at,
                "started": turn.started_at,
                "last": turn.last_message,
                "persona": turn.persona,
                "score": turn.lead_score,
                "rules": turn.rule_version,
            },
        )
        return int(row["attempts"]) if row else 1

    async def answer(self, turn: Turn) -> None:
        """Store the answer: from here on nothing asks the model again."""
        use = turn.reply.model_use if turn.reply else None
        await self._connection.execute(
            """UPDATE turns SET answered_at = now(), plan = %(plan)s, reason = %(reason)s, reply = %(reply)s,
                 steps = %(steps)s, model = %(model)s, input_tokens = %(input)s, output_tokens = %(output)s,
                 cost_usd = %(cost)s
               WHERE id = %(id)s AND outcome IS NULL""",
            {
                "id": turn.id,
                "plan": turn.plan,
                "reason": turn.reason,
                "reply": Jsonb(turn.reply.model_dump(mode="json")) if turn.reply else None,
                "steps": Jsonb(list(turn.steps)),
                "model": use.model if use else None,
                "input": use.input_tokens if use else 0,
                "output": use.output_tokens if use else 0,
                "cost": use.cost_usd if use else 0,
            },
        )

    async def end(self, turn_id: str, outcome: Outcome, reason: str | None) -> None:
        """End a turn, and move its conversation's watermark past what it answered.

        A superseded turn moves nothing: the next one takes its messages too. A turn that failed ends anew
        when what it intended was retried and done after all.
        """
        await self._connection.execute(
            """UPDATE turns SET outcome = %(outcome)s, reason = reply ->> 'handoff',
                 ended_at = now()
               WHERE id = %(id)s AND outcome = 'failed' AND plan = %(outcome)s""",
            {"id": turn_id, "outcome": outcome},
        )
        await self._connection.execute(
            """WITH ended AS (
                 UPDATE turns SET outcome = %(outcome)s, reason = %(reason)s, ended_at = now()
                 WHERE id = %(id)s AND outcome IS NULL
                 RETURNING conversation_id, input_ids, reply ->> 'intent' AS intent
               )
               UPDATE conversations c SET
                 turns = turns + 1,
                 superseded = CASE WHEN %(superseded)s THEN superseded + 1 ELSE 0 END,
                 misunderstood = CASE WHEN %(superseded)s THEN misunderstood
                   WHEN ended.intent = 'unknown' THEN misunderstood + 1 ELSE 0 END,
                 watermark = CASE WHEN %(superseded)s THEN watermark
                   ELSE greatest(watermark, (SELECT max(m) FROM unnest(ended.input_ids) AS m)) END
               FROM ended WHERE c.id = ended.conversation_id""",
            {
                "id": turn_id,
                "outcome": outcome,
                "reason": reason,
                "superseded": outcome is Outcome.SUPERSEDED,
            },
        )
