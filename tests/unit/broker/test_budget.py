"""What the model may cost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nextnest.broker.budget import Limits, SpendInMemory, Spent
from nextnest.domain.reply import ModelUse

LIMITS = Limits(
    conversation_usd=Decimal(1), conversation_tokens=1_000, day_usd=Decimal(20), day_tokens=10_000
)


@pytest.mark.parametrize(
    ("conversation", "today", "reached"),
    [
        (Spent(), Spent(), None),
        (Spent(Decimal("0.99"), 999), Spent(Decimal("19.99"), 9_999), None),  # one short of each
        (Spent(Decimal(1)), Spent(Decimal(1)), "conversation_limit"),  # at the limit is over it
        (Spent(tokens=1_000), Spent(), "conversation_limit"),  # a local model costs no money
        (Spent(), Spent(Decimal(20)), "day_limit"),
        (Spent(), Spent(tokens=10_000), "day_limit"),
        (Spent(Decimal(5)), Spent(Decimal(50)), "conversation_limit"),  # the nearer one is named
    ],
)
def test_a_limit_is_named_when_it_is_reached(conversation: Spent, today: Spent, reached: str | None) -> None:
    assert LIMITS.reached(conversation=conversation, today=today) == reached


async def test_spending_counts_for_its_conversation_and_for_the_day() -> None:
    spend = SpendInMemory()
    use = ModelUse(model="m", input_tokens=100, output_tokens=20, cost_usd=Decimal("0.5"))
    await spend.record(1, use)
    await spend.record(1, use)
    await spend.record(2, use)
    assert await spend.spent_conversation(1) == Spent(Decimal("1.0"), 240)
    assert await spend.spent_conversation(3) == Spent()
    assert await spend.spent_today() == Spent(Decimal("1.5"), 360)
