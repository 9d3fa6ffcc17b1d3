"""Whole households worked by hand from the rules: which limit decides, what must be brought, what would help.

A dollar a month repays S$209.4612 over 30 years at 4%, 189.4525 over 25, and 210.8765 over 25 at HDB's 3%.
"""

from __future__ import annotations

from typing import Any

import pytest

from nextnest.mortgage import Calculation, CannotCompute, InvalidInput, calculate


def person(**facts: Any) -> dict[str, Any]:
    usual = {"age": 35, "residency": "sc", "employment": "employed", "existing_properties": 0}
    return {**usual, **facts}


def afford(*applicants: dict[str, Any], price: int, **facts: Any) -> Calculation:
    usual = {
        "applicants": list(applicants),
        "price": price,
        "valuation": price,
        "monthly_debts": 0,
        "outstanding_housing_loans": 0,
        "as_of": "2026-11-22",
    }
    return calculate("affordability", {**usual, **facts})


def check(done: Calculation, **expected: Any) -> None:
    """Money as shown: loans down to the dollar, what is brought up to it."""
    money = {key for key, rule in done.rounding.items() if rule.startswith("S$")}
    assert {key: done.shown(key) if key in money else done.stated(key) for key in expected} == expected


def changes(done: Calculation) -> dict[str, dict[str, Any]]:
    return {change["change"]: change for change in done.stated("what_would_change_it")}


FLAT = {"property_type": "hdb", "stage": "resale", "cash_available": 100_000, "cpf_available": 80_000}
YOUNG = person(age=30, fixed_monthly_income=6000)


def test_a_citizens_first_flat_with_a_bank() -> None:
    """MSR leaves 1,800 a month over 25 years; a quarter of the price would be 375,000."""
    done = afford(YOUNG, price=500_000, **FLAT)
    check(done, loan=341_014, limited_by="msr", loan_by_ltv=375_000, loan_by_tdsr=625_193, tenure_years=25)
    check(done, bsd=9600, absd=0, min_cash=25_000, downpayment=158_986, upfront_total=168_586)
    check(done, cpf_used=80_000, cash_needed=88_586, shortfall=0)


def test_more_income_must_pass_both_tests() -> None:
    """375,000 cost 1,979.39 a month: MSR needs 6,597.97 of income, TDSR beside 2,000 of debts 7,235.26."""
    done = afford(YOUNG, price=500_000, **FLAT, monthly_debts=2000)
    check(done, limited_by="tdsr", loan=246_288)  # 3,300 less 2,000
    assert (changes(done)["more_income"]["by"], changes(done)["more_income"]["loan"]) == (1236, 375_000)


def test_the_same_flat_with_a_loan_from_hdb() -> None:
    """Its test rate of 3% lets 1,800 a month carry 379,578: now three quarters of the price decide."""
    done = afford(YOUNG, price=500_000, **FLAT, lender="hdb", remaining_lease=90)
    check(done, loan=375_000, limited_by="ltv", loan_by_msr=379_577, tenure_years=25, assessment_rate_pct=3)
    check(done, min_cash=0, downpayment=125_000, upfront_total=134_600, cpf_used=80_000, cash_needed=54_600)
    assert not {"loan_by_tdsr", "tdsr_pct"} & set(done.values)


def test_hdb_lends_less_on_a_short_lease() -> None:
    """A lease of 60 years covers a buyer of 30 to 90: 75% x 40 / 45."""
    done = afford(YOUNG, price=500_000, **FLAT, lender="hdb", remaining_lease=60)
    check(done, loan=333_333, limited_by="ltv", ltv_pct="66.67")


def test_the_lease_must_last_for_the_youngest() -> None:
    """30 and 50 average 40, which leaves 25 years; 60 years of lease cover the younger to 90."""
    couple = (person(age=50, fixed_monthly_income=6000), person(age=30, fixed_monthly_income=6000))
    done = afford(*couple, price=500_000, **FLAT, lender="hdb", remaining_lease=60)
    check(done, loan=333_333, limited_by="ltv", tenure_years=25)


