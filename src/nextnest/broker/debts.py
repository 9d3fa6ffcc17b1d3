"""Debts that a customer names one by one: "car loan 800 and study loan 200"."""

from __future__ import annotations

import re
from decimal import Decimal

from nextnest.broker import cues
from nextnest.domain.numbers import parse_money

_MOST = 20_000  # S$ a month; more is what is owed in all
_KIND = r"(?:car|vehicle|motorbike|study|student|education|reno(?:vation)?|personal|credit card|cards?)"
_NAMED = re.compile(
    rf"\b{_KIND}(?:\s(?:loans?|instal?lments?|repayments?|bills?|debts?))?\s"
    rf"(?:is |of |at |about |abt |around |maybe |roughly |costs? |instal?ment |[:=-]\s?)*{cues.AMOUNT}"
)
_IN_ALL = re.compile(r"\b(?:outstanding|balance|limit|ow(?:e|ing)|left|in full)\b")  # not by the month
_NO_MORE = re.compile(
    r"\b(?:no|nothing|without|don't have|dont have)\s(?:other|else|more)\b|\b(?:only|just|nothing else)\b"
)
_MONTHLY = re.compile(r"\b(?:a|per|each|every) (?:month|mth)\b|\bmonthly\b")


def unclear_debts(plain: str) -> bool:
    """Whether a debt is named with a sum that does not say what must be paid each month."""
    return _IN_ALL.search(plain) is not None and _NAMED.search(plain) is not None and "?" not in plain


def named_debts(plain: str, *, known: Decimal | None = None) -> tuple[Decimal, bool] | None:
    """What the named debts come to, S$ a month, and whether they are only supposed: then beside the known.

    One alone counts if it is said to be all, or where there was none: `known` are those of before. Where
    nothing is known a monthly one counts too; what it leaves out is seen when it is said back.
    """
    found = list(_NAMED.finditer(plain))
    sums = [parse_money(match["amount"]) for match in found]
    if not sums or max(sums) > _MOST or _IN_ALL.search(plain):
        return None
    if re.search(r"\b(?:if|what about|how about)\b", plain):
        return sum(sums, known or Decimal(0)), True
    if "?" in plain or (len(sums) == 1 and not _is_all(plain, known)):
        return None
    return sum(sums, Decimal(0)), False


def _is_all(plain: str, known: Decimal | None) -> bool:
    """Whether one debt is all that there is."""
    return known == 0 or bool(_NO_MORE.search(plain) or (known is None and _MONTHLY.search(plain)))
