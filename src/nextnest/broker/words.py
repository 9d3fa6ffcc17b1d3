"""How the broker writes rates, time and lists; money and percentages are written by `mortgage.rounding`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def rate(value: Decimal | int) -> str:
    """An interest rate a year, with at least one decimal: 4.0%, 2.47%."""
    exact = Decimal(value).quantize(CENT, ROUND_HALF_UP)
    text = f"{exact:f}"
    return f"{text[:-1] if text.endswith('0') else text}%"


def day(value: date) -> str:
    """A date as Singapore writes it: 22 Nov 2026."""
    return f"{value.day} {value:%b %Y}"


def years(months: int) -> str:
    """A number of months in years where it comes out even, and in months otherwise."""
    if months % 12:
        return plural(months, "month")
    return plural(months // 12, "year")


def plural(count: int | Decimal, noun: str) -> str:
    """1 year, 2 years."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(items: Sequence[str], last: str = "and") -> str:
    """a; a and b; a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
