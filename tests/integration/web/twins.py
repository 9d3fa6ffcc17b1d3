"""In-memory twins of what stands behind the web: the same promises, kept in lists and dicts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from nextnest.adapters.chatwoot.payloads import Event
from nextnest.domain.lead import Lead
from nextnest.domain.score import score
from nextnest.service.chat import ChatMessage, ChatView
from nextnest.service.intake import Submission
from nextnest.service.operations import Failed, Overview, Readiness
from nextnest.service.panel import Draft, LastReply, Needed, PanelView
from nextnest.service.receive import Source
from nextnest.web.limits import Rate

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # noon in Singapore


@dataclass
class Intake:
    leads: dict[str, Lead] = field(default_factory=dict)
    flags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    conversation: int | None = 7

    async def submit(
        self,
        lead: Lead,
        *,
        idempotency_key: str | None,
        flags: tuple[str, ...] = (),
        trusted: bool = False,
        proven_lead_id: str | None = None,
    ) -> Submission:
        self.calls.append({"key": idempotency_key, "trusted": trusted, "proven_lead_id": proven_lead_id})
        lead_id = self.keys.get(idempotency_key or "")
        repeated = lead_id is not None
        if lead_id is None:
            lead_id = f"ld_{len(self.leads) + 1}"
            self.leads[lead_id] = lead
            self.flags[lead_id] = flags
            if idempotency_key:
                self.keys[idempotency_key] = lead_id
        scored = score(self.leads[lead_id], today=TODAY)
        return Submission(lead_id, scored.points, scored.persona, repeated)

    async def conversation_of(self, lead_id: str, *, wait: float) -> int | None:
        return self.conversation


class Unlimited:
    """A limiter that lets everybody in."""

    async def take(self, key: str, rate: Rate) -> float:
        return 0.0


@dataclass
class Receive:
    stored: list[tuple[Source, str | None, Event]] = field(default_factory=list)
    broken: Exception | None = None

    async def store(self, source: Source, delivery_id: str | None, event: Event) -> bool:
        if self.broken:
            raise self.broken
        new = delivery_id is None or delivery_id not in [delivery for _, delivery, _ in self.stored]
        if new:
            self.stored.append((source, delivery_id, event))
        return new


@dataclass
class Chat:
    """One chat for each lead in `threads`. `script` answers what the customer says, after the fact."""

    threads: dict[str, list[ChatMessage]] = field(default_factory=dict)
    pending: list[ChatMessage] = field(default_factory=list)
    holder: Literal["assistant", "person", "closed"] = "assistant"
    typing: bool = False
    ready: bool = True
    broken: Exception | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def view(self, lead_id: str, *, after: str | None = None) -> ChatView:
        if self.broken:
            raise self.broken
        thread = self.threads[lead_id]
        since = int(after) if after and after.isdigit() else 0
        newer = tuple(each for each in thread if int(each.id) > since)
        return ChatView((*newer, *self.pending), self.holder, self.typing, self.ready)

    async def say(self, lead_id: str, text: str, *, client_id: str) -> ChatMessage:
        if self.broken:
            raise self.broken
        self.threads[lead_id]  # a LookupError for a stranger's chat
        for kept in self.pending:
            if kept.id == f"client:{client_id}":
                return kept
        message = ChatMessage(
            f"client:{client_id}", "customer", text, self._now(lead_id), None, "sending", client_id
        )
        self.pending.append(message)
        await self.tell()
        return message

    async def changes(self, lead_id: str) -> AsyncIterator[None]:
        while True:
            async with self._news:
                await self._news.wait()
            yield

    async def tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def said(self, lines: int = 1) -> None:
        """Returns when so many lines of the customer wait to be relayed."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.pending) >= lines)

    async def relay(self, lead_id: str) -> None:
        """What the outbox does: what waits reaches the thread, under Chatwoot's own id."""
        for kept in self.pending:
            self.add(lead_id, "customer", kept.text, client_id=kept.client_id)
        self.pending.clear()
        await self.tell()

    def add(
        self,
        lead_id: str,
        author: Literal["customer", "assistant", "person"],
        text: str,
        name: str | None = None,
        client_id: str | None = None,
        files: tuple[str, ...] = (),
    ) -> ChatMessage:
        thread = self.threads.setdefault(lead_id, [])
        message = ChatMessage(
            str(len(thread) + 1), author, text, self._now(lead_id), name, "sent", client_id, files
        )
        thread.append(message)
        return message

    def _now(self, lead_id: str) -> datetime:
        return NOON + timedelta(minutes=len(self.threads[lead_id]))


