"""Rules beyond the worked examples: other rows and profiles, edges; each row says where it is from."""

from __future__ import annotations

from typing import Any

import pytest

from nextnest.mortgage import run_batch

HOMES = {"outstanding_loans": 0, "property": "private", "age": 35, "tenure_years": 25}
MILLION = {"price": 1_000_000, "as_of": "2024-01-01"}


def answer(kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return run_batch([{"id": 1, "kind": kind, "inputs": inputs}])[0]


def check(kind: str, inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    result = answer(kind, inputs)["result"]
    assert {key: result[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"tenure_years": 30}, {"ltv_pct": 75, "min_cash_pct": 5, "lower_row": False}),  # 30 is not above 30
        ({"tenure_years": 31}, {"ltv_pct": 55, "min_cash_pct": 10, "lower_row": True}),
        ({"age": 41, "tenure_years": 25}, {"ltv_pct": 55, "lower_row": True}),  # ends at 66
        ({"age": 40, "tenure_years": 25}, {"ltv_pct": 75, "lower_row": False}),  # ends at 65 exactly
        ({"age": "40.01", "tenure_years": 25}, {"ltv_pct": 55}),  # an average age just beyond
        ({"property": "hdb", "tenure_years": 25}, {"ltv_pct": 75}),  # 25 is not above 25
        ({"property": "hdb", "tenure_years": 26}, {"ltv_pct": 55}),
        ({"property": "ec", "tenure_years": 30}, {"ltv_pct": 75}),  # an EC is not an HDB flat
        ({"property": "ec", "tenure_years": 31}, {"ltv_pct": 55}),
        ({"outstanding_loans": 1, "tenure_years": 31}, {"ltv_pct": 25, "min_cash_pct": 25}),
        ({"outstanding_loans": 7}, {"ltv_pct": 35, "min_cash_pct": 25}),  # two or more
        ({"property": "hdb", "tenure_years": 31}, {"within_max_tenure": False}),  # at most 30
        ({"property": "private", "tenure_years": 35}, {"within_max_tenure": True}),
        ({"property": "ec", "tenure_years": 36}, {"within_max_tenure": False}),  # 35, as private
    ],
)
def test_loan_to_value_rows(change: dict[str, Any], expected: dict[str, Any]) -> None:
    """MAS 'Loan tenure and loan-to-value limits'."""
    check("ltv", {**HOMES, **change}, expected)


def test_a_company_may_borrow_15_percent_whatever_its_age() -> None:
    """MAS 'Loan tenure and loan-to-value limits', last row."""
    check("ltv", {"outstanding_loans": 0, "borrower": "company"}, {"ltv_pct": 15})


@pytest.mark.parametrize(
    ("profile", "nth", "on", "rate"),
    [
        # the table from 27 Apr 2023
        ("SC", 1, "2023-04-27", 0),
        ("SC", 9, "2023-04-27", 30),
        ("PR", 3, "2023-04-27", 35),
        ("ENTITY", None, "2023-04-27", 65),
        ("TRUSTEE", None, "2023-04-27", 65),
        ("FR", None, "2023-04-27", 60),
        # 16 Dec 2021 to 26 Apr 2023
        ("SC", 2, "2021-12-16", 17),
        ("SC", 3, "2023-04-26", 25),
        ("PR", 2, "2021-12-16", 25),
        ("PR", 3, "2023-04-26", 30),
        ("FR", 1, "2023-04-26", 30),
        ("ENTITY", 1, "2021-12-16", 35),
        # 6 Jul 2018 to 15 Dec 2021
        ("SC", 2, "2018-07-06", 12),
        ("SC", 3, "2021-12-15", 15),
        ("PR", 1, "2018-07-06", 5),
        ("PR", 2, "2021-12-15", 15),
        ("FR", 1, "2021-12-15", 20),
        ("ENTITY", 1, "2021-12-15", 25),
        # nationals under a free trade agreement pay as citizens do, then as well
        ("FTA", 2, "2021-12-16", 17),
    ],
)
def test_absd_rates(profile: str, nth: int | None, on: str, rate: int) -> None:
    """Stamp Duties Act, First Schedule, as tabled in the collected rules."""
    inputs = {"price": 1_000_000, "profile": profile, "nth_property": nth, "as_of": on}
    check("absd", inputs, {"rate_pct": rate, "absd": rate * 10_000})


