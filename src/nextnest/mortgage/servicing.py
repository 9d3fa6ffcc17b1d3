"""Debt against income: limits, the rate they are tested at, and the loan they allow."""

from __future__ import annotations

from decimal import Decimal

from nextnest.mortgage import annuity
from nextnest.mortgage.evidence import Outcome
from nextnest.mortgage.quantities import Money, Months, PositivePercent, Price, Rate
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import AS_IS, CENTS, LOAN, PERCENT, percent, sgd
from nextnest.mortgage.tables import formula, in_force

ZERO = Decimal(0)


@calculator(max_instalment=CENTS)
def capacity(income: Money, ratio_pct: PositivePercent, other_debts: Money = ZERO) -> Outcome:
    """Highest monthly instalment that a servicing limit leaves room for, never below zero.

    Inputs: income (S$ a month, recognised), ratio_pct (limit, %: TDSR or MSR), other_debts (S$ a month
    that count under that limit). Output: max_instalment (S$ a month). Source: MAS 'MSR and TDSR rules'.
    """
    allowed = income * ratio_pct / 100
    room = max(ZERO, allowed - other_debts)
    return Outcome(
        {"max_instalment": room},
        [
            f"{percent(ratio_pct)} of {sgd(income)} is {sgd(allowed)}; "
            f"less debts of {sgd(other_debts)}: {sgd(room)}."
        ],
        [formula("servicing ratio")],
    )


@calculator(reduction_pct=PERCENT)
def capacity_change_pct(old_pct: PositivePercent, new_pct: PositivePercent) -> Outcome:
    """How much smaller the loan gets when a servicing limit is lowered, with no other debts.

    Inputs: old_pct and new_pct (limits, %). Output: reduction_pct (%; negative if the limit was raised).
    Source: the loan is proportional to the limit.
    """
    reduction = (old_pct - new_pct) * 100 / old_pct
    return Outcome(
        {"reduction_pct": reduction},
        [f"From {percent(old_pct)} to {percent(new_pct)}: {percent(reduction)} less."],
        [formula("servicing ratio")],
    )


@calculator(loan=LOAN, max_instalment=CENTS)
def max_loan(
    income: Money, ratio_pct: PositivePercent, rate_pct: Rate, months: Months, other_debts: Money = ZERO
) -> Outcome:
    """Largest loan whose instalment stays within a servicing limit.

    Inputs: income (S$ a month, recognised), ratio_pct (limit, %), rate_pct (assessment rate, % a year),
    months, other_debts (S$ a month). Outputs: loan (S$), max_instalment (S$ a month). Source: loan =
    instalment * (1 - (1+i)^-n) / i.
    """
    room = capacity(income, ratio_pct, other_debts)
    instalment = room.number("max_instalment")
    loan = annuity.principal(instalment, rate_pct, months)
    return Outcome(
        {"loan": loan, "max_instalment": instalment},
        [
            *room.working,
            f"{sgd(instalment)} a month repays {sgd(loan)} in {months} months at {percent(rate_pct)} a year.",
        ],
        [*room.rules, formula("equal monthly instalments")],
    )


@calculator(price=LOAN, loan=LOAN)
def max_price_from_loan(
    income: Money,
    ratio_pct: PositivePercent,
    rate_pct: Rate,
    months: Months,
    *,
    ltv_pct: PositivePercent,
    other_debts: Money = ZERO,
) -> Outcome:
    """Highest price that the largest serviceable loan can finance at a loan-to-value limit.

    Inputs: income (S$ a month), ratio_pct (limit, %), rate_pct (assessment rate, % a year), months,
    ltv_pct (%), other_debts (S$ a month). Outputs: price (S$), loan (S$). Valuation is taken to equal the
    price.
    """
    largest = max_loan(income, ratio_pct, rate_pct, months, other_debts)
    loan = largest.number("loan")
    price = loan * 100 / ltv_pct
    return Outcome(
        {"price": price, "loan": loan},
        [*largest.working, f"{sgd(loan)} is {percent(ltv_pct)} of {sgd(price)}."],
        [*largest.rules, formula("funding")],
        ["The valuation is taken to equal the price."],
    )


