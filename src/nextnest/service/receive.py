"""Receiving Chatwoot's events: store the wake-up and its job in one statement, and answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from nextnest.domain.drafting import command_in
from nextnest.domain.gate import Act, Silence, wakes
from nextnest.domain.thread import Author, Message


class Source(StrEnum):
    AGENT_BOT = "agent_bot"
    ACCOUNT = "account"
    INBOX = "inbox"


@dataclass(frozen=True)
class Incoming:
    """One event, whatever route it came by. `fingerprint` is the same on every route; None: no message."""

    source: Source
    delivery_id: str | None
    event: str
    conversation_id: int
    message: Message | None = None
    holder_changed: bool = False
    fingerprint: bytes | None = None


class Wake(StrEnum):
    QUIET = "quiet"  # a customer wrote: answer after the quiet time
    NOW = "now"  # who holds the conversation may have changed: look at once
    PAGE = "page"  # nothing to decide, but open chat pages show it


def wake_of(incoming: Incoming) -> Wake | None:
    """What an event asks for; None is noise and is not even stored."""
    if incoming.message is None:
        return Wake.NOW if incoming.holder_changed else None
    if _is_command(incoming.message):
        return Wake.NOW
    decision = wakes(incoming.message)
    if decision.act is Act.YIELD:
        return Wake.NOW
    if incoming.event == "message_created" and decision.silence in (None, Silence.EMPTY):
        return Wake.QUIET
    return None if decision.silence is Silence.PRIVATE else Wake.PAGE


def _is_command(message: Message) -> bool:
    return message.private and message.author is Author.PERSON and command_in(message.text) is not None


class Events(Protocol):
    async def accept(self, incoming: Incoming, wake: Wake) -> bool:
        """Store the event and, when it is new, its job, in one transaction; whether it was new."""


class Receive:
    def __init__(self, events: Events) -> None:
        self._events = events

    async def store(self, incoming: Incoming) -> bool:
        """Store what matters of an event. True: it was new and asks for something."""
        wake = wake_of(incoming)
        return wake is not None and await self._events.accept(incoming, wake)
