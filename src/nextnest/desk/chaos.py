"""Misbehaviour to order: what a network and a busy Chatwoot do to those who depend on them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

Probability = Field(default=0.0, ge=0, le=1)


class Chaos(BaseModel):
    """What goes wrong, how often (probabilities 0 to 1), by which seed.

    Of webhook deliveries: `duplicate` sends one twice under the same delivery id, `lose` never sends it,
    `swap` holds it back until the next one has gone, `delay` holds it back for `delay_seconds`.
    Of API requests whose path begins with `path_prefix`: `too_many` answers 429, `fail_before` answers 500
    and stores nothing, `fail_after` stores and answers 500, `hang_after` stores and withholds the answer
    for `hang_seconds`, `down` refuses everything with 503, `latency_seconds` is added to every request.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    duplicate: float = Probability
    lose: float = Probability
    swap: float = Probability
    delay: float = Probability
    delay_seconds: float = Field(default=1.0, ge=0)
    too_many: float = Probability
    fail_before: float = Probability
    fail_after: float = Probability
    hang_after: float = Probability
    hang_seconds: float = Field(default=30.0, ge=0)
    down: bool = False
    latency_seconds: float = Field(default=0.0, ge=0)
    path_prefix: str = "/"

    @classmethod
    def read(cls, source: str) -> Self:
        """From JSON, or from the file of that name. Raises ValueError for what is neither."""
        text = source if source.lstrip().startswith("{") else Path(source).read_text(encoding="utf-8")
        return cls.model_validate_json(text)


@dataclass(frozen=True)
class Fate:
    """What is to become of one request."""

    down: bool = False
    too_many: bool = False
    fail_before: bool = False
    fail_after: bool = False
    hang_after: bool = False


class Dice:
    """Deterministic by seed: one stream for requests, one for deliveries, so that neither moves the other."""

    def __init__(self, chaos: Chaos) -> None:
        self.throw_anew(chaos)

    def throw_anew(self, chaos: Chaos) -> None:
        self.chaos = chaos
        self._requests = random.Random(f"requests {chaos.seed}")  # noqa: S311
        self._deliveries = random.Random(f"deliveries {chaos.seed}")  # noqa: S311

    def request(self, path: str) -> Fate:
        """Always four throws a request, so that one setting does not shift the others."""
        chaos = self.chaos
        too_many, before, after, hang = (self._requests.random() for _ in range(4))
        if not path.startswith(chaos.path_prefix):
            return Fate()
        return Fate(
            down=chaos.down,
            too_many=too_many < chaos.too_many,
            fail_before=before < chaos.fail_before,
            fail_after=after < chaos.fail_after,
            hang_after=hang < chaos.hang_after,
        )

    def delivery(self) -> list[str]:
        """Which of `duplicate`, `lose`, `swap`, `delay` befall the next delivery."""
        names = ("duplicate", "lose", "swap", "delay")
        return [name for name in names if self._deliveries.random() < getattr(self.chaos, name)]
