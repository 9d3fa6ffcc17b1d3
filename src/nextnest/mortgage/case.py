"""The case of a household that wants to buy: the facts as known, and what of them is still missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from nextnest.mortgage.household import Applicant, missing_facts
from nextnest.mortgage.quantities import Count, Day, Lease, Money, Percent, Price, Rate, WholeYears
from nextnest.mortgage.words import Lender, PropertyType, Stage


class Case(BaseModel, extra="forbid", frozen=True):
    """A purchase as far as it is known. A fact that is not known is left out; none is assumed."""

    applicants: Annotated[list[Applicant], Field(max_length=10, description="everyone on the loan")] = []
    property_type: PropertyType | None = None
    stage: Stage | None = None
    lender: Lender = "bank"
    remaining_lease: Annotated[
        Lease | None, Field(description="years of lease left; a loan from HDB depends on it")
    ] = None
    price: Price | None = None
    valuation: Price | None = None
    valuation_at_price: Annotated[
        bool, Field(description="true: assume, and say so, that the valuation equals the price")
    ] = False
    monthly_debts: Annotated[
        Money | None, Field(description="S$ a month of all debts but property loans; 0 means none")
    ] = None
    property_debts: Annotated[
        Money | None, Field(description="S$ a month of other property loans, not part of monthly_debts")
    ] = None
    outstanding_housing_loans: Count | None = None
    married_couple: Annotated[bool | None, Field(description="the two applicants are married")] = None
    tenure_years: WholeYears | None = None
    thereafter_rate_pct: Annotated[
        Rate | None, Field(description="% a year after the promotional period, or of HDB's loan")
    ] = None
    contract_rate_pct: Annotated[Rate | None, Field(description="% a year the customer pays at first")] = None
    bank_ltv_pct: Annotated[
        Percent | None, Field(gt=0, description="% a bank lends on commercial property, by its own policy")
    ] = None
    cash_available: Money | None = None
    cpf_available: Annotated[Money | None, Field(description="S$ of CPF Ordinary Account savings")] = None
    as_of: Annotated[Day | None, Field(description="date of the option to purchase, or of the question")] = (
        None
    )

    @property
    def known_valuation(self) -> Decimal | None:
        """The valuation, or the price where it may be assumed."""
        return self.price if self.valuation is None and self.valuation_at_price else self.valuation

    def missing(self) -> list[str]:
        """All facts without which no loan can be computed."""
        of_lender = {"bank": ("monthly_debts", "outstanding_housing_loans"), "hdb": ("remaining_lease",)}
        always = ("property_type", *of_lender[self.lender], "as_of")
        needs = [] if self.applicants else ["applicants"]
        needs += [name for name in always if getattr(self, name) is None]
        if self.outstanding_housing_loans and self.property_debts is None:
            needs.append("property_debts")
        if self.price is not None and self.known_valuation is None:
            needs.append("valuation")
        if self.price is not None and self.property_type == "commercial" and self.bank_ltv_pct is None:
            needs.append("bank_ltv_pct")
        return [*needs, *missing_facts(self.applicants)]
