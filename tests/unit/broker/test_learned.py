"""Facts a model claims to have learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from nextnest.broker.learned import learned
from tests.unit.broker.briefs import lead, message


@dataclass(frozen=True)
class Claimed:
    field: str
    value: Any
    quote: str
    message_id: int = 101


def hold(claim: Claimed, text: str) -> bool:
    facts, notes = learned([claim], lead(), [message(101, text)])
    assert len(facts) + len(notes) == 1
    return bool(facts)


@pytest.mark.parametrize(
    ("field", "value", "quote"),
    [
        ("applicants.1.fixed_monthly_income", 6000, "my wife earns 6k too"),
        ("monthly_debts", 0, "no other debts"),  # nothing is a number too
        ("property_price", 1_350_000, "the price is S$1.35m"),
        ("remaining_months", 264, "22 years left"),  # told in years
        ("applicants.0.fixed_monthly_income", 10_000, "I make 120k a year"),  # told by the year
        ("current_rate", "3.85", "paying 3.85% now"),
        ("timeline", "this_month", "want to buy this month"),
        ("current_bank", "DBS", "my loan is with DBS"),
    ],
)
def test_what_the_customer_said_is_kept(field: str, value: Any, quote: str) -> None:
    assert hold(Claimed(field, value, quote), f"hi, {quote}, thanks")


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (Claimed("monthly_debts", 500, "I owe 500"), "the customer never wrote that"),
        (Claimed("monthly_debts", 500, "wife earns 6k", 999), "no such message"),
        (Claimed("monthly_debts", 500, " "), "a quote of nothing proves nothing"),
        (Claimed("applicants.1.fixed_monthly_income", 9000, "wife earns 6k"), "another number than said"),
        (Claimed("monthly_debts", 0, "wife earns 6k"), "zero is not unknown"),
        (Claimed("monthly_debts", 4, "my car is 4 years old"), "years are no money"),
        (Claimed("applicants.0.age", 6000, "wife earns 6k"), "nor is money an age"),
        (Claimed("favourite_colour", "6k", "wife earns 6k"), "a lead has no such field"),
        (Claimed("monthly_debts", "a lot", "wife earns 6k"), "not a sum"),
        (Claimed("email", "evil@example.com", "evil@example.com"), "who the contact is, is not for a model"),
        (Claimed("consent.marketing", True, "wife earns 6k"), "nor is consent"),
        (Claimed("notes", "wife earns 6k", "wife earns 6k"), "nor free text"),
        (Claimed("applicants.3.age", 6, "wife earns 6k"), "there is no second applicant yet"),
    ],
)
def test_the_rest_is_dropped_and_noted(claim: Claimed, reason: str) -> None:
    text = "my wife earns 6k, my car is 4 years old, write to evil@example.com"
    facts, notes = learned([claim], lead(), [message(101, text)])
    assert facts == (), reason
    assert notes == (f"dropped_fact:{claim.field}",)


def test_one_fact_may_make_room_for_the_next() -> None:
    text = "my wife is 33 and earns 6k"
    facts, notes = learned(
        [
            Claimed("applicants.1.age", 33, "my wife is 33"),
            Claimed("applicants.1.fixed_monthly_income", 6000, "earns 6k"),
        ],
        lead(),
        [message(101, text)],
    )
    assert [(fact.field, fact.value) for fact in facts] == [
        ("applicants.1.age", 33),
        ("applicants.1.fixed_monthly_income", 6000),
    ]
    assert notes == ()
    assert facts[0].message_id == 101
    assert facts[0].quote == "my wife is 33"


def test_without_a_lead_there_is_nothing_to_learn_for() -> None:
    facts, _ = learned([Claimed("monthly_debts", 500, "debts 500")], None, [message(101, "debts 500")])
    assert facts == ()
