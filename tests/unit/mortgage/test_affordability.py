"""How much a household can borrow, worked by hand from the rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nextnest.mortgage import Calculation, CannotCompute, InvalidInput, calculate

SINGLE = {
    "age": 35,
    "residency": "sc",
    "employment": "employed",
    "fixed_monthly_income": 10_000,
    "existing_properties": 0,
}
CASE: dict[str, Any] = {
    "applicants": [SINGLE],
    "property_type": "condo",
    "price": 1_000_000,
    "valuation": 1_000_000,
    "monthly_debts": 0,
    "outstanding_housing_loans": 0,
    "as_of": "2026-11-22",
}


def afford(**facts: Any) -> Calculation:
    return calculate("affordability", {**CASE, **facts})


def person(**facts: Any) -> dict[str, Any]:
    return {**SINGLE, **facts}


def check(done: Calculation, **expected: Any) -> None:
    """Money as shown, all else as stated."""
    money = {key for key, rule in done.rounding.items() if rule.startswith("S$")}
    assert {key: done.shown(key) if key in money else done.stated(key) for key in expected} == expected


def carried(instalment: float, rate_pct: float, years: int) -> float:
    """The loan of an instalment, in floats, by adding up its discounted months."""
    return sum(instalment / (1 + rate_pct / 1200) ** month for month in range(1, years * 12 + 1))


def loan_of(done: Calculation) -> float:
    return float(done.values["loan"])  # type: ignore[arg-type]


def changes(done: Calculation) -> dict[str, dict[str, Any]]:
    return {change["change"]: change for change in done.stated("what_would_change_it")}


def test_a_loan_limited_by_loan_to_value() -> None:
    """75% of a million; 5% of it in cash; BSD 24,600; a first home of a citizen bears no ABSD."""
    done = afford()
    check(done, loan=750_000, limited_by="ltv", tenure_years=30, ltv_pct=75, lower_row=False)
    check(done, downpayment=250_000, min_cash=50_000, bsd=24_600, absd=0, upfront_total=274_600)
    # 1.2 million over 30 years at 4% is 57.29% of 10,000 (peer's test): five eighths of it
    check(done, cash_or_cpf=224_600, tdsr_pct="35.81")
    assert "msr_pct" not in done.values


def test_a_loan_limited_by_tdsr() -> None:
    """55% of 10,000 less 2,500 of debts leaves 3,000 a month, at the floor of 4%."""
    done = afford(monthly_debts=2500)
    check(done, limited_by="tdsr", assessed_instalment=3000, tdsr_pct=55, assessment_rate_pct=4)
    assert loan_of(done) == pytest.approx(carried(3000, 4, 30))


def test_a_loan_for_an_hdb_flat_limited_by_msr() -> None:
    """30% of 10,000, over 25 years: the longest of the upper row for a flat."""
    done = afford(property_type="hdb")
    check(done, limited_by="msr", assessed_instalment=3000, msr_pct=30, tenure_years=25)
    assert loan_of(done) == pytest.approx(carried(3000, 4, 25))


@pytest.mark.parametrize(
    ("property_type", "stage", "msr"),
    [
        ("hdb", "resale", True),
        ("hdb", "bto", True),
        ("ec", "new_launch", True),
        ("ec", None, True),  # not known: tested as within its minimum occupation period, and said
        ("ec", "resale", False),  # sold on after that period
        ("condo", "new_launch", False),
        ("landed", None, False),
    ],
)
def test_msr_applies_to_flats_and_to_young_executive_condominiums(
    property_type: str, stage: str | None, msr: bool
) -> None:
    """MAS 'MSR and TDSR rules'."""
    done = afford(property_type=property_type, stage=stage)
    assert ("loan_by_msr" in done.values) is msr
    if msr:  # 30% of 10,000
        years = int(done.stated("tenure_years"))
        assert float(done.values["loan_by_msr"]) == pytest.approx(carried(3000, 4, years))  # type: ignore[arg-type]
    said = any("minimum occupation period" in line for line in done.assumptions)
    assert said is (property_type == "ec" and stage is None)


def test_other_property_loans_count_in_both_ratios_and_other_debts_in_one() -> None:
    done = afford(property_type="hdb", monthly_debts=500, property_debts=1000, outstanding_housing_loans=1)
    check(done, limited_by="msr", ltv_pct=45, loan_by_ltv=450_000, min_cash=250_000)
    assert float(done.values["loan_by_msr"]) == pytest.approx(carried(2000, 4, 25))  # type: ignore[arg-type]
    assert float(done.values["loan_by_tdsr"]) == pytest.approx(carried(4000, 4, 25))  # type: ignore[arg-type]


def test_debts_beyond_the_limit_leave_a_loan_of_nothing() -> None:
    done = afford(monthly_debts=9000)
    check(done, loan=0, limited_by="tdsr", assessed_instalment=0, tdsr_pct=90, downpayment=1_000_000)


def test_a_household_without_income_is_answered_too() -> None:
    done = afford(applicants=[{"age": 40, "employment": "not_working"}])
    check(done, loan=0, recognised_income=0)
    assert "tdsr_pct" not in done.values


@pytest.mark.parametrize(
    ("applicant", "income"),
    [
        (person(variable_monthly_income=2000), 11_400),  # 70% of what varies
        (person(employment="self_employed"), 7000),  # all of it varies
        (person(employment="self_employed", fixed_monthly_income=None, variable_monthly_income=5000), 3500),
        (person(employment="variable", fixed_monthly_income=1000, variable_monthly_income=4000), 3800),
        (person(employment="not_working", fixed_monthly_income=None), 0),
    ],
)
def test_what_counts_as_income(applicant: dict[str, Any], income: int) -> None:
    """MAS 28 Jun 2013: a haircut of at least 30% on variable income."""
    check(afford(applicants=[applicant]), recognised_income=income)


def test_joint_borrowers_age_by_income() -> None:
    """The MAS example: 60 with 8,000 and 30 with 10,000 are 43.33 together, which leaves 21 years to 65."""
    pair = [person(age=60, fixed_monthly_income=8000), person(age=30, fixed_monthly_income=10_000)]
    done = afford(applicants=pair)
    check(done, age="43.3333", tenure_years=21, lower_row=False, recognised_income=18_000)


def test_a_package_above_the_floor_is_tested_at_its_own_rate() -> None:
    done = afford(monthly_debts=2500, thereafter_rate_pct="4.5")
    check(done, assessment_rate_pct="4.5")
    assert loan_of(done) == pytest.approx(carried(3000, 4.5, 30))


def test_what_is_paid_is_computed_only_from_a_contract_rate() -> None:
    assert "contract_instalment" not in afford().values
    done = afford(contract_rate_pct="2.5")
    # 640,000 at 2.5% over 30 years is 2,528.77 (EC example): times 750 / 640
    assert done.shown("contract_instalment") == Decimal("2963.41")
    assert done.shown("assessed_instalment") == Decimal("3580.61")


def test_price_above_valuation_is_paid_in_cash() -> None:
    """Loan 75% of 900,000; cash 5% of it and the 100,000 above; duty on the price, the higher."""
    done = afford(valuation=900_000)
    check(done, loan=675_000, min_cash=145_000, bsd=24_600, downpayment=325_000)


def test_a_valuation_above_the_price_raises_the_duty_and_not_the_loan() -> None:
    check(afford(valuation=1_200_000), loan=750_000, bsd=32_600, min_cash=50_000)


def test_the_valuation_may_be_assumed_only_when_asked_and_is_labelled() -> None:
    done = afford(valuation=None, valuation_at_price=True)
    check(done, loan=750_000)
    assert "The valuation is taken to equal the price, as asked." in done.assumptions


def test_cash_and_cpf_and_what_is_short() -> None:
    """274,600 to bring, 50,000 of it in cash: CPF of 150,000 leaves 124,600 of cash."""
    done = afford(cpf_available=150_000, cash_available=100_000)
    check(done, cpf_used=150_000, cash_needed=124_600, shortfall=24_600)
    rich = afford(cpf_available=400_000, cash_available=100_000)
    check(rich, cpf_used=224_600, cash_needed=50_000, shortfall=0)  # CPF cannot pay the cash share


@pytest.mark.parametrize(
    ("facts", "absd"),
    [
        ({"applicants": [person(existing_properties=1)]}, 200_000),
        ({"applicants": [person(residency="pr")]}, 50_000),
        ({"applicants": [person(residency="foreigner", existing_properties=None)]}, 600_000),
        ({"applicants": [person(residency="fta")]}, 0),  # as a citizen
        ({"applicants": [SINGLE, person(residency="pr", existing_properties=1)]}, 300_000),  # the highest
        # a married couple with a citizen, first home in both names
        ({"applicants": [SINGLE, person(residency="foreigner")], "married_couple": True}, 0),
        ({"applicants": [SINGLE, person(residency="foreigner")], "married_couple": False}, 600_000),
        ({"applicants": [SINGLE, person(residency="foreigner")]}, 600_000),  # not known: not taken off
        (
            {"applicants": [SINGLE, person(residency="pr", existing_properties=1)], "married_couple": True},
            300_000,
        ),
        # an HDB flat, or a new executive condominium, with a citizen among the buyers
        ({"applicants": [SINGLE, person(residency="pr")], "property_type": "hdb"}, 0),
        ({"applicants": [SINGLE, person(residency="pr")], "property_type": "ec", "stage": "new_launch"}, 0),
        ({"applicants": [SINGLE, person(residency="pr")], "property_type": "ec", "stage": "resale"}, 50_000),
        # two permanent residents and a flat
        ({"applicants": [person(residency="pr"), person(residency="pr")], "property_type": "hdb"}, 50_000),
        ({"property_type": "commercial", "bank_ltv_pct": 70}, 0),
    ],
)
def test_additional_duty_with_its_remissions(facts: dict[str, Any], absd: int) -> None:
    """First Schedule rates of 27 Apr 2023; IRAS 'Common stamp duty remissions'."""
    done = afford(**facts)
    check(done, absd=absd, duties=24_600 + absd)


def test_the_homes_of_a_foreign_spouse_are_asked_for() -> None:
    """A foreigner's 60% is the same for every home, but a couple's remission is for a first home only."""
    couple = [SINGLE, person(residency="foreigner", existing_properties=None)]
    unsettled = afford(applicants=couple, married_couple=True)
    check(unsettled, needs=["applicants[2].existing_properties"])
    assert "absd" not in unsettled.values
    check(afford(applicants=couple, married_couple=False), absd=600_000)
    check(afford(applicants=couple, married_couple=True, property_type="hdb"), absd=0)  # remitted for any


def test_a_possible_remission_is_said_where_marriage_is_not_known() -> None:
    done = afford(applicants=[SINGLE, person(residency="foreigner")])
    assert any("If the two are married" in line for line in done.assumptions)


def test_commercial_property_needs_the_banks_own_ltv_and_has_neither_cpf_nor_msr() -> None:
    with pytest.raises(CannotCompute) as asked:
        afford(property_type="commercial")
    assert asked.value.needs == ("bank_ltv_pct",)
    done = afford(property_type="commercial", bank_ltv_pct=60, cpf_available=500_000, cash_available=0)
    check(done, assessment_rate_pct=5, tenure_years=25, loan=600_000, cpf_used=0, cash_needed=424_600)
    check(done, min_cash=424_600, bsd=24_600)
    assert any(rule.confidence == "L" for rule in done.rules)
    assert any(line.startswith("An assumption, not a rule") for line in done.assumptions)


def test_without_a_price_the_loan_is_what_income_carries_and_gives_a_price() -> None:
    done = afford(price=None, valuation=None)
    check(done, limited_by="tdsr", assessed_instalment=5500, max_price_limited_by="income")
    check(done, needs=["cash_available", "cpf_available"])
    assert loan_of(done) == pytest.approx(carried(5500, 4, 30))
    assert float(done.values["max_price"]) == pytest.approx(carried(5500, 4, 30) / 0.75)  # type: ignore[arg-type]
    assert "loan_by_ltv" not in done.values


def test_without_a_price_a_commercial_loan_is_what_income_carries() -> None:
    done = afford(property_type="commercial", price=None, valuation=None)
    check(done, limited_by="tdsr", needs=["bank_ltv_pct"])
    assert loan_of(done) == pytest.approx(carried(5500, 5, 25))


def test_without_a_price_duties_need_the_buyers_too() -> None:
    funds = {"cash_available": 100_000, "cpf_available": 0}
    done = afford(price=None, valuation=None, applicants=[person(existing_properties=None)], **funds)
    check(done, needs=["applicants[1].existing_properties"], max_price_limited_by="income")


def test_without_a_price_own_funds_limit_it_with_duties() -> None:
    """At 400,000: 25% is 100,000 and BSD 6,600, of which 20,000 must be cash."""
    done = afford(price=None, valuation=None, cash_available=20_000, cpf_available=86_600)
    check(done, max_price=400_000, max_price_limited_by="own funds")


def test_facts_missing_for_the_loan_are_all_named_at_once() -> None:
    with pytest.raises(CannotCompute) as asked:
        calculate("affordability", {"applicants": [{"residency": "sc"}], "price": 1_000_000})
    assert asked.value.needs == (
        "property_type",
        "monthly_debts",
        "outstanding_housing_loans",
        "as_of",
        "valuation",
        "applicants[1].age",
        "applicants[1].employment",
        "applicants[1].fixed_monthly_income",
    )


@pytest.mark.parametrize(
    ("facts", "needs"),
    [
        ({"outstanding_housing_loans": 1}, ("property_debts",)),  # their instalments are not known
        ({"applicants": []}, ("applicants",)),
        ({"applicants": [person(age=66)]}, ("tenure_years",)),  # nothing ends by 65: how long?
        ({"as_of": "2018-07-05"}, None),  # before the table of loan-to-value limits
    ],
)
def test_the_loan_is_not_computed_without(facts: dict[str, Any], needs: tuple[str, ...] | None) -> None:
    with pytest.raises(CannotCompute) as asked:
        afford(**facts)
    assert needs is None or asked.value.needs == needs


def test_facts_missing_for_the_duties_leave_the_loan_standing() -> None:
    done = afford(applicants=[person(residency=None, existing_properties=None)])
    check(done, loan=750_000, needs=["applicants[1].residency", "applicants[1].existing_properties"])
    assert not {"absd", "bsd", "upfront_total", "cash_needed", "shortfall"} & set(done.values)


def test_a_tenure_beyond_the_limit_is_refused() -> None:
    for property_type, longest in (("hdb", 30), ("ec", 35), ("condo", 35)):
        afford(property_type=property_type, tenure_years=longest)
        with pytest.raises(InvalidInput, match=f"at most {longest}"):
            afford(property_type=property_type, tenure_years=longest + 1)


def test_a_shorter_tenure_gives_the_upper_row() -> None:
    done = afford(tenure_years=31)
    check(done, lower_row=True, loan=550_000, min_cash=100_000)
    assert changes(done)["shorter_tenure"] == {
        "change": "shorter_tenure",
        "by": 1,
        "unit": "years",
        "loan": 750_000,
        "more_loan": 200_000,
        "limited_by": "ltv",
        "ltv_pct": 75,
        "said": "A tenure of 30 years, which gives the upper loan-to-value row: "
        "the loan rises by S$200,000 to S$750,000.",
    }


def test_smaller_debts_are_offered_as_far_as_they_help() -> None:
    """3,580.61 a month is the tested instalment of the 750,000 that LTV allows; 3,000 is free: 581 more."""
    change = changes(afford(monthly_debts=2500))["smaller_debts"]
    assert (change["by"], change["loan"], change["limited_by"]) == (581, 750_000, "ltv")


def test_more_income_or_assets_are_offered_up_to_the_whole_loan() -> None:
    """580.61 / 55% is 1,055.7 of income; x 48 months pledged in full, or at 30% when only shown."""
    found = changes(afford(monthly_debts=2500))
    assert found["more_income"]["by"] == 1056
    assert found["pledge_cash"]["by"] == 1056 * 48
    assert found["show_assets"]["by"] == 1056 * 160
    assert {found[name]["loan"] for name in ("more_income", "pledge_cash", "show_assets")} == {750_000}


def test_repaying_a_housing_loan_is_offered_where_it_lifts_the_row() -> None:
    found = changes(afford(outstanding_housing_loans=3, property_debts=500))["fewer_housing_loans"]
    assert (found["by"], found["loan"], found["ltv_pct"]) == (2, 450_000, 45)


def test_nothing_is_offered_where_nothing_helps() -> None:
    assert changes(afford()) == {}


def test_it_says_that_the_bank_decides() -> None:
    assert any("the bank's own assessment decides" in line for line in afford().assumptions)
