"""Arithmetic of a loan repaid in equal monthly instalments, exact to the working precision.

Rates are % a year, charged monthly (rate / 12). Powers are by whole months. Nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def _monthly(rate_pct: Decimal) -> Decimal:
    return rate_pct / 1200


def instalment(principal: Decimal, rate_pct: Decimal, months: int) -> Decimal:
    """The equal monthly instalment that repays the principal in so many months."""
    interest = _monthly(rate_pct)
    if interest == 0:
        return principal / months
    growth = (1 + interest) ** months
    return principal * interest * growth / (growth - 1)


def principal(instalment: Decimal, rate_pct: Decimal, months: int) -> Decimal:
    """The loan that an instalment repays in so many months."""
    interest = _monthly(rate_pct)
    if interest == 0:
        return instalment * months
    growth = (1 + interest) ** months
    return instalment * (growth - 1) / (interest * growth)


def balance(principal: Decimal, rate_pct: Decimal, instalment: Decimal, paid: int) -> Decimal:
    """What is still owed after so many instalments were paid."""
    interest = _monthly(rate_pct)
    if interest == 0:
        return principal - instalment * paid
    growth = (1 + interest) ** paid
    return principal * growth - instalment * (growth - 1) / interest


def steps(principal: Decimal, months: int, rates: Sequence[tuple[Decimal, int]]) -> list[Decimal]:
    """Instalments of a step package: at each new rate the balance is re-amortised over the months left.

    `rates` are (rate %, months it lasts). Returns one instalment for each.
    """
    instalments = []
    owed, left = principal, months
    for rate_pct, lasting in rates:
        monthly = instalment(owed, rate_pct, left)
        instalments.append(monthly)
        owed = balance(owed, rate_pct, monthly, lasting)
        left -= lasting
    return instalments
