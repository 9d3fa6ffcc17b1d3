"""What Chatwoot says of an inbox, remembered for a while, so that no turn waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from nextnest.adapters.chatwoot.errors import ChatwootError

FRESH_SECONDS = 600.0
LONGEST_WAIT = 1.0  # seconds that anybody waits for what was never read before

T = TypeVar("T")


class Remembered(Generic[T]):
    """Values by inbox. Old ones are handed out while new ones are fetched; a failure changes nothing."""

    def __init__(self, fetch: Callable[[int], Awaitable[T]]) -> None:
        self._fetch = fetch
        self._known: dict[int, tuple[float, T | None]] = {}
        self._reading: dict[int, asyncio.Task[None]] = {}

    async def of(self, inbox_id: int) -> T | None:
        """None: it could not be read in time, or there is nothing to say."""
        clock = asyncio.get_running_loop().time
        read_at, value = self._known.get(inbox_id, (None, None))
        if read_at is not None and clock() - read_at < FRESH_SECONDS:
            return value
        reading = self._reading.get(inbox_id)
        if reading is None:
            reading = self._reading[inbox_id] = asyncio.create_task(self._read(inbox_id))
        if read_at is None:
            await asyncio.wait({reading}, timeout=LONGEST_WAIT)
        return self._known.get(inbox_id, (None, value))[1]

    async def _read(self, inbox_id: int) -> None:
        clock = asyncio.get_running_loop().time
        known = self._known.get(inbox_id)
        try:
            value: T | None = await self._fetch(inbox_id)
        except ChatwootError:
            value = known[1] if known else None  # asked again when this is no longer fresh
        finally:
            del self._reading[inbox_id]
        self._known[inbox_id] = (clock(), value)