@calculator(price=LOAN, loan=LOAN, limited_by=AS_IS)
def max_price_funds(
    income: Money,
    ratio_pct: PositivePercent,
    rate_pct: Rate,
    months: Months,
    *,
    ltv_pct: PositivePercent,
    funds: Money,
    other_debts: Money = ZERO,
) -> Outcome:
    """Highest price that the loan and the buyer's own funds reach together (duties and fees apart).

    Inputs: as max_price_from_loan, and funds (S$ of cash and CPF for the downpayment). Outputs: price
    (S$), loan (S$), limited_by ("income": the largest loan and all funds; "funds": they are the whole
    downpayment, and the loan is smaller than income would carry).
    """
    largest = max_loan(income, ratio_pct, rate_pct, months, other_debts)
    loan = largest.number("loan")
    price, limited_by = loan + funds, "income"
    working = [*largest.working, f"With own funds of {sgd(funds)}: {sgd(price)}."]
    if ltv_pct < 100:
        by_funds = funds * 100 / (100 - ltv_pct)
        working.append(f"Own funds of {sgd(funds)} are {percent(100 - ltv_pct)} of {sgd(by_funds)}.")
        if by_funds < price:
            price, limited_by = by_funds, "funds"
    working.append(f"The smaller decides: {sgd(price)}.")
    return Outcome(
        {"price": price, "loan": min(loan, price * ltv_pct / 100), "limited_by": limited_by},
        working,
        [*largest.rules, formula("funding")],
        ["The valuation is taken to equal the price.", "Duties and fees are not counted."],
    )


@calculator(ratio_pct=PERCENT, within=AS_IS)
def ratio(obligations: Money, income: Price, limit_pct: PositivePercent | None = None) -> Outcome:
    """Monthly obligations as a share of income, and whether they stay within a limit.

    Inputs: obligations (S$ a month), income (S$ a month), limit_pct (%, optional). Outputs: ratio_pct
    (%), within (with a limit; exactly at it is within). Source: MAS 'MSR and TDSR rules'.
    """
    share = obligations * 100 / income
    working = [f"{sgd(obligations)} of {sgd(income)} is {percent(share)}."]
    if limit_pct is None:
        return Outcome({"ratio_pct": share}, working, [formula("servicing ratio")])
    within = share <= limit_pct
    working.append(f"The limit of {percent(limit_pct)} is {'kept' if within else 'exceeded'}.")
    return Outcome({"ratio_pct": share, "within": within}, working, [formula("servicing ratio")])


@calculator(income=CENTS)
def income_required(instalment: Money, ratio_pct: PositivePercent, other_debts: Money = ZERO) -> Outcome:
    """Recognised monthly income that an instalment needs under a servicing limit.

    Inputs: instalment (S$ a month, tested), ratio_pct (limit, %), other_debts (S$ a month). Output:
    income (S$ a month).
    """
    income = (instalment + other_debts) * 100 / ratio_pct
    return Outcome(
        {"income": income},
        [f"{sgd(instalment + other_debts)} is {percent(ratio_pct)} of {sgd(income)}."],
        [formula("servicing ratio")],
    )


@calculator(obligation=CENTS)
def guarantor_obligation(instalment: Money) -> Outcome:
    """What a guarantor's TDSR must count of a guaranteed property loan.

    Input: instalment (S$ a month of the guaranteed loan). Output: obligation (S$ a month; at least this).
    Source: MAS 'MSR and TDSR rules'.
    """
    row = in_force("guarantor_share", None)
    share = row.number("share_pct")
    obligation = instalment * share / 100
    return Outcome(
        {"obligation": obligation},
        [f"{percent(share)} of {sgd(instalment)} is {sgd(obligation)}."],
        [row.ref],
    )


@calculator(obligation=CENTS)
def card_obligation(
    outstanding: Money, minimum_pct: PositivePercent | None = None, minimum: Money | None = None
) -> Outcome:
    """Monthly obligation usually counted for a credit-card balance (practice).

    Inputs: outstanding (S$), minimum_pct (% of the balance) and minimum (S$) of the card's own terms; what
    is left out is the usual practice. Output: obligation (S$ a month), never more than the balance; the
    minimum on the statement prevails.
    """
    row = in_force("card_minimum", None)
    share = row.number("minimum_pct") if minimum_pct is None else minimum_pct
    least = row.number("minimum") if minimum is None else minimum
    obligation = min(outstanding, max(outstanding * share / 100, least))
    return Outcome(
        {"obligation": obligation},
        [f"The higher of {percent(share)} of {sgd(outstanding)} and {sgd(least)}: {sgd(obligation)}."],
        [formula("servicing ratio") if minimum_pct is not None and minimum is not None else row.ref],
    )
