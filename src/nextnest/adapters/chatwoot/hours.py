"""The working hours of inboxes, remembered for a while, so that no turn waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nextnest.adapters.chatwoot.errors import ChatwootError
from nextnest.adapters.chatwoot.models import Inbox, WorkingHours
from nextnest.domain.hours import Hours, Shift

FRESH_SECONDS = 600.0
LONGEST_WAIT = 1.0  # seconds that anybody waits for hours never read before


class HoursReader:
    """Hours by inbox. Old ones are handed out while new ones are fetched; a failure changes nothing."""

    def __init__(self, fetch: Callable[[int], Awaitable[Inbox]]) -> None:
        self._fetch = fetch
        self._known: dict[int, tuple[float, Hours | None]] = {}
        self._reading: dict[int, asyncio.Task[None]] = {}

    async def of(self, inbox_id: int) -> Hours | None:
        """None: the inbox has no working hours, or they could not be read in time."""
        clock = asyncio.get_running_loop().time
        read_at, hours = self._known.get(inbox_id, (None, None))
        if read_at is not None and clock() - read_at < FRESH_SECONDS:
            return hours
        reading = self._reading.get(inbox_id)
        if reading is None:
            reading = self._reading[inbox_id] = asyncio.create_task(self._read(inbox_id))
        if read_at is None:
            await asyncio.wait({reading}, timeout=LONGEST_WAIT)
        return self._known.get(inbox_id, (None, hours))[1]

    async def _read(self, inbox_id: int) -> None:
        clock = asyncio.get_running_loop().time
        known = self._known.get(inbox_id)
        try:
            hours = hours_of(await self._fetch(inbox_id))
        except ChatwootError:
            hours = known[1] if known else None  # asked again when this is no longer fresh
        finally:
            del self._reading[inbox_id]
        self._known[inbox_id] = (clock(), hours)


def hours_of(inbox: Inbox) -> Hours | None:
    """The week of an inbox; None where working hours are off or make no sense."""
    if not inbox.working_hours_enabled:
        return None
    try:
        zone = ZoneInfo(inbox.timezone or "UTC")  # Chatwoot's own default
    except (ZoneInfoNotFoundError, ValueError):
        return None
    by_day = {row.day_of_week: _shift(row) for row in inbox.working_hours}
    return Hours(
        week=tuple(by_day.get((day + 1) % 7) for day in range(7)), zone=zone
    )  # theirs begins on Sunday


def _shift(row: WorkingHours) -> Shift | None:
    if row.open_all_day:
        return Shift(0, 24 * 60)
    if row.closed_all_day or row.open_hour is None or row.close_hour is None:
        return None
    opens = row.open_hour * 60 + (row.open_minutes or 0)
    closes = row.close_hour * 60 + (row.close_minutes or 0)
    return Shift(opens, closes) if opens < closes else None
