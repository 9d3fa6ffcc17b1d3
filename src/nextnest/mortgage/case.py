"""The case of a household that wants to buy: the facts as known, and what of them is still missing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from nextnest.mortgage.assessment import assessment_rate, floor_rate
from nextnest.mortgage.evidence import CannotCompute, InvalidInput, Outcome
from nextnest.mortgage.household import Applicant, CountedIncome, counted_income, missing_facts
from nextnest.mortgage.position import Facts, longest_tenures, tenure_limits
from nextnest.mortgage.quantities import Count, Day, Money, Percent, Price, Rate, WholeYears
from nextnest.mortgage.words import PropertyType, Stage, Use

ZERO = Decimal(0)


class Case(BaseModel, extra="forbid", frozen=True):
    """A purchase as far as it is known. A fact that is not known is left out; none is assumed."""

    applicants: Annotated[list[Applicant], Field(max_length=10, description="everyone on the loan")] = []
    property_type: PropertyType | None = None
    stage: Stage | None = None
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
        Rate | None, Field(description="% a year of the package after its promotional period")
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
        always = ("property_type", "monthly_debts", "outstanding_housing_loans", "as_of")
        needs = [] if self.applicants else ["applicants"]
        needs += [name for name in always if getattr(self, name) is None]
        if self.outstanding_housing_loans and self.property_debts is None:
            needs.append("property_debts")
        if self.price is not None and self.known_valuation is None:
            needs.append("valuation")
        if self.price is not None and self.property_type == "commercial" and self.bank_ltv_pct is None:
            needs.append("bank_ltv_pct")
        return [*needs, *missing_facts(self.applicants)]


@dataclass(frozen=True)
class FoundFacts:
    """The facts a loan depends on, and how they were found."""

    facts: Facts
    outcome: Outcome


def facts_of(case: Case) -> FoundFacts:
    """Income, age, tenure and rate of a case.

    Raises CannotCompute with every missing fact, and InvalidInput for a tenure beyond the limit.
    """
    if needs := case.missing():
        raise CannotCompute(*needs)
    # `missing` has seen to these; the checks tell the type checker.
    if case.property_type is None or case.as_of is None or case.monthly_debts is None:
        raise CannotCompute("property_type", "as_of", "monthly_debts")
    counted = counted_income(case.applicants, case.as_of)
    tenure, tenure_assumptions = _tenure(case, case.property_type, counted.age)
    use: Use = "non_residential" if case.property_type == "commercial" else "residential"
    if case.thereafter_rate_pct is None:
        rate = floor_rate(use, case.as_of)
    else:
        rate = assessment_rate(use, case.thereafter_rate_pct, case.as_of)
    base = None
    if case.price is not None and case.known_valuation is not None:
        base = min(case.price, case.known_valuation)
    facts = Facts(
        property_type=case.property_type,
        msr_applies=case.property_type == "hdb" or (case.property_type == "ec" and case.stage != "resale"),
        income=counted.income,
        age=counted.age,
        other_debts=case.monthly_debts,
        property_debts=case.property_debts or ZERO,
        outstanding_loans=case.outstanding_housing_loans or 0,
        base=base,
        tenure_years=tenure,
        rate_pct=rate.number("rate_pct"),
        bank_ltv_pct=case.bank_ltv_pct,
        as_of=case.as_of,
    )
    return FoundFacts(facts, _found(case, facts, counted, rate, tenure_assumptions))


def _found(
    case: Case, facts: Facts, counted: CountedIncome, rate: Outcome, tenure_assumptions: list[str]
) -> Outcome:
    assumptions = [*counted.assumptions, *tenure_assumptions]
    assumptions += rate.assumptions
    if case.price is not None and case.valuation is None:
        assumptions.append("The valuation is taken to equal the price, as asked.")
    if case.property_type == "ec" and case.stage is None:
        assumptions.append("The executive condominium is taken to be within its minimum occupation period.")
    if case.property_type == "commercial":
        assumptions.append("GST may be charged on commercial property and is not counted.")
    assumptions.append("Indicative: the bank's own assessment decides. Eligibility to buy is not checked.")
    return Outcome(
        {
            "recognised_income": facts.income,
            "age": facts.age,
            "tenure_years": Decimal(facts.tenure_years),
            "assessment_rate_pct": facts.rate_pct,
        },
        [*counted.working, *rate.working, f"Tenure: {facts.tenure_years} years."],
        [*counted.rules, *rate.rules, tenure_limits(facts.property_type).ref],
        assumptions,
    )


def _tenure(case: Case, property_type: PropertyType, age: Decimal) -> tuple[int, list[str]]:
    """The tenure asked for, or the longest that keeps the upper LTV row."""
    upper, longest = longest_tenures(property_type, age)
    if case.tenure_years is not None:
        if property_type != "commercial" and case.tenure_years > longest:
            raise InvalidInput(f"tenure_years: at most {longest} for this property")
        return case.tenure_years, []
    if upper == 0:
        raise CannotCompute("tenure_years")
    said = f"No tenure was given: {upper} years, the longest in the upper loan-to-value row."
    if property_type == "commercial":
        said = f"No tenure was given: {upper} years, as banks usually do."
    return upper, [said]
