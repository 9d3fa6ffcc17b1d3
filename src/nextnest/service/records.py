"""Rows as the use cases see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from nextnest.domain.lead import Lead
from nextnest.domain.ownership import Holding
from nextnest.domain.persona import Persona
from nextnest.domain.reply import Reply


@dataclass(frozen=True)
class LeadRecord:
    id: str
    lead: Lead
    revision: int
    score: int
    persona: Persona
    receipt: dict[str, Any]
    flags: tuple[str, ...]
    sync: str
    contact_id: int | None
    conversation_id: int | None
    created_at: datetime


@dataclass(frozen=True)
class Conversation:
    """A conversation as we know it. `due` is true when a customer's quiet time is over.

    `read_at` is when it was read, by the database's clock, which all times here go by.
    """

    id: int
    lead_id: str | None
    persona: Persona
    holding: Holding
    watermark: int
    wakes: int
    waiting_since: datetime | None
    due_at: datetime | None
    due: bool
    turns: int
    misunderstood: int
    superseded: int
    read_at: datetime


class Outcome(StrEnum):
    REPLIED = "replied"
    DRAFTED = "drafted"
    HANDED_OFF = "handed_off"
    SUPERSEDED = "superseded"
    SILENT = "silent"
    FAILED = "failed"


@dataclass(frozen=True)
class Turn:
    id: str
    conversation_id: int
    input_ids: tuple[int, ...]
    inputs: tuple[str, ...]  # what the customer said, masked
    first_input_at: datetime | None
    started_at: datetime
    answered_at: datetime | None
    plan: Outcome | None
    reason: str | None
    last_message: int
    reply: Reply | None
    persona: Persona
    lead_score: int | None
    rule_version: str | None
    steps: tuple[dict[str, Any], ...] = ()


class DraftState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    DISCARDED = "discarded"
    LAPSED = "lapsed"  # the customer wrote again, or a person took over


@dataclass(frozen=True)
class DraftRecord:
    """A reply that waits, or waited, for a person; it belongs to one turn and goes by its id."""

    turn_id: str
    conversation_id: int
    text: str
    channel: str
    contact_name: str | None
    after: int  # the thread's last message when it was written
    first_input: int
    last_input: int
    state: DraftState = DraftState.WAITING
    decided_by: str | None = None
    note: int | None = None  # the message that shows it to people

    @property
    def waits(self) -> bool:
        return self.state is DraftState.WAITING


class Kind(StrEnum):
    """What an intent of the outbox does in Chatwoot."""

    MESSAGE = "message"
    NOTE = "note"
    STATUS = "status"
    LABELS = "labels"
    ATTRIBUTES = "attributes"
    PRIORITY = "priority"
    TEAM = "team"
    CUSTOMER_MESSAGE = "customer_message"


BESIDE = frozenset({Kind.LABELS, Kind.ATTRIBUTES, Kind.PRIORITY, Kind.TEAM})  # no customer waits for these


class Guard(StrEnum):
    """What must still be true just before an intent is carried out."""

    NONE = "none"
    OURS = "ours"  # the bot holds the conversation
    REPLY = "reply"  # and the customer has not written again


@dataclass(frozen=True)
class NewIntent:
    """`key` is unique for ever: the same thing is intended once."""

    key: str
    kind: Kind
    payload: dict[str, Any]
    guard: Guard = Guard.NONE
    turn_id: str | None = None
    after: int = 0  # the thread's last message when this was intended: what we write comes after it


@dataclass(frozen=True)
class Kept:
    """What a customer said on the chat page, as we hold it until Chatwoot has it."""

    client_id: str  # the page's own id for it
    text: str
    at: datetime


def said_on_page(lead_id: str, kept: Kept) -> NewIntent:
    """The intent that puts a kept message into the thread; once for each client id."""
    return NewIntent(f"said:{lead_id}:{kept.client_id}", Kind.CUSTOMER_MESSAGE, {"text": kept.text})


def client_id_of(key: str) -> str | None:
    """The page's own id of what an intent put into the thread; None when it was not said on a page."""
    return key.rpartition(":")[2] if key.startswith("said:") else None


@dataclass(frozen=True)
class Intent:
    id: int
    key: str
    conversation_id: int
    turn_id: str | None
    kind: Kind
    guard: Guard
    payload: dict[str, Any]
    unknown: bool  # an attempt was made whose outcome we do not know
    attempts: int
    wait: float  # seconds until it may be tried; 0 or less: now
    stands_back: bool  # it failed again and again, and lets the others of its line go on while it waits
    age: float  # seconds since it was intended
    since_attempt: float | None  # seconds since the last attempt
    after: int


@dataclass(frozen=True)
class Erased:
    """What was erased with a lead, and where more of it may be: the two ids are Chatwoot's."""

    lead_id: str
    conversation_id: int | None
    contact_id: int | None
    events: int
    turns: int
    messages: int


@dataclass(frozen=True)
class Handoff:
    id: int
    conversation_id: int
    inbox_id: int | None
    opened_at: datetime
