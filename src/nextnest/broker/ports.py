"""What the broker needs of a language model. The real one is in `model`, which is slow to import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nextnest.broker.brief import Brief
from nextnest.broker.budget import Limits
from nextnest.broker.finding import Finding
from nextnest.domain.reply import ModelUse, Reply
from nextnest.domain.trace import Record


class ModelFailed(Exception):  # noqa: N818  said of the model, not of us
    """The model gave no answer that can be used.

    `reason` is fit for a metric: timeout, rate_limited, turn_limit, refused, unreachable, server_error,
    malformed, misconfigured or failed.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ModelTurn(Protocol):
    """One turn's conversation with a model, on one account of time and tokens."""

    @property
    def use(self) -> ModelUse:
        """What was used so far, whether or not an answer came of it."""
        ...

    async def answer(self) -> Reply:
        """The reply to the brief, unchecked. Raises ModelFailed."""
        ...

    async def answer_again(self, findings: Sequence[Finding]) -> Reply:
        """The reply written again after the checks refused it. Raises ModelFailed."""
        ...

    def leaks(self, text: str) -> tuple[Finding, ...]:
        """Where a text repeats the instructions that the model was given in this turn."""
        ...


class Model(Protocol):
    @property
    def limits(self) -> Limits: ...

    def start(self, brief: Brief, *, record: Record) -> ModelTurn: ...


class Circuit(Protocol):
    """Leaves a failing model alone for a while. Asking when that is over claims the one trial."""

    def admits(self) -> bool: ...

    def succeeded(self) -> None: ...

    def failed(self) -> None: ...
