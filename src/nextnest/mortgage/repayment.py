"""What a loan costs each month and in all: level and step packages."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from nextnest.mortgage import annuity
from nextnest.mortgage.evidence import CannotCompute, InvalidInput, Outcome
from nextnest.mortgage.quantities import Money, Months, Price, Rate, SignedRate
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import CENTS, RATE, percent, sgd
from nextnest.mortgage.tables import formula


class RateStep(BaseModel, extra="forbid"):
    """A rate and how long it lasts; the last step may leave `months` out and runs to the end."""

    rate_pct: Rate
    months: Months | None = None


Steps = Annotated[list[RateStep], Field(min_length=1, max_length=100, description="rates in order")]


@calculator(monthly=CENTS)
def instalment(principal: Money, rate_pct: Rate, months: Months) -> Outcome:
    """Monthly instalment of a level loan.

    Inputs: principal (S$), rate_pct (% a year, charged monthly), months. Output: monthly (S$). Source:
    P*i / (1 - (1+i)^-n), i = rate / 12; as in the MAS Notice 632A example.
    """
    monthly = annuity.instalment(principal, rate_pct, months)
    return Outcome(
        {"monthly": monthly},
        [f"{sgd(principal)} at {percent(rate_pct)} a year over {months} months: {sgd(monthly)} a month."],
        [formula("equal monthly instalments")],
    )


def lasting(steps: Sequence[RateStep], months: int) -> tuple[list[tuple[Decimal, int]], int]:
    """The steps with the months each lasts, and the months left after them all."""
    rates: list[tuple[Decimal, int]] = []
    left = months
    for number, step in enumerate(steps, start=1):
        if left == 0:
            raise InvalidInput(f"steps: step {number} begins after the loan of {months} months has ended")
        if step.months is None and number < len(steps):
            raise CannotCompute(f"steps[{number}].months")
        months_here = left if step.months is None else step.months
        if months_here > left:
            raise InvalidInput(f"steps: they last longer than the loan of {months} months")
        rates.append((step.rate_pct, months_here))
        left -= months_here
    return rates, left


def _step_working(
    principal: Decimal, rates: Sequence[tuple[Decimal, int]], paid: Sequence[Decimal]
) -> list[str]:
    lines = [f"{sgd(principal)}; the balance is spread anew over the months left at each change of rate."]
    for (rate_pct, months), monthly in zip(rates, paid, strict=True):
        lines.append(f"{months} months at {percent(rate_pct)}: {sgd(monthly)} a month.")
    return lines


@calculator(monthly=CENTS, first_monthly=CENTS)
def instalment_step(principal: Money, months: Months, steps: Steps) -> Outcome:
    """Monthly instalment in the last step of a step package (for example 2 years fixed, then floating).

    Inputs: principal (S$), months (whole loan), steps [{rate_pct, months}] in order, the last one may
    leave months out. Outputs: monthly (S$, last step), first_monthly (S$, first step). Source: MAS Notice
    632A example: the balance is re-amortised over the remaining months at each step.
    """
    rates, _ = lasting(steps, months)
    paid = annuity.steps(principal, months, rates)
    return Outcome(
        {"monthly": paid[-1], "first_monthly": paid[0]},
        _step_working(principal, rates, paid),
        [formula("step package")],
    )


@calculator(total=CENTS, interest=CENTS, per_dollar=CENTS)
def total_repayment(principal: Price, months: Months, steps: Steps) -> Outcome:
    """Everything paid over the life of a loan, from unrounded instalments.

    Inputs: principal (S$), months, steps [{rate_pct, months}] covering the whole loan. Outputs: total
    (S$), interest (S$), per_dollar (S$ repaid for each S$ borrowed). Source: MAS Notice 632A example.
    """
    rates, left = lasting(steps, months)
    if left:
        raise CannotCompute(f"the rate for the last {left} months")
    paid = annuity.steps(principal, months, rates)
    total = sum((monthly * lasts for monthly, (_, lasts) in zip(paid, rates, strict=True)), Decimal(0))
    return Outcome(
        {"total": total, "interest": total - principal, "per_dollar": total / principal},
        [
            *_step_working(principal, rates, paid),
            f"All instalments together: {sgd(total)}, {sgd(total / principal)} for every S$1 borrowed.",
        ],
        [formula("step package")],
    )


@calculator(rate_pct=RATE)
def package_rate(reference_pct: SignedRate, spread_pct: SignedRate) -> Outcome:
    """Rate of a floating package: reference rate plus the bank's spread.

    Inputs: reference_pct (% a year, such as 3-month compounded SORA as published), spread_pct (% a year,
    may be negative). Output: rate_pct (% a year). Source: MAS Notice 632A example.
    """
    rate = reference_pct + spread_pct
    return Outcome(
        {"rate_pct": rate},
        [f"Reference {percent(reference_pct)} plus spread {percent(spread_pct)} is {percent(rate)} a year."],
        [formula("package rate")],
    )
