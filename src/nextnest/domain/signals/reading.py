"""What reading a signal of the scorecard gives: points with a reason, or the facts it still needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from nextnest.domain.lead import Lead, Purpose
from nextnest.domain.scorecard import Scorecard, Signal


@dataclass(frozen=True)
class Earned:
    """Points, and why in one plain sentence."""

    points: int
    why: str


@dataclass(frozen=True)
class Needs:
    """These facts are unknown. One that every applicant must give reads "applicants.age"."""

    fields: tuple[str, ...]

    @classmethod
    def unknown_of(cls, **facts: object) -> Needs:
        """Those of the named facts that are None."""
        return cls(tuple(field.replace("__", ".") for field, fact in facts.items() if fact is None))


@dataclass(frozen=True)
class Case:
    """What every signal is given; `today` is the Singapore date."""

    lead: Lead
    today: date
    card: Scorecard


Reading: TypeAlias = Callable[[Signal, Case], Earned | Needs]


def loan(lead: Lead) -> Decimal | None:
    """S$ to be carried: the loan wanted, else the loan there is."""
    return lead.outstanding_loan if lead.loan_amount is None else lead.loan_amount


def has_a_home_loan(lead: Lead) -> bool:
    return lead.purpose in {Purpose.REFINANCE, Purpose.EQUITY_LOAN}


def of_all(lead: Lead, field: str) -> bool | None:
    """True when there are applicants and the fact is known of each, else None."""
    facts = [getattr(applicant, field) for applicant in lead.applicants]
    return True if facts and None not in facts else None


def sgd(amount: Decimal) -> str:
    """To the dollar, for a reason; figures for customers come from calculators."""
    return f"S${amount:,.0f}"


def share(part_pct: Decimal) -> str:
    return f"{part_pct:,.0f}%"
