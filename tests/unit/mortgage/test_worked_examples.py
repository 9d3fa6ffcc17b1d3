"""Every worked example of the collected cases, official ones and others, within its own tolerance."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nextnest.mortgage import CALCULATORS, run_batch

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "mortgage" / "cases.json").read_text("utf-8")
)


def agrees(got: Any, expected: Any, tolerance: str) -> bool:
    """Numbers within the tolerance; yes/no, words and dates exactly."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return got is expected
    try:
        return abs(Decimal(str(got)) - Decimal(str(expected))) <= Decimal(tolerance)
    except ArithmeticError:
        return bool(got == expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_worked_example(case: dict[str, Any]) -> None:
    answer = run_batch([{"id": case["id"], "kind": case["kind"], "inputs": case["inputs"]}])[0]
    assert "error" not in answer
    for key, expected in case["expected"].items():
        assert agrees(answer["result"][key], expected, case["tolerance"]), key


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_all_outputs_of_a_second_computation_are_given_and_agree(case: dict[str, Any]) -> None:
    """`recomputed` comes from whoever collected the cases, to the cent, with other code than ours."""
    result = run_batch([case])[0]["result"]
    for key, expected in case["recomputed"].items():
        assert agrees(result[key], expected, "0"), key


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_numbers_may_come_as_text(case: dict[str, Any]) -> None:
    as_text = {
        key: str(value) if type(value) in (int, float) else value for key, value in case["inputs"].items()
    }
    assert run_batch([{**case, "inputs": as_text}]) == run_batch([case])


def test_every_kind_of_case_has_a_calculator_and_a_case() -> None:
    kinds = {case["kind"] for case in CASES}
    # Asked for beyond the cases: checked in their own tests.
    assert set(CALCULATORS) - kinds == {"affordability", "income_ceiling", "refi_servicing"}
    assert kinds <= set(CALCULATORS)
