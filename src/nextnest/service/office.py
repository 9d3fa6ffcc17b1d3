"""When people of the brokerage are there: the inbox's working hours and Singapore's public holidays."""

from __future__ import annotations

import asyncio
from collections.abc import Container
from datetime import date, datetime, timedelta

from nextnest.domain.hours import after_working, next_open, said_back
from nextnest.service.ports import ChatwootPort


class Office:
    def __init__(self, chatwoot: ChatwootPort, *, acceptance: timedelta) -> None:
        """`acceptance`: working time within which somebody should take a hand-off."""
        self._chatwoot = chatwoot
        self._acceptance = acceptance
        self._public_holidays: Container[date] | None = None

    @property
    def acceptance_minutes(self) -> int:
        return round(self._acceptance.total_seconds() / 60)

    async def people_back(self, inbox_id: int | None, now: datetime) -> str | None:
        """When people are back ("on Monday at 9 am"); None while they are there, or when nobody knows."""
        hours = await self._chatwoot.hours(inbox_id)
        if hours is None:
            return None
        back = next_open(now, hours, await self._holidays())
        return said_back(back, now, hours) if back is not None and back > now else None

    async def escalate_at(self, inbox_id: int | None, opened_at: datetime) -> datetime:
        """When a hand-off that was opened then has waited too long, counted in working time."""
        hours = await self._chatwoot.hours(inbox_id)
        if hours is None:
            return opened_at + self._acceptance
        return after_working(opened_at, self._acceptance, hours, await self._holidays())

    async def _holidays(self) -> Container[date]:
        """Singapore's, once working hours need them: the library's import costs half a second and 20 MB."""
        if self._public_holidays is None:
            self._public_holidays = await asyncio.to_thread(_of_singapore)
        return self._public_holidays


def _of_singapore() -> Container[date]:
    import holidays

    # Dates that follow the moon are estimates until the Ministry of Manpower publishes them.
    return holidays.country_holidays("SG")
