"""The loan a household can have: the least of what LTV, TDSR and MSR allow. A pure function of the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from nextnest.mortgage import annuity
from nextnest.mortgage.evidence import CannotCompute, Outcome
from nextnest.mortgage.lending import ltv
from nextnest.mortgage.rounding import percent
from nextnest.mortgage.tables import Row, in_force
from nextnest.mortgage.words import PropertyKind, PropertyType

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
    rate_pct: Decimal
    bank_ltv_pct: Decimal | None
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
    tdsr_limit: Row
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
    """The row with the longest tenure allowed; for commercial property only practice is known."""
    if property_type == "commercial":
        return in_force("commercial_practice", None)
    return in_force("tenure_limit", None, property=_KINDS[property_type])


def longest_tenures(property_type: PropertyType, age: Decimal) -> tuple[int, int]:
    """Whole years: the longest tenure of the upper LTV row (0 where none ends by 65), and the longest at all.

    For commercial property there is no lower row, and both are the same.
    """
    row = tenure_limits(property_type)
    longest = int(row.number("max_tenure"))
    to_65 = max(0, int((row.number("age_limit") - age).to_integral_value(ROUND_FLOOR)))
    if property_type == "commercial":
        return min(longest, to_65), min(longest, to_65)
    return min(int(row.number("long_tenure")), to_65), longest


def position(facts: Facts) -> Position:
    """The limits of LTV (with a price), TDSR, and MSR where it applies; none is below zero."""
    loan_to_value = _loan_to_value(facts)
    limits = {}
    if facts.base is not None and loan_to_value is not None:
        limits["ltv"] = facts.base * loan_to_value.number("ltv_pct") / 100
    tdsr, msr = in_force("tdsr_limit", facts.as_of), None
    limits["tdsr"] = _carried(facts, tdsr, facts.debts)
    if facts.msr_applies:
        msr = in_force("msr_limit", facts.as_of, property=_KINDS[facts.property_type])
        limits["msr"] = _carried(facts, msr, facts.property_debts)
    return Position(limits, loan_to_value, tdsr, msr)


def _carried(facts: Facts, limit: Row, debts: Decimal) -> Decimal:
    """The loan whose tested instalment fits under a servicing limit beside the debts."""
    room = max(ZERO, facts.income * limit.number("limit_pct") / 100 - debts)
    return annuity.principal(room, facts.rate_pct, facts.months)


def _loan_to_value(facts: Facts) -> Outcome | None:
    if facts.property_type != "commercial":
        return ltv(
            facts.outstanding_loans,
            _KINDS[facts.property_type],
            Decimal(facts.tenure_years),
            facts.age,
            as_of=facts.as_of,
        )
    if facts.bank_ltv_pct is not None:
        return Outcome(
            {"ltv_pct": facts.bank_ltv_pct, "min_cash_pct": 100 - facts.bank_ltv_pct, "lower_row": False},
            [f"The bank lends up to {percent(facts.bank_ltv_pct)} of a commercial property."],
            assumptions=["The loan-to-value share is the bank's own policy, as given; no rule sets it."],
        )
    if facts.base is not None:
        raise CannotCompute("bank_ltv_pct")
    return None
