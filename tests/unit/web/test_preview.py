"""The first figure: right where it can be, silent where it cannot."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from nextnest.web.preview import preview

TODAY = date(2026, 11, 22)
BUYER = {
    "purpose": "new_purchase",
    "property_type": "condo",
    "property_price": "1.2m",
    "applicants": [
        {"age": "35", "residency": "sc", "employment": "employed", "fixed_monthly_income": "10000"}
    ],
    "monthly_debts": "0",
    "outstanding_housing_loans": "0",
}


@pytest.mark.parametrize(
    ("changes", "amount", "limit"),
    [
        # 75% of 1,200,000 (MAS, no other loan, 30 years, ending at 65) is below what 5,500 a month carries
        ({}, "S$900,000", "LTV"),
        # 55% of 10,000 at 4% over 30 years: 5,500 / 0.00477415 = 1,152,036 (annuity table)
        ({"property_price": "2m"}, "S$1,152,036", "TDSR"),
        # 30% of 10,000 at 4% over 25 years (HDB, upper row): 3,000 / 0.00527837 = 568,358
        ({"property_type": "hdb", "property_stage": "resale"}, "S$568,357", "MSR"),
    ],
)
def test_the_loan_is_the_least_of_the_limits_and_names_it(
    changes: dict[str, Any], amount: str, limit: str
) -> None:
    figure = preview({**BUYER, **changes}, today=TODAY)
    assert figure.amount == amount
    assert limit in (figure.limit or "")


@pytest.mark.parametrize(
    "missing", ["property_type", "monthly_debts", "outstanding_housing_loans", "applicants"]
)
def test_without_a_fact_there_is_no_figure_but_the_name_of_the_fact(missing: str) -> None:
    figure = preview({name: fact for name, fact in BUYER.items() if name != missing}, today=TODAY)
    assert figure.amount is None
    assert len(figure.needs) == 1


def test_what_is_missing_of_the_second_borrower_says_whose_it_is() -> None:
    figure = preview({**BUYER, "applicants": [*BUYER["applicants"], {"age": "30"}]}, today=TODAY)
    assert figure.amount is None
    assert figure.needs == ("kind of work of borrower 2", "income of borrower 2")


def test_a_fact_that_cannot_be_read_counts_as_missing() -> None:
    figure = preview({**BUYER, "monthly_debts": "some"}, today=TODAY)
    assert figure.amount is None
    assert figure.needs == ("your other debts a month (0 if none)",)


def test_a_refinancing_shows_the_present_instalment_and_what_a_point_is_worth() -> None:
    """500,000 at 3.5% and 2.5% over 25 years: 2,503.12 and 2,243.08 (published worked example)."""
    facts = {
        "purpose": "refinance",
        "outstanding_loan": "500k",
        "current_rate": "3.5",
        "remaining_months": 300,
    }
    figure = preview(facts, today=TODAY)
    assert figure.amount == "S$2,503.12"
    assert [value for _, value in figure.rows] == ["S$260.03 a month", "S$9,842.17"]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"purpose": "equity_loan", "property_value": "1m"},
        {"purpose": "refinance"},
        {"purpose": "castle"},
        {"purpose": "commercial", "applicants": [{"age": "200"}]},
        {"purpose": "new_purchase", "unknown": "x", "applicants": "x"},
    ],
)
def test_no_figure_is_ever_made_up(facts: dict[str, Any]) -> None:
    figure = preview(facts, today=TODAY)
    assert figure.amount is None
    assert figure.needs
