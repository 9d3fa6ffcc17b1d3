"""The panel beside a conversation in Chatwoot: what people see there, and the few things they may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from nextnest.domain.drafting import Command
from nextnest.domain.score import Score
from nextnest.domain.thread import Status
from nextnest.service.drafts import PANEL, decide
from nextnest.service.facts import rescore
from nextnest.service.ports import ChatwootPort, Store
from nextnest.service.records import Kind, LeadRecord, NewIntent


@dataclass(frozen=True)
class LastReply:
    turn_id: str
    text: str
    author: str  # playbook, model, policy
    at: datetime
    outcome: str
    evidence: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    id: str
    text: str
    at: datetime


@dataclass(frozen=True)
class PanelView:
    """`affordability` is a calculation's JSON, or None: `affordability_needs` names what is missing."""

    conversation_id: int
    lead_id: str | None
    name: str | None
    owner: str
    persona: str
    score: int | None
    receipt: dict[str, Any] | None
    facts: dict[str, Any]
    learned: tuple[dict[str, Any], ...]  # facts told in the chat: field, value, quote, message_id
    open_questions: tuple[str, ...]
    affordability: dict[str, Any] | None
    affordability_needs: tuple[str, ...]
    last_reply: LastReply | None
    handoff_reason: str | None
    drafts: tuple[Draft, ...]
    langfuse_url: str | None


class PanelReader(Protocol):
    async def read(self, conversation_id: int) -> PanelView | None: ...


class Needed(Exception):  # noqa: N818
    """A lead cannot be without this fact."""


_THEIRS = [Status.OPEN, Status.SNOOZED, Status.RESOLVED]  # what may be given back to the bot


class Panel:
    def __init__(
        self, store: Store, reader: PanelReader, chatwoot: ChatwootPort, *, today: Callable[[], date]
    ) -> None:
        self._store = store
        self._reader = reader
        self._chatwoot = chatwoot
        self._today = today

    async def of_conversation(self, conversation_id: int) -> PanelView | None:
        return await self._reader.read(conversation_id)

    async def give_back(self, conversation_id: int) -> None:
        """Set the conversation to pending: the bot has it again, and knows what was said meanwhile."""
        async with self._store.work() as work:
            conversation = await work.conversations.get(conversation_id)
            if conversation is None:
                raise LookupError(conversation_id)
            await work.conversations.wake(conversation_id)
            key = f"give-back:{conversation_id}:{conversation.wakes + 1}"
            await work.outbox.intend(
                conversation_id, [NewIntent(key, Kind.STATUS, {"status": Status.PENDING, "from": _THEIRS})]
            )
            await work.jobs.attend(conversation_id)

    async def rescore(self, conversation_id: int) -> None:
        """Score the lead again by today's scorecard and show it in Chatwoot."""
        async with self._store.work() as work:
            record = await self._lead(work.leads, work.conversations, conversation_id)
            scored: Score = await rescore(work, record, record.lead, today=self._today())
            await work.leads.event(record.id, "rescored", {"score": scored.points})
            await work.jobs.attend(conversation_id)

    async def mark_wrong(self, conversation_id: int, field: str) -> None:
        """Forget a fact that a person found wrong: unknown again, and asked for again.

        Raises:
            LookupError: no such conversation, or the lead has no such fact.
            Needed: a name, or the only way to reach the customer.
        """
        async with self._store.work() as work:
            record = await self._lead(work.leads, work.conversations, conversation_id)
            facts = record.lead.facts()
            if field not in facts:
                raise LookupError(field)
            wrong = facts.pop(field)
            try:
                lead = type(record.lead).model_validate(facts)
            except ValueError as error:
                raise Needed(field) from error
            await work.leads.event(record.id, "fact_marked_wrong", {"field": field, "value": wrong})
            await rescore(work, record, lead, today=self._today())
            await work.jobs.attend(conversation_id)

    async def approve(self, draft_id: str, text: str | None) -> None:
        """Send a draft, with a person's own words where `text` is given.

        Raises:
            LookupError: no such draft waits (any more).
        """
        await self._decide(draft_id, Command(approve=True, text=text))

    async def discard(self, draft_id: str) -> None:
        """Drop a draft: the customer gets no answer from the bot to these messages.

        Raises:
            LookupError: no such draft waits (any more).
        """
        await self._decide(draft_id, Command(approve=False))

    async def _decide(self, draft_id: str, command: Command) -> None:
        async with self._store.work() as work:
            draft = await work.drafts.get(draft_id)
            if draft is None or not await decide(work, self._chatwoot, draft, command, by=PANEL):
                raise LookupError(draft_id)
            await work.jobs.attend(draft.conversation_id)

    @staticmethod
    async def _lead(leads: Any, conversations: Any, conversation_id: int) -> LeadRecord:
        conversation = await conversations.get(conversation_id)
        lead_id = conversation.lead_id if conversation else None
        record = await leads.get(lead_id, to_change=True) if lead_id else None
        if record is None:
            raise LookupError(conversation_id)
        return record  # type: ignore[no-any-return]
