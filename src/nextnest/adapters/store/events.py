"""Accepting a webhook event: the event, the conversation's wake-up and the job, in one statement.

This is the path that Chatwoot waits on, so it is one round trip and one commit.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import psycopg

from nextnest.adapters.store.database import Database
from nextnest.adapters.store.news import News
from nextnest.domain.persona import Persona
from nextnest.service.receive import Incoming, Wake

# Chatwoot hangs up after 5 s, and then tells a person instead of trying again; a failure that it hears of in
# time it tries again.
ANSWER_SECONDS = 4.0
QUIET_MESSAGES = 20  # so many unanswered messages are answered without waiting for more

_ACCEPT = """
WITH event AS (
  INSERT INTO webhook_events (source, delivery_id, fingerprint, event, conversation_id, message_id)
  VALUES (%(source)s, %(delivery)s, %(fingerprint)s, %(event)s, %(conversation)s, %(message)s)
  ON CONFLICT DO NOTHING RETURNING conversation_id
), conversation AS (
  INSERT INTO conversations AS c (id, persona, wakes, waiting_since, waiting_count, due_at)
  SELECT conversation_id, %(persona)s, 1, CASE WHEN %(customer)s THEN now() END, %(customer)s::int,
    now() + make_interval(secs => %(quiet)s)
  FROM event
  ON CONFLICT (id) DO UPDATE SET
    wakes = c.wakes + 1,
    waiting_since = CASE WHEN %(customer)s THEN coalesce(c.waiting_since, now()) ELSE c.waiting_since END,
    waiting_count = c.waiting_count + %(customer)s::int,
    due_at = CASE
      WHEN NOT %(customer)s THEN least(coalesce(c.due_at, now()), now())
      WHEN c.waiting_count + 1 >= %(messages)s THEN now()
      ELSE least(now() + make_interval(secs => %(quiet)s),
                 coalesce(c.waiting_since, now()) + make_interval(secs => %(cap)s))
    END
  RETURNING id, due_at
), waiting AS (
  -- One job of a lane is enough, if it is there when it is time: one that waits for its time is put to the
  -- new one, and when it is time already any will do. Written to, it stays until we commit: whoever takes it
  -- sees this message. One that broke before is left to its own times and its last attempt.
  UPDATE procrastinate_jobs AS job
  SET scheduled_at = CASE WHEN c.due_at > now() THEN c.due_at ELSE least(job.scheduled_at, c.due_at) END
  FROM conversation AS c
  WHERE job.lock = %(lane)s AND job.status = 'todo' AND job.priority = 0 AND job.attempts = 0
    AND (job.scheduled_at > now() OR c.due_at <= now())
  RETURNING job.id
), job AS (
  SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
    'default', 'attend', 0, %(lane)s, NULL, jsonb_build_object('conversation_id', id), due_at
  )::procrastinate_job_to_defer_v1]) FROM conversation WHERE NOT EXISTS (SELECT 1 FROM waiting)
)
SELECT count(*) AS new, (SELECT count(*) FROM job) AS jobs FROM event
"""

_NOTE = """
WITH event AS (
  INSERT INTO webhook_events (source, delivery_id, fingerprint, event, conversation_id, message_id)
  VALUES (%(source)s, %(delivery)s, %(fingerprint)s, %(event)s, %(conversation)s, %(message)s)
  ON CONFLICT DO NOTHING RETURNING conversation_id
)
SELECT count(*) AS new FROM event
"""


@dataclass(frozen=True)
class Quiet:
    """How long a customer must be quiet, and how long we wait for one who is not. Seconds."""

    seconds: float = 1.5
    cap_seconds: float = 8.0


class EventRows:
    def __init__(self, database: Database, quiet: Quiet) -> None:
        self._database = database
        self._quiet = quiet
        self._news = News(database)

    async def accept(self, incoming: Incoming, wake: Wake) -> bool:
        """Store the event and what it asks for; whether it was new."""
        customer = wake is Wake.QUIET
        arguments = {
            "source": incoming.source,
            "delivery": incoming.delivery_id,
            "fingerprint": incoming.fingerprint,
            "event": incoming.event,
            "conversation": incoming.conversation_id,
            "message": incoming.message.id if incoming.message else None,
            "persona": Persona.BALANCED,  # of a contact who never filled in the form
            "customer": customer,
            "quiet": self._quiet.seconds if customer else 0.0,
            "cap": self._quiet.cap_seconds,
            "messages": QUIET_MESSAGES,
            "lane": f"conversation:{incoming.conversation_id}",
        }
        async with asyncio.timeout(ANSWER_SECONDS):
            new = await self._stored(_NOTE if wake is Wake.PAGE else _ACCEPT, arguments)
        if new and incoming.message is not None:
            self._news.changed(incoming.conversation_id)
        return new

    async def _stored(self, statement: str, arguments: dict[str, Any]) -> bool:
        try:
            rows = await self._database.fetch(statement, arguments)
        except psycopg.OperationalError:  # the server went away with the connection that we had
            rows = await self._database.fetch(statement, arguments)
        return bool(rows[0]["new"])
