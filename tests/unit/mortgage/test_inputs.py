"""What may be sent to a calculator, and how it says no. Nothing sent may make it raise anything else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nextnest.mortgage import CALCULATORS, CannotCompute, InvalidInput, calculate, run_batch

LOAN = {"principal": 800_000, "rate_pct": "2.5", "months": 300}


@pytest.mark.parametrize(
    "principal",
    [
        800_000,
        800_000.0,
        "800000",
        "800,000",
        "S$800,000",
        "$800000",
        " 800000 ",
        "8e5",
        Decimal("800000.00"),
    ],
)
def test_a_sum_may_be_written_in_many_ways(principal: Any) -> None:
    assert calculate("instalment", {**LOAN, "principal": principal}).stated("monthly") == "3588.93"


def test_a_float_is_taken_by_its_shortest_form() -> None:
    done = calculate("package_rate", {"reference_pct": 0.1, "spread_pct": 0.2})
    assert done.values["rate_pct"] == Decimal("0.3")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"principal": "NaN"}, "principal"),
        ({"principal": "Infinity"}, "principal"),
        ({"principal": float("nan")}, "principal"),
        ({"principal": -1}, "principal"),
        ({"principal": True}, "principal"),  # yes is not one dollar
        ({"principal": "a lot"}, "principal"),
        ({"principal": "1e999999"}, "principal"),
        ({"principal": "9" * 5000}, "principal"),
        ({"rate_pct": "1e-999999"}, "rate_pct"),  # would vanish in the working precision
        ({"rate_pct": 101}, "rate_pct"),
        ({"months": 0}, "months"),
        ({"months": 1201}, "months"),  # bounded, so that nobody makes us count for ever
        ({"months": "12.5"}, "months"),
        ({"months": [12]}, "months"),
        ({"months": float("inf")}, "months"),  # found by the fuzzing below
        ({"months": Decimal("1e999999")}, "months"),
        ({"months": 12.5}, "months"),
        ({"principal": Decimal("sNaN")}, "principal"),
        ({"principal": b"1"}, "principal"),
        ({"principal": {"S$": 1}}, "principal"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        calculate("instalment", {**LOAN, **change})
    assert [problem.split(":")[0] for problem in refused.value.problems] == [named]


@pytest.mark.parametrize("unknown", [None, "", " ", "unknown"])
def test_a_fact_that_is_not_known_is_the_same_as_not_given(unknown: Any) -> None:
    with pytest.raises(CannotCompute) as asked:
        calculate("instalment", {"principal": unknown, "rate_pct": 2})
    assert asked.value.needs == ("principal", "months")


@pytest.mark.parametrize(
    "day", ["2024-1-1", "01/02/2024", 20240101, "2024-02-30", "1066-10-14", 1.5, "9999-12-31"]
)
def test_a_date_is_an_iso_date(day: Any) -> None:
    with pytest.raises(InvalidInput, match="as_of"):
        calculate("bsd", {"price": 1, "as_of": day})


def test_a_wrong_name_is_told_the_nearest_one() -> None:
    with pytest.raises(InvalidInput, match="did you mean instalment"):
        calculate("instalmnt", {})


def test_every_calculator_takes_a_date_and_refuses_what_it_does_not_know() -> None:
    for name in CALCULATORS:
        answers = run_batch([{"id": name, "kind": name, "inputs": {"as_of": "2026-11-22", "nonsense": 1}}])
        assert "nonsense: is not an input" in answers[0]["error"]
        assert "as_of" not in answers[0]["error"]


def test_one_bad_item_does_not_spoil_a_batch() -> None:
    good = {"id": "good", "kind": "instalment", "inputs": {"principal": 12_000, "rate_pct": 0, "months": 12}}
    answers = run_batch([good, "nonsense", {"id": 2}, {"id": 3, "kind": ["bsd"], "inputs": {}}, good])
    assert answers == [
        {"id": "good", "result": {"monthly": 1000}},
        {"id": None, "error": "each item is {id, kind, inputs}"},
        {"id": 2, "error": "cannot compute: needs kind"},
        {"id": 3, "error": "the name of a calculator is text"},
        {"id": "good", "result": {"monthly": 1000}},
    ]
    assert run_batch({"id": 1}) == [{"id": None, "error": "a batch is a list of {id, kind, inputs}"}]


scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["2024-01-01", "2024-01", "SC", "hdb", "residential", "1e400", "-0", "4-room", "top", "0.00"]
    ),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["age", "income", "monthly", "months", "rate_pct", "x"]), inner),
    ),
    max_leaves=8,
)


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    """An item whose names are right and whose values are anything."""
    kind = draw(st.sampled_from(sorted(CALCULATORS)))
    names = sorted(CALCULATORS[kind].inputs_model.model_fields)
    inputs = draw(st.dictionaries(st.sampled_from(names), anything, max_size=len(names)))
    return {"id": draw(scalars), "kind": kind, "inputs": inputs}


@given(batch=st.lists(st.one_of(items(), anything), max_size=5))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_batch_makes_it_raise_or_fail_inside(batch: list[Any]) -> None:
    answers = run_batch(batch)
    assert len(answers) == len(batch)
    for answer in answers:
        assert ("result" in answer) != ("error" in answer)
        assert "internal error" not in answer.get("error", "")


plausible = {
    "as_of": st.sampled_from(["2010-01-01", "2018-07-06", "2024-01-01", "2030-01-01"]),
    "acquired": st.sampled_from(["2011-01-14", "2020-02-29", "2025-07-04"]),
    "disposed": st.sampled_from(["2012-01-01", "2024-02-29", "2026-01-01"]),
    "withdrawn": st.sampled_from(["1999-06", "2018-01"]),
    "sold": st.sampled_from(["2017-12", "2026-11-22"]),
    "applied": st.just("2026-01-15"),
    "old": st.just("2020-01-01"),
    "new": st.just("2024-01-01"),
    "use": st.sampled_from(["residential", "industrial", "commercial"]),
    "property": st.sampled_from(["hdb", "ec", "private"]),
    "profile": st.sampled_from(["SC", "PR", "FR", "FTA", "ENTITY", "TRUSTEE", "DEVELOPER"]),
    "flat": st.sampled_from(["2-room", "5-room", "EC"]),
    "first_flat": st.sampled_from(["2-room", "executive", "EC"]),
    "household": st.sampled_from(["SC/SC", "SC/SPR", "FT/ST"]),
    "stage": st.sampled_from(["top", "otp", "csc"]),
    "scheme": st.sampled_from(["normal", "deferred"]),
    "buyer": st.sampled_from(["family", "ec"]),
    "borrower": st.sampled_from(["individual", "company"]),
    "steps": st.lists(
        st.fixed_dictionaries({"rate_pct": st.sampled_from([0, "2.5", 100])}), min_size=1, max_size=1
    ),
    "ages": st.lists(st.integers(0, 120), min_size=1, max_size=3),
    "rent": st.just([{"monthly": 1000, "months": 60}]),
    "borrowers": st.just([{"age": 30, "income": 0}, {"age": 40, "income": 1}]),
    "persons": st.just([{"total": 10, "months_worked": 1}]),
    "buyers": st.just([{"profile": "FR"}, {"profile": "SC", "owned": 3}]),
}
edges = st.sampled_from([0, 1, 2, 12, "0.01", 25, 65, 100, 1200, 10**6, 10**12, "0.000000000001"])


@st.composite
def plausible_items(draw: st.DrawFn) -> dict[str, Any]:
    """An item with every input given, each at some edge of what is allowed."""
    kind = draw(st.sampled_from(sorted(set(CALCULATORS) - {"affordability"})))
    names = CALCULATORS[kind].inputs_model.model_fields
    return {"id": 1, "kind": kind, "inputs": {name: draw(plausible.get(name, edges)) for name in names}}


@given(item=plausible_items())
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_extremes_never_fail_inside(item: dict[str, Any]) -> None:
    answer = run_batch([item])[0]
    assert "internal error" not in answer.get("error", "")
    assert "cannot be computed with" not in answer.get("error", "")
