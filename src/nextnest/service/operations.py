"""What the engineer who runs it looks at: is it well, what failed, and again, please."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Failed:
    """One thing that an operator must see. `id` is what `retry` takes, such as `outbox:12`."""

    id: str
    kind: str
    what: str
    when: datetime
    conversation_id: int | None
    lead_id: str | None
    attempts: int
    reason: str


@dataclass(frozen=True)
class Overview:
    """Ages are seconds; counts of turns are of the last 24 hours."""

    queue_age: float | None
    oldest_unanswered: float | None
    turns: dict[str, int]
    silences: dict[str, int]
    outbox: dict[str, int]
    leads_unsynced: int
    traces_waiting: int
    workers: int
    reply_seconds: tuple[float, float] | None  # median and 99th percentile, message to reply
    window_ms: tuple[float, float] | None  # median and 99th percentile of the last look before a send
    failures: tuple[Failed, ...]


@dataclass(frozen=True)
class Readiness:
    ok: bool
    checks: dict[str, str]


class OperationsStore(Protocol):
    async def overview(self) -> Overview: ...

    async def retry(self, failure_id: str) -> None:
        """Raises LookupError when there is no such failure (any more)."""

    async def readiness(self) -> Readiness: ...


class Operations:
    def __init__(self, store: OperationsStore) -> None:
        self._store = store

    async def overview(self) -> Overview:
        return await self._store.overview()

    async def retry(self, failure_id: str) -> None:
        await self._store.retry(failure_id)

    async def ready(self) -> Readiness:
        try:
            return await self._store.readiness()
        except Exception as error:  # whatever is wrong with the database, this is the answer
            return Readiness(ok=False, checks={"database": f"not reachable ({type(error).__name__})"})