@pytest.mark.parametrize(
    ("price", "use", "on", "duty"),
    [
        # each edge of the bands of 15 Feb 2023, by the short forms
        (180_000, "residential", "2023-02-15", 1_800),
        (360_000, "residential", "2023-02-15", 5_400),
        (1_000_000, "residential", "2023-02-15", 24_600),
        (1_500_000, "residential", "2023-02-15", 44_600),
        (3_000_000, "residential", "2023-02-15", 119_600),
        (3_000_001, "residential", "2023-02-15", 119_600),  # 6 cents more, floored
        (3_000_017, "residential", "2023-02-15", 119_601),
        (10_000_000, "residential", "2023-02-15", 539_600),
        (10_000_000, "non_residential", "2023-02-15", 469_600),
        (3_000_000, "residential", "2023-02-14", 104_600),  # 4% above a million, the day before
        (2_000_000, "residential", "2018-02-19", 54_600),  # 3% above 360,000
        (2_000_000, "non_residential", "2018-02-19", 54_600),
        (2_000_000, "industrial", "2023-02-15", 69_600),  # industrial is non-residential here
        (50, "residential", "2023-02-15", 1),  # at least a dollar
    ],
)
def test_bsd_at_edges_and_dates(price: int, use: str, on: str, duty: int) -> None:
    """Stamp Duties Act, First Schedule: floored to the dollar, at least S$1."""
    check("bsd", {"price": price, "use": use, "as_of": on}, {"bsd": duty})


def test_duties_are_charged_on_the_higher_of_price_and_market_value() -> None:
    for value, duty in ((1_200_000, 32_600), (900_000, 24_600)):
        check("bsd", {**MILLION, "market_value": value}, {"bsd": duty})
    check("absd", {**MILLION, "market_value": 1_200_000, "profile": "FR"}, {"absd": 720_000})
    check(
        "stamp_total",
        {**MILLION, "market_value": 1_200_000, "profile": "SC", "nth_property": 2},
        {"bsd": 32_600, "absd": 240_000, "total": 272_600},
    )


def test_non_residential_property_has_no_absd() -> None:
    check("stamp_total", {**MILLION, "use": "commercial"}, {"bsd": 24_600, "absd": 0, "total": 24_600})


@pytest.mark.parametrize(
    ("acquired", "disposed", "use", "rate"),
    [
        ("2025-07-03", "2025-12-01", "residential", 12),  # the day before the change: the old table
        ("2025-07-04", "2025-12-01", "residential", 16),
        ("2025-07-04", "2029-07-03", "residential", 4),
        ("2025-07-04", "2029-07-04", "residential", 0),  # on the fourth anniversary
        ("2017-03-11", "2019-03-11", "residential", 4),  # on the second: the third year
        ("2017-03-10", "2019-03-10", "residential", 8),  # a day earlier bought: the table of 2011
        ("2011-01-14", "2011-01-14", "residential", 16),  # sold the same day
        ("2020-02-29", "2021-02-28", "residential", 12),  # no 29 February: the year ends on 1 March
        ("2020-02-29", "2021-03-01", "residential", 8),
        ("2020-01-01", "2022-12-31", "industrial", 5),
        ("2020-01-01", "2023-01-01", "industrial", 0),
        ("2024-01-01", "2024-06-01", "commercial", 0),  # shops and offices bear none
    ],
)
def test_ssd_by_dates(acquired: str, disposed: str, use: str, rate: int) -> None:
    """Stamp Duties Act; IRAS: a sale on the anniversary is in the next year."""
    inputs = {"price": 1_000_000, "acquired": acquired, "disposed": disposed, "use": use}
    check("ssd", inputs, {"rate_pct": rate, "ssd": rate * 10_000})


@pytest.mark.parametrize(
    ("kind", "inputs", "needs"),
    [
        ("bsd", {"price": 1_000_000}, "as_of"),  # the date of a duty is never assumed
        ("absd", {**MILLION, "nth_property": 1}, "profile"),
        ("absd", {**MILLION, "profile": "unknown", "nth_property": 1}, "profile"),
        ("absd", {**MILLION, "profile": "PR"}, "nth_property"),
        ("absd_joint", {**MILLION, "buyers": [{"profile": "SC"}]}, "buyers[1].owned"),
        ("stamp_total", {**MILLION}, "profile"),
        ("ltv", {"outstanding_loans": 0, "property": "hdb"}, "tenure_years, age"),
        ("ltv", {**HOMES, "outstanding_loans": None}, "outstanding_loans"),
        ("purchase_funding", {"price": 1_000_000, "ltv_pct": 75, "min_cash_pct": 5}, "valuation"),
        ("cpf_limits", {"price": 1_000_000}, "valuation"),
        ("hdb_ltv_loan", {**MILLION, "youngest_age": 30}, "remaining_lease"),
        ("income_recognised", {}, "fixed, variable or rental"),
        ("efa_income", {}, "pledged_cash, pledged_other or unpledged"),
        ("iwaa", {"borrowers": [{"age": 30, "income": None}]}, "borrowers[1].income"),
        ("income_ceiling", {"buyer": "ec", "as_of": "2026-11-22"}, "land_tender_closed"),
        (
            "instalment_step",
            {"principal": 1, "months": 12, "steps": [{"rate_pct": 1}, {"rate_pct": 2}]},
            "steps[1].months",
        ),
        (
            "total_repayment",
            {"principal": 1, "months": 12, "steps": [{"rate_pct": 1, "months": 2}]},
            "the rate for the last 10 months",
        ),
    ],
)
def test_a_missing_fact_is_asked_for(kind: str, inputs: dict[str, Any], needs: str) -> None:
    assert answer(kind, inputs)["error"] == f"cannot compute: needs {needs}"


