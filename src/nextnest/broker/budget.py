"""What the model may cost: limits for a turn, a conversation and a day, and who keeps the account."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from nextnest.domain.reply import ModelUse


@dataclass(frozen=True)
class Spent:
    """What was used at the model. A local model has no price, so tokens are counted beside US$."""

    usd: Decimal = Decimal(0)
    tokens: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.usd + other.usd, self.tokens + other.tokens)


class Spend(Protocol):
    """The account of what the model cost, kept where every worker sees it."""

    async def spent_today(self) -> Spent:
        """By all conversations since midnight in Singapore."""
        ...

    async def spent_conversation(self, conversation_id: int) -> Spent: ...

    async def record(self, conversation_id: int, use: ModelUse) -> None: ...


@dataclass(frozen=True)
class Limits:
    """Limits on the model's work. At any of them the playbook answers, and never silence.

    Those of conversation and day are read before a turn and written after it, so turns that run at the same
    time can pass them by what one turn each may cost.
    """

    turn_seconds: float = 20.0
    turn_requests: int = 6
    turn_tool_calls: int = 24
    turn_tokens: int = 40_000
    turn_output_tokens: int = 1_200  # of one answer of the model
    turn_usd: Decimal = Decimal("0.25")  # of a model whose price is known
    conversation_usd: Decimal = Decimal(1)
    conversation_tokens: int = 400_000
    day_usd: Decimal = Decimal(20)
    day_tokens: int = 20_000_000

    def reached(self, *, conversation: Spent, today: Spent) -> str | None:
        """The limit that is reached already, or None when the model may be asked."""
        if conversation.usd >= self.conversation_usd or conversation.tokens >= self.conversation_tokens:
            return "conversation_limit"
        if today.usd >= self.day_usd or today.tokens >= self.day_tokens:
            return "day_limit"
        return None


def spent_by(use: ModelUse) -> Spent:
    return Spent(use.cost_usd, use.input_tokens + use.output_tokens)


class SpendInMemory:
    """The account of one process; for evaluations and tests."""

    def __init__(self) -> None:
        self._all = Spent()
        self._by_conversation: dict[int, Spent] = {}

    async def spent_today(self) -> Spent:
        return self._all

    async def spent_conversation(self, conversation_id: int) -> Spent:
        return self._by_conversation.get(conversation_id, Spent())

    async def record(self, conversation_id: int, use: ModelUse) -> None:
        self._all += spent_by(use)
        so_far = self._by_conversation.get(conversation_id, Spent())
        self._by_conversation[conversation_id] = so_far + spent_by(use)
