"""What would change the loan: each change is tried on the same facts, and listed if it helps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from nextnest.mortgage import annuity
from nextnest.mortgage.assets import asset_share, assets_for
from nextnest.mortgage.evidence import Value
from nextnest.mortgage.position import Facts, Position, position
from nextnest.mortgage.rounding import LOAN, sgd

Lever = dict[str, Value]


def levers(facts: Facts, now: Position) -> list[Lever]:
    """Changes that would raise the loan: what, by how much, the new loan and the difference (S$).

    Sums are rounded here, once: what is asked for up to the dollar, loans down to it.
    """
    found = [*_smaller_debts(facts, now), *_more_income(facts, now), *_other_tenure(facts, now)]
    return [*found, *_fewer_loans(facts, now)]


def _lever(change: str, by: tuple[Decimal, str], then: Position, now: Position, said: str) -> Iterator[Lever]:
    gain = LOAN.shown(then.loan) - LOAN.shown(now.loan)
    if gain > 0:
        yield {
            "change": change,
            "by": by[0],
            "unit": by[1],
            "loan": LOAN.shown(then.loan),
            "more_loan": gain,
            "limited_by": then.limited_by,
            "ltv_pct": None if then.ltv is None else then.ltv.number("ltv_pct"),
            "said": f"{said}: the loan rises by {sgd(gain)} to {sgd(LOAN.shown(then.loan))}.",
        }


def _up(amount: Decimal) -> Decimal:
    return amount.to_integral_value(ROUND_CEILING)


def _smaller_debts(facts: Facts, now: Position) -> Iterator[Lever]:
    """Pay off other debts: all of them, or as much as helps until another limit binds."""
    if now.limited_by != "tdsr" or facts.other_debts == 0:
        return
    by = facts.other_debts
    others = [limit for name, limit in now.limits.items() if name != "tdsr"]
    if others and now.tdsr_limit is not None:
        wanted = annuity.instalment(min(others), facts.rate_pct, facts.months)
        limit = facts.income * now.tdsr_limit.number("limit_pct") / 100
        by = min(by, _up(wanted + facts.debts - limit))
    then = position(replace(facts, other_debts=facts.other_debts - by))
    yield from _lever("smaller_debts", (by, "S$ a month"), then, now, f"Monthly debts smaller by {sgd(by)}")


def _more_income(facts: Facts, now: Position) -> Iterator[Lever]:
    """The recognised income, and the assets to pledge or show for it, that the whole LTV loan would need."""
    target = now.limits.get("ltv")
    if target is None or now.limited_by == "ltv":
        return
    instalment = annuity.instalment(target, facts.rate_pct, facts.months)
    tests = [(now.tdsr_limit, facts.debts), (now.msr_limit, facts.property_debts)]
    needed = [
        (instalment + debts) * 100 / limit.number("limit_pct") for limit, debts in tests if limit is not None
    ]
    by = _up(max(needed) - facts.income)
    then = position(replace(facts, income=facts.income + by))
    said = f"Recognised income higher by {sgd(by)} a month"
    yield from _lever("more_income", (by, "S$ a month"), then, now, said)
    if facts.lender != "bank":
        return
    for pledged, change in ((True, "pledge_cash"), (False, "show_assets")):
        assets = _up(assets_for(by, asset_share(pledged)))
        said = f"{sgd(assets)} of {'cash pledged for 4 years' if pledged else 'assets shown, not pledged'}"
        yield from _lever(change, (assets, "S$"), then, now, said)


def _other_tenure(facts: Facts, now: Position) -> Iterator[Lever]:
    """The longest tenure of the upper LTV row, and the longest allowed at all."""
    for years in sorted(set(facts.longest_tenures) - {facts.tenure_years, 0}):
        then = position(replace(facts, tenure_years=years))
        word = "longer" if years > facts.tenure_years else "shorter"
        row = ""
        if now.lower_row != then.lower_row:
            row = f", which gives the {'lower' if then.lower_row else 'upper'} loan-to-value row"
        by = Decimal(abs(years - facts.tenure_years))
        yield from _lever(f"{word}_tenure", (by, "years"), then, now, f"A tenure of {years} years{row}")


def _fewer_loans(facts: Facts, now: Position) -> Iterator[Lever]:
    """Repay one outstanding housing loan (or sell that home): a higher row of the LTV table."""
    if now.limited_by != "ltv" or facts.outstanding_loans == 0 or facts.own_ltv is not None:
        return
    fewer = min(facts.outstanding_loans, 2) - 1
    by = facts.outstanding_loans - fewer
    then = position(replace(facts, outstanding_loans=fewer))
    said = f"Outstanding housing loans down to {fewer}"
    yield from _lever("fewer_housing_loans", (Decimal(by), "loans"), then, now, said)
