"""Whether a cheaper loan pays for the change."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Annotated

from pydantic import Field

from nextnest.mortgage import annuity
from nextnest.mortgage.evidence import CannotCompute, InvalidInput, Outcome, Value
from nextnest.mortgage.quantities import Day, Money, Months, Percent, PositivePercent, Rate, SignedMoney
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import AS_IS, CENTS, MONTHS, RATE, percent, sgd, steady
from nextnest.mortgage.tables import formula, in_force

ZERO = Decimal(0)
OwnerOccupied = Annotated[bool, Field(description="the borrower lives in the home")]


def _months_to_recover(costs: Decimal, cut: Decimal) -> Value:
    """Whole months until the cut has paid the costs, or "none" when it never does."""
    if cut <= 0:
        return "none"
    return max(ZERO, steady(costs / cut).to_integral_value(ROUND_CEILING))


@calculator(months=MONTHS)
def breakeven(costs: Money, monthly_saving: SignedMoney) -> Outcome:
    """Months until a monthly saving has paid for the costs of a change.

    Inputs: costs (S$), monthly_saving (S$ a month). Output: months (whole, rounded up; "none" if there is
    no saving).
    """
    months = _months_to_recover(costs, monthly_saving)
    said = f"{months} months" if isinstance(months, Decimal) else "never"
    return Outcome(
        {"months": months},
        [f"{sgd(costs)} at {sgd(monthly_saving)} a month: {said}."],
        [formula("refinancing saving")],
    )


@calculator(penalty=CENTS)
def penalty(outstanding: Money, pct: Percent) -> Outcome:
    """Penalty for repaying a loan within its lock-in. The letter of offer governs.

    Inputs: outstanding (S$ redeemed), pct (%, from the letter of offer). Output: penalty (S$).
    """
    charge = outstanding * pct / 100
    return Outcome(
        {"penalty": charge},
        [f"{percent(pct)} of {sgd(outstanding)}: {sgd(charge)}."],
        [formula("refinancing saving")],
        ["The penalty rate is the one given; the bank's letter of offer governs."],
    )


@calculator(tdsr_applies=AS_IS, msr_applies=AS_IS, tdsr_limit_pct=RATE)
def refi_servicing(
    owner_occupied: OwnerOccupied,
    as_of: Day,
    first_granted: Day | None = None,
    older_loan_limit_pct: PositivePercent | None = None,
) -> Outcome:
    """Whether TDSR and MSR apply when a housing loan is refinanced.

    Inputs: owner_occupied, as_of (date of the application), first_granted (date the loan was first granted;
    needed for an investment property), older_loan_limit_pct (TDSR limit of loans granted before 16 Dec 2021;
    what is reported where left out). Outputs: tdsr_applies, msr_applies (of a home the owner lives in),
    tdsr_limit_pct (%, where it applies). Source: MAS 'Refinancing housing loans'.
    """
    row = in_force("refinancing_servicing", as_of, owner_occupied=owner_occupied)
    if owner_occupied:
        return Outcome({"tdsr_applies": False, "msr_applies": False}, [f"A {row.ref.row}."], [row.ref])
    if first_granted is None:
        raise CannotCompute("first_granted")
    limit, older = in_force("tdsr_limit", as_of), in_force("older_loan_tdsr", None)
    most, rules = limit.number("limit_pct"), [row.ref, limit.ref]
    if first_granted < older.data["granted_before"] <= as_of:
        most = older_loan_limit_pct or older.number("limit_pct")
        rules.append(older.ref)
    return Outcome(
        {"tdsr_applies": True, "tdsr_limit_pct": most},
        [f"An {row.ref.row}.", f"First granted {first_granted:%-d %b %Y}: TDSR at most {percent(most)}."],
        rules,
    )


@calculator(
    old_instalment=CENTS,
    new_instalment=CENTS,
    instalment_cut=CENTS,
    interest_saving=CENTS,
    simple_saving=CENTS,
    net_saving=CENTS,
    breakeven_months=MONTHS,
)
def refi_saving(
    balance: Money,
    old_pct: Rate,
    new_pct: Rate,
    months_left: Months,
    window_months: Months,
    *,
    costs: Money = ZERO,
    subsidy: Money = ZERO,
) -> Outcome:
    """What refinancing saves over a window, by amortised interest.

    Inputs: balance (S$), old_pct and new_pct (% a year), months_left (both loans), window_months (at most
    months_left), costs (S$: penalty, clawback, legal, valuation), subsidy (S$ from the new bank).
    Outputs: old_instalment, new_instalment, instalment_cut (S$ a month), interest_saving and net_saving
    (S$ over the window), simple_saving (S$ by the common shortcut on a flat balance, which overstates),
    breakeven_months ("none" if the instalment is not cut).
    """
    if window_months > months_left:
        raise InvalidInput("window_months: is longer than the loan has left")
    paid, interest = {}, {}
    for name, rate in (("old", old_pct), ("new", new_pct)):
        paid[name] = annuity.instalment(balance, rate, months_left)
        owed = annuity.balance(balance, rate, paid[name], window_months)
        interest[name] = paid[name] * window_months - (balance - owed)
    cut, saving = paid["old"] - paid["new"], interest["old"] - interest["new"]
    simple = balance * (old_pct - new_pct) / 100 * window_months / 12
    net = saving - costs + subsidy
    months = _months_to_recover(costs - subsidy, cut)
    return Outcome(
        {
            "old_instalment": paid["old"],
            "new_instalment": paid["new"],
            "instalment_cut": cut,
            "interest_saving": saving,
            "simple_saving": simple,
            "net_saving": net,
            "breakeven_months": months,
        },
        [
            f"Instalment {sgd(paid['old'])} at {percent(old_pct)}, {sgd(paid['new'])} at {percent(new_pct)}: "
            f"{sgd(cut)} less a month.",
            f"Interest over {window_months} months: {sgd(interest['old'])} against {sgd(interest['new'])}, "
            f"{sgd(saving)} saved (a flat balance would say {sgd(simple)}).",
            f"Less costs {sgd(costs)}, plus subsidy {sgd(subsidy)}: {sgd(net)}.",
        ],
        [formula("refinancing saving"), formula("equal monthly instalments")],
    )
