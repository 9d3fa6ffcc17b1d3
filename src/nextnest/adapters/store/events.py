"""Accepting webhook events: each event, its conversation's wake-up and its job, in one statement for many.

This is the path that Chatwoot waits on, so it is one round trip and one commit.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from nextnest.adapters.store.database import Database
from nextnest.adapters.store.group_commit import GroupCommit, Row
from nextnest.adapters.store.news import News
from nextnest.domain.persona import Persona
from nextnest.service.receive import Incoming, Wake

# Chatwoot hangs up after 5 s, and then tells a person instead of trying again; a failure that it hears of in
# time it tries again.
ANSWER_SECONDS = 4.0
QUIET_MESSAGES = 20  # so many unanswered messages are answered without waiting for more

# Conversations are locked in the order of their numbers, so that two processes never wait for each other.
_ACCEPT = """
WITH incoming AS (
  SELECT * FROM json_to_recordset(%(rows)s) AS row (source text, delivery text, fingerprint text, event text,
    conversation bigint, message bigint, wake text)
), event AS (
  INSERT INTO webhook_events (source, delivery_id, fingerprint, event, conversation_id, message_id)
  SELECT source, delivery, decode(fingerprint, 'hex'), event, conversation, message
  FROM incoming ORDER BY conversation
  ON CONFLICT DO NOTHING RETURNING conversation_id
), conversation AS (
  INSERT INTO conversations AS c (id, persona, wakes, waiting_since, waiting_count, due_at)
  SELECT conversation, %(persona)s, 1, CASE WHEN wake = 'quiet' THEN now() END, (wake = 'quiet')::int,
    CASE WHEN wake = 'quiet' THEN now() + make_interval(secs => %(quiet)s) ELSE now() END
  FROM incoming JOIN event ON conversation_id = conversation
  WHERE wake <> 'page' ORDER BY conversation
  ON CONFLICT (id) DO UPDATE SET
    wakes = c.wakes + 1,
    waiting_since = coalesce(c.waiting_since, EXCLUDED.waiting_since),
    waiting_count = c.waiting_count + EXCLUDED.waiting_count,
    due_at = CASE
      WHEN EXCLUDED.waiting_count = 0 THEN least(c.due_at, now())
      WHEN c.waiting_count + 1 >= %(messages)s THEN now()
      ELSE least(EXCLUDED.due_at, coalesce(c.waiting_since, now()) + make_interval(secs => %(cap)s))
    END
  RETURNING id, 'conversation:' || id AS lane, due_at
), waiting AS (
  -- One job of a lane is enough, if it is there when it is time: one that waits for its time is put to the
  -- new one, and when it is time already any will do. It is ours until we commit, so whoever takes it sees
  -- this message; one that is being taken is left alone, as is one that broke and has attempts of its own.
  -- Each lane is looked up by itself: a plan for all of them may read every job that waits.
  UPDATE procrastinate_jobs AS job
  SET scheduled_at = CASE WHEN c.due_at > now() THEN c.due_at ELSE least(job.scheduled_at, c.due_at) END
  FROM conversation AS c
  WHERE c.lane = job.lock AND job.id = ANY(ARRAY(
    SELECT (
      SELECT id FROM procrastinate_jobs
      WHERE lock = lane AND status = 'todo' AND priority = 0 AND attempts = 0
        AND (scheduled_at > now() OR due_at <= now())
      ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) FROM conversation))
  RETURNING c.id
), job AS (
  SELECT procrastinate_defer_jobs_v1(array_agg(ROW(
    'default', 'attend', 0, lane, NULL, jsonb_build_object('conversation_id', id), due_at
  )::procrastinate_job_to_defer_v1 ORDER BY id)) FROM conversation WHERE id NOT IN (SELECT id FROM waiting)
)
SELECT conversation_id, (SELECT count(*) FROM job) AS jobs FROM event
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
        self._commit = GroupCommit(self._write)

    async def accept(self, incoming: Incoming, wake: Wake) -> bool:
        """Store the event and what it asks for; whether it was new."""
        row = {
            "source": incoming.source,
            "delivery": incoming.delivery_id,
            "fingerprint": incoming.fingerprint.hex() if incoming.fingerprint else None,
            "event": incoming.event,
            "conversation": incoming.conversation_id,
            "message": incoming.message.id if incoming.message else None,
            "wake": wake,
        }
        async with asyncio.timeout(ANSWER_SECONDS):
            new = await self._commit.add(incoming.conversation_id, row)
        if new and incoming.message is not None:
            self._news.changed(incoming.conversation_id)
        return new

    async def _write(self, rows: Sequence[Row]) -> list[bool]:
        arguments = {
            "rows": json.dumps(rows),
            "persona": Persona.BALANCED.value,  # of a contact who never filled in the form
            "quiet": self._quiet.seconds,
            "cap": self._quiet.cap_seconds,
            "messages": QUIET_MESSAGES,
        }
        async with asyncio.timeout(ANSWER_SECONDS):
            stored = await self._database.fetch(_ACCEPT, arguments)
        new = {each["conversation_id"] for each in stored}
        return [row["conversation"] in new for row in rows]
