"""What a case comes to: income, age, tenure, rate and loan-to-value, as a bank or HDB counts them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from nextnest.mortgage.assessment import assessment_rate, floor_rate, hdb_assessment_rate
from nextnest.mortgage.case import Case
from nextnest.mortgage.evidence import CannotCompute, InvalidInput, Outcome, RuleRef
from nextnest.mortgage.household import CountedIncome, averaged_income, counted_income
from nextnest.mortgage.lending import hdb_share
from nextnest.mortgage.position import Facts, longest_tenures, tenure_limits
from nextnest.mortgage.rounding import percent, sgd
from nextnest.mortgage.tables import in_force
from nextnest.mortgage.tenure import hdb_tenure
from nextnest.mortgage.words import PropertyType, Use

ZERO = Decimal(0)


@dataclass(frozen=True)
class FoundFacts:
    """The facts a loan depends on, and how they were found."""

    facts: Facts
    outcome: Outcome


@dataclass(frozen=True)
class Terms:
    """What a lender makes of a household: who counts how, for how long, at which rate and share."""

    counted: CountedIncome
    longest_tenures: tuple[int, int]
    tenure_rules: tuple[RuleRef, ...]
    rate: Outcome
    own_ltv: Outcome | None
    assumptions: tuple[str, ...] = ()


def facts_of(case: Case) -> FoundFacts:
    """Income, age, tenure and rate of a case.

    Raises CannotCompute with every missing fact, and InvalidInput for what no lender offers.
    """
    if needs := case.missing():
        raise CannotCompute(*needs)
    # `missing` has seen to these; the check tells the type checker.
    if case.property_type is None or case.as_of is None:
        raise CannotCompute("property_type", "as_of")
    of_lender = _of_hdb if case.lender == "hdb" else _of_a_bank
    terms = of_lender(case, case.property_type, case.as_of)
    tenure, tenure_assumptions = _tenure(case, case.property_type, terms.longest_tenures)
    base = None
    if case.price is not None and case.known_valuation is not None:
        base = min(case.price, case.known_valuation)
    facts = Facts(
        property_type=case.property_type,
        msr_applies=case.property_type == "hdb" or (case.property_type == "ec" and case.stage != "resale"),
        income=terms.counted.income,
        age=terms.counted.age,
        other_debts=case.monthly_debts or ZERO,
        property_debts=case.property_debts or ZERO,
        outstanding_loans=case.outstanding_housing_loans or 0,
        base=base,
        tenure_years=tenure,
        longest_tenures=terms.longest_tenures,
        rate_pct=terms.rate.number("rate_pct"),
        own_ltv=terms.own_ltv,
        lender=case.lender,
        as_of=case.as_of,
    )
    return FoundFacts(facts, _found(case, facts, terms, tenure_assumptions))


def _of_a_bank(case: Case, property_type: PropertyType, as_of: date) -> Terms:
    counted = counted_income(case.applicants, as_of)
    use: Use = "non_residential" if property_type == "commercial" else "residential"
    rate = floor_rate(in_force("assessment_floor", as_of, use=use))
    if case.thereafter_rate_pct is not None:
        rate = assessment_rate(use, case.thereafter_rate_pct, as_of)
    own_ltv = None
    if property_type == "commercial" and case.bank_ltv_pct is not None:
        own_ltv = _policy(case.bank_ltv_pct)
    longest = longest_tenures(property_type, counted.age)
    return Terms(counted, longest, (tenure_limits(property_type).ref,), rate, own_ltv)


def _policy(bank_ltv_pct: Decimal) -> Outcome:
    return Outcome(
        {"ltv_pct": bank_ltv_pct, "min_cash_pct": 100 - bank_ltv_pct, "lower_row": False},
        [f"The bank lends up to {percent(bank_ltv_pct)} of a commercial property."],
        assumptions=["The loan-to-value share is the bank's own policy, as given; no rule sets it."],
    )


def _of_hdb(case: Case, property_type: PropertyType, as_of: date) -> Terms:
    """A loan from HDB: 30% of income at its own test rate, no TDSR, no minimum in cash."""
    if property_type != "hdb":
        raise InvalidInput("lender: HDB lends for HDB flats only")
    lease = case.remaining_lease or ZERO
    ages = [applicant.age for applicant in case.applicants if applicant.age is not None]
    longest = hdb_tenure(ages, lease)
    years = int(longest.number("tenure").to_integral_value(ROUND_FLOOR))
    if years == 0:
        raise InvalidInput("remaining_lease: with these ages it leaves no year for a loan from HDB")
    rate = floor_rate(in_force("hdb_assessment_floor", as_of))
    if case.thereafter_rate_pct is not None:
        rate = hdb_assessment_rate(case.thereafter_rate_pct, as_of)
    share = hdb_share(as_of, min(ages), lease)
    own_ltv = Outcome({**share.values, "min_cash_pct": ZERO, "lower_row": False}, share.working, share.rules)
    kept = in_force("hdb_loan_cpf_kept", None)
    said = f"HDB lends what is left after Ordinary Account savings above {sgd(kept.number('kept'))} an owner."
    return Terms(
        averaged_income(case.applicants),
        (years, years),
        (*longest.rules, kept.ref),
        rate,
        own_ltv,
        (said, "A citizen among the buyers and HDB's income ceiling are taken as given."),
    )


def _tenure(case: Case, property_type: PropertyType, longest_two: tuple[int, int]) -> tuple[int, list[str]]:
    """The tenure asked for, or the longest that keeps the upper LTV row."""
    upper, longest = longest_two
    if case.tenure_years is not None:
        if property_type != "commercial" and case.tenure_years > longest:
            raise InvalidInput(f"tenure_years: at most {longest} for this property")
        return case.tenure_years, []
    if upper == 0:
        raise CannotCompute("tenure_years")
    said = f"No tenure was given: {upper} years, the longest in the upper loan-to-value row."
    if property_type == "commercial":
        said = f"No tenure was given: {upper} years, as banks usually do."
    if case.lender == "hdb":
        said = f"No tenure was given: {upper} years, the longest of a loan from HDB."
    return upper, [said]


def _found(case: Case, facts: Facts, terms: Terms, tenure_assumptions: list[str]) -> Outcome:
    assumptions = [
        *terms.counted.assumptions,
        *tenure_assumptions,
        *terms.rate.assumptions,
        *terms.assumptions,
    ]
    if case.price is not None and case.valuation is None:
        assumptions.append("The valuation is taken to equal the price, as asked.")
    if case.property_type == "ec" and case.stage is None:
        assumptions.append("The executive condominium is taken to be within its minimum occupation period.")
    if case.property_type == "commercial":
        assumptions.append("GST may be charged on commercial property and is not counted.")
    decides = "HDB's" if case.lender == "hdb" else "the bank's"
    assumptions.append(f"Indicative: {decides} own assessment decides. Eligibility to buy is not checked.")
    return Outcome(
        {
            "recognised_income": facts.income,
            "age": facts.age,
            "tenure_years": Decimal(facts.tenure_years),
            "assessment_rate_pct": facts.rate_pct,
        },
        [*terms.counted.working, *terms.rate.working, f"Tenure: {facts.tenure_years} years."],
        [*terms.counted.rules, *terms.rate.rules, *terms.tenure_rules],
        assumptions,
    )
