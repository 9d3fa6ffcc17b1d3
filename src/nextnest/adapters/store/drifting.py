"""What our tables say of conversations, to be compared with Chatwoot; and what a comparison found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from psycopg.types.json import Jsonb

from nextnest.adapters.store.connection import Row
from nextnest.adapters.store.database import Database
from nextnest.domain.ownership import Owner
from nextnest.service.drift import Ours

_OPEN = """
SELECT conversation_id AS id, started_at AS since, 'a turn' AS what FROM turns WHERE outcome IS NULL
UNION ALL
SELECT conversation_id, created_at, kind::text || ' to write' FROM outbox
  WHERE state IN ('intended', 'unknown')
"""
_KNOWN = f"""
SELECT c.id, c.owner::text AS owner, c.watermark,
  c.due_at IS NOT NULL OR EXISTS (SELECT 1 FROM ({_OPEN}) AS o WHERE o.id = c.id) AS busy,
  NULL AS stuck,
  (SELECT opened_at FROM handoffs h WHERE h.conversation_id = c.id AND h.state IN ('open', 'escalated')
    ORDER BY h.id DESC LIMIT 1) AS handoff_since,
  (SELECT created_at FROM drafts d WHERE d.conversation_id = c.id AND d.state = 'waiting') AS draft_since
FROM conversations c WHERE c.id = ANY(%(ids)s)
"""  # noqa: S608
_STUCK = f"""
SELECT c.id, c.owner::text AS owner, c.watermark, true AS busy, NULL AS handoff_since, NULL AS draft_since,
  o.what || ' since ' || to_char(o.since AT TIME ZONE 'Asia/Singapore', 'DD Mon HH24:MI') AS stuck
FROM (SELECT DISTINCT ON (id) * FROM ({_OPEN}) AS each ORDER BY id, since) AS o
  JOIN conversations c ON c.id = o.id
WHERE o.since < now() - %(longer)s ORDER BY o.since LIMIT %(limit)s
"""  # noqa: S608


class DriftRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def known(self, conversation_ids: Sequence[int]) -> dict[int, Ours]:
        rows = await self._database.fetch(_KNOWN, {"ids": list(conversation_ids)})
        return {row["id"]: _ours(row) for row in rows}

    async def stuck(self, longer_than: timedelta, limit: int) -> list[Ours]:
        rows = await self._database.fetch(_STUCK, {"longer": longer_than, "limit": limit})
        return [_ours(row) for row in rows]

    async def keep(self, counts: dict[str, int]) -> None:
        await self._database.run("UPDATE drift SET counts = %(counts)s", {"counts": Jsonb(counts)})

    async def claim(self, every: timedelta) -> bool:
        claimed = "UPDATE drift SET looked_at = now() WHERE looked_at < now() - %(every)s"
        return await self._database.run(claimed, {"every": every}) == 1


def _ours(row: Row) -> Ours:
    return Ours(
        conversation_id=row["id"],
        owner=Owner(row["owner"]),
        watermark=row["watermark"],
        busy=row["busy"],
        stuck=row["stuck"],
        handoff_since=row["handoff_since"],
        draft_since=row["draft_since"],
    )
