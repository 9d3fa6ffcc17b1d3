"""What our tables say is due although no job is at it."""

from __future__ import annotations

from nextnest.adapters.queue import NORMAL, JobRows
from nextnest.adapters.store.database import Database
from nextnest.domain.persona import Persona

OVERDUE_SECONDS = 5.0  # a job needs a moment; after this it is taken for lost
KEEP_EVENTS_DAYS = 30  # Chatwoot repeats an event within seconds, never after weeks


class SweepRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def requeue_due(self, limit: int) -> int:
        await self._promote_due()
        await self._forget_healed()
        overdue = {"late": OVERDUE_SECONDS, "limit": limit}
        async with self._database.transaction() as connection:
            jobs = JobRows(connection)
            lanes = await connection.execute(
                """SELECT DISTINCT id FROM (
                     SELECT id, due_at AS at FROM conversations
                     WHERE due_at < now() - make_interval(secs => %(late)s)
                     UNION ALL
                     SELECT conversation_id, not_before FROM outbox
                     WHERE state IN ('intended', 'unknown') AND kind <> 'customer_message'
                       AND not_before < now() - make_interval(secs => %(late)s)
                     ORDER BY at LIMIT %(limit)s) AS late
                   WHERE NOT EXISTS (SELECT 1 FROM procrastinate_jobs j
                     WHERE j.lock = 'conversation:' || late.id)""",
                overdue,
            )
            for row in (found := await lanes.fetchall()):
                await jobs.attend(row["id"])
            lines = await connection.execute(
                """SELECT DISTINCT conversation_id AS id FROM outbox o
                   WHERE state IN ('intended', 'unknown') AND kind = 'customer_message'
                     AND not_before < now() - make_interval(secs => %(late)s)
                     AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j
                       WHERE j.lock = 'customer:' || o.conversation_id)
                   LIMIT %(limit)s""",
                overdue,
            )
            for row in (said := await lines.fetchall()):
                await jobs.carry(row["id"])
            leads = await connection.execute(
                """SELECT id FROM leads l WHERE sync = 'pending' AND created_at < now() - interval '1 minute'
                     AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j
                       WHERE j.lock = 'lead:' || l.id)
                   ORDER BY created_at LIMIT %(limit)s""",
                overdue,
            )
            for row in (unsynced := await leads.fetchall()):
                await jobs.sync(row["id"])
        return len(found) + len(said) + len(unsynced)

    async def _promote_due(self) -> None:
        """A retry lets its lane go on while it waits; once it is due it takes its turn by age, or new work
        would keep those waiting who have waited longest."""
        await self._database.run(
            """UPDATE procrastinate_jobs SET priority = %(normal)s WHERE id IN (
                 SELECT id FROM procrastinate_jobs
                 WHERE status = 'todo' AND priority < %(normal)s AND scheduled_at <= now()
                 FOR UPDATE SKIP LOCKED)""",
            {"normal": NORMAL},
        )

    async def _forget_healed(self) -> None:
        """A job that broke for good is no failure any more once a later one of its lane has done the work."""
        await self._database.run(
            """DELETE FROM procrastinate_jobs WHERE status = 'failed'
                 AND NOT EXISTS (SELECT 1 FROM conversations c WHERE task_name = 'attend'
                   AND lock = 'conversation:' || c.id AND c.due_at IS NOT NULL)
                 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.state IN ('intended', 'unknown')
                   AND o.conversation_id = (args ->> 'conversation_id')::bigint
                   AND (o.kind = 'customer_message') = (task_name = 'carry'))
                 AND NOT EXISTS (SELECT 1 FROM leads l WHERE l.id = args ->> 'lead_id' AND l.sync <> 'synced')
            """
        )

    async def wake_unanswered(self, conversation_id: int, message_id: int, *, pending: bool) -> bool:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                """INSERT INTO conversations AS c (id, persona, wakes, waiting_since, waiting_count, due_at)
                   SELECT %(id)s, %(persona)s, 1, now(), 1, now() WHERE %(pending)s
                     OR EXISTS (SELECT 1 FROM conversations WHERE id = %(id)s)
                   ON CONFLICT (id) DO UPDATE SET wakes = c.wakes + 1, due_at = now(),
                     waiting_since = coalesce(c.waiting_since, now())
                   WHERE c.due_at IS NULL
                     AND (c.watermark < %(message)s
                       OR (%(pending)s AND c.owner = 'person' AND c.status <> 'pending'))
                     AND (c.owner = 'bot' OR (%(pending)s AND c.status <> 'pending'))
                     AND NOT EXISTS (SELECT 1 FROM turns t
                       WHERE t.conversation_id = c.id AND t.outcome IS NULL)
                   RETURNING id""",
                {
                    "id": conversation_id,
                    "persona": Persona.BALANCED,
                    "message": message_id,
                    "pending": pending,
                },
            )
            woken = cursor.rowcount == 1
            if woken:
                await JobRows(connection).attend(conversation_id)
        return woken

    async def forget_old(self) -> None:
        await self._database.run(
            """DELETE FROM webhook_events WHERE id IN (
                 SELECT id FROM webhook_events WHERE received_at < now() - make_interval(days => %(days)s)
                 LIMIT 5000)""",
            {"days": KEEP_EVENTS_DAYS},
        )
