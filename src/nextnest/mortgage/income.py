"""What counts as income: pay, rent, assets, and HDB's own average."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from nextnest.mortgage.dates import month_name, months_later
from nextnest.mortgage.evidence import CannotCompute, InvalidInput, Outcome
from nextnest.mortgage.quantities import (
    Age,
    Day,
    Money,
    MonthsWorked,
    SignedMoney,
)
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import AGE, AMOUNT, AS_IS, CENTS, WHOLE_YEARS, percent, plain, sgd
from nextnest.mortgage.tables import dated, formula, in_force
from nextnest.mortgage.words import Buyer

ZERO = Decimal(0)


class Earner(BaseModel, extra="forbid"):
    """A person's pay over the months worked in HDB's 12-month window."""

    total: Money
    months_worked: MonthsWorked


class Borrower(BaseModel, extra="forbid"):
    """A borrower's age and recognised income (S$ a month)."""

    age: Age
    income: Money


Earners = Annotated[list[Earner], Field(min_length=1, max_length=50, description="everyone in the household")]
Borrowers = Annotated[list[Borrower], Field(min_length=1, max_length=50, description="everyone on the loan")]


@calculator(income=CENTS)
def income_recognised(
    fixed: SignedMoney | None = None,
    variable: SignedMoney | None = None,
    rental: SignedMoney | None = None,
    as_of: Day | None = None,
) -> Outcome:
    """Monthly income that counts for TDSR and MSR. Banks may count less.

    Inputs (S$ a month, gross): fixed pay, variable (bonus, commission, overtime, self-employed; average
    of at least 12 months), rental, as_of (date of the option). A negative part counts as zero. Output:
    income. Source: MAS release 28 Jun 2013, haircut of at least 30% on variable and rental income.
    """
    if fixed is None and variable is None and rental is None:
        raise CannotCompute("fixed, variable or rental")
    row = in_force("income_share", as_of)
    share = row.number("share_pct")
    pay = max(fixed or ZERO, ZERO)
    haircut = {"variable": max(variable or ZERO, ZERO), "rental": max(rental or ZERO, ZERO)}
    counted = pay + sum(haircut.values(), ZERO) * share / 100
    working = [f"Fixed pay in full: {sgd(pay)}."]
    working += [
        f"{percent(share)} of {name} income {sgd(part)} is {sgd(part * share / 100)}."
        for name, part in haircut.items()
        if part
    ]
    assumptions = [*dated([row], as_of)]
    if any(part is not None and part < 0 for part in (fixed, variable, rental)):
        assumptions.append("A negative part of the income is counted as zero.")
    return Outcome({"income": counted}, [*working, f"Recognised: {sgd(counted)}."], [row.ref], assumptions)


@calculator(variable_monthly=CENTS, income=CENTS)
def income_from_noa(basic_monthly: Money, noa_annual: Money) -> Outcome:
    """Recognised income of an employee from basic pay and the Notice of Assessment (bank practice).

    Inputs: basic_monthly (S$ a month), noa_annual (S$ a year). Outputs: variable_monthly (S$ a month,
    counted), income (S$ a month). Source: (NOA - 12 x basic) x 70% / 12, broker training slides.
    """
    row = in_force("noa_income", None)
    share = row.number("share_pct")
    beyond_basic = max(ZERO, noa_annual - 12 * basic_monthly)
    variable = beyond_basic * share / 100 / 12
    return Outcome(
        {"variable_monthly": variable, "income": basic_monthly + variable},
        [
            f"{sgd(noa_annual)} less 12 times {sgd(basic_monthly)} is variable pay: {sgd(beyond_basic)}.",
            f"{percent(share)} of it over 12 months is {sgd(variable)} a month.",
            f"Recognised: {sgd(basic_monthly + variable)} a month.",
        ],
        [row.ref],
    )


@calculator(income=CENTS)
def avg_household_income(persons: Earners) -> Outcome:
    """Average household income as HDB counts it: each person's total over the months that person worked.

    Input: persons [{total (S$ over the window), months_worked (0 to 12)}]. Output: income (S$ a month).
    Source: HDB income guidelines.
    """
    income, working = ZERO, []
    for number, person in enumerate(persons, start=1):
        if person.months_worked == 0:
            if person.total > 0:
                raise InvalidInput(f"persons[{number}]: earned {sgd(person.total)} in no months")
            working.append(f"Person {number} did not work in the window.")
            continue
        average = person.total / person.months_worked
        income += average
        working.append(f"{sgd(person.total)} over {person.months_worked} months worked is {sgd(average)}.")
    working.append(f"Household: {sgd(income)} a month.")
    return Outcome({"income": income}, working, [in_force("hdb_average_income", None).ref])


@calculator(**{"from": AS_IS, "to": AS_IS})
def hfe_window(applied: Day) -> Outcome:
    """The 12 months of income HDB looks at for a flat-eligibility (HFE) letter.

    Input: applied (date of the application). Outputs: from and to (months, YYYY-MM, both included): 12
    months ending 2 months before the application. Source: HDB income guidelines.
    """
    row = in_force("hdb_average_income", None)
    length, gap = int(row.number("months")), int(row.number("gap_months"))
    last = months_later(applied.replace(day=1), -gap)
    first = months_later(last, 1 - length)
    return Outcome(
        {"from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}"},
        [f"Applied in {month_name(applied)}: {month_name(first)} to {month_name(last)}."],
        [row.ref],
    )


@calculator(ceiling=AMOUNT)
def income_ceiling(buyer: Buyer, as_of: Day, land_tender_closed: Day | None = None) -> Outcome:
    """Highest household income that may buy a new flat or executive condominium from HDB or a developer.

    Inputs: buyer (family, extended, single or ec), as_of (application date), land_tender_closed (date,
    needed for ec). Output: ceiling (S$ a month). Source: HDB 23 Aug 2026.
    """
    if buyer == "ec" and land_tender_closed is None:
        raise CannotCompute("land_tender_closed")
    keyed = min(as_of, land_tender_closed) if buyer == "ec" and land_tender_closed else as_of
    row = in_force("income_ceiling", keyed, buyer=buyer)
    ceiling = row.number("ceiling")
    return Outcome({"ceiling": ceiling}, [f"{row.ref.row}: {sgd(ceiling)} a month."], [row.ref])


@calculator(iwaa=AGE, iwaa_rounded_up=WHOLE_YEARS)
def iwaa(borrowers: Borrowers) -> Outcome:
    """Income-weighted average age of joint borrowers, which decides tenure and the loan-to-value row.

    Input: borrowers [{age (years), income (S$ a month, recognised)}]. Outputs: iwaa (years, exact),
    iwaa_rounded_up (whole years, bank practice). Source: MAS example 60/8,000 and 30/10,000.
    """
    total = sum((person.income for person in borrowers), ZERO)
    if total == 0:
        raise CannotCompute("an income above zero for at least one borrower")
    average = sum((person.age * person.income for person in borrowers), ZERO) / total
    up = average.to_integral_value(ROUND_CEILING)
    parts = " + ".join(f"{plain(person.age)} x {sgd(person.income)}" for person in borrowers)
    return Outcome(
        {"iwaa": average, "iwaa_rounded_up": up},
        [f"({parts}) / {sgd(total)} is {AGE.text(average)}; banks round it up to {plain(up)}."],
        [formula("income-weighted average age"), in_force("age_rounding", None).ref],
    )
