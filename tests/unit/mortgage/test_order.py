"""What more of one input does to an output, and which calculators undo each other, whatever else is given."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextnest.mortgage import calculate
from nextnest.mortgage.rounding import exact_arithmetic

money = st.integers(0, 5_000_000)
wages = st.integers(0, 60_000)
rates = st.decimals(0, 12, places=2)
shares = st.sampled_from([15, 25, 35, 45, 55, 75])
limits = st.sampled_from([30, 55, 60])
months = st.integers(1, 420)
ages = st.integers(20, 75)
leases = st.integers(0, 99)
servicing = {"income": wages, "ratio_pct": limits, "rate_pct": rates, "months": months, "other_debts": wages}
date = {"as_of": st.sampled_from(["2018-07-06", "2021-12-16", "2023-04-27", "2026-11-22"])}

INPUTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "capacity": {"income": wages, "ratio_pct": limits, "other_debts": wages},
    "max_loan": servicing,
    "max_price_from_loan": {**servicing, "ltv_pct": shares},
    "max_price_funds": {**servicing, "ltv_pct": shares, "funds": money},
    "income_required": {"instalment": wages, "ratio_pct": limits, "other_debts": wages},
    "ratio": {"obligations": wages, "income": st.integers(1, 60_000)},
    "serviceability": {
        "loan": money,
        "months": months,
        "income": st.integers(1, 60_000),
        "thereafter_pct": rates,
        "other_debts": wages,
        "property_debts": wages,
        "guaranteed_instalments": wages,
    },
    "assessment_rate": {"use": st.just("residential"), "thereafter_pct": rates},
    "hdb_assessment_rate": {"hdb_rate_pct": rates},
    "income_recognised": {"fixed": wages, "variable": wages, "rental": wages},
    "income_from_noa": {"basic_monthly": wages, "noa_annual": money},
    "efa_income": {"pledged_cash": money, "pledged_other": money, "unpledged": money},
    "efa_required": {
        "extra_loan": money,
        "rate_pct": rates,
        "months": months,
        "ratio_pct": limits,
        "pledged": st.booleans(),
    },
    "guarantor_obligation": {"instalment": wages},
    "card_obligation": {"outstanding": money},
    "ltv": {
        "outstanding_loans": st.integers(0, 4),
        "property": st.sampled_from(["hdb", "ec", "private"]),
        "tenure_years": st.integers(1, 40),
        "age": ages,
    },
    "hdb_ltv_loan": {
        **date,
        "price": st.integers(1, 2_000_000),
        "youngest_age": ages,
        "remaining_lease": leases,
    },
    "hdb_tenure": {"ages": st.lists(ages, min_size=1, max_size=3), "remaining_lease": leases},
    "tenure_from_iwaa": {"iwaa": ages},
    "refi_tenure_cap": {
        "property": st.sampled_from(["hdb", "ec", "private"]),
        "years_since_first_disbursement": st.integers(0, 40),
    },
    "cpf_prorate": {"youngest_age": ages, "remaining_lease": leases, "value": money},
    "cpf_accrued_years": {"principal": money, "years": st.integers(0, 40)},
    "sale_proceeds": {
        "selling_price": money,
        "outstanding_loan": money,
        "cpf_refund": money,
        "costs": money,
    },
    "absd": {
        **date,
        "price": st.integers(1, 5_000_000),
        "profile": st.sampled_from(["SC", "PR", "FR", "FTA", "ENTITY"]),
        "nth_property": st.integers(1, 5),
    },
    "mortgage_duty": {"loan": money, "equitable": st.booleans()},
    "lease_duty": {
        "rent": st.lists(
            st.fixed_dictionaries({"monthly": wages, "months": st.integers(1, 30)}), min_size=1, max_size=4
        )
    },
    "penalty": {"outstanding": money, "pct": rates},
    "refi_saving": {
        "balance": money,
        "old_pct": rates,
        "new_pct": rates,
        "months_left": st.integers(60, 420),
        "window_months": st.integers(1, 60),
        "costs": wages,
        "subsidy": wages,
    },
    "ehg_family": {"avg_monthly_income": st.integers(0, 12_000)},
    "ehg_single": {"avg_monthly_income": st.integers(0, 6000)},
    "ec_grant": {
        "household": st.sampled_from(["SC/SC", "SC/SPR", "FT/ST"]),
        "avg_monthly_income": st.integers(0, 15_000),
    },
}

MORE_GIVES_MORE = [
    ("capacity", "income", "max_instalment"),
    ("capacity", "ratio_pct", "max_instalment"),
    ("max_loan", "income", "loan"),
    ("max_loan", "months", "loan"),
    ("max_price_from_loan", "income", "price"),
    ("max_price_funds", "income", "price"),
    ("max_price_funds", "funds", "price"),
    ("income_required", "instalment", "income"),
    ("income_required", "other_debts", "income"),
    ("ratio", "obligations", "ratio_pct"),
    ("serviceability", "loan", "tdsr_pct"),
    ("serviceability", "thereafter_pct", "tdsr_pct"),
    ("serviceability", "other_debts", "tdsr_pct"),
    ("serviceability", "property_debts", "msr_pct"),
    ("serviceability", "guaranteed_instalments", "tdsr_pct"),
    ("assessment_rate", "thereafter_pct", "rate_pct"),
    ("hdb_assessment_rate", "hdb_rate_pct", "rate_pct"),
    ("income_recognised", "fixed", "income"),
    ("income_recognised", "variable", "income"),
    ("income_recognised", "rental", "income"),
    ("income_from_noa", "noa_annual", "income"),
    ("efa_income", "pledged_cash", "monthly_income"),
    ("efa_income", "pledged_other", "monthly_income"),
    ("efa_income", "unpledged", "monthly_income"),
    ("efa_required", "extra_loan", "assets"),
    ("guarantor_obligation", "instalment", "obligation"),
    ("card_obligation", "outstanding", "obligation"),
    ("hdb_ltv_loan", "price", "loan"),
    ("hdb_ltv_loan", "remaining_lease", "ltv_pct"),
    ("hdb_ltv_loan", "youngest_age", "ltv_pct"),  # a lease covers an older buyer to 95 the sooner
    ("hdb_tenure", "remaining_lease", "tenure"),
    ("cpf_prorate", "remaining_lease", "pct"),
    ("cpf_prorate", "youngest_age", "pct"),
    ("cpf_accrued_years", "years", "total"),
    ("sale_proceeds", "selling_price", "cash"),
    ("absd", "price", "absd"),
    ("absd", "nth_property", "rate_pct"),
    ("mortgage_duty", "loan", "duty"),
    ("penalty", "pct", "penalty"),
    ("refi_saving", "old_pct", "interest_saving"),
    ("refi_saving", "subsidy", "net_saving"),
]
MORE_GIVES_LESS = [
    ("capacity", "other_debts", "max_instalment"),
    ("max_loan", "rate_pct", "loan"),
    ("max_loan", "other_debts", "loan"),
    ("max_price_from_loan", "ltv_pct", "price"),
    ("income_required", "ratio_pct", "income"),
    ("ratio", "income", "ratio_pct"),
    ("serviceability", "income", "tdsr_pct"),
    ("serviceability", "months", "tdsr_pct"),
    ("efa_required", "pledged", "assets"),
    ("efa_required", "months", "assets"),
    ("ltv", "outstanding_loans", "ltv_pct"),
    ("ltv", "tenure_years", "ltv_pct"),
    ("ltv", "age", "ltv_pct"),
    ("tenure_from_iwaa", "iwaa", "tenure_to_65"),
    ("refi_tenure_cap", "years_since_first_disbursement", "cap_years"),
    ("sale_proceeds", "cpf_refund", "cash"),
    ("sale_proceeds", "costs", "cash"),
    ("mortgage_duty", "equitable", "duty"),
    ("refi_saving", "new_pct", "interest_saving"),
    ("refi_saving", "costs", "net_saving"),
    ("ehg_family", "avg_monthly_income", "ehg"),
    ("ehg_single", "avg_monthly_income", "ehg"),
    ("ec_grant", "avg_monthly_income", "grant"),
]


def number(kind: str, inputs: dict[str, Any], output: str) -> Decimal:
    value = calculate(kind, inputs).values[output]
    assert isinstance(value, Decimal)
    return value


NEGLIGIBLE = Decimal("1e-25")  # the noise of powers and divisions, far below a cent


@pytest.mark.parametrize(
    ("kind", "varied", "output", "sign"),
    [*((*row, 1) for row in MORE_GIVES_MORE), *((*row, -1) for row in MORE_GIVES_LESS)],
)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_more_of_it(kind: str, varied: str, output: str, sign: int, data: st.DataObject) -> None:
    inputs = data.draw(st.fixed_dictionaries(INPUTS[kind]))
    less, more = sorted([inputs[varied], data.draw(INPUTS[kind][varied])])
    before = number(kind, {**inputs, varied: less}, output)
    after = number(kind, {**inputs, varied: more}, output)
    assert (after - before) * sign >= -NEGLIGIBLE


@pytest.mark.parametrize("kind", sorted(INPUTS))
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_sums_shares_and_times_are_never_below_zero(kind: str, data: st.DataObject) -> None:
    values = calculate(kind, data.draw(st.fixed_dictionaries(INPUTS[kind]))).values
    signed = {"interest_saving", "simple_saving", "net_saving", "instalment_cut", "cash"}
    assert all(
        value >= 0 for key, value in values.items() if isinstance(value, Decimal) and key not in signed
    )


# -- Calculators that undo each other


@given(income=st.integers(1, 60_000), ratio_pct=limits, other_debts=wages)
@settings(max_examples=50, deadline=None)
def test_the_income_required_by_a_full_capacity_is_the_income(
    income: int, ratio_pct: int, other_debts: int
) -> None:
    inputs = {"income": income, "ratio_pct": ratio_pct, "other_debts": other_debts}
    room = number("capacity", inputs, "max_instalment")
    if room > 0:
        back = {"instalment": room, "ratio_pct": ratio_pct, "other_debts": other_debts}
        assert number("income_required", back, "income") == income


@given(income=st.integers(1, 60_000), other_debts=st.integers(0, 20_000), rate=rates, months=months)
@settings(max_examples=50, deadline=None)
def test_the_largest_loan_just_passes_the_test(
    income: int, other_debts: int, rate: Decimal, months: int
) -> None:
    tested = number("assessment_rate", {"use": "residential", "thereafter_pct": rate}, "rate_pct")
    inputs = {"income": income, "ratio_pct": 55, "rate_pct": tested, "months": months}
    loan = calculate("max_loan", {**inputs, "other_debts": other_debts}).shown("loan")
    assert isinstance(loan, Decimal)
    for more, passes in ((0, True), (2, False)):
        facts = {"loan": loan + more, "months": months, "income": income, "thereafter_pct": rate}
        done = calculate("serviceability", {**facts, "other_debts": other_debts})
        if loan > 0:
            assert done.values["tdsr_ok"] is passes


@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_a_price_from_funds_keeps_every_limit_and_a_dollar_more_breaks_one(data: st.DataObject) -> None:
    inputs = data.draw(st.fixed_dictionaries(INPUTS["max_price_funds"]))
    price, loan = number("max_price_funds", inputs, "price"), number("max_price_funds", inputs, "loan")
    carried = number("max_loan", {key: inputs[key] for key in servicing}, "loan")
    with exact_arithmetic():
        share = Decimal(inputs["ltv_pct"]) / 100
        assert loan <= carried
        assert loan <= price * share + NEGLIGIBLE
        assert price - loan <= inputs["funds"] + NEGLIGIBLE
        more = price + 1
        assert more - min(carried, more * share) > inputs["funds"]


@given(extra_loan=st.integers(1, 2_000_000), rate=rates, months=months, pledged=st.booleans())
@settings(max_examples=50, deadline=None)
def test_the_assets_required_carry_the_loan_they_are_for(
    extra_loan: int, rate: Decimal, months: int, pledged: bool
) -> None:
    terms = {"rate_pct": rate, "months": months, "ratio_pct": 55}
    assets = number("efa_required", {**terms, "extra_loan": extra_loan, "pledged": pledged}, "assets")
    counted = {("pledged_cash" if pledged else "unpledged"): round(assets, 12)}
    income = number("efa_income", counted, "monthly_income")
    assert abs(number("max_loan", {**terms, "income": round(income, 15)}, "loan") - extra_loan) < Decimal(
        "1e-6"
    )


# -- Bounds that a second formula gives


@given(
    people=st.lists(
        st.fixed_dictionaries({"age": ages, "income": st.integers(1, 30_000)}), min_size=1, max_size=5
    )
)
@settings(max_examples=50, deadline=None)
def test_a_weighted_age_lies_between_the_youngest_and_the_oldest(people: list[dict[str, int]]) -> None:
    weighted = number("iwaa", {"borrowers": people}, "iwaa")
    assert min(one["age"] for one in people) - NEGLIGIBLE <= weighted
    assert weighted <= max(one["age"] for one in people) + NEGLIGIBLE


@given(
    principal=st.integers(1, 500_000), start=st.integers(1999 * 12 + 6, 2015 * 12), years=st.integers(1, 25)
)
@settings(max_examples=40, deadline=None)
def test_cpf_interest_by_the_month_is_close_to_that_by_the_year(
    principal: int, start: int, years: int
) -> None:
    """From the December of one year to the January after so many more, whole years are credited."""
    inputs = {
        "principal": principal,
        "withdrawn": f"{start // 12}-12",
        "sold": f"{start // 12 + years + 1}-01",
    }
    by_month = number("cpf_accrued", inputs, "interest")
    by_year = number("cpf_accrued_years", {"principal": principal, "years": years}, "interest")
    assert abs(by_month - by_year) <= Decimal("0.005") * 12 * years * 2  # half a cent each month, compounded


@given(residential=st.integers(100, 9_000_000), other=st.integers(100, 9_000_000), on=date["as_of"])
@settings(max_examples=50, deadline=None)
def test_a_mixed_building_bears_the_duties_of_its_parts(residential: int, other: int, on: str) -> None:
    values = {"residential_value": residential, "non_residential_value": other}
    mixed = number("bsd_mixed", {**values, "as_of": on}, "bsd")
    parts = number("bsd", {"price": residential, "as_of": on}, "bsd")
    parts += number("bsd", {"price": other, "as_of": on, "use": "non_residential"}, "bsd")
    assert 0 <= mixed - parts <= 1  # floored once instead of twice


@given(
    principal=st.integers(1, 2_000_000),
    rate=rates,
    months=st.integers(2, 420),
    first=st.integers(1, 419),
    then=rates,
)
@settings(max_examples=40, deadline=None)
def test_more_is_repaid_than_borrowed_and_between_the_two_rates(
    principal: int, rate: Decimal, months: int, first: int, then: Decimal
) -> None:
    first = min(first, months - 1)
    steps = [{"rate_pct": rate, "months": first}, {"rate_pct": then}]
    total = number("total_repayment", {"principal": principal, "months": months, "steps": steps}, "total")
    terms = {"principal": principal, "months": months}
    with exact_arithmetic():
        level = [
            number("instalment", {**terms, "rate_pct": each}, "monthly") * months for each in (rate, then)
        ]
        assert principal - NEGLIGIBLE <= total
        assert min(level) - NEGLIGIBLE <= total <= max(level) + NEGLIGIBLE
