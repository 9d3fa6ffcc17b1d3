"""Two ways to load a receiver: as fast as it answers, and at a fixed rate whatever it does."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from bench.load.wire import CHATWOOT_GIVES_UP, Line


@dataclass
class Shots:
    """Latencies in ms of what was answered with 200 and its places among the requests; and how many were
    answered how (0: not in time)."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return self.statuses[200] / self.seconds if self.seconds else 0.0

    def quantile(self, q: float) -> float | None:
        """In ms, of all shots: what was not answered counts as Chatwoot's time-out."""
        missing = self.statuses.total() - len(self.latencies)
        ordered = sorted(self.latencies) + [CHATWOOT_GIVES_UP * 1000] * missing
        return round(ordered[min(len(ordered) - 1, int(q * len(ordered)))], 2) if ordered else None

    def note(self, place: int, status: int, seconds: float) -> None:
        self.statuses[status] += 1
        if status == 200:
            self.latencies.append(seconds * 1000)
            self.acknowledged.append(place)


async def closed(url: str, requests: list[bytes], *, connections: int, seconds: float) -> Shots:
    """Each connection sends its next request when the last one is answered, for at most `seconds`."""
    shots, waiting = Shots(), iter(enumerate(requests))
    began = time.perf_counter()

    async def one() -> None:
        line = Line(url)
        for place, request in waiting:
            sent = time.perf_counter()
            shots.note(place, await line.send(request), time.perf_counter() - sent)
            if time.perf_counter() - began > seconds:
                break
        line.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    shots.seconds = time.perf_counter() - began
    return shots


async def at_rate(url: str, requests: list[bytes], *, per_second: float) -> Shots:
    """Sends on time, however late the answers are; latency counts from when it should have been sent."""
    shots, idle = Shots(), [Line(url) for _ in range(16)]
    began = time.perf_counter()

    async def one(place: int, due: float) -> None:
        line = idle.pop() if idle else Line(url)
        status = await line.send(requests[place])
        shots.note(place, status, time.perf_counter() - due)
        idle.append(line)

    async with asyncio.TaskGroup() as group:
        for place in range(len(requests)):
            due = began + place / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(one(place, due))
    for line in idle:
        line.close()
    shots.seconds = time.perf_counter() - began
    return shots
