"""What one turn did, step by step, as plain data: the source of a trace in whatever watches us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from nextnest.domain.persona import Persona
from nextnest.domain.reply import Reply


class StepKind(StrEnum):
    POLICY = "policy"  # is this one for a person?
    MODEL = "model"  # one run of the language model, its tool calls included
    TOOL = "tool"  # a calculator, the rate sheet, the knowledge
    PLAYBOOK = "playbook"
    CHECK = "check"  # figures and claims of one draft
    READ = "read"  # Chatwoot was read
    SEND = "send"  # a message left for Chatwoot


class Level(StrEnum):
    DEFAULT = "DEFAULT"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True)
class Step:
    """One thing done within a turn. `input`, `output` and `detail` are JSON values.

    `detail` of a model step has model, prompt, prompt_version and prompt_managed; of a send step `window_ms`,
    the milliseconds between the last look at the conversation and the send.
    """

    name: str
    kind: StepKind
    started_at: datetime
    ended_at: datetime
    input: Any = None
    output: Any = None
    level: Level = Level.DEFAULT
    message: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For the turn's row; `from_json` reads it back."""
        return {
            **vars(self),
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Step:
        """Raises KeyError, TypeError or ValueError on what `to_json` did not write."""
        read: Mapping[str, Callable[[Any], Any]] = {
            "kind": StepKind,
            "level": Level,
            "started_at": datetime.fromisoformat,
            "ended_at": datetime.fromisoformat,
        }
        return cls(**{name: read[name](value) if name in read else value for name, value in data.items()})


Record = Callable[[Step], None]
"""Takes each step as it ends; must neither wait nor raise."""


def discard(step: Step) -> None:
    """The `Record` of those who do not watch."""


@dataclass(frozen=True)
class TurnTrace:
    """One turn from its start to its end. Times are aware datetimes, `lead_score` is 0 to 100 points.

    `contact_key` is any stable key of the contact; only a salted hash of it ever leaves.
    `outcome` and `reason` are those of the turn; `attempts` counts how often the turn was begun.
    """

    turn_id: str
    conversation_id: int
    contact_key: str
    started_at: datetime
    ended_at: datetime
    inputs: tuple[str, ...]
    outcome: str
    reason: str | None = None
    reply: Reply | None = None
    persona: Persona | None = None
    lead_score: int | None = None
    property_type: str | None = None
    rule_version: str | None = None
    steps: tuple[Step, ...] = ()
    attempts: int = 1

    @property
    def failed(self) -> bool:
        return self.outcome == "failed"
