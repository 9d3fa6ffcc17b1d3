"""The way of traces from our table to Langfuse: kept until taken, safe to repeat."""

from __future__ import annotations

from nextnest.adapters.langfuse.client import Langfuse
from nextnest.adapters.langfuse.shipping import Parcel, ship
from nextnest.adapters.store.database import Database

BATCH = 50  # traces in one sending
LEASE_SECONDS = 90  # another worker leaves them alone meanwhile


class TraceQueue:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def ship(self, langfuse: Langfuse) -> int:
        """Send one batch; how many the server took."""
        rows = await self._database.fetch(
            """UPDATE trace_outbox SET not_before = now() + make_interval(secs => %(lease)s),
                 attempts = attempts + 1
               WHERE id IN (SELECT id FROM trace_outbox WHERE refused IS NULL AND not_before <= now()
                 ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
               RETURNING id, payload, attempts""",
            {"lease": LEASE_SECONDS, "batch": BATCH},
        )
        if not rows:
            return 0
        parcels = [Parcel(str(r["id"]), r["payload"]["trace"], r["payload"]["scores"]) for r in rows]
        result = await ship(langfuse, parcels, seconds=LEASE_SECONDS / 2)
        if result.taken:
            taken = [int(each) for each in result.taken]
            await self._database.run("DELETE FROM trace_outbox WHERE id = ANY(%(ids)s)", {"ids": taken})
        for refused, why in result.refused.items():
            arguments = {"why": why, "id": int(refused)}
            await self._database.run("UPDATE trace_outbox SET refused = %(why)s WHERE id = %(id)s", arguments)
        for late in result.retry:
            await self._database.run(
                """UPDATE trace_outbox SET not_before = now() + least(interval '5 minutes',
                     make_interval(secs => greatest(%(after)s, power(2, least(attempts, 9)))))
                   WHERE id = %(id)s""",
                {"after": result.retry_after or 0, "id": int(late)},
            )
        return len(result.taken)
