"""How much of the price a loan may be, and what the buyer brings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from nextnest.mortgage.evidence import CannotCompute, InvalidInput, Outcome
from nextnest.mortgage.quantities import Age, Count, Day, Lease, Money, Percent, Price, Tenure
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import (
    AS_IS,
    CASH,
    LOAN,
    PERCENT,
    RATE,
    YEARS,
    percent,
    plain,
    sgd,
)
from nextnest.mortgage.tables import dated, formula, in_force
from nextnest.mortgage.words import PropertyKind

ZERO = Decimal(0)


@calculator(ltv_pct=RATE, min_cash_pct=RATE, lower_row=AS_IS, within_max_tenure=AS_IS)
def ltv(
    outstanding_loans: Count | None = None,
    property: PropertyKind | None = None,
    tenure_years: Tenure | None = None,
    age: Age | None = None,
    *,
    borrower: Literal["individual", "company"] = "individual",
    as_of: Day | None = None,
) -> Outcome:
    """Loan-to-value limit of a bank's housing loan, and the share to be paid in cash.

    Inputs: outstanding_loans (all housing loans, HDB's, guaranteed and co-borrowed too), property (hdb,
    ec, private), tenure_years, age (years; for joint borrowers the income-weighted average), borrower
    (individual, or company: its limit needs no other fact), as_of (date of the option). Outputs: ltv_pct
    and min_cash_pct (% of the lower of price and valuation), lower_row (tenure above 30 years, 25 for an
    HDB flat, or beyond age 65; exactly 65 is not beyond), within_max_tenure. Source: MAS 'Loan tenure and
    loan-to-value limits'.
    """
    if borrower == "company":
        return _of_a_company(as_of)
    if outstanding_loans is None or property is None or tenure_years is None or age is None:
        names = ("outstanding_loans", "property", "tenure_years", "age")
        facts = (outstanding_loans, property, tenure_years, age)
        raise CannotCompute(*[name for name, fact in zip(names, facts, strict=True) if fact is None])
    row = in_force("ltv", as_of, borrower="individual", outstanding=min(outstanding_loans, 2))
    tenures = in_force("tenure_limit", None, property=property)
    long, limit_age = tenures.number("long_tenure"), tenures.number("age_limit")
    lower = tenure_years > long or age + tenure_years > limit_age
    which = "lower" if lower else "upper"
    limit = row.number("lower_ltv_pct" if lower else "ltv_pct")
    cash = row.number("lower_min_cash_pct" if lower else "min_cash_pct")
    return Outcome(
        {
            "ltv_pct": limit,
            "min_cash_pct": cash,
            "lower_row": lower,
            "within_max_tenure": tenure_years <= tenures.number("max_tenure"),
        },
        [
            f"Tenure {plain(tenure_years)} years (long above {plain(long)}), to age "
            f"{plain(YEARS.shown(age + tenure_years))} (limit {plain(limit_age)}): {which} row.",
            f"With {row.ref.row}: loan up to {percent(limit)}, at least {percent(cash)} in cash.",
        ],
        [row.ref, tenures.ref],
        dated([row], as_of),
    )


def _of_a_company(as_of: date | None) -> Outcome:
    row = in_force("ltv", as_of, borrower="company")
    limit = row.number("ltv_pct")
    return Outcome({"ltv_pct": limit}, [f"{row.ref.row}: {percent(limit)}."], [row.ref], dated([row], as_of))


def lease_share(youngest_age: Decimal, remaining_lease: Decimal) -> Outcome:
    """The share (pct, 0 to 100) left by a lease that does not cover the youngest buyer to 95."""
    row = in_force("lease_prorating", None)
    covered, kept = row.number("covered_age"), row.number("lease_kept")
    if remaining_lease < kept:
        share, step = ZERO, f"Less than {plain(kept)} years of lease left: none."
    elif youngest_age + remaining_lease >= covered:
        share, step = Decimal(100), f"The lease covers the youngest buyer to {plain(covered)}: in full."
    else:
        share = (remaining_lease - kept) * 100 / (covered - kept - youngest_age)
        step = (
            f"({plain(remaining_lease)} - {plain(kept)}) / ({plain(covered - kept)} - {plain(youngest_age)}) "
            f"is {percent(share)}."
        )
    return Outcome({"pct": share}, [step], [row.ref])


def hdb_share(as_of: date, youngest_age: Decimal, remaining_lease: Decimal) -> Outcome:
    """The share that HDB lends (ltv_pct): less where the lease does not cover the youngest to 95."""
    row, share = in_force("hdb_loan_ltv", as_of), lease_share(youngest_age, remaining_lease)
    return Outcome(
        {"ltv_pct": row.number("ltv_pct") * share.number("pct") / 100},
        [
            *share.working,
            f"HDB lends up to {percent(row.number('ltv_pct'))} of the price, or that part of it.",
        ],
        [row.ref, *share.rules],
    )


@calculator(ltv_pct=PERCENT, loan=LOAN)
def hdb_ltv_loan(
    price: Price,
    as_of: Day,
    valuation: Price | None = None,
    youngest_age: Age | None = None,
    remaining_lease: Lease | None = None,
) -> Outcome:
    """Loan-to-value limit of a loan from HDB.

    Inputs: price (S$), as_of (date of the complete resale application, or of the sales exercise),
    valuation (S$, optional), youngest_age and remaining_lease (years, optional, both or none: the limit
    is pro-rated if the lease does not cover the youngest applicant to 95). Outputs: ltv_pct (%), loan
    (S$). Source: HDB.
    """
    if (youngest_age is None) != (remaining_lease is None):
        raise CannotCompute("youngest_age" if youngest_age is None else "remaining_lease")
    assumptions: list[str] = []
    if youngest_age is None or remaining_lease is None:
        row = in_force("hdb_loan_ltv", as_of)
        share = Outcome({"ltv_pct": row.number("ltv_pct")}, [], [row.ref])
        assumptions.append("The lease is taken to cover the youngest applicant to 95.")
    else:
        share = hdb_share(as_of, youngest_age, remaining_lease)
    base = price if valuation is None else min(price, valuation)
    if valuation is None:
        assumptions.append("The valuation is taken to be no lower than the price.")
    limit = share.number("ltv_pct")
    loan = base * limit / 100
    return Outcome(
        {"ltv_pct": limit, "loan": loan},
        [*share.working, f"{percent(limit)} of {sgd(base)} is {sgd(loan)}."],
        share.rules,
        assumptions,
    )


@calculator(loan=LOAN, min_cash=CASH, balance_of_base=CASH, downpayment=CASH, cash_over_valuation=CASH)
def purchase_funding(price: Price, valuation: Price, ltv_pct: Percent, min_cash_pct: Percent) -> Outcome:
    """How a purchase is paid for at a loan-to-value limit (duties and fees apart).

    Inputs: price (S$, net of discounts), valuation (S$), ltv_pct and min_cash_pct (% of the lower of the
    two). Outputs (S$): loan, min_cash (the cash share and all of any price above valuation),
    balance_of_base (lower of price and valuation less the loan), downpayment (price less the loan),
    cash_over_valuation. Source: MAS 'Loan tenure and loan-to-value limits'.
    """
    base = min(price, valuation)
    loan, over = base * ltv_pct / 100, price - base
    if ltv_pct + min_cash_pct > 100:
        raise InvalidInput("ltv_pct and min_cash_pct: together above 100%")
    cash = base * min_cash_pct / 100 + over
    working = [
        f"Lower of price and valuation: {sgd(base)}; a loan of {percent(ltv_pct)} is {sgd(loan)}.",
        f"In cash at least {percent(min_cash_pct)} of it"
        + (f" and {sgd(over)} above valuation" if over else "")
        + f": {sgd(cash)}.",
        f"Downpayment in all: {sgd(price - loan)}.",
    ]
    values = {
        "loan": loan,
        "min_cash": cash,
        "balance_of_base": base - loan,
        "downpayment": price - loan,
        "cash_over_valuation": over,
    }
    return Outcome(values, working, [formula("funding")])


@calculator(cash_proceeds=CASH, cash_kept=CASH, cash_to_use=CASH, loan=LOAN)
def second_hdb_loan(
    selling_price: Money, outstanding_loan: Money, cpf_used: Money, next_price: Price, cpf_applied: Money
) -> Outcome:
    """Second loan from HDB: what must be put into the next flat first, and the loan that is left.

    Inputs (S$): selling_price, outstanding_loan and cpf_used (refund) of the flat sold, next_price,
    cpf_applied (CPF put into the next flat). Outputs (S$): cash_proceeds, cash_kept (the higher of 25,000
    and half of the proceeds), cash_to_use, loan. Source: HDB 'Housing loan from HDB'.
    """
    row = in_force("second_hdb_loan", None)
    proceeds = max(ZERO, selling_price - outstanding_loan - cpf_used)
    kept = min(proceeds, max(row.number("kept_minimum"), proceeds * row.number("kept_pct") / 100))
    used = proceeds - kept
    loan = max(ZERO, next_price - cpf_applied - used)
    return Outcome(
        {"cash_proceeds": proceeds, "cash_kept": kept, "cash_to_use": used, "loan": loan},
        [
            f"Cash proceeds: {sgd(proceeds)}; {sgd(kept)} may be kept, {sgd(used)} goes into the next flat.",
            f"{sgd(next_price)} less CPF {sgd(cpf_applied)} and cash {sgd(used)}: a loan of {sgd(loan)}.",
        ],
        [row.ref],
        ["Before the limits of loan-to-value and income, which apply as well."],
    )
