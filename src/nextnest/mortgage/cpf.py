"""CPF savings in a home: limits, accrued interest, what a sale leaves."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal

from pydantic import Field

from nextnest.mortgage.dates import month_name
from nextnest.mortgage.evidence import InvalidInput, Outcome
from nextnest.mortgage.lending import lease_share
from nextnest.mortgage.quantities import Age, Lease, Money, Month, Price, Years
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import AMOUNT, CENTS, PERCENT, percent, plain, sgd
from nextnest.mortgage.tables import formula, in_force

ZERO = Decimal(0)
_CENT = Decimal("0.01")
LoanFrom = Annotated[
    Literal["bank", "hdb_resale", "hdb_new"],
    Field(description="a bank, or HDB for a resale flat or for a new one"),
]


@calculator(interest=CENTS, refund=CENTS)
def cpf_accrued(principal: Money, withdrawn: Month, sold: Month) -> Outcome:
    """Accrued interest owed to one's own CPF for a single withdrawal, as CPF counts it.

    Inputs: principal (S$ withdrawn), withdrawn and sold (months, YYYY-MM). Outputs: interest (S$), refund
    (S$, principal and interest). Interest runs from the month after the withdrawal to the month before
    the sale, is rounded to the cent each month and credited each December. Source: CPF Board 26 Jan 2018.
    """
    if sold < withdrawn:
        raise InvalidInput("sold: is before the withdrawal")
    row = in_force("cpf_oa_rate", withdrawn, "withdrawn")
    rate = row.number("rate_pct")
    first = withdrawn.year * 12 + withdrawn.month - 1
    last = sold.year * 12 + sold.month - 1
    credited, this_year = principal, ZERO
    for month in range(first + 1, last):
        this_year += (credited * rate / 1200).quantize(_CENT, ROUND_HALF_UP)
        if month % 12 == 11:
            credited, this_year = credited + this_year, ZERO
    interest = credited + this_year - principal
    return Outcome(
        {"interest": interest, "refund": principal + interest},
        [
            f"{sgd(principal)} withdrawn in {month_name(withdrawn)}, sold in {month_name(sold)}: "
            f"{max(0, last - first - 1)} months at {percent(rate)} a year.",
            f"Interest {sgd(interest)}; to refund {sgd(principal + interest)}.",
        ],
        [row.ref],
    )


@calculator(total=CENTS, interest=CENTS)
def cpf_accrued_years(principal: Money, years: Years) -> Outcome:
    """Estimate of CPF principal and accrued interest after so many years.

    Inputs: principal (S$), years (compounded each full year; the rest of a year at simple interest).
    Outputs: total (S$), interest (S$). For the exact sum use cpf_accrued with its months.
    """
    row = in_force("cpf_oa_rate", None)
    rate = row.number("rate_pct")
    full = int(years)
    total = principal * (1 + rate / 100) ** full * (1 + rate / 100 * (years - full))
    return Outcome(
        {"total": total, "interest": total - principal},
        [f"{sgd(principal)} at {percent(rate)} a year for {plain(years)} years: {sgd(total)}."],
        [row.ref],
    )


@calculator(vl=AMOUNT, wl=AMOUNT)
def cpf_limits(price: Price, valuation: Price, loan: LoanFrom = "bank") -> Outcome:
    """Valuation limit and withdrawal limit of CPF for a home.

    Inputs: price and valuation (S$, at purchase), loan (bank, hdb_resale or hdb_new: who lends, and for a
    resale or new flat). Outputs (S$): vl (the lower of the two), wl (120% of it with a bank loan; 100% for a
    resale flat and no limit for a new flat with HDB's). Beyond vl the Basic Retirement Sum must be set aside
    first. Source: CPF Board, HDB.
    """
    valuation_limit, lower = in_force("cpf_valuation_limit", None), min(price, valuation)
    row = in_force("cpf_limit", None) if loan == "bank" else in_force("cpf_limit_hdb_loan", None, flat=loan)
    step = f"The lower of price and valuation: {sgd(lower)}"
    rules = [valuation_limit.ref, row.ref]
    if "withdrawal_pct" not in row.data:
        said = f"{step}; CPF may be used beyond it without a limit."
        return Outcome({"vl": lower, "wl": "no limit"}, [said], rules)
    share = row.number("withdrawal_pct")
    limit = lower * share / 100
    return Outcome({"vl": lower, "wl": limit}, [f"{step}; {percent(share)} of it: {sgd(limit)}."], rules)


@calculator(pct=PERCENT, amount=CENTS)
def cpf_prorate(youngest_age: Age, remaining_lease: Lease, value: Money | None = None) -> Outcome:
    """Share of the valuation limit for which CPF may be used when the lease is short.

    Inputs: youngest_age (years, youngest buyer using CPF), remaining_lease (years), value (S$, optional:
    the valuation limit). Outputs: pct (%), amount (S$, with a value): all if the lease covers the buyer
    to 95, none below 20 years, else (lease - 20) / (75 - age). Source: MND 9 May 2019; CPF Board example.
    """
    share = lease_share(youngest_age, remaining_lease)
    if value is None:
        return share
    amount = value * share.number("pct") / 100
    return Outcome(
        {**share.values, "amount": amount},
        [*share.working, f"Of {sgd(value)}: {sgd(amount)}."],
        share.rules,
    )


@calculator(cash=CENTS)
def sale_proceeds(
    selling_price: Money, outstanding_loan: Money, cpf_refund: Money, costs: Money = ZERO
) -> Outcome:
    """Cash left after selling a home.

    Inputs (S$): selling_price, outstanding_loan, cpf_refund (principal and accrued interest), costs
    (agent, legal fees, duties, penalties). Output: cash (S$; below zero is a shortfall).
    """
    cash = selling_price - outstanding_loan - cpf_refund - costs
    working = [
        f"{sgd(selling_price)} less the loan {sgd(outstanding_loan)}, CPF {sgd(cpf_refund)} "
        f"and costs {sgd(costs)}: {sgd(cash)}."
    ]
    assumptions = []
    if cash < 0:
        working.append("Below zero: the sale does not cover all of it.")
        assumptions.append(
            "A shortfall of CPF alone needs no cash if the home is sold at or above market value."
        )
    return Outcome({"cash": cash}, working, [formula("sale proceeds")], assumptions)
