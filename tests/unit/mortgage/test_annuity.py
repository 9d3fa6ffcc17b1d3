"""The loan arithmetic against oracles that share no formula with it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextnest.mortgage import annuity, calculate
from nextnest.mortgage.rounding import exact_arithmetic

principals = st.integers(1, 50_000_000)
rates = st.decimals(0, 15, places=3)
months = st.integers(1, 480)
NEGLIGIBLE = Decimal("1e-25")


def schedule_ends_at(principal: int, rate_pct: Decimal, instalment: Fraction, months: int) -> Fraction:
    """Month by month in exact fractions: what is owed after the last instalment."""
    owed, monthly = Fraction(principal), Fraction(rate_pct) / 1200
    for _ in range(months):
        owed = owed * (1 + monthly) - instalment
    return owed


def instalment_by_discounting(principal: int, rate_pct: Decimal, months: int) -> Fraction:
    """The principal over the sum of discount factors, added one by one."""
    factor, total = Fraction(1), Fraction(0)
    for _ in range(months):
        factor /= 1 + Fraction(rate_pct) / 1200
        total += factor
    return principal / total


@given(principal=principals, rate=rates, months=st.integers(1, 120))
@settings(max_examples=40, deadline=None)
def test_the_schedule_ends_at_zero(principal: int, rate: Decimal, months: int) -> None:
    with exact_arithmetic():
        instalment = annuity.instalment(Decimal(principal), rate, months)
    left = schedule_ends_at(principal, rate, Fraction(instalment), months)
    assert abs(left) < Fraction(1, 10**20)


@given(principal=principals, rate=rates, months=st.integers(1, 120))
@settings(max_examples=40, deadline=None)
def test_the_instalment_equals_the_discounted_one(principal: int, rate: Decimal, months: int) -> None:
    with exact_arithmetic():
        instalment = annuity.instalment(Decimal(principal), rate, months)
    expected = instalment_by_discounting(principal, rate, months)
    assert abs(Fraction(instalment) - expected) < Fraction(1, 10**20)


@given(principal=principals, rate=rates, months=months)
@settings(deadline=None)
def test_balance_is_the_principal_at_first_and_nothing_at_last(
    principal: int, rate: Decimal, months: int
) -> None:
    with exact_arithmetic():
        owed = Decimal(principal)
        instalment = annuity.instalment(owed, rate, months)
        assert annuity.balance(owed, rate, instalment, 0) == owed
        assert abs(annuity.balance(owed, rate, instalment, months)) < NEGLIGIBLE


@given(principal=principals, rate=rates, months=months)
@settings(deadline=None)
def test_the_loan_of_an_instalment_undoes_the_instalment_of_a_loan(
    principal: int, rate: Decimal, months: int
) -> None:
    with exact_arithmetic():
        instalment = annuity.instalment(Decimal(principal), rate, months)
        assert abs(annuity.principal(instalment, rate, months) - principal) < NEGLIGIBLE


@given(principal=principals, rate=rates, months=st.integers(3, 480))
@settings(deadline=None)
def test_steps_at_one_rate_are_a_level_loan(principal: int, rate: Decimal, months: int) -> None:
    with exact_arithmetic():
        level = annuity.instalment(Decimal(principal), rate, months)
        steps = annuity.steps(Decimal(principal), months, [(rate, 1), (rate, 1), (rate, months - 2)])
        assert all(abs(step - level) < NEGLIGIBLE for step in steps)


@given(principal=principals, first=rates, then=rates)
@settings(max_examples=25, deadline=None)
def test_a_step_package_repays_exactly_the_loan(principal: int, first: Decimal, then: Decimal) -> None:
    with exact_arithmetic():
        paid = annuity.steps(Decimal(principal), 60, [(first, 24), (then, 36)])
    owed = Fraction(principal)
    for month in range(60):
        step = 0 if month < 24 else 1
        owed = owed * (1 + Fraction((first, then)[step]) / 1200) - Fraction(paid[step])
    assert abs(owed) < Fraction(1, 10**20)


@given(principal=principals, rate=rates, months=months)
@settings(deadline=None)
def test_a_dearer_or_shorter_loan_never_has_a_smaller_instalment(
    principal: int, rate: Decimal, months: int
) -> None:
    with exact_arithmetic():
        instalment = annuity.instalment(Decimal(principal), rate, months)
        assert annuity.instalment(Decimal(principal), rate + 1, months) > instalment
        assert annuity.instalment(Decimal(principal), rate, months + 1) < instalment


@pytest.mark.parametrize("rate", ["0.000000000001", "0"])
def test_a_rate_next_to_nothing_is_as_good_as_none(rate: str) -> None:
    done = calculate("instalment", {"principal": 120_000, "rate_pct": rate, "months": 120})
    assert done.stated("monthly") == 1000


def test_the_total_is_summed_from_unrounded_instalments() -> None:
    """MAS Notice 632A prints 1,123,895; from displayed instalments it would be 1,123,764."""
    steps = [
        {"rate_pct": "1.96", "months": 24},
        {"rate_pct": "2.43", "months": 12},
        {"rate_pct": "2.47"},
    ]
    done = calculate("total_repayment", {"principal": 800_000, "months": 360, "steps": steps})
    assert round(done.values["total"]) == 1_123_895  # type: ignore[arg-type]
