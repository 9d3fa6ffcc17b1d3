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
    rf"(?:is |of |at |about |abt |around |costs? |instal?ment |[:=-]\s?)*{cues.AMOUNT}"
)
_NO_MORE = re.compile(
    r"\b(?:no|nothing|without|don't have|dont have)\s(?:other|else|more)\b|\b(?:only|just|nothing else)\b"
)


def named_debts(plain: str, *, known: Decimal | None = None) -> tuple[Decimal, str] | None:
    """What the named debts come to, S$ a month, and the words.

    One alone counts if it is said to be all, or where there was none: `known` are those of before.
    """
    found = list(_NAMED.finditer(plain))
    sums = [parse_money(match["amount"]) for match in found]
    if not sums or max(sums) > _MOST or (len(sums) == 1 and known != 0 and not _NO_MORE.search(plain)):
        return None
    if re.search(r"\?|\b(?:if|what about|how about|outstanding|balance|limit|ow(?:e|ing)|left)\b", plain):
        return None
    return sum(sums, Decimal(0)), plain[found[0].start() : found[-1].end()]
