"""What goes wrong outside our processes: Chatwoot misbehaves or is away, PostgreSQL loses its power."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import httpx2

from bench.site import Site

CALM: dict[str, object] = {}
USUAL = {
    "duplicate": 0.10,
    "lose": 0.06,
    "swap": 0.10,
    "delay": 0.10,
    "delay_seconds": 1.0,
    "too_many": 0.03,
    "fail_before": 0.02,
    "fail_after": 0.04,
    "hang_after": 0.004,
    "hang_seconds": 25.0,
    "path_prefix": "/api/v1/accounts",  # customers reach it by another path, and are not disturbed
}
DOWN_SECONDS = 2.0


class Weather:
    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._draw = random.Random(f"{seed} weather")
        self.counts: Counter[str] = Counter()

    async def rage(self) -> None:
        """For ever: mostly the usual, sometimes half of all answers are lost, sometimes Chatwoot is away."""
        while True:
            seed = self._draw.randrange(10**9)
            kind = self._draw.choices(("usual", "half lost", "down"), (12, 2, 1))[0]
            self.counts[kind] += 1
            if kind == "half lost":
                await self._set({**USUAL, "seed": seed, "fail_after": 0.5})
                await asyncio.sleep(4.0)
            elif kind == "down":
                await self._set({**USUAL, "seed": seed, "down": True})
                await asyncio.sleep(DOWN_SECONDS)
            await self._set({**USUAL, "seed": seed})
            await asyncio.sleep(self._draw.uniform(4.0, 10.0))

    async def calm(self) -> None:
        await self._set(CALM)

    async def power_cut(self) -> None:
        self.counts["PostgreSQL restarted"] += 1
        await asyncio.to_thread(self._site.postgres.crash)

    async def _set(self, chaos: dict[str, object]) -> None:
        async with httpx2.AsyncClient(trust_env=False) as http:
            headers = {"Api-Access-Token": self._site.admin_token}
            answer = await http.post(f"{self._site.desk_url}/desk/chaos", json=chaos, headers=headers)
            answer.raise_for_status()
