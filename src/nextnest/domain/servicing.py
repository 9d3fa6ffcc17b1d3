"""How much of the servicing limits (TDSR, MSR) a lead's loan uses, by the rules in force on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from nextnest.domain.lead import Applicant, Employment, Lead, PropertyStage, PropertyType, Purpose
from nextnest.mortgage import calculate
from nextnest.mortgage.tables import Row, in_force

_SHORTEST = 5  # years; an applicant past 60 is tested over these, and the bank will look closer


@dataclass(frozen=True)
class LimitUse:
    """The tighter of the limits and the share of it that is used: 100 % is exactly at the limit."""

    limit: str  # "TDSR" or "MSR"
    share_pct: Decimal
    instalment: Decimal  # S$ a month at the test rate
    rate_pct: Decimal  # % a year
    months: int


def limit_use(
    lead: Lead, loan: Decimal, *, income: Decimal, debts: Decimal, months: int, today: date
) -> LimitUse:
    """Use of the limits by a loan of S$ `loan`; income (above zero) and other debts in S$ a month.

    The rate after the promotional period is not known yet, so the loan is tested at the floor. Debts of
    other homes are not known apart from other debts: they count for TDSR alone.
    """
    tested = calculate(
        "serviceability",
        {
            "loan": loan,
            "months": months,
            "income": income,
            "other_debts": debts,
            "thereafter_pct": 0,
            "use": "non_residential" if property_type(lead) is PropertyType.COMMERCIAL else "residential",
            "as_of": today,
        },
    ).values
    number = {key: value for key, value in tested.items() if isinstance(value, Decimal)}
    uses = [("TDSR", number["tdsr_pct"] * 100 / in_force("tdsr_limit", today).number("limit_pct"))]
    if _msr_applies(lead):
        uses.append(("MSR", number["msr_pct"] * 100 / in_force("msr_limit", today).number("limit_pct")))
    limit, share = max(uses, key=lambda use: use[1])
    return LimitUse(limit, share, number["instalment"], number["assessment_rate_pct"], months)


def property_type(lead: Lead) -> PropertyType | None:
    """The property type as given, or as a commercial purpose implies it."""
    return PropertyType.COMMERCIAL if lead.purpose is Purpose.COMMERCIAL else lead.property_type


def longest_months(lead: Lead) -> int:
    """The longest period that does not lower the loan-to-value limit."""
    row = _tenures(lead)
    years = row.data.get("long_tenure", row.data["max_tenure"])
    return int(years) * 12


def months_to_repay(lead: Lead) -> int | None:
    """Months left on the loan to refinance; else the longest period to 65 at the applicants' average age.

    None when a fact is missing. The average is plain. Banks weight ages by income, but then a raise of the
    older applicant's income could shorten the period and lower a score.
    """
    if lead.purpose is Purpose.REFINANCE:
        return lead.remaining_months
    ages = [applicant.age for applicant in lead.applicants if applicant.age is not None]
    if not ages or len(ages) < len(lead.applicants):
        return None
    average = (Decimal(sum(ages)) / len(ages)).to_integral_value(ROUND_CEILING)
    years = max(_SHORTEST, int(_tenures(lead).number("age_limit") - average))
    return min(longest_months(lead), years * 12)


def recognised_income(lead: Lead, today: date) -> Decimal | None:
    """S$ a month that counts under the rules; None when an income or how it is earned is not known."""
    kinds = {applicant.employment for applicant in lead.applicants}
    if not kinds or None in kinds or lead.household_income is None:
        return None
    if all(applicant.monthly_income is not None for applicant in lead.applicants):
        return sum((_recognised(applicant, today) for applicant in lead.applicants), Decimal(0))
    fixed = kinds <= {Employment.EMPLOYED, Employment.NOT_WORKING}
    return _counted(today, **{"fixed" if fixed else "variable": lead.household_income})


def _recognised(applicant: Applicant, today: date) -> Decimal:
    fixed = applicant.fixed_monthly_income or Decimal(0)
    variable = applicant.variable_monthly_income or Decimal(0)
    if applicant.employment is Employment.EMPLOYED:
        return _counted(today, fixed=fixed, variable=variable)
    return _counted(today, variable=fixed + variable)


def _counted(today: date, **income: Decimal) -> Decimal:
    counted = calculate("income_recognised", {**income, "as_of": today}).values["income"]
    assert isinstance(counted, Decimal)  # noqa: S101  the calculator's only output
    return counted


def _msr_applies(lead: Lead) -> bool:
    """HDB flats, and executive condominiums unless bought resale, that is after their occupation period."""
    if lead.purpose is Purpose.REFINANCE:
        return False
    if lead.property_type is PropertyType.EC:
        return lead.property_stage is not PropertyStage.RESALE
    return lead.property_type is PropertyType.HDB


def _tenures(lead: Lead) -> Row:
    kind = property_type(lead)
    if kind is PropertyType.COMMERCIAL:
        return in_force("commercial_practice", None)
    home = kind.value if kind in {PropertyType.HDB, PropertyType.EC} else "private"
    return in_force("tenure_limit", None, property=home)
