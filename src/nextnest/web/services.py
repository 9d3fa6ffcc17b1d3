"""What the web needs from behind it. `bootstrap` fills this in; tests fill it with in-memory twins."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from prometheus_client import CollectorRegistry

from nextnest.adapters.chatwoot.payloads import Event
from nextnest.domain.lead import Lead
from nextnest.service.chat import ChatMessage, ChatView
from nextnest.service.intake import Submission
from nextnest.service.operations import Overview, Readiness
from nextnest.service.panel import PanelView
from nextnest.service.receive import Source
from nextnest.web.limits import RateLimiter, TokenBuckets


class Intake(Protocol):
    async def submit(
        self,
        lead: Lead,
        *,
        idempotency_key: str | None,
        flags: tuple[str, ...] = (),
        trusted: bool = False,
        proven_lead_id: str | None = None,
    ) -> Submission: ...

    async def conversation_of(self, lead_id: str, *, wait: float) -> int | None: ...


class Receive(Protocol):
    async def store(self, source: Source, delivery_id: str | None, event: Event) -> bool:
        """True when it was new and asks for something; raises when it cannot be stored."""


class Chat(Protocol):
    """Raises LookupError for a lead that is not there (erased, or never was)."""

    async def view(self, lead_id: str, *, after: str | None = None) -> ChatView: ...

    async def say(self, lead_id: str, text: str, *, client_id: str) -> ChatMessage: ...

    def changes(self, lead_id: str) -> AsyncIterator[None]: ...


class Panel(Protocol):
    """Raises LookupError for a conversation, field or draft that is not there."""

    async def of_conversation(self, conversation_id: int) -> PanelView | None: ...

    async def give_back(self, conversation_id: int) -> None: ...

    async def rescore(self, conversation_id: int) -> None: ...

    async def mark_wrong(self, conversation_id: int, field: str) -> None: ...

    async def approve(self, draft_id: str, text: str | None) -> None: ...

    async def discard(self, draft_id: str) -> None: ...


class Operations(Protocol):
    async def overview(self) -> Overview: ...

    async def retry(self, failure_id: str) -> None: ...

    async def ready(self) -> Readiness: ...


@dataclass(frozen=True)
class Services:
    intake: Intake
    receive: Receive
    chat: Chat
    panel: Panel
    operations: Operations
    limits: RateLimiter = field(default_factory=TokenBuckets)
    metrics: CollectorRegistry = field(default_factory=CollectorRegistry)
