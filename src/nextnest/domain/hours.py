"""Working hours: are people there, when are they back, and how much working time has gone by. Pure.

Times are wall-clock minutes of the inbox's own time zone, so a change of summer time moves nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FARTHEST_DAYS = 60  # people who are away for longer than this have no time of return that we may promise


@dataclass(frozen=True)
class Shift:
    """One stretch of a day, in minutes after midnight; it ends at most at 1440, the next midnight."""

    opens: int
    closes: int


@dataclass(frozen=True)
class Hours:
    """`week` begins on Monday, one shift a day or None where nobody works."""

    week: tuple[Shift | None, ...]
    zone: ZoneInfo


def is_open(now: datetime, hours: Hours, holidays: Container[date]) -> bool:
    return any(start <= now < end for start, end in _stretches(now, hours, holidays, days=1))


def next_open(now: datetime, hours: Hours, holidays: Container[date]) -> datetime | None:
    """When people are there next: `now` while they are, None when that is not within two months."""
    for start, end in _stretches(now, hours, holidays, days=FARTHEST_DAYS):
        if now < end:
            return max(start, now)
    return None


def after_working(
    start: datetime, time_at_work: timedelta, hours: Hours, holidays: Container[date]
) -> datetime:
    """The moment at which so much working time has gone by since `start`.

    Without any working time in the next two months the clock runs as if people were always there.
    """
    left = time_at_work
    for opens, closes in _stretches(start, hours, holidays, days=FARTHEST_DAYS):
        begins = max(opens, start)
        if begins + left <= closes:
            return begins + left
        left -= max(closes - begins, timedelta(0))
    return start + time_at_work


def said_back(back: datetime, now: datetime, hours: Hours) -> str:
    """When people are back, as one says it: "today at 2 pm", "on Monday at 9 am"."""
    there, here = back.astimezone(hours.zone), now.astimezone(hours.zone)
    days = (there.date() - here.date()).days
    if days == 0:
        day = "today"
    elif days == 1:
        day = "tomorrow"
    elif days < 7:
        day = f"on {there:%A}"
    else:
        day = f"on {there:%A} {there.day} {there:%B}"
    minutes = f":{there.minute:02}" if there.minute else ""
    return f"{day} at {there.hour % 12 or 12}{minutes} {'am' if there.hour < 12 else 'pm'}"


def _stretches(
    now: datetime, hours: Hours, holidays: Container[date], *, days: int
) -> Iterator[tuple[datetime, datetime]]:
    """The working stretches of today and the days after it, as moments."""
    today = now.astimezone(hours.zone).date()
    for day in (today + timedelta(days=n) for n in range(days)):
        shift = hours.week[day.weekday()]
        if shift is not None and day not in holidays:
            yield _moment(day, shift.opens, hours.zone), _moment(day, shift.closes, hours.zone)


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, minutes = divmod(minutes, 24 * 60)
    wall = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60), zone)
    return wall.astimezone(UTC)
