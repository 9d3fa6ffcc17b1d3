"""The working hours of an inbox, in our terms."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nextnest.adapters.chatwoot.models import Inbox, WorkingHours
from nextnest.domain.hours import Hours, Shift


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
