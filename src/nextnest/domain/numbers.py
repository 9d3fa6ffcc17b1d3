"""Numbers as people write them, read without float artefacts."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

MOST_MONEY = Decimal(1_000_000_000)  # S$; above it somebody's finger slipped
MOST_PERCENT = Decimal(20)

_LONGEST = 40  # characters
_DIGITS = r"(?P<digits>\d{1,3}(?:[,' ]\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)"
_MONEY = re.compile(
    rf"(?:s\$|sgd|\$)?\s*{_DIGITS}\s*(?P<times>k|m|thousand|mil|mio|mn|million)?\s*(?:sgd|dollars)?"
)
_PERCENT = re.compile(rf"{_DIGITS}\s*(?:%|per ?cent)?")
_WHOLE = re.compile(r"(?P<digits>\d+(?:\.0*)?)")
_TIMES = {None: 1, "k": 1_000, "thousand": 1_000}  # every other word is a million


def parse_money(value: object) -> Decimal:
    """S$ from a number or from words such as "1,200,000", "S$1.2m" or "800k"; cents at the finest.

    Raises:
        ValueError: not a sum of money from 0 to 1,000,000,000.
    """
    wrong = "write a sum in S$ such as 800000, 800,000 or 1.2m"
    amount = _read(value, _MONEY, wrong)
    if not 0 <= amount <= MOST_MONEY:
        raise ValueError("write a sum from S$0 to S$1,000,000,000")
    return _plain(amount, Decimal("0.01"))


def parse_percent(value: object) -> Decimal:
    """Percent a year from a number or "2.85%": 2.85 means 2.85 %.

    Raises:
        ValueError: not a rate from 0 to 20 %.
    """
    rate = _read(value, _PERCENT, "write a rate in percent such as 2.85")
    if not 0 <= rate <= MOST_PERCENT:
        raise ValueError("write a rate from 0 to 20 percent")
    return _plain(rate, Decimal("0.0001"))


def parse_whole(value: object, low: int, high: int) -> int:
    """A whole number from a number or its digits; leading zeros are fine.

    Raises:
        ValueError: not a whole number from `low` to `high`.
    """
    wrong = f"write a whole number from {low} to {high}"
    number = _read(value, _WHOLE, wrong)
    if not low <= number <= high or number != int(number):
        raise ValueError(wrong)
    return int(number)


def _read(value: object, words: re.Pattern[str], wrong: str) -> Decimal:
    if isinstance(value, bool):  # JSON's true is an int to Python, never a number to a person
        raise ValueError(wrong)  # noqa: TRY004  one error for whatever cannot be read
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        if not number.is_finite():
            raise ValueError(wrong)
        return number
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError(wrong)
    found = words.fullmatch(unicodedata.normalize("NFKC", value).strip().lower())
    if found is None:
        raise ValueError(wrong)
    digits = Decimal(re.sub(r"[,' ]", "", found["digits"]))
    return digits * _TIMES.get(found.groupdict().get("times"), 1_000_000)


def _plain(number: Decimal, finest: Decimal) -> Decimal:
    """Rounded to `finest`, without needless zeros and never with an exponent."""
    rounded = number.quantize(finest, ROUND_HALF_UP)
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()
