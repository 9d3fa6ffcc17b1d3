"""Months and anniversaries."""

from __future__ import annotations

import calendar
from datetime import date


def months_later(start: date, months: int) -> date:
    """The same day so many months later, or that month's last day where there is no such day."""
    count = start.year * 12 + start.month - 1 + months
    year, month = divmod(count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def whole_years(start: date, end: date) -> int:
    """Anniversaries that have passed; on the anniversary itself the year is complete.

    A year from 29 February is complete on 1 March where there is no 29 February.
    """
    reached = (end.month, end.day) >= (start.month, start.day)
    return end.year - start.year - (0 if reached else 1)


def month_name(day: date) -> str:
    """ "Jul 2023" """
    return f"{day:%b %Y}"
