"""The types of numeric and dated inputs, with units. Bounds only keep nonsense and endless work out.

Each type reads what forms, models and command lines send: "800,000", "S$800000", 800000, 8e5; a float by
its shortest decimal form. Yes/no is never taken for a number.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("should be a number, not yes or no")  # noqa: TRY004  pydantic reads ValueError
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, str):
        return re.sub(
            r"^(-?)\s*(?:S?\$|SGD)\s*|(?<=\d),(?=\d{3})|\s*%$", r"\1", value.strip(), flags=re.IGNORECASE
        )
    return value


def _whole(value: Any) -> Any:
    number = _number(value)
    if not isinstance(number, Decimal):
        return number
    if not number.is_finite() or abs(number) > 10**9 or number != number.to_integral_value():
        raise ValueError("should be a whole number")
    return int(number)


def _iso_date(value: Any) -> Any:
    if type(value) is date:
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError('should be a date like "2026-11-22"')
    return value


def _iso_month(value: Any) -> Any:
    """A month, as its first day; a day of the month is accepted and dropped."""
    if type(value) is date:
        return value.replace(day=1)
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value):
        raise ValueError('should be a month like "2026-11"')
    return f"{value[:7]}-01"


def _after_1960(value: date) -> date:
    if not 1960 <= value.year <= 2100:
        raise ValueError("should be between 1960 and 2100")
    return value


_Number = BeforeValidator(_number)
_PLACES = 12

Money = Annotated[Decimal, _Number, Field(ge=0, le=10**12, decimal_places=_PLACES, description="S$")]
SignedMoney = Annotated[
    Decimal,
    _Number,
    Field(ge=-(10**12), le=10**12, decimal_places=_PLACES, description="S$; may be negative"),
]
Price = Annotated[
    Decimal, _Number, Field(gt=0, le=10**12, decimal_places=_PLACES, description="S$, above zero")
]
Rate = Annotated[Decimal, _Number, Field(ge=0, le=100, decimal_places=_PLACES, description="% a year")]
SignedRate = Annotated[
    Decimal, _Number, Field(ge=-100, le=100, decimal_places=_PLACES, description="% a year; may be negative")
]
Percent = Annotated[Decimal, _Number, Field(ge=0, le=100, decimal_places=_PLACES, description="%, 0 to 100")]
PositivePercent = Annotated[
    Decimal, _Number, Field(gt=0, le=100, decimal_places=_PLACES, description="%, above 0, at most 100")
]
Months = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=1200, description="months")]
MonthsWorked = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=12, description="months, 0 to 12")]
Years = Annotated[Decimal, _Number, Field(ge=0, le=100, decimal_places=_PLACES, description="years")]
Tenure = Annotated[
    Decimal, _Number, Field(gt=0, le=100, decimal_places=_PLACES, description="years, above zero")
]
Age = Annotated[Decimal, _Number, Field(ge=0, le=120, decimal_places=_PLACES, description="age in years")]
WholeYears = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=50, description="whole years")]
Lease = Annotated[
    Decimal, _Number, Field(ge=0, le=9999, decimal_places=_PLACES, description="years of lease left")
]
Count = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=1000, description="how many")]
Nth = Annotated[
    int, BeforeValidator(_whole), Field(ge=1, le=1000, description="1 for the first, 2 for the second")
]

Day = Annotated[
    date, BeforeValidator(_iso_date), AfterValidator(_after_1960), Field(description="date, YYYY-MM-DD")
]
Month = Annotated[
    date, BeforeValidator(_iso_month), AfterValidator(_after_1960), Field(description="month, YYYY-MM")
]
