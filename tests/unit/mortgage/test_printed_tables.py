"""The tables as their sources print them: a second copy beside the rule files, checked edge by edge.

A changed digit in a rule file fails here or in the worked examples.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nextnest.mortgage import run_batch

CENT = Decimal("0.01")

# HDB, 20 Aug 2024: income not above -> grant, families. Singles: half the grant at half the income.
EHG = """
1,500 120,000 | 2,000 110,000 | 2,500 105,000 | 3,000 95,000 | 3,500 90,000 | 4,000 80,000 | 4,500 70,000
5,000 65,000 | 5,500 55,000 | 6,000 50,000 | 6,500 40,000 | 7,000 30,000 | 7,500 25,000 | 8,000 20,000
8,500 10,000 | 9,000 5,000
"""
EHG_STEPS = [
    tuple(int(number.replace(",", "")) for number in step.split())
    for step in EHG.replace("\n", " | ").split(" | ")
    if step.strip()
]


def result(kind: str, **inputs: Any) -> dict[str, Any]:
    answer = run_batch([{"id": 1, "kind": kind, "inputs": inputs}])[0]
    assert "error" not in answer, answer
    got: dict[str, Any] = answer["result"]
    return got


def test_the_printed_grant_table_is_whole() -> None:
    assert len(EHG_STEPS) == 16


@pytest.mark.parametrize(("edge", "grant"), EHG_STEPS)
def test_enhanced_housing_grant(edge: int, grant: int) -> None:
    following = [step[1] for step in EHG_STEPS if step[0] > edge] or [0]
    assert result("ehg_family", avg_monthly_income=edge)["ehg"] == grant
    assert result("ehg_family", avg_monthly_income=edge + CENT)["ehg"] == following[0]
    assert result("ehg_single", avg_monthly_income=edge // 2)["ehg"] * 2 == grant
    assert result("ehg_single", avg_monthly_income=edge // 2 + CENT)["ehg"] * 2 == following[0]


@pytest.mark.parametrize(
    ("household", "grants"),
    [
        ("SC/SC", (30, 20, 10)),
        ("SC/SPR", (20, 10, 0)),
        ("FT/ST", (15, 10, 5)),
    ],  # HDB 'EC: CPF housing grants'
)
def test_executive_condominium_grant(household: str, grants: tuple[int, ...]) -> None:
    for edge, grant, following in zip((10_000, 11_000, 12_000), grants, (*grants[1:], 0), strict=True):
        for income, expected in ((edge, grant), (edge + CENT, following)):
            got = result("ec_grant", household=household, avg_monthly_income=income)
            assert got["grant"] == expected * 1000


@pytest.mark.parametrize(
    ("household", "small", "large"),
    [("SC/SC", 80, 50), ("SC/SPR", 70, 40), ("FT/ST", 40, 25)],  # HDB 'CPF housing grants for resale flats'
)
def test_family_grant(household: str, small: int, large: int) -> None:
    for flat, grant in (("2-room", small), ("3-room", small), ("4-room", small), ("5-room", large)):
        assert result("family_grant", household=household, flat=flat)["grant"] == grant * 1000


@pytest.mark.parametrize(
    ("flat", "levy", "option_fee"),
    [
        # HDB 'Resale levy'; option fee of a new flat
        ("2-room", 15_000, 500),
        ("3-room", 30_000, 1000),
        ("4-room", 40_000, 2000),
        ("5-room", 45_000, 2000),
        ("executive", 50_000, 2000),
    ],
)
def test_levy_and_option_fee(flat: str, levy: int, option_fee: int) -> None:
    assert result("resale_levy", first_flat=flat)["levy"] == levy
    assert result("resale_levy", first_flat=flat, singles_grant=True)["levy"] * 2 == levy
    assert result("hdb_option_fee", flat=flat)["fee"] == option_fee


@pytest.mark.parametrize(
    ("on", "profile", "rates"),
    [
        ("2018-07-06", "SC", (0, 12, 15)),
        ("2018-07-06", "PR", (5, 15, 15)),
        ("2018-07-06", "FR", (20, 20, 20)),
        ("2018-07-06", "ENTITY", (25, 25, 25)),
        ("2018-07-06", "DEVELOPER", (30, 30, 30)),
        ("2021-12-16", "SC", (0, 17, 25)),
        ("2021-12-16", "PR", (5, 25, 30)),
        ("2021-12-16", "FR", (30, 30, 30)),
        ("2021-12-16", "ENTITY", (35, 35, 35)),
        ("2021-12-16", "DEVELOPER", (40, 40, 40)),
        ("2022-05-09", "TRUSTEE", (35, 35, 35)),
        ("2023-04-27", "SC", (0, 20, 30)),
        ("2023-04-27", "PR", (5, 30, 35)),
        ("2023-04-27", "FR", (60, 60, 60)),
        ("2023-04-27", "ENTITY", (65, 65, 65)),
        ("2023-04-27", "TRUSTEE", (65, 65, 65)),
        ("2023-04-27", "DEVELOPER", (40, 40, 40)),
    ],
)
def test_additional_duty(on: str, profile: str, rates: tuple[int, ...]) -> None:
    got = [
        result("absd", price=1_000_000, profile=profile, nth_property=nth, as_of=on)["rate_pct"]
        for nth in (1, 2, 3)
    ]
    assert got == list(rates)


@pytest.mark.parametrize(
    ("acquired", "use", "rates"),
    [
        ("2011-01-14", "residential", (16, 12, 8, 4, 0)),
        ("2017-03-11", "residential", (12, 8, 4, 0, 0)),
        ("2025-07-04", "residential", (16, 12, 8, 4, 0)),
        ("2013-01-12", "industrial", (15, 10, 5, 0, 0)),
    ],
)
def test_sellers_duty(acquired: str, use: str, rates: tuple[int, ...]) -> None:
    for years, rate in enumerate(rates):
        for held in (Decimal(years), Decimal(years) + Decimal("0.99")):
            got = result("ssd_holding", price=1_000_000, acquired=acquired, holding_years=held, use=use)
            assert got == {"rate_pct": rate, "ssd": rate * 10_000}


@pytest.mark.parametrize(
    ("buyer", "before", "after"), [("family", 14, 16), ("extended", 21, 24), ("single", 7, 8), ("ec", 16, 18)]
)
def test_income_ceilings_of_24_august_2026(buyer: str, before: int, after: int) -> None:
    for on, ceiling in (("2026-08-23", before), ("2026-08-24", after)):
        got = result("income_ceiling", buyer=buyer, as_of="2026-09-01", land_tender_closed=on)
        if buyer != "ec":
            got = result("income_ceiling", buyer=buyer, as_of=on)
        assert got["ceiling"] == ceiling * 1000


@pytest.mark.parametrize(
    ("scheme", "stages"),
    [
        (
            "normal",
            {
                "option_to_purchase": 5,
                "sale_and_purchase": 15,
                "foundation": 10,
                "rc_framework": 10,
                "partition_walls": 5,
                "roofing_ceiling": 5,
                "doors_windows_services": 5,
                "carpark_roads_drains": 5,
                "top": 25,
                "csc_completion": 15,
            },
        ),
        ("deferred", {"option_to_purchase": 5, "sale_and_purchase": 15, "top": 65, "csc_completion": 15}),
    ],
)
def test_progressive_payments(scheme: str, stages: dict[str, int]) -> None:
    for stage, share in stages.items():
        assert result("pps_stage", price=100, stage=stage, scheme=scheme)["amount"] == share
    assert result("pps", own_funds_pct=25, scheme=scheme)["total_pct"] == 100


@pytest.mark.parametrize(
    ("price", "before_gst"),
    [
        # HDB: 0.90, 0.72 and 0.60 per 1,000 on 30,000, 30,000 and the rest, up to the dollar, at least 20
        (10_000, 20),
        (30_000, 27),
        (60_000, 49),  # 48.60
        (100_000, 73),  # 72.60
        (500_000, 313),  # 312.60
    ],
)
def test_legal_fee_of_a_new_flat(price: int, before_gst: int) -> None:
    for on, gst in (("2022-12-31", 107), ("2023-12-31", 108), ("2024-01-01", 109)):
        fee = result("hdb_signing", price=price, downpayment_pct=0, as_of=on)["legal_fee"]
        assert Decimal(fee) * 100 == before_gst * gst


@pytest.mark.parametrize(
    ("on", "tdsr", "floor", "floor_non_residential"),
    [
        ("2013-06-29", 60, "3.5", "4.5"),
        ("2021-12-15", 60, "3.5", "4.5"),
        ("2021-12-16", 55, "3.5", "4.5"),
        ("2022-09-29", 55, "3.5", "4.5"),
        ("2022-09-30", 55, 4, 5),
        ("2026-11-22", 55, 4, 5),
    ],
)
def test_servicing_limits_and_floors(on: str, tdsr: int, floor: Any, floor_non_residential: Any) -> None:
    loan = {"loan": 0, "months": 12, "income": 10_000, "thereafter_pct": 0, "as_of": on}
    assert result("serviceability", **loan, other_debts=tdsr * 100)["tdsr_ok"] is True
    assert result("serviceability", **loan, other_debts=tdsr * 100 + CENT)["tdsr_ok"] is False
    assert result("serviceability", **loan, property_debts=3000)["msr_ok"] is True
    assert result("serviceability", **loan, property_debts=3000 + CENT)["msr_ok"] is False
    assert result("serviceability", **loan)["assessment_rate_pct"] == floor
    assert result("serviceability", **loan, use="commercial")["assessment_rate_pct"] == floor_non_residential


@pytest.mark.parametrize(("kind", "long", "longest"), [("hdb", 25, 30), ("ec", 30, 35), ("private", 30, 35)])
def test_tenures(kind: str, long: int, longest: int) -> None:
    def row(**facts: Any) -> dict[str, Any]:
        return result("ltv", **{"outstanding_loans": 0, "property": kind, "age": 20, **facts})

    assert row(tenure_years=long)["lower_row"] is False
    assert row(tenure_years=long + CENT)["lower_row"] is True
    assert row(tenure_years=20, age=45)["lower_row"] is False
    assert row(tenure_years=20, age=45 + CENT)["lower_row"] is True
    assert row(tenure_years=longest)["within_max_tenure"] is True
    assert row(tenure_years=longest + CENT)["within_max_tenure"] is False
    refinanced = result("refi_tenure_cap", property=kind, years_since_first_disbursement=0)
    assert refinanced["cap_years"] == longest


def test_mortgage_duty_is_capped_for_both_kinds() -> None:
    for loan, equitable, duty in (
        (124_999, False, 499),
        (10**6, False, 500),
        (250_000, True, 500),
        (10**6, True, 500),
    ):
        assert result("mortgage_duty", loan=loan, equitable=equitable)["duty"] == duty


def test_a_commercial_loan_runs_25_years_in_practice_and_to_65() -> None:
    for age, years in ((30, 25), (40, 25), (41, 24)):
        applicant = {"age": age, "employment": "employed", "fixed_monthly_income": 10_000}
        got = result(
            "affordability",
            applicants=[applicant],
            property_type="commercial",
            monthly_debts=0,
            outstanding_housing_loans=0,
            as_of="2026-11-22",
        )
        assert got["tenure_years"] == years