def test_hdb_counts_all_pay_and_the_plain_average_age_and_no_other_debts() -> None:
    """65 less (50 + 40) / 2 is 20 years; 30% of 4,000 + 2,000 + 1,000 is 2,100 a month at 3%: 378,652."""
    couple = (
        person(age=50, fixed_monthly_income=4000, variable_monthly_income=2000),
        person(age=40, employment="self_employed", fixed_monthly_income=1000),
    )
    done = afford(*couple, price=800_000, **FLAT, lender="hdb", remaining_lease=75, monthly_debts=3000)
    check(done, recognised_income=7000, age=45, tenure_years=20, limited_by="msr", loan=378_652)
    assert set(changes(done)) == {"more_income"}  # assets pledged to a bank count for banks


@pytest.mark.parametrize(
    ("facts", "error", "word"),
    [
        ({}, CannotCompute, "remaining_lease"),
        ({"remaining_lease": 90, "property_type": "ec"}, InvalidInput, "HDB flats only"),
        ({"remaining_lease": 20}, InvalidInput, "no year"),
        ({"remaining_lease": 90, "tenure_years": 26}, InvalidInput, "at most 25"),
    ],
)
def test_a_loan_from_hdb_that_is_none(facts: dict[str, Any], error: type[Exception], word: str) -> None:
    with pytest.raises(error, match=word):
        afford(YOUNG, price=500_000, **{**FLAT, "lender": "hdb", **facts})


@pytest.mark.parametrize(
    ("married", "absd"),
    [
        (True, 0),
        (False, 75_000),
        (None, 75_000),
    ],  # remitted in a first home of a couple; else the 5% of the PR
)
def test_a_citizen_and_a_permanent_resident(married: bool | None, absd: int) -> None:
    """(35 x 8,000 + 33 x 6,000) / 14,000 is 34.14 years: thirty more end before 65."""
    couple = (
        person(age=35, fixed_monthly_income=8000),
        person(age=33, residency="pr", fixed_monthly_income=6000),
    )
    done = afford(*couple, price=1_500_000, property_type="condo", married_couple=married)
    check(done, loan=1_125_000, limited_by="ltv", loan_by_tdsr=1_612_851, age="34.1429", tenure_years=30)
    check(done, bsd=44_600, absd=absd, min_cash=75_000, upfront_total=419_600 + absd)


def test_a_foreigners_condo_costs_nearly_twice_its_price_in_own_money() -> None:
    done = afford(
        person(age=40, residency="foreigner", existing_properties=None, fixed_monthly_income=20_000),
        price=2_000_000,
        property_type="condo",
    )
    check(done, loan=1_500_000, tenure_years=25, absd=1_200_000, bsd=69_600, upfront_total=1_769_600)


def test_a_second_home_with_a_loan_still_on_the_first() -> None:
    """45% with 25% in cash; ABSD of 20%; TDSR leaves 6,600 less 2,000 of the first loan."""
    buyer = person(fixed_monthly_income=12_000, existing_properties=1)
    done = afford(
        buyer, price=1_000_000, property_type="condo", outstanding_housing_loans=1, property_debts=2000
    )
    check(done, loan=450_000, limited_by="ltv", loan_by_tdsr=963_521, min_cash=250_000, absd=200_000)
    repaid = changes(done)["fewer_housing_loans"]
    assert (repaid["by"], repaid["ltv_pct"], repaid["loan"]) == (1, 75, 750_000)


@pytest.mark.parametrize(
    ("age", "years", "loan", "min_cash"),
    [
        (40, 25, 750_000, 50_000),  # to 65 exactly
        (40, 26, 550_000, 100_000),  # to 66
        (30, 31, 550_000, 100_000),  # to 61, but above 30 years
        (66, 10, 550_000, 100_000),  # beyond from the first day
    ],
)
def test_a_loan_that_is_long_or_ends_late(age: int, years: int, loan: int, min_cash: int) -> None:
    buyer = person(age=age, fixed_monthly_income=20_000)
    done = afford(buyer, price=1_000_000, property_type="condo", tenure_years=years)
    check(done, loan=loan, limited_by="ltv", min_cash=min_cash)
    shorter = changes(done).get("shorter_tenure")
    assert (shorter is not None) is (loan == 550_000 and age < 65)
    if shorter is not None:
        assert shorter["loan"] == 750_000
        assert shorter["by"] == years - min(30, 65 - age)


