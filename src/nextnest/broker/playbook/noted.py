"""Saying back what the customer just told, so that a wrong reading is seen at once."""

from __future__ import annotations

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
    "current_rate": "present rate {}",
    "cpf_available": "CPF {}",
    "cash_available": "cash {}",
    "residency": "{}",
    "employment": "{}",
    "property_type": "{}",
    "purpose": "{}",
    "ipa_status": "{}",
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
    parts: list[str] = []
    evidence: list[Evidence] = []
    for fact in facts:
        *path, name = fact.field.split(".")
        who = "co-borrower's " if path[-1:] == ["1"] else ""
        parts.append(who + _NAMES[name].format(_said(name, fact.value)) if name in _NAMES else "")
        if isinstance(fact.value, int | float):
            evidence.append(of_customer(fact.message_id, name, Decimal(str(fact.value)), fact.quote))
    said = [part for part in parts if part]
    return (f"Noted: {'; '.join(said)}." if said else None), tuple(evidence)


def _said(name: str, value: object) -> str:
    if isinstance(value, str):
        return _WORDS.get(value, value)
    number = Decimal(str(value))
    if name == "remaining_months":
        return words.years(int(number))
    if name == "current_rate":
        return percent(number)
    return f"{number:f}" if name in ("age", "outstanding_housing_loans") else sgd(number)
