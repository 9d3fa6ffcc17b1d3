"""The row in force changes on its effective date, and not a day earlier, in every dated table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from nextnest.mortgage import CannotCompute
from nextnest.mortgage.dates import months_later, whole_years
from nextnest.mortgage.tables import Row, dated, in_force, table

TABLES = (
    "absd",
    "assessment_floor",
    "bsd",
    "ehg",
    "gst",
    "hdb_assessment_floor",
    "hdb_loan_ltv",
    "income_ceiling",
    "ltv",
    "msr_limit",
    "ssd",
    "tdsr_limit",
)
KEYS = ("use", "profile", "buyer", "property", "borrower", "outstanding")
DATED = [row for name in TABLES for row in table(name) if row.ref.effective]


def key_of(row: Row) -> dict[str, Any]:
    return {key: row.data[key] for key in KEYS if key in row.data}


@pytest.mark.parametrize("row", DATED, ids=lambda row: f"{row.ref.table} {row.ref.row} {row.ref.effective}")
def test_a_row_begins_on_its_effective_date(row: Row) -> None:
    start = row.ref.effective
    assert start is not None
    assert in_force(row.ref.table, start, **key_of(row)) == row
    try:
        before = in_force(row.ref.table, start - timedelta(days=1), **key_of(row))
    except CannotCompute:
        earlier = [other for other in table(row.ref.table) if key_of(other) == key_of(row)]
        assert earlier[0] == row
    else:
        assert before != row


def test_without_a_date_the_latest_row_is_used_and_said() -> None:
    row = in_force("tdsr_limit", None)
    assert row.ref.effective == date(2021, 12, 16)
    assert dated([row], None) == ("No date given: the rules in force since 16 Dec 2021 are used.",)
    assert dated([row], date(2026, 1, 1)) == ()


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2024, 7, 1), 30, date(2027, 1, 1)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),  # no 31 February
        (date(2023, 8, 31), 6, date(2024, 2, 29)),  # a leap year
        (date(2024, 1, 31), -2, date(2023, 11, 30)),
    ],
)
def test_months_later(start: date, months: int, end: date) -> None:
    assert months_later(start, months) == end


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2025, 7, 7), date(2026, 7, 6), 0),
        (date(2025, 7, 7), date(2026, 7, 7), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2024, 2, 29), date(2028, 2, 29), 4),
    ],
)
def test_whole_years(start: date, end: date, years: int) -> None:
    assert whole_years(start, end) == years
