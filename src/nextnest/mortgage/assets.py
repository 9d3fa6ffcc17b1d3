"""Assets that count as income."""

from __future__ import annotations

from decimal import Decimal

from nextnest.mortgage import annuity
from nextnest.mortgage.evidence import CannotCompute, Outcome, RuleRef
from nextnest.mortgage.quantities import Money, Months, PositivePercent, Rate
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import CASH, CENTS, percent, plain, sgd
from nextnest.mortgage.tables import Row, formula, in_force

ZERO = Decimal(0)


@calculator(monthly_income=CENTS)
def efa_income(
    pledged_cash: Money | None = None, pledged_other: Money | None = None, unpledged: Money | None = None
) -> Outcome:
    """Monthly income that eligible financial assets add for TDSR and MSR.

    Inputs (S$): pledged_cash (Singapore dollar deposits pledged for at least 4 years), pledged_other (other
    assets so pledged), unpledged (not pledged, or for less than 4 years). Output: monthly_income (S$ a
    month). Source: share of the value spread over 48 months, MAS Notice 645 through secondary sources.
    """
    assets = {"pledged_cash": pledged_cash, "pledged_other": pledged_other, "unpledged": unpledged}
    income, working, rules = ZERO, list[str](), list[RuleRef]()
    for asset, value in assets.items():
        if value is None:
            continue
        row = in_force("asset_share", None, asset=asset)
        share, months = row.number("share_pct"), row.number("months")
        part = value * share / 100 / months
        income += part
        rules.append(row.ref)
        working.append(f"{percent(share)} of {sgd(value)} over {plain(months)} months: {sgd(part)} a month.")
    if not rules:
        raise CannotCompute("pledged_cash, pledged_other or unpledged")
    return Outcome({"monthly_income": income}, [*working, f"Together {sgd(income)} a month."], rules)


def asset_share(pledged: bool) -> Row:
    """The row for cash pledged for 4 years, or for assets merely shown."""
    return in_force("asset_share", None, asset="pledged_cash" if pledged else "unpledged")


def assets_for(income: Decimal, row: Row) -> Decimal:
    """Assets (S$) that count as so much monthly income under a row of the asset table."""
    return income * row.number("months") * 100 / row.number("share_pct")


@calculator(assets=CASH)
def efa_required(
    extra_loan: Money, rate_pct: Rate, months: Months, ratio_pct: PositivePercent, pledged: bool
) -> Outcome:
    """Assets to pledge or show so that a larger loan passes TDSR or MSR.

    Inputs: extra_loan (S$ beyond what income carries), rate_pct (assessment rate, % a year), months,
    ratio_pct (limit, %), pledged (Singapore dollar cash pledged for 4 years, or merely shown). Output:
    assets (S$).
    """
    instalment = annuity.instalment(extra_loan, rate_pct, months)
    income = instalment * 100 / ratio_pct
    row = asset_share(pledged)
    share, spread = row.number("share_pct"), row.number("months")
    assets = assets_for(income, row)
    return Outcome(
        {"assets": assets},
        [
            f"{sgd(extra_loan)} more costs {sgd(instalment)} a month, which needs {sgd(income)} of income.",
            f"{percent(share)} of {sgd(assets)} over {plain(spread)} months gives it.",
        ],
        [row.ref, formula("equal monthly instalments")],
    )
