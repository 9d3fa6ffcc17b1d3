"""Briefs for tests: a lead, a thread, what the customer said last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from nextnest.broker.brief import Brief
from nextnest.broker.knowledge import Entry
from nextnest.domain.lead import Lead, parse_lead
from nextnest.domain.persona import Persona
from nextnest.domain.thread import Assignee, Author, Message, Status, Thread

TODAY = date(2026, 11, 22)
_FIRST = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)

FACTS: dict[str, Any] = {
    "purpose": "new_purchase",
    "name": "Or Wei Ling",
    "email": "wei.ling@example.com",
    "phone": "+6591234567",
    "property_type": "condo",
    "property_stage": "resale",
    "property_price": 1_200_000,
    "applicants": [
        {"age": 35, "residency": "sc", "employment": "employed", "fixed_monthly_income": 12_000},
    ],
    "monthly_debts": 500,
    "outstanding_housing_loans": 0,
    "cash_available": 200_000,
    "cpf_available": 150_000,
}


def lead(**changes: Any) -> Lead:
    return parse_lead({**FACTS, **changes})


def message(id_: int, text: str, author: Author = Author.CUSTOMER, **more: Any) -> Message:
    return Message(id=id_, author=author, text=text, created_at=_FIRST + timedelta(minutes=id_), **more)


async def no_knowledge(query: str, *, today: date, least: float, limit: int) -> Sequence[Entry]:
    return ()


def brief(*said: str, earlier: Sequence[Message] = (), **changes: Any) -> Brief:
    """A brief in which the customer has just said these lines, ids from 101."""
    inputs = tuple(message(101 + n, text) for n, text in enumerate(said))
    thread = Thread(
        conversation_id=42,
        status=Status.PENDING,
        assignee=Assignee.BOT,
        messages=(*earlier, *inputs),
    )
    facts: dict[str, Any] = {
        "lead": lead(),
        "persona": Persona.BALANCED,
        "thread": thread,
        "inputs": inputs,
        "today": TODAY,
        "rates": None,
        "knowledge": no_knowledge,
    }
    return Brief(**{**facts, **changes})
