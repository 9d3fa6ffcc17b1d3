"""The dated rule tables (TOML beside this file), and the choice of the row in force on a date.

Every row has a source title and a confidence (H, M or L), and an effective date, or `undated` with the
reason why it has none. Numbers are read as exact decimals.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from nextnest.mortgage.evidence import CannotCompute, RuleRef

RULES_CHECKED = date(2026, 11, 22)
"""The day on which these tables were last compared with their sources."""

_ABOUT_THE_ROW = {"row", "effective", "undated", "source", "confidence"}


@dataclass(frozen=True)
class Row:
    """One row of a table: its numbers, and where they come from."""

    ref: RuleRef
    data: Mapping[str, Any]

    def number(self, key: str) -> Decimal:
        return Decimal(self.data[key])

    def numbers(self, key: str) -> tuple[Decimal, ...]:
        return tuple(Decimal(number) for number in self.data[key])


@cache
def table(name: str) -> tuple[Row, ...]:
    """All rows of a table, oldest first; a row without a date stands before all others."""
    return _all_tables()[name]


@cache
def _all_tables() -> Mapping[str, tuple[Row, ...]]:
    tables: dict[str, tuple[Row, ...]] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for name, entries in tomllib.loads(file.read_text("utf-8"), parse_float=Decimal).items():
            if name in tables:
                raise ValueError(f"table {name} is in two files")
            rows = [_row(name, entry) for entry in entries]
            tables[name] = tuple(sorted(rows, key=lambda row: row.ref.effective or date.min))
    return tables


def _row(name: str, entry: Mapping[str, Any]) -> Row:
    if ("effective" in entry) == ("undated" in entry):
        raise ValueError(f"a row of {name} needs either an effective date or the reason why it has none")
    ref = RuleRef(
        table=name,
        row=entry["row"],
        effective=entry.get("effective"),
        source=entry["source"],
        confidence=entry["confidence"],
    )
    return Row(ref, {key: value for key, value in entry.items() if key not in _ABOUT_THE_ROW})


def in_force(name: str, on: date | None, date_name: str = "as_of", **match: object) -> Row:
    """The row of table `name` that matches and is in force `on` that date; without a date, the latest.

    Raises CannotCompute where the table does not reach back that far: what was before is not known here.
    """
    rows = [row for row in table(name) if all(row.data.get(key) == want for key, want in match.items())]
    known = [row for row in rows if on is None or row.ref.effective is None or row.ref.effective <= on]
    if not known:
        subject = " ".join([name.replace("_", " "), *(str(want) for want in match.values())])
        start = rows[0].ref.effective if rows else None
        known_from = f"they are known here from {start}" if start else "none is known here"
        raise CannotCompute(f"the rules on {subject} for {date_name} {on} ({known_from})")
    return known[-1]


def formula(row: str) -> RuleRef:
    """The source of a piece of arithmetic that no rule dates."""
    return next(entry.ref for entry in table("formula") if entry.ref.row == row)


def dated(rows: Sequence[Row], on: date | None) -> tuple[str, ...]:
    """The assumption to state when rows were chosen without a date; empty when a date was given."""
    newest = [row.ref.effective for row in rows if row.ref.effective is not None]
    if on is not None or not newest:
        return ()
    return (f"No date given: the rules in force since {max(newest):%-d %b %Y} are used.",)
