"""The types of inputs, with units and bounds. Bounds only keep nonsense and endless work out.

Each type reads what forms, models and command lines send: "800,000", "S$800000", 800000, 8e5; a float by
its shortest decimal form. Yes/no is never taken for a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

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
    return int(number) if isinstance(number, Decimal) and number == number.to_integral_value() else number


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


def _word(**synonyms: str) -> Callable[[Any], Any]:
    """Read a word in any case and dress; synonyms map to the one name."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        word = re.sub(r"[\s_-]+", "_", value.strip().lower())
        return synonyms.get(word, word)

    return read


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

Use = Annotated[
    Literal["residential", "non_residential"],
    BeforeValidator(
        _word(
            commercial="non_residential",
            industrial="non_residential",
            nonresidential="non_residential",
            shophouse="non_residential",
            hdb="residential",
            ec="residential",
            condo="residential",
            landed="residential",
            private="residential",
        )
    ),
    Field(description="what the property is used for"),
]
SaleUse = Annotated[
    Literal["residential", "industrial", "commercial"],
    BeforeValidator(_word()),
    Field(description="what the sold property is used for; seller's stamp duty differs"),
]
PropertyKind = Annotated[
    Literal["hdb", "ec", "private"],
    BeforeValidator(
        _word(
            hdb_flat="hdb",
            flat="hdb",
            executive_condominium="ec",
            condo="private",
            condominium="private",
            apartment="private",
            landed="private",
        )
    ),
    Field(description="HDB flat, executive condominium or other private home"),
]
Profile = Annotated[
    Literal["SC", "PR", "FR", "FTA", "ENTITY", "TRUSTEE", "DEVELOPER"],
    BeforeValidator(
        lambda value: (
            {
                "CITIZEN": "SC",
                "SINGAPORE_CITIZEN": "SC",
                "SPR": "PR",
                "PERMANENT_RESIDENT": "PR",
                "FOREIGNER": "FR",
                "FOREIGN": "FR",
                "F": "FR",
                "COMPANY": "ENTITY",
                "TRUST": "TRUSTEE",
                "HOUSING_DEVELOPER": "DEVELOPER",
            }.get(word := str(_word()(value)).upper(), word)
            if isinstance(value, str)
            else value
        )
    ),
    Field(
        description="SC citizen, PR permanent resident, FR foreigner, FTA national of the United States, "
        "Iceland, Liechtenstein, Norway or Switzerland, or an entity, trustee or housing developer"
    ),
]
PropertyType = Annotated[
    Literal["hdb", "ec", "condo", "landed", "commercial"],
    BeforeValidator(
        _word(
            hdb_flat="hdb",
            executive_condominium="ec",
            condominium="condo",
            apartment="condo",
            private="condo",
            non_residential="commercial",
            industrial="commercial",
            shophouse="commercial",
        )
    ),
    Field(description="what is bought"),
]
Stage = Annotated[
    Literal["resale", "new_launch", "bto"],
    BeforeValidator(_word(new="new_launch", completed="resale")),
    Field(description="bought from an owner, from a developer, or built to order by HDB"),
]
Residency = Annotated[
    Literal["sc", "pr", "foreigner", "fta"],
    BeforeValidator(
        _word(citizen="sc", singapore_citizen="sc", spr="pr", permanent_resident="pr", fr="foreigner")
    ),
    Field(description="citizen, permanent resident, foreigner, or foreigner with citizen rates (free trade)"),
]
Employment = Annotated[
    Literal["employed", "self_employed", "variable", "not_working"],
    BeforeValidator(_word(commission="variable", salaried="employed", unemployed="not_working")),
    Field(description="how the income is earned; all income of the self-employed is variable"),
]
Household = Annotated[
    Literal["SC/SC", "SC/SPR", "FT/ST"],
    BeforeValidator(
        lambda value: (
            {"SC/PR": "SC/SPR", "SPR/SC": "SC/SPR", "PR/SC": "SC/SPR", "ST/FT": "FT/ST"}.get(
                word := re.sub(r"[\s_&+/-]+", "/", value.strip().upper()), word
            )
            if isinstance(value, str)
            else value
        )
    ),
    Field(description="two citizens; citizen and permanent resident; or first-timer with second-timer"),
]
Buyer = Annotated[
    Literal["family", "extended", "single", "ec"],
    BeforeValidator(_word(families="family", extended_family="extended", singles="single")),
    Field(description="who buys: family, extended family, single, or any buyer of an executive condominium"),
]
Flat = Annotated[
    Literal["2-room", "3-room", "4-room", "5-room", "executive", "EC"],
    BeforeValidator(
        lambda value: (
            {
                "2_room_flexi": "2-room",
                "2_room": "2-room",
                "3_room": "3-room",
                "4_room": "4-room",
                "4_room_or_smaller": "4-room",
                "5_room": "5-room",
                "5_room_or_bigger": "5-room",
                "exec": "executive",
                "executive_flat": "executive",
                "3gen": "5-room",
                "ec": "EC",
                "executive_condominium": "EC",
            }.get(word := str(_word()(value)), word)
            if isinstance(value, str)
            else value
        )
    ),
    Field(description="type of flat"),
]