@pytest.mark.parametrize(
    ("facts", "income", "loan"),
    [
        # 55% of 7,500, of 7,000 and of 3,500 at 209.4612; commission is 70% of it
        ({"fixed_monthly_income": 4000, "variable_monthly_income": 5000}, 7500, 864_027),
        ({"employment": "self_employed", "fixed_monthly_income": 10_000}, 7000, 806_425),
        ({"employment": "variable", "variable_monthly_income": 5000}, 3500, 403_212),
    ],
)
def test_income_that_varies_counts_for_less(facts: dict[str, Any], income: int, loan: int) -> None:
    done = afford(person(**facts), price=3_000_000, property_type="landed")
    check(done, recognised_income=income, limited_by="tdsr", loan=loan)


def test_a_car_and_a_card_leave_less_room() -> None:
    """1,200 for the car and 3% of 10,000 on the card: 4,400 less 1,500; 681 less would be enough."""
    buyer = person(fixed_monthly_income=8000)
    done = afford(buyer, price=1_000_000, property_type="condo", monthly_debts=1500)
    check(done, limited_by="tdsr", loan=607_437, assessed_instalment=2900, tdsr_pct=55)
    found = changes(done)
    assert (found["smaller_debts"]["by"], found["smaller_debts"]["loan"]) == (681, 750_000)
    # (3,580.61 + 1,500) / 55% is 9,237.48 of income
    assert (found["more_income"]["by"], found["more_income"]["loan"]) == (1238, 750_000)
    assert (found["pledge_cash"]["by"], found["show_assets"]["by"]) == (1238 * 48, 1238 * 160)


@pytest.mark.parametrize(
    ("stage", "loan", "limit"), [("new_launch", 1_005_413, "msr"), ("resale", 1_050_000, "ltv")]
)
def test_msr_of_an_executive_condominium(stage: str, loan: int, limit: str) -> None:
    """30% of 16,000 is 4,800 a month; an EC has 30 years in the upper row."""
    couple = (person(fixed_monthly_income=9000), person(fixed_monthly_income=7000))
    done = afford(*couple, price=1_400_000, property_type="ec", stage=stage, married_couple=True)
    check(done, loan=loan, limited_by=limit, tenure_years=30, absd=0)


def test_too_little_money_is_said_by_how_much() -> None:
    """274,600 to bring, 50,000 of it in cash; 100,000 of CPF and 30,000 of cash are 144,600 short."""
    buyer = person(fixed_monthly_income=10_000)
    done = afford(buyer, price=1_000_000, property_type="condo", cash_available=30_000, cpf_available=100_000)
    check(done, cash_needed=174_600, cpf_used=100_000, shortfall=144_600)
    assert any("retirement sum" in line for line in done.assumptions)


def test_a_spouse_without_income_weighs_nothing() -> None:
    couple = (person(fixed_monthly_income=10_000), person(age=62, employment="not_working"))
    check(afford(*couple, price=1_000_000, property_type="condo"), age=35, tenure_years=30, loan=750_000)


@pytest.mark.parametrize(
    ("buyers", "married", "on", "said"),
    [
        # a couple that replaces its home pays first and is refunded; siblings are not
        ([person(existing_properties=1), person()], True, "2026-11-22", True),
        ([person(existing_properties=1), person()], None, "2026-11-22", True),
        ([person(existing_properties=1), person()], False, "2026-11-22", False),
        # a single citizen of 55 who moves to a cheaper home, since 16 Feb 2024
        ([person(age=55, existing_properties=1)], None, "2024-02-16", True),
        ([person(age=55, existing_properties=1)], None, "2024-02-15", False),
        ([person(age=54, existing_properties=1)], None, "2026-11-22", False),
        ([person(age=60, residency="pr", existing_properties=1)], None, "2026-11-22", False),
    ],
)
def test_a_refund_of_absd_is_said_and_never_taken_off(
    buyers: list[dict[str, Any]], married: bool | None, on: str, said: bool
) -> None:
    """IRAS 'Common stamp duty remissions and reliefs'."""
    earning = [{**buyer, "fixed_monthly_income": 10_000} for buyer in buyers]
    facts = {"property_type": "condo", "married_couple": married, "tenure_years": 5, "as_of": on}
    done = afford(*earning, price=1_000_000, **facts)
    assert done.values["absd"] == (300_000 if buyers[0]["residency"] == "pr" else 200_000)
    assert any("ABSD may be refunded" in line for line in done.assumptions) is said