@dataclass
class Panel:
    views: dict[int, PanelView] = field(default_factory=dict)
    done: list[tuple[Any, ...]] = field(default_factory=list)

    async def of_conversation(self, conversation_id: int) -> PanelView | None:
        return self.views.get(conversation_id)

    async def give_back(self, conversation_id: int) -> None:
        self.views[conversation_id] = replace(self.views[conversation_id], owner="bot")
        self.done.append(("give_back", conversation_id))

    async def rescore(self, conversation_id: int) -> None:
        self.views[conversation_id]
        self.done.append(("rescore", conversation_id))

    async def mark_wrong(self, conversation_id: int, field: str) -> None:
        view = self.views[conversation_id]
        facts = {name: fact for name, fact in view.facts.items() if name != field}
        if len(facts) == len(view.facts):
            raise LookupError(field)
        if field == "name":
            raise Needed(field)
        self.views[conversation_id] = replace(view, facts=facts)
        self.done.append(("wrong", conversation_id, field))

    async def approve(self, draft_id: str, text: str | None) -> None:
        self._take(draft_id)
        self.done.append(("approve", draft_id, text))

    async def discard(self, draft_id: str) -> None:
        self._take(draft_id)
        self.done.append(("discard", draft_id))

    def _take(self, draft_id: str) -> None:
        for number, view in self.views.items():
            left = tuple(draft for draft in view.drafts if draft.id != draft_id)
            if len(left) < len(view.drafts):
                self.views[number] = replace(view, drafts=left)
                return
        raise LookupError(draft_id)


@dataclass
class Operations:
    failures: list[Failed] = field(default_factory=list)
    readiness: Readiness = field(default_factory=lambda: Readiness(ok=True, checks={"database": "ok"}))
    broken: Exception | None = None
    retried: list[str] = field(default_factory=list)

    async def overview(self) -> Overview:
        if self.broken:
            raise self.broken
        return Overview(
            queue_age=0.4,
            oldest_unanswered=3.2,
            turns={"replied": 118, "handed_off": 9, "silent": 41, "failed": 1},
            silences={"human_owns": 30, "own_message": 11},
            outbox={"settled": 512, "unknown": 1, "failed": 1},
            leads_unsynced=0,
            traces_waiting=2,
            workers=2,
            reply_seconds=(1.9, 4.2),
            window_ms=None,
            failures=tuple(self.failures),
        )

    async def retry(self, failure_id: str) -> None:
        if failure_id not in [failure.id for failure in self.failures]:
            raise LookupError(failure_id)
        self.retried.append(failure_id)

    async def ready(self) -> Readiness:
        return self.readiness


def failure(failure_id: str = "outbox:12") -> Failed:
    return Failed(
        failure_id, "outbox", "note", NOON, 7, "ld_1", 5, "Chatwoot refused it: 422 Content is too long"
    )


def panel_view(**changes: Any) -> PanelView:
    lead_facts = {
        "purpose": "new_purchase",
        "name": "Tan Wei Ling",
        "phone": "+6591234567",
        "property_type": "condo",
        "property_price": 1200000,
        "monthly_income": 12000,
        "monthly_debts": 500,
        "timeline": "next_3_months",
    }
    view = PanelView(
        conversation_id=7,
        lead_id="ld_1",
        name="Tan Wei Ling",
        owner="person",
        persona="balanced",
        score=61,
        receipt={
            "points": 61,
            "persona": "balanced",
            "scorecard": "2026-11",
            "lines": [
                {"signal": "Loan size", "points": 18, "of": 25, "why": "a loan of about S$900,000"},
                {"signal": "Income carries it", "points": 20, "of": 25, "why": "uses 78% of the TDSR limit"},
                {"signal": "Timeline", "points": 15, "of": 20, "why": "wants to act within 3 months"},
                {"signal": "Contact", "points": 8, "of": 10, "why": "phone and consent"},
            ],
            "unknown": ["In-principle approval (up to 10 points): needs ipa_status"],
        },
        facts=lead_facts,
        learned=({"field": "monthly_debts", "value": 500, "quote": "car loan about 500", "message_id": 31},),
        open_questions=("age", "employment", "cpf_available"),
        affordability={
            "shown": {"loan": "900000", "limited_by": "ltv", "tenure_years": "27"},
            "working": ["By loan-to-value: at most S$900,000."],
            "assumptions": [],
        },
        affordability_needs=(),
        last_reply=LastReply(
            turn_id="turn-31",
            text="With S$12,000 a month and S$500 of other debts, TDSR leaves S$6,100 for the home loan.",
            author="playbook",
            at=NOON,
            outcome="replied",
            evidence=(
                {
                    "kind": "calculation",
                    "ref": "capacity",
                    "figures": [
                        {"value": "6100", "unit": "money", "label": "max_instalment", "tolerance": "0"}
                    ],
                    "detail": {"working": ["55% of S$12,000 is S$6,600; less S$500 is S$6,100."]},
                },
            ),
            notes=(),
        ),
        handoff_reason="asked_for_person",
        drafts=(Draft("turn-32", "A draft that waits for you.", NOON),),
        langfuse_url="https://langfuse.example.com/project/p/sessions/conversation-7",
    )
    return replace(view, **changes)
