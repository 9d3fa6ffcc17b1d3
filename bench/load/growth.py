"""Does it stay as fast and as small when the tables grow? Synthetic rows, the same questions at each size."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx2
import psycopg

from bench.chaos.report import quantile
from bench.load.chats import Chat, Chats, answered
from bench.load.phases import Hooks, Ours, Volume, quiet
from bench.load.shooting import closed
from bench.processes import resident_mb

FIRST = 1_000_000  # display ids that the desk does not have

_CONVERSATIONS = """
INSERT INTO conversations (id, persona, watermark, turns)
SELECT n, 'balanced', 10, 3 FROM generate_series(%(first)s, %(last)s) AS n ON CONFLICT DO NOTHING
"""
_TURNS = """
INSERT INTO turns (id, conversation_id, input_ids, inputs, started_at, ended_at, answered_at, outcome, plan,
  last_message, persona, first_input_at)
SELECT n || '-' || k, n, array[k], array['What is TDSR?'], at, at, at, 'replied', 'replied', k, 'balanced', at
FROM generate_series(%(first)s, %(last)s) AS n, generate_series(1, 3) AS k,
  LATERAL (SELECT now() - interval '2 days' - n * interval '1 second' AS at) AS t ON CONFLICT DO NOTHING
"""
_EVENTS = """
INSERT INTO webhook_events (source, delivery_id, fingerprint, event, conversation_id, message_id, received_at)
SELECT 'agent_bot', 'd' || n, sha256(n::text::bytea), 'message_created', %(first)s + n %% 10000, n,
  now() - interval '1 day' FROM generate_series(1, %(events)s) AS n
"""


async def growth(
    ours: Ours, chats: Chats, each: list[Chat], hooks: Hooks, volume: Volume
) -> list[dict[str, Any]]:
    """One row of figures for each number of conversations, and one more with the events stored."""
    rows = []
    for step in volume.steps:
        await asyncio.to_thread(_fill, ours, (_CONVERSATIONS, _TURNS), step, 0)
        rows.append({"conversations": step, "events": 0} | await _ask(ours, chats, each, hooks))
    await asyncio.to_thread(_fill, ours, (_EVENTS,), volume.steps[-1], volume.events)
    last = {"conversations": volume.steps[-1], "events": volume.events}
    rows.append(last | await _ask(ours, chats, each, hooks))
    return rows


def _fill(ours: Ours, statements: tuple[str, ...], conversations: int, events: int) -> None:
    arguments = {"first": FIRST, "last": FIRST + conversations - 1, "events": events}
    with psycopg.connect(ours.site.postgres.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement, arguments)
        connection.execute("ANALYZE")  # as autovacuum would within a minute


async def _ask(ours: Ours, chats: Chats, each: list[Chat], hooks: Hooks) -> dict[str, Any]:
    """An ack, an answer, a look at the state, and the memory of both processes."""
    site = ours.site
    shots = await closed(hooks.url, hooks.make(400), connections=4, seconds=10.0)
    await quiet(site)
    asked = await chats.at_rate(each, per_second=5, count=20)
    taken = await answered(site, asked, seconds=20.0)
    async with httpx2.AsyncClient(trust_env=False) as http:
        began = time.perf_counter()
        for _ in range(10):
            await http.get(f"{site.web_url}/readyz")
        ready = (time.perf_counter() - began) * 100
    return {
        "ack_p50_ms": shots.quantile(0.5),
        "ack_p99_ms": shots.quantile(0.99),
        "reply_p50_ms": round(quantile(taken, 0.5), 1),
        "readyz_ms": round(ready, 1),
        "web_mb": round(resident_mb(ours.web.pid), 1) if ours.web else 0.0,
        "worker_mb": round(resident_mb(ours.worker.pid), 1) if ours.worker else 0.0,
    }
