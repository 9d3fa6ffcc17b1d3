"""What the use cases need from the world. Adapters implement these; tests bring twins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from nextnest.broker.brief import Brief
from nextnest.broker.rates import RateSheet
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.hours import Hours
from nextnest.domain.lead import Lead
from nextnest.domain.ownership import Holding
from nextnest.domain.persona import Persona
from nextnest.domain.reply import Reply
from nextnest.domain.thread import Status, Thread
from nextnest.domain.trace import Record, discard
from nextnest.service.records import (
    Conversation,
    DraftRecord,
    DraftState,
    Erased,
    Handoff,
    Intent,
    Kept,
    LeadRecord,
    NewIntent,
    Outcome,
    Turn,
)


@dataclass(frozen=True)
class Mark:
    """Our signature in a message's content attributes: which turn, which part of it."""

    turn_id: str
    part: str


@dataclass(frozen=True)
class Waiting:
    """A conversation in Chatwoot whose last public message is the customer's."""

    conversation_id: int
    message_id: int
    since: datetime
    status: Status


@dataclass(frozen=True)
class ContactPlace:
    """`conflict`: the lead's e-mail and phone belong to different contacts, and somebody should look."""

    contact_id: int
    source_id: str
    conflict: bool


class ChatwootPort(Protocol):
    """Chatwoot, as the use cases need it. Every call raises NotDone, MaybeDone or Refusal."""

    async def thread(self, conversation_id: int, *, since: int, history: bool = True) -> Thread:
        """The conversation with all messages after `since`; with `history` at least the newest 20."""

    async def glance(self, conversation_id: int) -> Thread:
        """The conversation with its last message alone: one short read."""

    async def say(self, conversation_id: int, text: str, mark: Mark) -> int:
        """Say something as the bot; the message's id."""

    async def note(self, conversation_id: int, text: str, mark: Mark, *, team: str | None = None) -> int:
        """A private note; with `team` its members are told of it."""

    async def relay(self, conversation_id: int, text: str, mark: Mark) -> int:
        """Put a customer's words from the chat page into the thread, as the contact's message."""

    async def find(self, conversation_id: int, mark: Mark, *, after: int) -> int | None:
        """The id of the message that carries `mark` among those after `after`; None when there is none."""

    async def set_status(self, conversation_id: int, status: Status) -> None: ...

    async def add_labels(self, conversation_id: int, labels: Sequence[str]) -> None: ...

    async def set_attributes(self, conversation_id: int, attributes: Mapping[str, Any]) -> None: ...

    async def set_priority(self, conversation_id: int, priority: str) -> None: ...

    async def assign_team(self, conversation_id: int, team: str) -> None: ...

    async def typing(self, conversation_id: int, on: bool) -> None: ...

    async def ensure_contact(self, lead_id: str, lead: Lead) -> ContactPlace:
        """Find or make the contact and its place in the inbox."""

    async def ensure_conversation(self, place: ContactPlace) -> int:
        """Find or make the lead's conversation; its display id."""

    async def hours(self, inbox_id: int | None) -> Hours | None:
        """Working hours of an inbox (None: that of the leads), if it has any. Never raises or waits long."""

    def waiting(self, within: float) -> AsyncIterator[Waiting]:
        """Conversations active in the last `within` seconds whose last public word is the customer's."""

    async def active(self, within: float, limit: int) -> list[int]:
        """Conversations of any inbox with something new in the last `within` seconds, the latest first."""

    async def latest(self, conversation_id: int) -> Thread:
        """The conversation with its newest messages only."""

    def parts(self, text: str, *, channel: str, contact_name: str | None) -> list[str]:
        """A reply as the channel wants it: plain or marked up, whole or split, greeted and signed."""

    def may_write(self, thread: Thread) -> bool:
        """Whether the channel takes free text now; where it does not, a person must choose a template."""


class BrokerPort(Protocol):
    async def compose(self, brief: Brief, *, record: Record = discard) -> Reply: ...

    def greeting(self, brief: Brief) -> Reply: ...


class Leads(Protocol):
    async def add(self, lead_id: str, lead: Lead, score: Any, flags: Sequence[str]) -> None: ...
    async def get(self, lead_id: str, *, to_change: bool = False) -> LeadRecord | None:
        """`to_change`: nobody else changes it until this transaction ends."""

    async def by_key(self, idempotency_key: str) -> str | None: ...
    async def remember_key(self, idempotency_key: str, lead_id: str) -> None: ...
    async def same_case(self, lead: Lead) -> LeadRecord | None: ...
    async def update(self, lead_id: str, lead: Lead, score: Any) -> None: ...
    async def event(self, lead_id: str, kind: str, data: Mapping[str, Any]) -> None: ...
    async def said_meanwhile(self, lead_id: str) -> Sequence[Kept]:
        """What the customer said on the chat page so far, oldest first."""

    async def synced(self, lead_id: str, contact_id: int, conversation_id: int) -> None: ...
    async def sync_failed(self, lead_id: str, why: str, *, final: bool) -> int: ...
    async def find(
        self, *, lead_id: str | None, email: str | None, phone: str | None
    ) -> list[LeadRecord]: ...
    async def erase(self, lead_id: str) -> Erased | None: ...


