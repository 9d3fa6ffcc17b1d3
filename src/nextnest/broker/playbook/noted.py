"""Saying back what the customer just told, so that a wrong reading is seen at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from nextnest.broker import words
from nextnest.broker.evidence import of_customer
from nextnest.domain.reply import Evidence, LearnedFact
from nextnest.mortgage.rounding import percent, sgd

_NAMES = {
    "fixed_monthly_income": "income {} a month",
    "variable_monthly_income": "variable income {} a month",
    "monthly_income": "household income {} a month",
    "age": "age {}",
    "monthly_debts": "other debts {} a month",
    "outstanding_housing_loans": "housing loans running: {}",
    "property_price": "price {}",
    "property_value": "value {}",
    "loan_amount": "loan {}",
    "outstanding_loan": "outstanding loan {}",
    "remaining_months": "{} left",
    "current_rate": "your current rate {}",
    "cpf_available": "CPF {}",
    "cash_available": "cash {}",
    "residency": "{}",
    "employment": "{}",
    "property_type": "{}",
    "purpose": "{}",
    "ipa_status": "{}",
    "current_bank": "your present bank",  # unnamed: the figures that follow are another bank's
    "lock_in_ends": "lock-in until {}",
}
_WORDS = {
    "sc": "Singapore citizen",
    "pr": "permanent resident",
    "foreigner": "foreigner",
    "employed": "fixed salary",
    "self_employed": "self-employed",
    "variable": "variable pay",
    "not_working": "not working",
    "hdb": "HDB flat",
    "ec": "executive condo",
    "condo": "condo",
    "landed": "landed house",
    "commercial": "commercial property",
    "new_purchase": "purchase",
    "refinance": "refinancing",
    "equity_loan": "equity loan",
    "have_ipa": "in-principle approval in hand",
}


def noted(facts: tuple[LearnedFact, ...]) -> tuple[str | None, tuple[Evidence, ...]]:
    """The line that says facts back with their evidence; None when nothing was told."""
    parts: list[tuple[bool, str]] = []  # whether of the co-borrower
    evidence: list[Evidence] = []
    for fact in facts:
        *path, name = fact.field.split(".")
        if name in _NAMES:
            of_other = path[-1:] == ["1"]
            parts.append((of_other, _NAMES[name].format(_said(name, fact.value))))
        if isinstance(fact.value, int | float):
            evidence.append(of_customer(fact.message_id, name, Decimal(str(fact.value)), fact.quote))
    own = "; ".join(part for of_other, part in dict.fromkeys(parts) if not of_other)
    others = "; ".join(part for of_other, part in dict.fromkeys(parts) if of_other)
    said = [part for part in (own, others and f"co-borrower: {others}") if part]
    return (f"Noted: {'. For the '.join(said)}." if said else None), tuple(evidence)


def _said(name: str, value: object) -> str:
    if name == "lock_in_ends":
        return words.day(date.fromisoformat(str(value)))
    if isinstance(value, str):
        return _WORDS.get(value, value)
    number = Decimal(str(value))
    if name == "remaining_months":
        return words.years(int(number))
    if name == "current_rate":
        return percent(number)
    return f"{number:f}" if name in ("age", "outstanding_housing_loans") else sgd(number)
