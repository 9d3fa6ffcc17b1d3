"""A share and its sum in one breath must agree: "5%, that is S$74,000" needs a whole of S$1.48m."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from nextnest.broker.attribution import Said
from nextnest.broker.grounds import Ground, agrees
from nextnest.domain.reply import Unit

_IS = re.compile(
    r",? ?(?:(?:which|that)(?: is|'s| comes to| means| works out to)|i\.e\.,?|or|=|being|\()"
    r"(?: (?:about|roughly|around|just|exactly))? ?"
)
_STATES = re.compile(r"(?: property| home| condo| flat)?,? (?:is|would be|will be|comes to|=) ")
_ON = re.compile(r"\b(?:on|for) (?:a |an |the |your )?$")
_ON_PRICE = frozenset({"bsd", "absd", "ssd"})
_NO_SHARE = frozenset({"rate", "stress", "spread"})
_ROUNDING = Decimal("0.02")


def of_another_whole(
    text: str, figures: Sequence[Said], grounds: Sequence[Ground]
) -> Iterator[tuple[int, int, str]]:
    """ "The ABSD on S$1.48m is S$1,920,000", where that duty was computed on another price."""
    for whole, part in pairwise(figures):
        stated = _STATES.fullmatch(text[whole.numeral.end : part.numeral.start])
        if not stated or not _ON.search(whole.before) or whole.numeral.unit is not Unit.MONEY:
            continue
        refs = {g.ref for g in grounds if agrees(part.numeral, g) and g.names & _ON_PRICE}
        prices = [g for g in grounds if g.ref in refs and "price" in g.names]
        if prices and not any(agrees(whole.numeral, g) for g in prices):
            yield part.numeral.start, part.numeral.end, "this was computed on another price"


def disagreeing(
    text: str, figures: Sequence[Said], grounds: Sequence[Ground]
) -> Iterator[tuple[int, int, str]]:
    """Where a sum is said to be a share of something, and no sum in the grounds has that share."""
    wholes = [g.figure.value for g in grounds if g.figure.unit in {Unit.MONEY, Unit.COUNT}]
    for one, other in pairwise(figures):
        share, part = one.numeral, other.numeral
        if share.unit is not Unit.PERCENT or part.unit is not Unit.MONEY:
            continue
        of_rate = one.of is not None and one.of.names & _NO_SHARE
        if of_rate or not _IS.fullmatch(text[share.end : part.start]) or not part.value:
            continue
        sums = [whole * share.value / 100 for whole in wholes]
        if not any(abs(each - part.value) <= part.value * _ROUNDING for each in sums):
            yield part.start, part.end, "this is not that share of anything in the evidence"
