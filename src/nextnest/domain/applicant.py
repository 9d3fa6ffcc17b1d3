"""The parts of a lead that are objects themselves: its applicants and the consent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nextnest.domain.choices import Employment, Residency
from nextnest.domain.fields import Money, choice, whole
from nextnest.domain.lead_errors import camel_case


class Facts(BaseModel):
    """Facts under their own names, or in the camelCase of an existing web form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _fold_spellings(cls, data: Any) -> Any:
        """A name in camelCase becomes ours; when both came with different values it stays, and is refused."""
        if not isinstance(data, Mapping):
            return data
        folded = dict(data)
        for name in cls.model_fields:
            camel = camel_case(name)
            if camel == name or camel not in folded:
                continue
            if name not in folded or folded[name] == folded[camel]:
                folded[name] = folded.pop(camel)
        return folded


class Applicant(Facts):
    """One borrower."""

    age: Annotated[int | None, whole(18, 99)] = Field(
        None, description="Age in years, 18 to 99", examples=[35]
    )
    residency: Annotated[Residency | None, choice(Residency)] = Field(
        None, description="Singapore citizen (sc), permanent resident (pr) or foreigner", examples=["sc"]
    )
    employment: Annotated[Employment | None, choice(Employment)] = Field(
        None, description="How the income is earned", examples=["employed"]
    )
    fixed_monthly_income: Money = Field(
        None, description="Fixed gross income, S$ a month", examples=[8000, "8,000"]
    )
    variable_monthly_income: Money = Field(
        None, description="Variable gross income, S$ a month averaged over 12 months", examples=[1500]
    )

    @property
    def monthly_income(self) -> Decimal | None:
        """Gross S$ a month from all that is known; zero when not working, None when unknown."""
        if not self.names_income:
            return Decimal(0) if self.employment is Employment.NOT_WORKING else None
        return (self.fixed_monthly_income or Decimal(0)) + (self.variable_monthly_income or Decimal(0))

    @property
    def names_income(self) -> bool:
        return self.fixed_monthly_income is not None or self.variable_monthly_income is not None


class Consent(Facts):
    """What the customer agreed to, and the version of the text that was shown."""

    text_version: str = Field(
        min_length=1, max_length=50, description="Version of the text", examples=["2026-11"]
    )
    contact: bool = Field(description="May be contacted about this enquiry")
    marketing: bool = Field(False, description="May be sent marketing messages")
