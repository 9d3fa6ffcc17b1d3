"""Health, numbers and failures, read from the tables that decide what happens."""

from __future__ import annotations

import asyncio
from typing import Any

from nextnest.adapters.queue import DEAD_AFTER_SECONDS, JobRows
from nextnest.adapters.store.database import Database, newest_migration
from nextnest.service.operations import Failed, Overview, Readiness

OLDEST_UNANSWERED_SECONDS = 60.0  # a customer who waits longer makes us not ready
READY_SECONDS = 3.0  # to say whether we are ready: who asks does not wait for long

_NUMBERS = """
SELECT
  (SELECT extract(epoch FROM now() - min(scheduled_at))::float8 FROM procrastinate_jobs
    WHERE status = 'todo' AND scheduled_at <= now()) AS queue_age,
  (SELECT extract(epoch FROM now() - min(waiting_since))::float8 FROM conversations
    WHERE due_at IS NOT NULL AND owner = 'bot') AS oldest_unanswered,
  (SELECT count(*) FROM leads WHERE sync <> 'synced') AS leads_unsynced,
  (SELECT count(*) FROM trace_outbox WHERE refused IS NULL) AS traces_waiting,
  (SELECT count(*) FROM procrastinate_workers
    WHERE last_heartbeat > now() - make_interval(secs => %(dead)s)) AS workers,
  (SELECT array[percentile_cont(0.5) WITHIN GROUP (ORDER BY s),
      percentile_cont(0.99) WITHIN GROUP (ORDER BY s)]
    FROM (SELECT extract(epoch FROM ended_at - first_input_at)::float8 AS s FROM turns
      WHERE outcome = 'replied' AND ended_at > now() - interval '1 day') AS replies) AS reply_seconds,
  (SELECT array[percentile_cont(0.5) WITHIN GROUP (ORDER BY window_ms),
      percentile_cont(0.99) WITHIN GROUP (ORDER BY window_ms)]
    FROM outbox WHERE guard <> 'none' AND window_ms IS NOT NULL AND done_at > now() - interval '1 day'
  ) AS window_ms
"""

_TURNS = """SELECT outcome::text AS k, count(*) AS n FROM turns
  WHERE ended_at > now() - interval '1 day' GROUP BY 1 ORDER BY 1"""
_SILENCES = """SELECT reason AS k, count(*) AS n FROM turns
  WHERE outcome = 'silent' AND ended_at > now() - interval '1 day' GROUP BY 1 ORDER BY 1"""
# In parts, each with an index of its own: what it costs does not grow with all that was ever sent.
OUTBOX = """SELECT state::text AS k, count(*) AS n FROM (
  SELECT state FROM outbox WHERE state IN ('intended', 'unknown')
  UNION ALL SELECT state FROM outbox WHERE state = 'failed'
  UNION ALL SELECT state FROM outbox
    WHERE done_at > now() - interval '1 day' AND state NOT IN ('intended', 'unknown', 'failed')
) AS counted GROUP BY 1 ORDER BY 1"""

# A turn that failed is over once the customer's later words were answered: to take it up again would rewind
# the conversation and answer those anew.
_TURN_STANDS_FAILED = """outcome = 'failed'
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.turn_id = turns.id AND o.state <> 'cancelled')
  AND NOT EXISTS (SELECT 1 FROM turns later WHERE later.conversation_id = turns.conversation_id
    AND later.input_ids[1] > turns.input_ids[1] AND later.outcome IN ('replied', 'drafted', 'handed_off'))"""

_FAILURES = f"""
SELECT 'outbox:' || id AS id, kind::text AS kind, key AS what, coalesce(attempted_at, created_at) AS at,
  conversation_id, NULL AS lead_id, attempts, coalesce(error, '') AS reason
FROM outbox WHERE state = 'failed'
UNION ALL
SELECT 'turn:' || id, 'turn', array_length(input_ids, 1) || ' message(s)', ended_at, conversation_id, NULL,
  attempts, coalesce(reason, '')
FROM turns WHERE {_TURN_STANDS_FAILED}
UNION ALL
SELECT 'lead:' || id, 'lead', 'not in Chatwoot', updated_at, NULL, id, sync_attempts, coalesce(sync_error, '')
FROM leads WHERE sync = 'failed'
UNION ALL
SELECT 'trace:' || id, 'trace', turn_id, created_at, NULL, NULL, attempts, refused
FROM trace_outbox WHERE refused IS NOT NULL
UNION ALL
SELECT 'job:' || id, 'job', task_name, scheduled_at, (args ->> 'conversation_id')::bigint, args ->> 'lead_id',
  attempts, 'broke: ' || coalesce(args ->> 'error', 'see the log')
FROM procrastinate_jobs WHERE status = 'failed'
ORDER BY at DESC LIMIT 200
"""  # noqa: S608


class OperationRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def overview(self) -> Overview:
        numbers = (await self._database.fetch(_NUMBERS, {"dead": DEAD_AFTER_SECONDS}))[0]
        return Overview(
            queue_age=numbers["queue_age"],
            oldest_unanswered=numbers["oldest_unanswered"],
            turns=await self._counts(_TURNS),
            silences=await self._counts(_SILENCES),
            outbox=await self._counts(OUTBOX),
            leads_unsynced=numbers["leads_unsynced"],
            traces_waiting=numbers["traces_waiting"],
            workers=numbers["workers"],
            reply_seconds=_pair(numbers["reply_seconds"]),
            window_ms=_pair(numbers["window_ms"]),
            failures=tuple(await self.failures()),
        )

    async def _counts(self, query: str) -> dict[str, int]:
        return {row["k"]: row["n"] for row in await self._database.fetch(query)}

    async def failures(self) -> list[Failed]:
        return [
            Failed(
                id=row["id"],
                kind=row["kind"],
                what=row["what"] or "",
                when=row["at"],
                conversation_id=row["conversation_id"],
                lead_id=row["lead_id"],
                attempts=row["attempts"],
                reason=row["reason"],
            )
            for row in await self._database.fetch(_FAILURES)
        ]

    async def retry(self, failure_id: str) -> None:
        kind, _, key = failure_id.partition(":")
        if kind not in _RETRIES:
            raise LookupError(failure_id)
        async with self._database.transaction() as connection:
            try:
                cursor = await connection.execute(_RETRIES[kind], {"key": key})
                row = await cursor.fetchone()
            except ValueError as error:
                raise LookupError(failure_id) from error
            if row is None:
                raise LookupError(failure_id)
            await _queue_again(JobRows(connection), kind, row)

    async def readiness(self) -> Readiness:
        async with asyncio.timeout(READY_SECONDS):
            numbers = (await self._database.fetch(_NUMBERS, {"dead": DEAD_AFTER_SECONDS}))[0]
            migration = await self._database.migration()
        oldest = numbers["oldest_unanswered"] or 0.0
        checks = {
            "database": "ok",
            "migrations": "ok"
            if migration is not None and migration >= newest_migration()  # a newer release may have been here
            else f"at {migration}, not {newest_migration()}",
            "worker": "ok" if numbers["workers"] else "no worker has a heartbeat",
            "unanswered": "ok"
            if oldest <= OLDEST_UNANSWERED_SECONDS
            else f"a customer waits for {oldest:.0f} s",
        }
        return Readiness(ok=all(state == "ok" for state in checks.values()), checks=checks)


_RETRIES = {
    # What was attempted may have been stored all the same: it is looked for before it is sent again.
    "outbox": """UPDATE outbox SET not_before = now(), created_at = now(), error = NULL,
        state = (CASE WHEN attempted_at IS NULL THEN 'intended' ELSE 'unknown' END)::outbox_state
      WHERE id::text = %(key)s AND state = 'failed' RETURNING conversation_id, kind::text AS kind, turn_id""",
    # Only of a turn that has said nothing: what its outbox still holds is retried there, or it is said twice.
    "turn": f"""WITH turn AS (DELETE FROM turns WHERE id = %(key)s AND {_TURN_STANDS_FAILED}
        RETURNING conversation_id, input_ids)
      UPDATE conversations c SET wakes = wakes + 1, due_at = now(),
        watermark = least(watermark, (SELECT min(m) - 1 FROM unnest(turn.input_ids) AS m))
      FROM turn WHERE c.id = turn.conversation_id RETURNING c.id AS conversation_id""",  # noqa: S608
    "lead": """UPDATE leads SET sync = 'pending', sync_attempts = 0, sync_error = NULL
      WHERE id = %(key)s AND sync = 'failed' RETURNING id AS lead_id""",
    "job": """UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, args = args - 'error',
        scheduled_at = now()
      WHERE id::text = %(key)s AND status = 'failed' RETURNING id""",
    "trace": """UPDATE trace_outbox SET refused = NULL, attempts = 0, not_before = now()
      WHERE id::text = %(key)s AND refused IS NOT NULL RETURNING id""",
}


async def _queue_again(jobs: JobRows, kind: str, row: dict[str, Any]) -> None:
    if kind == "lead":
        await jobs.sync(row["lead_id"])
    elif row.get("kind") == "customer_message":
        await jobs.carry(row["conversation_id"])
    elif kind not in ("job", "trace"):
        await jobs.attend(row["conversation_id"])


def _pair(values: list[float | None] | None) -> tuple[float, float] | None:
    if not values or values[0] is None or values[1] is None:
        return None
    return values[0], values[1]