class Conversations(Protocol):
    async def get(self, conversation_id: int) -> Conversation | None: ...
    async def adopt(self, conversation_id: int, lead_id: str, persona: Persona) -> None: ...
    async def hold(self, conversation_id: int, holding: Holding, *, rewind_to: int | None = None) -> None: ...
    async def opened(self, conversation_id: int) -> None:
        """We opened it: people have it, and a later `pending` is a hand-back."""

    async def gone(self, conversation_id: int) -> None:
        """It is no longer in Chatwoot: nobody has it, and nothing is due."""

    async def wake(self, conversation_id: int) -> None: ...
    async def rest(self, conversation_id: int, wakes: int) -> None: ...


class Turns(Protocol):
    async def current(self, conversation_id: int) -> Turn | None: ...
    async def start(self, turn: Turn) -> int: ...
    async def answer(self, turn: Turn) -> None: ...
    async def end(self, turn_id: str, outcome: Outcome, reason: str | None) -> None: ...
    async def get(self, turn_id: str) -> Turn | None: ...


class OutboxRows(Protocol):
    async def intend(self, conversation_id: int, intents: Sequence[NewIntent]) -> int:
        """Intend each once, for ever; how many were new."""

    async def next(self, conversation_id: int, *, customer: bool) -> Intent | None: ...
    async def attempt(self, intent: Intent) -> bool:
        """Mark an attempt whose outcome is not known yet; False when another worker was faster."""

    async def sent(self, intent_id: int, *, message_id: int | None, window_ms: float | None) -> None: ...
    async def outdated(self, intent: Intent) -> None:
        """Withdraw what was intended before it of the same kind: this one held the whole document."""

    async def settled(self, intent_id: int, *, message_id: int | None) -> None: ...
    async def later(self, intent_id: int, *, seconds: float, why: str, unknown: bool) -> None: ...
    async def failed(self, intent_id: int, why: str) -> None: ...
    async def cancel_turn(self, turn_id: str) -> None: ...
    async def cancel_all(self, conversation_id: int) -> None: ...
    async def open_of_turn(self, turn_id: str) -> int: ...
    async def said_of_turn(self, turn_id: str) -> bool: ...
    async def failed_of_turn(self, turn_id: str) -> str | None: ...


class Handoffs(Protocol):
    async def request(
        self, conversation_id: int, turn_id: str | None, reason: HandoffReason, *, inbox_id: int | None
    ) -> bool: ...
    async def opened(self, conversation_id: int) -> None: ...
    async def accepted(self, conversation_id: int) -> None: ...
    async def returned(self, conversation_id: int) -> None: ...
    async def settled(self, conversation_id: int) -> frozenset[HandoffReason]:
        """Reasons for which a person had the conversation already and gave it back."""

    async def unscheduled(self) -> list[Handoff]:
        """Those that were opened and have no time yet at which they are escalated."""

    async def overdue(self) -> list[Handoff]:
        """Those that nobody has taken although their time is up, the oldest first."""

    async def schedule(self, handoff_id: int, escalate_at: datetime) -> None: ...
    async def escalate(self, handoff_id: int) -> bool:
        """False when somebody has taken it meanwhile, or it was escalated before."""


class Drafts(Protocol):
    async def add(self, draft: DraftRecord) -> None: ...
    async def get(self, turn_id: str) -> DraftRecord | None: ...
    async def latest(self, conversation_id: int) -> DraftRecord | None: ...
    async def decide(self, turn_id: str, state: DraftState, *, text: str, by: str) -> bool:
        """False when it waits no longer."""

    async def lapse(self, turn_id: str, *, rewind: bool) -> DraftState | None:
        """End a draft that was not sent, whatever turn it belongs to; what it was before, None for no draft.

        With `rewind` its messages are to be answered anew.
        """


class Jobs(Protocol):
    async def attend(self, conversation_id: int, *, after: float = 0, retry: bool = False) -> None: ...
    async def carry(self, conversation_id: int, *, after: float = 0, retry: bool = False) -> None: ...
    async def sync(self, lead_id: str, *, after: float = 0) -> None: ...


class Traces(Protocol):
    async def add(self, turn_id: str) -> None: ...


class RateSheets(Protocol):
    async def current(self, today: date) -> RateSheet | None: ...


class Work(Protocol):
    """One transaction over everything that must be committed together."""

    @property
    def leads(self) -> Leads: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def turns(self) -> Turns: ...
    @property
    def outbox(self) -> OutboxRows: ...
    @property
    def handoffs(self) -> Handoffs: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def traces(self) -> Traces: ...
    @property
    def rates(self) -> RateSheets: ...

    async def lock(self, name: str) -> None:
        """Wait for whoever else works on `name`, until this transaction ends."""

    async def notify(self, conversation_id: int) -> None:
        """Tell open chat pages that something may have changed."""


class Store(Protocol):
    def work(self) -> AbstractAsyncContextManager[Work]: ...
