"""The unit of a number by its name: calculators, rule tables and the lead name their numbers alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from nextnest.domain.reply import Figure, Unit
from nextnest.mortgage.rounding import percent, plain, sgd

_YEARS = frozenset({"years", "age", "ages", "lease", "tenure", "iwaa"})
_COUNTS = frozenset({"loans", "properties", "owned", "recipients", "nth", "outstanding"})


def unit_of(name: str, value: Decimal | int) -> Unit:
    """%, months, years, a count or S$, by the name, such as "limit_pct", "remaining_months" or "price"."""
    words = frozenset(name.split("_"))
    if name.endswith(("pct", "rate")):
        return Unit.PERCENT
    if name.endswith("months"):
        return Unit.MONTHS
    if words & _YEARS:
        return Unit.YEARS
    return Unit.COUNT if isinstance(value, int) and words & _COUNTS else Unit.MONEY


def figures_in(named: Mapping[str, Any]) -> Iterator[Figure]:
    """Every number of a set of named values, nested ones too, as a figure that may be said."""
    for name, value in named.items():
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, Mapping):
                yield from figures_in(each)
            elif isinstance(each, Decimal | int) and not isinstance(each, bool):
                yield Figure(value=Decimal(each), unit=unit_of(name, each), label=name)


def said(value: Decimal | int, unit: Unit) -> str:
    """A number with its unit in words: "S$1,200", "2.6%", "25 years"."""
    number = Decimal(value)
    if unit is Unit.MONEY:
        return sgd(number)
    if unit is Unit.PERCENT:
        return percent(number)
    if unit is Unit.COUNT:
        return plain(number)
    noun = unit.value.removesuffix("s") if number == 1 else unit.value
    return f"{plain(number)} {noun}"
