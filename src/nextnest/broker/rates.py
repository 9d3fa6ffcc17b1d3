"""Rate sheets: what banks offer, as of a date, until a date.

A sheet is a CSV file of one package a line. A package is either fixed for some years or floating over a
published reference (compounded SORA), and always has a rate thereafter. Rates are % a year, money is S$.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from nextnest.broker import words
from nextnest.domain.reply import Evidence, EvidenceKind, Figure, Unit
from nextnest.mortgage.rounding import sgd

REFERENCES = ("SORA 1M", "SORA 3M", "SORA 6M")
PROPERTY_TYPES = ("hdb", "ec", "condo", "landed", "commercial")


class RateKind(StrEnum):
    FIXED = "fixed"
    FLOATING = "floating"


class RateRow(BaseModel):
    """One package of one bank. A rate is said with its date, thereafter rate and lock-in, or not at all."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    bank: str = Field(min_length=1)
    package: str = Field(min_length=1)
    kind: RateKind
    fixed_rate_pct: Decimal | None = Field(default=None, gt=0, lt=20)
    fixed_years: int | None = Field(default=None, ge=1, le=10)
    reference: str | None = None
    spread_pct: Decimal | None = Field(default=None, gt=-5, lt=10)
    thereafter_reference: str
    thereafter_spread_pct: Decimal = Field(gt=-5, lt=10)
    lock_in_years: int = Field(ge=0, le=10)
    minimum_loan: Decimal = Field(ge=0)
    property_types: tuple[str, ...] = Field(min_length=1)
    as_of: date
    valid_until: date
    source: str = Field(min_length=1)

    @field_validator("reference", "thereafter_reference")
    @classmethod
    def _known_reference(cls, value: str | None) -> str | None:
        if value is not None and value not in REFERENCES:
            raise ValueError(f"must be one of {', '.join(REFERENCES)}, not {value!r}")
        return value

    @field_validator("property_types", mode="before")
    @classmethod
    def _separate(cls, value: Any) -> Any:
        return (
            tuple(part for part in re.split(r"[\s|;/]+", value) if part) if isinstance(value, str) else value
        )

    @field_validator("property_types")
    @classmethod
    def _known_types(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [part for part in value if part not in PROPERTY_TYPES]
        if unknown:
            raise ValueError(f"must be among {', '.join(PROPERTY_TYPES)}, not {', '.join(unknown)}")
        return value

    @model_validator(mode="after")
    def _whole(self) -> RateRow:
        fixed = (self.fixed_rate_pct, self.fixed_years)
        floating = (self.reference, self.spread_pct)
        needed, unwanted = (fixed, floating) if self.kind is RateKind.FIXED else (floating, fixed)
        names = ("fixed_rate_pct and fixed_years", "reference and spread_pct")
        wanted, other = names if self.kind is RateKind.FIXED else names[::-1]
        if None in needed:
            raise ValueError(f"a {self.kind} package needs {wanted}")
        if unwanted != (None, None):
            raise ValueError(f"a {self.kind} package has no {other}")
        if self.valid_until < self.as_of:
            raise ValueError("valid_until is before as_of")
        return self

    @property
    def headline(self) -> str:
        """The rate at the start, in words: "2.45% fixed for 2 years", "3-month SORA + 0.8%"."""
        if self.fixed_rate_pct is not None and self.fixed_years is not None:
            return f"{words.rate(self.fixed_rate_pct)} fixed for {words.plural(self.fixed_years, 'year')}"
        return _over(self.reference, self.spread_pct)

    @property
    def thereafter(self) -> str:
        return _over(self.thereafter_reference, self.thereafter_spread_pct)

    def said(self) -> str:
        """The whole truth about the package in one line; only so may its rate be said."""
        lock_in = (
            f"lock-in {words.plural(self.lock_in_years, 'year')}" if self.lock_in_years else "no lock-in"
        )
        return (
            f"{self.bank} {self.package}: {self.headline}, thereafter {self.thereafter}, {lock_in}, "
            f"minimum loan {sgd(self.minimum_loan)} (as of {words.day(self.as_of)})"
        )

    def evidence(self) -> Evidence:
        """The figures that `said` uses, with the row they come from."""
        named = (
            ("fixed_rate_pct", self.fixed_rate_pct, Unit.PERCENT),
            ("fixed_years", self.fixed_years, Unit.YEARS),
            ("spread_pct", self.spread_pct, Unit.PERCENT),
            ("reference_months", _months(self.reference), Unit.MONTHS),
            ("thereafter_spread_pct", self.thereafter_spread_pct, Unit.PERCENT),
            ("thereafter_reference_months", _months(self.thereafter_reference), Unit.MONTHS),
            ("lock_in_years", self.lock_in_years, Unit.YEARS),
            ("minimum_loan", self.minimum_loan, Unit.MONEY),
        )
        figures = tuple(Figure(value=Decimal(v), unit=u, label=n) for n, v, u in named if v is not None)
        ref = f"{self.bank} {self.package} as of {self.as_of.isoformat()}"
        return Evidence(kind=EvidenceKind.RATE, ref=ref, figures=figures, detail=self.model_dump(mode="json"))


class RateSheet(BaseModel):
    """The packages of one import, in the order of the file."""

    model_config = ConfigDict(frozen=True)

    rows: tuple[RateRow, ...]

    def valid_on(self, today: date) -> tuple[RateRow, ...]:
        """The packages that may be quoted on this date; an expired or future one is not among them."""
        return tuple(row for row in self.rows if row.as_of <= today <= row.valid_until)

    @property
    def as_of(self) -> date | None:
        """The newest date of any of its rows."""
        return max((row.as_of for row in self.rows), default=None)


class RateSheetErrors(ValueError):  # noqa: N818  it is all of them
    """The rate sheet has lines that cannot be read; `problems` says which, and why."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


COLUMNS = tuple(RateRow.model_fields)


def parse_csv(text: str) -> RateSheet:
    """Read a rate sheet; the first line names the columns, an empty cell means "none".

    Raises:
        RateSheetErrors: a column is missing or unknown, or a line is wrong; every problem at once.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    header = tuple(name.strip() for name in reader.fieldnames or ())
    if problems := _header_problems(header):
        raise RateSheetErrors(problems)
    reader.fieldnames = list(header)
    rows: list[RateRow] = []
    problems = []
    seen: dict[tuple[str, str], int] = {}
    try:
        for line in reader:
            row = _row(line, reader.line_num, problems)
            if row is None:
                continue
            first = seen.setdefault((row.bank, row.package), reader.line_num)
            if first != reader.line_num:
                problems.append(
                    f"line {reader.line_num}: {row.bank} {row.package} is on line {first} already"
                )
            rows.append(row)
    except csv.Error as error:
        problems.append(f"line {reader.line_num + 1}: not CSV ({error})")
    if not rows and not problems:
        problems.append("the sheet has no packages")
    if problems:
        raise RateSheetErrors(problems)
    return RateSheet(rows=tuple(rows))


def _header_problems(header: tuple[str, ...]) -> list[str]:
    if not header:
        return ["the sheet is empty: its first line must name the columns"]
    missing = [f"line 1: column {name} is missing" for name in COLUMNS if name not in header]
    unknown = [f"line 1: column {name or '(no name)'} is not known" for name in header if name not in COLUMNS]
    twice = [
        f"line 1: column {name} is there twice" for name in sorted(set(header)) if header.count(name) > 1
    ]
    return missing + unknown + twice


def _row(line: Mapping[str | None, Any], number: int, problems: list[str]) -> RateRow | None:
    if None in line:
        problems.append(f"line {number}: more cells than columns")
        return None
    if None in line.values():
        problems.append(f"line {number}: fewer cells than columns")
        return None
    cells = {str(name): value.strip() for name, value in line.items()}
    if not any(cells.values()):
        return None
    try:
        return RateRow.model_validate({n: _plain(n, v) for n, v in cells.items() if v})
    except ValidationError as error:
        for each in error.errors():
            field = ".".join(str(part) for part in each["loc"]) or "package"
            problems.append(f"line {number}, {field}: {_reason(each['msg'], each['type'])}")
        return None


def _plain(name: str, cell: str) -> str:
    """Numbers as people type them: "2.45%", "S$500,000"."""
    if name.endswith("_pct"):
        return cell.removesuffix("%").strip()
    if name == "minimum_loan":
        bare = cell.upper().removeprefix("S$").removeprefix("$").replace(",", "").strip()
        try:
            return str(Decimal(bare))
        except InvalidOperation:
            return cell
    if name in ("reference", "thereafter_reference"):
        return cell.upper()
    return cell.lower() if name in ("kind", "property_types") else cell


def _reason(message: str, kind: str) -> str:
    if kind == "missing":
        return "is missing"
    if kind.startswith("date"):
        return "must be a date such as 2026-11-16"
    return message.removeprefix("Value error, ")


def _over(reference: str | None, spread_pct: Decimal | None) -> str:
    spread = spread_pct if spread_pct is not None else Decimal(0)
    return f"{_months(reference)}-month SORA {'-' if spread < 0 else '+'} {words.rate(abs(spread))}"


def _months(reference: str | None) -> int | None:
    return int(reference.split()[1].removesuffix("M")) if reference else None
