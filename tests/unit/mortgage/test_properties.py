"""What must hold for all inputs: duties without jumps, loans within limits, more income never less loan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextnest.mortgage import Calculation, calculate
from nextnest.mortgage.rounding import exact_arithmetic
from nextnest.mortgage.tables import table

TODAY = "2026-11-22"
prices = st.integers(1, 20_000_000)


def number(done: Calculation, key: str) -> Decimal:
    value = done.values[key]
    assert isinstance(value, Decimal)
    return value


def bsd(price: int, on: str = TODAY, use: str = "residential") -> Decimal:
    return number(calculate("bsd", {"price": price, "as_of": on, "use": use}), "bsd")


@given(price=prices, more=st.integers(1, 1_000_000), use=st.sampled_from(["residential", "non_residential"]))
@settings(deadline=None)
def test_bsd_never_falls_as_the_price_rises(price: int, more: int, use: str) -> None:
    assert bsd(price, use=use) <= bsd(price + more, use=use)


@pytest.mark.parametrize("row", table("bsd"), ids=lambda row: f"{row.ref.row} {row.ref.effective}")
def test_bsd_is_continuous_at_every_band_edge(row: Any) -> None:
    on = row.ref.effective.isoformat()
    for edge in row.numbers("upto"):
        below, above = bsd(int(edge) - 1, on, row.data["use"]), bsd(int(edge) + 1, on, row.data["use"])
        assert 0 <= above - below <= 1


@given(price=st.integers(1_000_000, 20_000_000))
@settings(deadline=None)
def test_bsd_equals_the_short_form_of_its_band(price: int) -> None:
    """The short forms that brokers use, an arithmetic other than summing bands."""
    rate, less = (4, 15_400) if price <= 1_500_000 else (5, 30_400) if price <= 3_000_000 else (6, 60_400)
    assert bsd(price) == price * rate // 100 - less


@given(price=prices, owned=st.integers(0, 5))
@settings(deadline=None)
def test_a_joint_buyer_never_lowers_absd(price: int, owned: int) -> None:
    alone = [{"profile": "SC", "owned": owned}]
    together = [*alone, {"profile": "PR", "owned": 0}]
    one = calculate("absd_joint", {"price": price, "buyers": alone, "as_of": TODAY})
    two = calculate("absd_joint", {"price": price, "buyers": together, "as_of": TODAY})
    assert number(one, "absd") <= number(two, "absd")


@given(
    acquired=st.dates(date(2011, 1, 14), date(2026, 1, 1)),
    days=st.integers(0, 2000),
    later=st.integers(1, 500),
)
@settings(deadline=None)
def test_ssd_never_rises_with_time(acquired: date, days: int, later: int) -> None:
    def rate(after: int) -> Decimal:
        disposed = date.fromordinal(acquired.toordinal() + after)
        inputs = {"price": 1_000_000, "acquired": acquired.isoformat(), "disposed": disposed.isoformat()}
        return number(calculate("ssd", inputs), "rate_pct")

    assert rate(days + later) <= rate(days)


def household(**facts: Any) -> dict[str, Any]:
    applicant = {
        "age": facts.pop("age", 35),
        "residency": "sc",
        "employment": "employed",
        "fixed_monthly_income": facts.pop("income", 10_000),
        "existing_properties": 0,
    }
    return {
        "applicants": [applicant],
        "property_type": "condo",
        "monthly_debts": 0,
        "outstanding_housing_loans": 0,
        "as_of": TODAY,
        **facts,
    }


cases = st.fixed_dictionaries(
    {
        "age": st.integers(21, 64),
        "income": st.integers(0, 60_000),
        "property_type": st.sampled_from(["hdb", "ec", "condo", "landed"]),
        "price": st.integers(100_000, 6_000_000),
        "valuation": st.integers(100_000, 6_000_000),
        "monthly_debts": st.integers(0, 20_000),
        "property_debts": st.integers(0, 10_000),
        "outstanding_housing_loans": st.integers(0, 3),
        "tenure_years": st.integers(1, 30),
    }
)


@given(facts=cases)
@settings(deadline=None)
def test_the_loan_is_the_least_limit_and_passes_every_test(facts: dict[str, Any]) -> None:
    done = calculate("affordability", household(**facts))
    loan = number(done, "loan")
    by_limit = {"loan_by_ltv", "loan_by_tdsr", "loan_by_msr"}
    limits = [number(done, key) for key in by_limit & set(done.values)]
    assert loan == min(limits)
    assert loan >= 0
    assert loan <= Decimal(min(facts["price"], facts["valuation"])) * number(done, "ltv_pct") / 100
    if loan > 0:
        within = Decimal("1e-20")
        assert number(done, "tdsr_pct") <= 55 + within
        if facts["property_type"] in {"hdb", "ec"}:
            assert number(done, "msr_pct") <= 30 + within


@given(facts=cases, raise_by=st.integers(1, 10_000))
@settings(deadline=None)
def test_more_income_never_lowers_the_loan(facts: dict[str, Any], raise_by: int) -> None:
    before = calculate("affordability", household(**facts))
    after = calculate("affordability", household(**{**facts, "income": facts["income"] + raise_by}))
    assert number(after, "loan") >= number(before, "loan")


@given(facts=cases, more=st.integers(1, 5_000))
@settings(deadline=None)
def test_more_debts_never_raise_the_loan(facts: dict[str, Any], more: int) -> None:
    before = calculate("affordability", household(**facts))
    after = calculate("affordability", household(**{**facts, "monthly_debts": facts["monthly_debts"] + more}))
    assert number(after, "loan") <= number(before, "loan")


@given(facts=cases)
@settings(deadline=None)
def test_loan_and_downpayment_are_the_price(facts: dict[str, Any]) -> None:
    done = calculate("affordability", household(**facts))
    with exact_arithmetic():
        assert number(done, "loan") + number(done, "downpayment") == facts["price"]
        assert number(done, "min_cash") + number(done, "cash_or_cpf") == number(done, "upfront_total")
        assert number(done, "downpayment") + number(done, "duties") == number(done, "upfront_total")


@given(facts=cases)
@settings(deadline=None, max_examples=50)
def test_every_change_that_is_offered_gives_the_loan_it_promises(facts: dict[str, Any]) -> None:
    done = calculate("affordability", household(**facts))
    for change in done.values["what_would_change_it"]:  # type: ignore[union-attr]
        assert isinstance(change, dict)
        changed = dict(facts)
        if change["change"] == "smaller_debts":
            changed["monthly_debts"] -= int(change["by"])
        elif change["change"] == "more_income":
            changed["income"] += int(change["by"])
        elif change["change"] in {"longer_tenure", "shorter_tenure"}:
            sign = 1 if change["change"] == "longer_tenure" else -1
            changed["tenure_years"] += sign * int(change["by"])
        elif change["change"] == "fewer_housing_loans":
            changed["outstanding_housing_loans"] -= int(change["by"])
        else:
            continue  # assets count as income, tried above
        again = calculate("affordability", household(**changed))
        assert again.shown("loan") == change["loan"]


@given(
    income=st.integers(0, 40_000),
    cash=st.integers(0, 2_000_000),
    cpf=st.integers(0, 500_000),
    property_type=st.sampled_from(["hdb", "condo"]),
)
@settings(deadline=None, max_examples=30)
def test_the_price_that_own_funds_reach_is_just_within_them(
    income: int, cash: int, cpf: int, property_type: str
) -> None:
    facts = {"income": income, "property_type": property_type, "cash_available": cash, "cpf_available": cpf}
    reached = calculate("affordability", household(**facts)).values["max_price"]
    assert isinstance(reached, Decimal)
    if reached >= 1:
        at = calculate("affordability", household(**facts, price=reached, valuation=reached))
        assert number(at, "shortfall") == 0
    beyond = calculate("affordability", household(**facts, price=reached + 2, valuation=reached + 2))
    assert number(beyond, "shortfall") > 0
