"""Every figure can be believed: rounded once, with its rule rows, dates, sources, steps and assumptions."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import pytest

from nextnest.mortgage import CALCULATORS, Calculation, calculate
from nextnest.mortgage.rounding import CASH, LOAN, percent, plain, sgd
from nextnest.mortgage.tables import table
from tests.unit.mortgage.test_worked_examples import CASES

DONE = [pytest.param(calculate(case["kind"], case["inputs"]), id=case["id"]) for case in CASES]


@pytest.mark.parametrize("done", DONE)
def test_every_figure_has_rule_rows_steps_and_a_rounding(done: Calculation) -> None:
    assert done.rules
    assert all(rule.source and rule.confidence in {"H", "M", "L"} for rule in done.rules)
    assert done.working
    assert set(done.rounding) == set(done.values)
    assert set(done.values) <= set(CALCULATORS[done.calculator].outputs)


@pytest.mark.parametrize("done", DONE)
def test_all_of_it_survives_json(done: Calculation) -> None:
    stored = json.loads(json.dumps(done.to_json()))
    assert stored["calculator"] == done.calculator
    for key, value in done.values.items():
        if isinstance(value, Decimal):
            assert Decimal(stored["values"][key]) == value
            assert Decimal(stored["shown"][key]) == done.shown(key)


@pytest.mark.parametrize("done", DONE)
def test_practice_is_labelled_as_such(done: Calculation) -> None:
    practices = [rule for rule in done.rules if rule.confidence == "L"]
    assert sum(line.startswith("An assumption, not a rule") for line in done.assumptions) == len(
        {rule.source for rule in practices}
    )


@pytest.mark.parametrize("name", sorted(CALCULATORS))
def test_a_calculator_documents_itself(name: str) -> None:
    spec = CALCULATORS[name]
    assert spec.summary.endswith(".")
    assert "Input" in spec.doc
    assert "Output" in spec.doc
    schema = json.loads(json.dumps(spec.json_schema))
    assert schema["additionalProperties"] is False
    assert "as_of" in schema["properties"]
    undescribed = [
        key for key, field in schema["properties"].items() if "description" not in json.dumps(field)
    ]
    assert set(undescribed) <= BY_THEIR_NAME


BY_THEIR_NAME = {
    "borrower",
    "equitable",
    "first_timer",
    "halve",
    "pledged",
    "scheme",
    "singles_grant",
    "stage",
    "worked_12_months",
}
"""Yes-or-no and one-of inputs that the docstring explains."""


def test_every_row_of_every_table_has_a_source_and_a_date_or_says_why_not() -> None:
    from nextnest.mortgage import tables

    rows = [row for rows in tables._all_tables().values() for row in rows]
    assert len(rows) > 80
    for row in rows:
        assert row.ref.row
        assert row.ref.source
        assert row.ref.confidence in {"H", "M", "L"}
        # H says that the official text was read
        unread = "general knowledge" in row.ref.source or "reported" in row.ref.source
        assert not (unread and row.ref.confidence == "H"), row.ref
        assert not (row.ref.source.endswith("not read") and row.ref.confidence != "L"), row.ref


def test_a_loan_is_shown_down_to_the_dollar_and_stated_to_the_cent() -> None:
    done = calculate("max_loan", {"income": 10_000, "ratio_pct": 30, "rate_pct": "2.6", "months": 300})
    assert done.shown("loan") == 661_274
    assert done.text("loan") == "S$661,274"
    assert done.stated("loan") == "661274.33"


def test_the_date_of_the_rules_is_said_for_a_later_question() -> None:
    inputs = {"price": 1_000_000, "as_of": "2027-01-01"}
    assert "Rules as last checked on 22 Nov 2026." in calculate("bsd", inputs).assumptions
    assert calculate("bsd", {**inputs, "as_of": "2024-01-01"}).as_of == date(2024, 1, 1)


def test_a_rule_taken_without_a_date_is_an_assumption() -> None:
    done = calculate("assessment_rate", {"use": "residential", "thereafter_pct": 2})
    assert done.assumptions == ("No date given: the rules in force since 30 Sep 2022 are used.",)


def test_what_was_not_given_is_said_and_what_was_given_is_not() -> None:
    inputs = {"income": 10_000, "ratio_pct": 55}
    assert calculate("capacity", inputs).assumptions == ("Not given, so taken as: other debts: none.",)
    assert calculate("capacity", {**inputs, "other_debts": 0}).assumptions == ()
    bsd = {"price": 1, "market_value": 1, "as_of": "2024-01-01"}
    assert calculate("bsd", bsd).assumptions == ("Not given, so taken as: use: residential.",)


def test_the_callers_decimal_context_neither_matters_nor_changes() -> None:
    with localcontext() as context:
        context.prec = 5
        context.clear_flags()  # a test before this one may have rounded
        done = calculate("instalment", {"principal": 800_000, "rate_pct": "1.96", "months": 360})
        assert done.stated("monthly") == "2940.98"
        assert context.prec == 5
        assert not context.flags[next(flag for flag in context.flags if flag.__name__ == "Inexact")]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("1200000", "S$1,200,000"),
        ("3120.333", "S$3,120.33"),
        ("0.005", "S$0.01"),
        ("-12.5", "-S$12.50"),
        ("-0.001", "S$0"),  # nothing has no sign
    ],
)
def test_dollars_in_words(amount: str, said: str) -> None:
    assert sgd(Decimal(amount)) == said


def test_other_figures_in_words() -> None:
    assert percent(Decimal("57.28984")) == "57.2898%"
    assert plain(Decimal("2.50")) == "2.5"
    assert plain(Decimal("1E+3")) == "1000"
    assert LOAN.shown(Decimal("99.99")) == 99
    assert CASH.shown(Decimal("99.01")) == 100


def test_working_reads_as_steps() -> None:
    done = calculate("bsd", {"price": 1_200_000, "as_of": "2026-11-22"})
    assert done.working == (
        "1% of S$180,000: S$1,800.",
        "2% of S$180,000: S$3,600.",
        "3% of S$640,000: S$19,200.",
        "4% of S$200,000: S$8,000.",
        "BSD on S$1,200,000: S$32,600.",
    )
    assert [(rule.table, rule.effective) for rule in done.rules] == [("bsd", date(2023, 2, 15))]


def test_tables_hold_numbers_exactly() -> None:
    rate: Any = next(row for row in table("mortgage_duty") if not row.data["equitable"]).data["pct"]
    assert rate == Decimal("0.4")
