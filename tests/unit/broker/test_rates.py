"""Rate sheets: read strictly, quoted only while valid, and never without what belongs beside a rate."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextnest.broker.rates import COLUMNS, RateSheetErrors, parse_csv
from nextnest.domain.reply import EvidenceKind
from tests.unit.broker.playbook_briefs import DATA, sheet


def _text(name: str) -> str:
    return (DATA / "rates" / f"{name}.csv").read_text("utf-8")


def test_rows_are_read_as_typed() -> None:
    fixed, floating, *_ = sheet().rows
    assert (str(fixed.fixed_rate_pct), fixed.fixed_years, str(fixed.minimum_loan)) == ("2.45", 2, "300000")
    assert (floating.reference, str(floating.spread_pct)) == ("SORA 3M", "0.80")
    assert fixed.property_types == ("hdb", "ec", "condo", "landed")  # separated by |
    assert floating.property_types == ("ec", "condo", "landed")  # or by spaces
    assert sheet().as_of == date(2026, 11, 16)


def test_a_rate_is_said_with_date_thereafter_and_lock_in() -> None:
    said = sheet().rows[0].said()
    for part in (
        "2.45% fixed for 2 years",
        "thereafter 3-month SORA + 1.0%",
        "lock-in 2 years",
        "as of 16 Nov 2026",
    ):
        assert part in said


def test_no_lock_in_is_said_as_such() -> None:
    assert "no lock-in" in sheet().rows[1].said()


def test_a_rate_is_its_own_evidence() -> None:
    row = sheet().rows[0]
    evidence = row.evidence()
    assert evidence.kind is EvidenceKind.RATE
    assert {"fixed_rate_pct", "lock_in_years", "minimum_loan"} <= {
        figure.label for figure in evidence.figures
    }
    assert evidence.detail["valid_until"] == "2026-12-15"


@pytest.mark.parametrize(
    ("day", "packages"),
    [
        (date(2026, 11, 9), 0),  # before the first row is published
        (date(2026, 11, 10), 2),  # the day it is
        (date(2026, 12, 15), 4),  # the last day of the first bank's
        (date(2026, 12, 16), 2),  # the day after
        (date(2027, 1, 1), 0),  # all expired
    ],
)
def test_only_what_is_valid_on_the_day_may_be_quoted(day: date, packages: int) -> None:
    assert len(sheet().valid_on(day)) == packages


def test_an_old_sheet_has_nothing_to_quote() -> None:
    assert sheet("expired").valid_on(date(2026, 11, 22)) == ()


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_nothing_is_ever_quoted_outside_its_dates(day: date) -> None:
    for row in (*sheet().valid_on(day), *sheet("expired").valid_on(day)):
        assert row.as_of <= day <= row.valid_until


@pytest.mark.parametrize(
    "problem",
    [
        "line 2, package: a fixed package needs fixed_rate_pct and fixed_years",
        "line 3, package: a floating package has no fixed_rate_pct and fixed_years",
        "line 4, reference: must be one of SORA 1M, SORA 3M, SORA 6M, not 'SIBOR 3M'",  # SIBOR ended in 2024
        "line 5, property_types: must be among hdb, ec, condo, landed, commercial, not castle",
        "line 6, package: valid_until is before as_of",
        "line 7, as_of: must be a date such as 2026-11-16",
        "line 8, bank: is missing",
        "line 8, source: is missing",
    ],
)
def test_every_problem_names_line_and_field(problem: str) -> None:
    with pytest.raises(RateSheetErrors) as caught:
        parse_csv(_text("broken"))
    assert problem in caught.value.problems


def test_numbers_that_are_none_are_named() -> None:
    with pytest.raises(RateSheetErrors) as caught:
        parse_csv(_text("broken"))
    assert {"line 7, fixed_rate_pct", "line 7, minimum_loan"} <= {
        p.split(":")[0] for p in caught.value.problems
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the sheet is empty: its first line must name the columns"),
        (",".join(COLUMNS) + "\n", "the sheet has no packages"),
        (_text("good").replace("bank,", "lender,", 1), "line 1: column bank is missing"),
        (_text("good").replace("bank,", "lender,", 1), "line 1: column lender is not known"),
        (",".join((*COLUMNS, "bank")) + "\n", "line 1: column bank is there twice"),
        (_text("good") + "only,three,cells\n", "line 6: fewer cells than columns"),
        (_text("good") + "x," * 20 + "\n", "line 6: more cells than columns"),
        (
            _text("good") + _text("good").splitlines()[1] + "\n",
            "line 6: Merlion Example Bank Steady 2 is on line 2 already",
        ),
        (",".join(COLUMNS) + '\n"open', "line 2: not CSV (unexpected end of data)"),
    ],
)
def test_a_sheet_that_is_no_sheet_is_refused_in_words(text: str, problem: str) -> None:
    with pytest.raises(RateSheetErrors) as caught:
        parse_csv(text)
    assert problem in caught.value.problems


def test_a_byte_order_mark_and_blank_lines_do_no_harm() -> None:
    assert len(parse_csv("\ufeff" + _text("good") + "," * 14 + "\n").rows) == 4


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(RateSheetErrors):
        parse_csv(",".join(COLUMNS) + "\n" + text)


def test_the_last_day_counts() -> None:
    row = sheet().rows[0]
    assert row in sheet().valid_on(row.valid_until)
    assert row not in sheet().valid_on(row.valid_until + timedelta(days=1))
