"""The types of numeric and dated inputs, with units. Bounds only keep nonsense and endless work out.

Each type reads what forms, models and command lines send: 800000, "800,000", "S$800k", "1.2m", 8e5 for
money, 2.5 or "2.5%" for a rate, 25 or "25 years" for a time; a float by its shortest decimal form. Yes/no is
never taken for a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

_LONGEST = 60  # characters of a number
_DIGITS = r"(?P<digits>\d{1,3}(?:[,' ]\d{3})+(?:\.\d*)?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)"
_TIMES = {None: 1, "k": 1_000, "thousand": 1_000}  # every other word is a million


def _numeral(example: str, before: str = "", after: str = "") -> Callable[[Any], Any]:
    """Reads a number with what may stand `before` and `after` it (patterns); else says what it should be."""
    written = re.compile(rf"(?P<sign>[+-]?)\s*(?:{before})?\s*{_DIGITS}\s*(?:{after})?")

    def read(value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError("should be a number, not yes or no")  # noqa: TRY004  pydantic reads ValueError
        if isinstance(value, float):
            return Decimal(str(value))
        if isinstance(value, int | Decimal):
            return value
        text = unicodedata.normalize("NFKC", value).strip().lower() if isinstance(value, str) else ""
        found = written.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            raise ValueError(f"should be {example}")
        number = Decimal(found["sign"] + re.sub(r"[,' ]", "", found["digits"]))
        return number * _TIMES.get(found.groupdict().get("times"), 1_000_000)

    return read


_money = _numeral(
    "a sum in S$, such as 800000, 800,000 or 1.2m",
    before=r"s\$|\$|sgd",
    after=r"(?P<times>k|thousand|m|mn|mil|mio|million)?\s*(?:sgd|dollars?)?",
)
_percent = _numeral("a number of percent, such as 2.5", after=r"(?:%|per ?cent|pct)\s*(?:p\.?a\.?|a year)?")
_years = _numeral("a number of years, such as 25", after=r"years?|yrs?")
_months = _numeral("a number of months, such as 300", after=r"months?|mths?")
_count = _numeral("a whole number")


def _whole(read: Callable[[Any], Any]) -> BeforeValidator:
    def whole(value: Any) -> Any:
        number = read(value)
        if not isinstance(number, Decimal):
            return number
        if not number.is_finite() or abs(number) > 10**9 or number != number.to_integral_value():
            raise ValueError("should be a whole number")
        return int(number)

    return BeforeValidator(whole)


def _iso_date(value: Any) -> Any:
    if type(value) is date:
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip()):
        raise ValueError('should be a date like "2026-11-22"')
    return value.strip()


def _iso_month(value: Any) -> Any:
    """A month, as its first day; a day of the month is accepted and dropped."""
    if type(value) is date:
        return value.replace(day=1)
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value.strip()):
        raise ValueError('should be a month like "2026-11"')
    written = value.strip()
    return date.fromisoformat(written if len(written) > 7 else f"{written}-01").replace(day=1)


def _after_1960(value: date) -> date:
    if not 1960 <= value.year <= 2100:
        raise ValueError("should be between 1960 and 2100")
    return value


_Money, _Percent, _Years = BeforeValidator(_money), BeforeValidator(_percent), BeforeValidator(_years)
_Months, _Count = _whole(_months), _whole(_count)
_PLACES = 20
"""More than a float has; far fewer than the working precision."""

Money = Annotated[Decimal, _Money, Field(ge=0, le=10**12, decimal_places=_PLACES, description="S$")]
SignedMoney = Annotated[
    Decimal,
    _Money,
    Field(ge=-(10**12), le=10**12, decimal_places=_PLACES, description="S$; may be negative"),
]
Price = Annotated[
    Decimal, _Money, Field(gt=0, le=10**12, decimal_places=_PLACES, description="S$, above zero")
]
Rate = Annotated[Decimal, _Percent, Field(ge=0, le=100, decimal_places=_PLACES, description="% a year")]
SignedRate = Annotated[
    Decimal, _Percent, Field(ge=-100, le=100, decimal_places=_PLACES, description="% a year; may be negative")
]
Percent = Annotated[Decimal, _Percent, Field(ge=0, le=100, decimal_places=_PLACES, description="%, 0 to 100")]
PositivePercent = Annotated[
    Decimal, _Percent, Field(gt=0, le=100, decimal_places=_PLACES, description="%, above 0, at most 100")
]
Months = Annotated[int, _Months, Field(ge=1, le=1200, description="months")]
MonthsWorked = Annotated[int, _Months, Field(ge=0, le=12, description="months, 0 to 12")]
Years = Annotated[Decimal, _Years, Field(ge=0, le=100, decimal_places=_PLACES, description="years")]
Tenure = Annotated[
    Decimal, _Years, Field(gt=0, le=100, decimal_places=_PLACES, description="years, above zero")
]
Age = Annotated[Decimal, _Years, Field(ge=0, le=120, decimal_places=_PLACES, description="age in years")]
WholeYears = Annotated[int, _whole(_years), Field(ge=1, le=50, description="whole years")]
Lease = Annotated[
    Decimal, _Years, Field(ge=0, le=9999, decimal_places=_PLACES, description="years of lease left")
]
Count = Annotated[int, _Count, Field(ge=0, le=1000, description="how many")]
Nth = Annotated[int, _Count, Field(ge=1, le=1000, description="1 for the first, 2 for the second")]

Day = Annotated[
    date, BeforeValidator(_iso_date), AfterValidator(_after_1960), Field(description="date, YYYY-MM-DD")
]
Month = Annotated[
    date, BeforeValidator(_iso_month), AfterValidator(_after_1960), Field(description="month, YYYY-MM")
]
