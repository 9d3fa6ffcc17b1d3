"""The loan a household can have: the least of what LTV, TDSR and MSR allow. A pure function of the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from nextnest.mortgage import annuity
from nextnest.mortgage.evidence import Outcome
from nextnest.mortgage.lending import ltv
from nextnest.mortgage.tables import Row, in_force
from nextnest.mortgage.words import Lender, PropertyKind, PropertyType

ZERO = Decimal(0)
_KINDS: Mapping[str, PropertyKind] = {"hdb": "hdb", "ec": "ec", "condo": "private", "landed": "private"}


@dataclass(frozen=True)
class Facts:
    """All that the loan depends on. Money in S$ (a month, where it recurs), rates in % a year."""

    property_type: PropertyType
    msr_applies: bool
    income: Decimal
    age: Decimal
    other_debts: Decimal
    property_debts: Decimal
    outstanding_loans: int
    base: Decimal | None
    """Lower of price and valuation; None without a price."""
    tenure_years: int
    longest_tenures: tuple[int, int]
    """Whole years: of the upper loan-to-value row (0 where none ends by 65), and at all."""
    rate_pct: Decimal
    own_ltv: Outcome | None
    """The lender's own loan-to-value, where it does not follow from loans, tenure and age."""
    lender: Lender
    as_of: date

    @property
    def months(self) -> int:
        return self.tenure_years * 12

    @property
    def debts(self) -> Decimal:
        return self.other_debts + self.property_debts


@dataclass(frozen=True)
class Position:
    """What the facts allow. `limits` are S$ of loan by name, among ltv, tdsr and msr."""

    limits: Mapping[str, Decimal]
    ltv: Outcome | None
    tdsr_limit: Row | None
    msr_limit: Row | None

    @property
    def loan(self) -> Decimal:
        return min(self.limits.values())

    @property
    def limited_by(self) -> str:
        return min(self.limits, key=lambda name: self.limits[name])

    @property
    def lower_row(self) -> bool:
        return self.ltv is not None and self.ltv.values["lower_row"] is True


def tenure_limits(property_type: PropertyType) -> Row:
    """The row with the longest tenure of a bank's loan; for commercial property only practice is known."""
    if property_type == "commercial":
        return in_force("commercial_practice", None)
    return in_force("tenure_limit", None, property=_KINDS[property_type])


def longest_tenures(property_type: PropertyType, age: Decimal) -> tuple[int, int]:
    """Whole years of a bank's loan: the longest of the upper LTV row (0 where none ends by 65), and at all.

    For commercial property there is no lower row, and both are the same.
    """
    row = tenure_limits(property_type)
    longest = int(row.number("max_tenure"))
    to_65 = max(0, int((row.number("age_limit") - age).to_integral_value(ROUND_FLOOR)))
    if property_type == "commercial":
        return min(longest, to_65), min(longest, to_65)
    return min(int(row.number("long_tenure")), to_65), longest


def position(facts: Facts) -> Position:
    """The limits of LTV (with a price), TDSR of a bank, and MSR where it applies; none is below zero."""
    loan_to_value = facts.own_ltv or _loan_to_value(facts)
    limits: dict[str, Decimal] = {}
    if facts.base is not None and loan_to_value is not None:
        limits["ltv"] = facts.base * loan_to_value.number("ltv_pct") / 100
    tdsr = in_force("tdsr_limit", facts.as_of) if facts.lender == "bank" else None
    msr = (
        in_force("msr_limit", facts.as_of, property=_KINDS[facts.property_type])
        if facts.msr_applies
        else None
    )
    if tdsr is not None:
        limits["tdsr"] = _carried(facts, tdsr, facts.debts)
    if msr is not None:
        limits["msr"] = _carried(facts, msr, facts.property_debts)
    return Position(limits, loan_to_value, tdsr, msr)


def _carried(facts: Facts, limit: Row, debts: Decimal) -> Decimal:
    """The loan whose tested instalment fits under a servicing limit beside the debts."""
    room = max(ZERO, facts.income * limit.number("limit_pct") / 100 - debts)
    return annuity.principal(room, facts.rate_pct, facts.months)


def _loan_to_value(facts: Facts) -> Outcome | None:
    """A bank's limit by the rules; None for commercial property, where there is no rule."""
    if facts.property_type == "commercial":
        return None
    return ltv(
        facts.outstanding_loans,
        _KINDS[facts.property_type],
        Decimal(facts.tenure_years),
        facts.age,
        as_of=facts.as_of,
    )