@pytest.mark.parametrize(
    ("kind", "inputs", "table_starts"),
    [
        ("bsd", {"price": 1, "as_of": "2014-02-21"}, "2014-02-22"),
        ("absd", {"price": 1, "profile": "SC", "nth_property": 1, "as_of": "2018-07-05"}, "2018-07-06"),
        ("absd", {"price": 1, "profile": "TRUSTEE", "as_of": "2022-05-08"}, "2022-05-09"),
        ("ssd", {"price": 1, "acquired": "2011-01-13", "disposed": "2012-01-01"}, "2011-01-14"),
        ("ltv", {**HOMES, "as_of": "2018-07-05"}, "2018-07-06"),
        ("assessment_rate", {"use": "residential", "thereafter_pct": 1, "as_of": "2013-06-28"}, "2013-06-29"),
        ("hdb_assessment_rate", {"hdb_rate_pct": 2, "as_of": "2022-09-29"}, "2022-09-30"),
        ("ehg_family", {"avg_monthly_income": 1, "as_of": "2024-08-19"}, "2024-08-20"),
    ],
)
def test_nothing_is_computed_from_before_a_table_begins(
    kind: str, inputs: dict[str, Any], table_starts: str
) -> None:
    error = answer(kind, inputs)["error"]
    assert error.startswith("cannot compute: needs the rules on")
    assert table_starts in error


@pytest.mark.parametrize(
    ("kind", "inputs", "named"),
    [
        ("ssd", {"price": 1, "acquired": "2024-01-02", "disposed": "2024-01-01"}, "disposed"),
        ("cpf_accrued", {"principal": 1, "withdrawn": "2024-02", "sold": "2024-01"}, "sold"),
        ("avg_household_income", {"persons": [{"total": 1, "months_worked": 0}]}, "persons[1]"),
        ("purchase_funding", {"price": 1, "valuation": 1, "ltv_pct": 90, "min_cash_pct": 20}, "ltv_pct"),
        ("family_grant", {"household": "SC/SC", "flat": "EC"}, "flat"),  # not for executive condominiums
        ("hdb_option_fee", {"flat": "EC"}, "flat"),
        ("resale_levy", {"first_flat": "EC", "singles_grant": True}, "singles_grant"),
        ("singles_grant", {"flat": "3-room", "recipients": 3}, "recipients"),  # at most two
        ("pps_stage", {"price": 1, "stage": "foundation", "scheme": "deferred"}, "stage"),
        ("pps_stage", {"price": 1, "stage": "party"}, "stage"),
        ("absd", {**MILLION, "profile": "SC", "nth_property": 0}, "nth_property"),  # the first is 1
        (
            "ssd",
            {"price": 1, "acquired": "2024-01-02", "disposed": "2024-01-03", "use": "non_residential"},
            "use",
        ),
        (
            "refi_saving",
            {"balance": 1, "old_pct": 1, "new_pct": 1, "months_left": 12, "window_months": 13},
            "window_months",
        ),
        (
            "instalment_step",
            {"principal": 1, "months": 12, "steps": [{"rate_pct": 1, "months": 13}, {"rate_pct": 1}]},
            "steps",
        ),
        (
            "instalment_step",
            {"principal": 1, "months": 12, "steps": [{"rate_pct": 1, "months": 12}, {"rate_pct": 1}]},
            "steps",
        ),
    ],
)
def test_facts_that_contradict_each_other_are_refused(kind: str, inputs: dict[str, Any], named: str) -> None:
    error = answer(kind, inputs)["error"]
    assert not error.startswith("cannot compute")
    assert named in error.split(":")[0]
