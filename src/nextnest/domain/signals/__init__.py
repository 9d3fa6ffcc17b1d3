"""How each signal of the scorecard is read from a lead."""

from __future__ import annotations

from collections.abc import Mapping

from nextnest.domain.signals import contact, money, readiness, urgency
from nextnest.domain.signals.reading import Case, Earned, Needs, Reading

__all__ = ["READINGS", "Case", "Earned", "Needs", "Reading"]

READINGS: Mapping[str, Reading] = {
    "loan_size": money.loan_size,
    "income": money.income,
    "affordability": money.affordability,
    "timeline": urgency.timeline,
    "next_step": urgency.next_step,
    "completeness": readiness.completeness,
    "own_money": readiness.own_money,
    "phone": contact.phone,
    "email": contact.email,
    "consent": contact.consent,
}
"""The reading of each signal, by its name on the scorecard."""
