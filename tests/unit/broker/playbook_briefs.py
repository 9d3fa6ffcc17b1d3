"""Briefs for the playbook's tests: leads of every kind, threads by their lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nextnest.broker.brief import Brief
from nextnest.broker.rates import RateSheet, parse_csv
from nextnest.domain.lead import Lead, parse_lead
from nextnest.domain.persona import Persona
from nextnest.domain.thread import Assignee, Author, Message, Status, Thread
from tests.unit.broker.briefs import no_knowledge

TODAY = date(2026, 11, 22)
DATA = Path(__file__).parents[2] / "data"
_SENT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def _lead(**facts: Any) -> Lead:
    return parse_lead({"name": "Or Wei Ling", "email": "wei.ling@example.com", **facts})


def _employed(age: int, income: int, residency: str = "sc", **more: Any) -> dict[str, Any]:
    return {
        "age": age,
        "residency": residency,
        "employment": "employed",
        "fixed_monthly_income": income,
        **more,
    }


CONDO = _lead(
    purpose="new_purchase",
    property_type="condo",
    property_stage="resale",
    property_price=1_200_000,
    applicants=[_employed(35, 12_000)],
    monthly_debts=500,
    outstanding_housing_loans=0,
    cpf_available=150_000,
    cash_available=200_000,
)
REFINANCE = _lead(
    purpose="refinance",
    property_type="condo",
    current_bank="Merlion Example Bank",
    current_rate="3.85",
    outstanding_loan=640_000,
    remaining_months=264,
    lock_in_ends="2027-03-31",
    applicants=[_employed(41, 11_000)],
)
ALONE = _lead()  # a name, and nothing else
LEADS: dict[str, Lead | None] = {
    "none": None,
    "name alone": ALONE,
    "short form": _lead(
        purpose="new_purchase", property_type="hdb", loan_amount=400_000, monthly_income=8_000
    ),
    "joint HDB": _lead(
        purpose="new_purchase",
        property_type="hdb",
        property_stage="resale",
        property_price=600_000,
        applicants=[_employed(33, 5_000), _employed(31, 4_500, "pr")],
        monthly_debts=0,
        outstanding_housing_loans=0,
        cpf_available=90_000,
        cash_available=50_000,
    ),
    "new EC on commission": _lead(
        purpose="new_purchase",
        property_type="ec",
        property_stage="new_launch",
        property_price=1_400_000,
        applicants=[
            {
                "age": 40,
                "residency": "sc",
                "employment": "variable",
                "fixed_monthly_income": 7_000,
                "variable_monthly_income": 3_000,
            }
        ],
        monthly_debts=800,
        outstanding_housing_loans=0,
    ),
    "condo": CONDO,
    "landed, second home": _lead(
        purpose="new_purchase",
        property_type="landed",
        property_price=4_200_000,
        property_value=4_000_000,
        applicants=[
            {"age": 50, "residency": "sc", "employment": "self_employed", "fixed_monthly_income": 30_000}
        ],
        monthly_debts=3_000,
        outstanding_housing_loans=1,
    ),
    "commercial": _lead(
        purpose="commercial",
        property_type="commercial",
        property_price=2_000_000,
        applicants=[
            {"age": 45, "residency": "sc", "employment": "self_employed", "variable_monthly_income": 20_000}
        ],
        monthly_debts=1_000,
        outstanding_housing_loans=1,
    ),
    "refinance": REFINANCE,
    "foreigner": _lead(
        purpose="new_purchase",
        property_type="condo",
        property_price=1_800_000,
        applicants=[_employed(38, 18_000, "foreigner")],
        monthly_debts=0,
        outstanding_housing_loans=0,
    ),
    "debts above the limits": _lead(
        purpose="new_purchase",
        property_type="hdb",
        property_price=500_000,
        applicants=[_employed(58, 2_000)],
        monthly_debts=1_500,
        outstanding_housing_loans=0,
    ),
}


@cache
def sheet(name: str = "good") -> RateSheet:
    return parse_csv((DATA / "rates" / f"{name}.csv").read_text("utf-8"))


@cache
def labelled(file: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Text and intents of every line of a labelled set."""
    lines: list[tuple[str, tuple[str, ...]]] = []
    for intent, texts in yaml.safe_load((DATA / file).read_text("utf-8")).items():
        for text in texts:
            if isinstance(text, dict):
                lines.append((text["text"], tuple(text["intents"])))
            else:
                lines.append((str(text), () if intent == "unknown" else (intent,)))
    return tuple(lines)


def brief(
    *texts: str,
    lead: Lead | None = CONDO,
    persona: Persona = Persona.BALANCED,
    before: Sequence[tuple[Author, str]] = (),
    rates: RateSheet | None = None,
    misunderstood: int = 0,
) -> Brief:
    """The customer's `texts` unanswered, after the lines `before`."""
    said = [*before, *((Author.CUSTOMER, text) for text in texts)]
    messages = tuple(
        Message(id=number, author=author, text=text, created_at=_SENT)
        for number, (author, text) in enumerate(said, start=1)
    )
    thread = Thread(conversation_id=7, status=Status.PENDING, assignee=Assignee.BOT, messages=messages)
    return Brief(
        lead=lead,
        persona=persona,
        thread=thread,
        inputs=messages[len(before) :],
        today=TODAY,
        rates=rates,
        knowledge=no_knowledge,
        misunderstood=misunderstood,
        brokerage="Example Brokers",
    )
