"""The numbers for /metrics, read from the tables in one statement; days are the last 24 hours."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from nextnest.adapters.queue import DEAD_AFTER_SECONDS
from nextnest.adapters.store.database import Database

REPORT_SECONDS = 90  # a process that has not reported for so long is not running


@dataclass(frozen=True)
class Sample:
    """One number: a metric's name without `nextnest_`, its labels, its value."""

    name: str
    labels: dict[str, str]
    value: float


STATEMENT = """
WITH ended AS (SELECT * FROM turns WHERE ended_at > now() - interval '1 day'),
  written AS (SELECT * FROM outbox WHERE done_at > now() - interval '1 day'),
  spent AS (SELECT * FROM model_spend WHERE at > now() - interval '1 day'),
  quantiles AS (SELECT unnest(ARRAY[0.5, 0.99]::float8[]) AS q)
SELECT 'turns_last_day' AS name, jsonb_build_object('outcome', outcome::text, 'reason', reason) AS labels,
  count(*)::float8 AS value
FROM (SELECT outcome, -- why a turn failed is free text: a label without end
        CASE WHEN outcome IN ('silent', 'handed_off') THEN coalesce(reason, '') ELSE '' END AS reason
      FROM ended) AS turns GROUP BY outcome, reason
UNION ALL
SELECT 'replies_last_day', jsonb_build_object('author', reply ->> 'author'), count(*)
FROM ended WHERE outcome IN ('replied', 'drafted', 'handed_off') GROUP BY reply ->> 'author'
UNION ALL
SELECT 'reply_seconds', jsonb_build_object('quantile', q::text),
  (SELECT percentile_cont(q) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - first_input_at)::float8)
   FROM ended WHERE outcome = 'replied')
FROM quantiles
UNION ALL
SELECT 'send_window_milliseconds', jsonb_build_object('quantile', q::text),
  (SELECT percentile_cont(q) WITHIN GROUP (ORDER BY window_ms) FROM written
   WHERE guard <> 'none' AND window_ms IS NOT NULL)
FROM quantiles
UNION ALL
SELECT 'queue_age_seconds', '{}', (SELECT extract(epoch FROM now() - min(scheduled_at))
  FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at <= now())
UNION ALL
SELECT 'oldest_unanswered_seconds', '{}', (SELECT extract(epoch FROM now() - min(waiting_since))
  FROM conversations WHERE due_at IS NOT NULL AND owner = 'bot')
UNION ALL
SELECT 'outbox', jsonb_build_object('state', state::text), count(*)
FROM (SELECT state FROM outbox WHERE state IN ('intended', 'unknown') -- an index for each of the two
      UNION ALL SELECT state FROM outbox WHERE state = 'failed') AS undone GROUP BY state
UNION ALL
SELECT 'outbox_retries_last_day', '{}',
  (SELECT coalesce(sum(attempts - 1), 0) FROM written WHERE attempts > 1)
UNION ALL
SELECT 'leads_unsynced', '{}', (SELECT count(*) FROM leads WHERE sync <> 'synced')
UNION ALL
SELECT 'traces_waiting', '{}', (SELECT count(*) FROM trace_outbox WHERE refused IS NULL)
UNION ALL
SELECT 'traces_refused', '{}', (SELECT count(*) FROM trace_outbox WHERE refused IS NOT NULL)
UNION ALL
SELECT 'handoffs', jsonb_build_object('state', state::text), count(*)
FROM handoffs WHERE state IN ('requested', 'open', 'accepted', 'escalated') GROUP BY state
UNION ALL
SELECT 'drafts_waiting', '{}', (SELECT count(*) FROM drafts WHERE state = 'waiting')
UNION ALL
SELECT 'model_tokens_last_day', jsonb_build_object('model', model), sum(tokens) FROM spent GROUP BY model
UNION ALL
SELECT 'model_cost_usd_last_day', jsonb_build_object('model', model), sum(cost_usd) FROM spent GROUP BY model
UNION ALL
SELECT 'model_calls_last_day', '{}',
  (SELECT coalesce(sum((reply -> 'model_use' ->> 'calls')::int), 0) FROM ended)
UNION ALL
SELECT 'workers', '{}', (SELECT count(*) FROM procrastinate_workers
  WHERE last_heartbeat > now() - make_interval(secs => %(dead)s))
UNION ALL
SELECT 'drift', jsonb_build_object('kind', key), value::float8 FROM drift, jsonb_each_text(counts)
UNION ALL
SELECT each ->> 'name', (each -> 'labels') || jsonb_build_object('process', process),
  (each ->> 'value')::float8
FROM reports, jsonb_array_elements(samples) AS each
WHERE at > now() - make_interval(secs => %(silent)s)
"""


class NumberRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> list[Sample]:
        """All numbers; what is not known (no reply yet, an empty queue) is left out."""
        rows = await self._database.fetch(STATEMENT, {"dead": DEAD_AFTER_SECONDS, "silent": REPORT_SECONDS})
        return [Sample(r["name"], r["labels"], r["value"]) for r in rows if r["value"] is not None]

    async def report(self, samples: Sequence[Sample]) -> None:
        """Leave the numbers that only this process knows where every web process finds them."""
        process = f"{socket.gethostname()}:{os.getpid()}"
        listed = [{"name": s.name, "labels": s.labels, "value": s.value} for s in samples]
        await self._database.run(
            """WITH old AS (DELETE FROM reports WHERE at < now() - interval '1 hour')
               INSERT INTO reports (process, samples) VALUES (%(process)s, %(samples)s)
               ON CONFLICT (process) DO UPDATE SET at = now(), samples = EXCLUDED.samples""",
            {"process": process, "samples": Jsonb(listed)},
        )
