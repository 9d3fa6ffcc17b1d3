"""How the broker writes money, percentages, time and lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def money(amount: Decimal | int) -> str:
    """An amount in S$: whole dollars without cents, anything else with two decimals.

    >>> money(Decimal("1234.5"))
    'S$1,234.50'
    """
    exact = Decimal(amount).quantize(CENT, ROUND_HALF_UP)
    return f"S${exact:,.0f}" if exact == exact.to_integral_value() else f"S${exact:,.2f}"


def dollars(amount: Decimal | int) -> str:
    """An amount in S$ to the nearest dollar, as instalments and incomes are said."""
    return money(Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP))


def dollars_down(amount: Decimal | int) -> str:
    """An amount in S$ never above the exact one: what somebody can borrow."""
    return money(Decimal(amount).quantize(Decimal(1), ROUND_FLOOR))


def dollars_up(amount: Decimal | int) -> str:
    """An amount in S$ never below the exact one: what somebody must pay."""
    return money(Decimal(amount).quantize(Decimal(1), ROUND_CEILING))


def percent(value: Decimal | int) -> str:
    """A percentage with at most two decimals and no trailing zeros: 55%, 2.6%, 57.29%."""
    exact = Decimal(value).quantize(CENT, ROUND_HALF_UP).normalize()
    return f"{exact:f}%"


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
