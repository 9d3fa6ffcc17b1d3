"""A conversation in memory: what the service does with a thread, without Chatwoot and without a database.

Who holds the conversation and which messages are answered is decided by the same pure functions as in the
service.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nextnest.broker.brief import Brief, KnowledgeSearch
from nextnest.broker.broker import Broker
from nextnest.broker.evaluation.scenario import Scenario, Turn
from nextnest.broker.evaluation.suites import rate_sheet
from nextnest.domain.gate import Act, decide, standing_in
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.lead import LeadErrors, with_fact
from nextnest.domain.masking import mask
from nextnest.domain.ownership import Holding, observe
from nextnest.domain.persona import Persona
from nextnest.domain.reply import LearnedFact, Reply
from nextnest.domain.score import score
from nextnest.domain.thread import Assignee, Author, Message, Status, Thread
from nextnest.domain.trace import Record, discard

BROKERAGE = "Example Brokers"


@dataclass(frozen=True)
class Said:
    """What the broker said in a turn, and how long it took to find it, seconds. None: it said nothing."""

    reply: Reply | None
    brief: Brief
    seconds: float


class Conversation:
    """One scripted customer's conversation with a broker."""

    def __init__(
        self,
        scenario: Scenario,
        broker: Broker,
        number: int,
        *,
        knowledge: KnowledgeSearch,
        record: Record = discard,
    ) -> None:
        self._broker = broker
        self._knowledge = knowledge
        self._scenario = scenario
        self._record = record
        self.lead = scenario.lead
        self._persona = scenario.persona or _persona(scenario)
        self._holding = Holding()
        self._watermark = 0
        self._misunderstood = 0
        self._handed_over: set[HandoffReason] = set()
        self._settled: frozenset[HandoffReason] = frozenset()
        self._must_see: HandoffReason | None = None  # the gate's word on what waits now
        self.thread = Thread(
            conversation_id=number, status=Status.PENDING, assignee=Assignee.NOBODY, messages=()
        )

    def greet(self) -> Said | None:
        """The greeting that answers a form; nobody is greeted who did not fill one in."""
        if self.lead is None:
            return None
        brief = self._brief(())
        started = time.perf_counter()
        reply = self._broker.greeting(brief, record=self._record)
        seconds = time.perf_counter() - started
        self._write(Author.BOT, reply.text)
        return Said(reply, brief, seconds)

    async def take(self, turn: Turn) -> Said:
        """One event, and what the broker makes of it."""
        for text in turn.says:
            self._write(Author.CUSTOMER, text)
        if turn.sends is not None:
            self._write(Author.CUSTOMER, "", attachments=(turn.sends,))
        if turn.person is not None:
            self._write(Author.PERSON, turn.person)
            self._show(Status.OPEN)
        if turn.hand_back:
            self._show(Status.PENDING)
        inputs = self._look()
        brief = self._brief(inputs)
        if not inputs:
            return Said(None, brief, 0.0)
        started = time.perf_counter()
        reply = await self._broker.compose(brief, record=self._record)
        seconds = time.perf_counter() - started
        self._watermark = self.thread.last_id
        self._keep(reply)
        return Said(reply, brief, seconds)

    def _look(self) -> tuple[Message, ...]:
        """Who holds the conversation now, and which messages wait for the broker."""
        seen = observe(self._holding, self.thread)
        self._holding = seen.holding
        if seen.project is not None:
            self._show(seen.project)
        if seen.handed_back:
            self._settled |= self._handed_over
            self._watermark = min(self._watermark, self.thread.last_said_by_us)
        standing = standing_in(self.thread, seen.holding.owner, watermark=self._watermark)
        now = _at(self.thread.last_id + 1)
        decided = [(m, decide(m, standing, now=now)) for m in self.thread.since(self._watermark)]
        self._must_see = next((d.handoff for _, d in decided if d.act is Act.HAND_OVER), None)
        return tuple(m for m, d in decided if d.act in (Act.REPLY, Act.HAND_OVER))

    def _keep(self, reply: Reply) -> None:
        if reply.text:
            self._write(Author.BOT, reply.text)
        self._learn(reply.facts)
        self._misunderstood = self._misunderstood + 1 if reply.intent == "unknown" else 0
        if reply.handoff is not None:
            self._handed_over.add(reply.handoff)
            self._show(Status.OPEN)

    def _learn(self, facts: Sequence[LearnedFact]) -> None:
        for fact in facts:
            if self.lead is None:
                return
            try:
                self.lead = with_fact(self.lead, fact.field, fact.value)
            except LeadErrors:
                continue

    def _brief(self, inputs: tuple[Message, ...]) -> Brief:
        scenario = self._scenario
        sheet = rate_sheet(scenario.rates) if scenario.rates != "none" else None
        return Brief(
            lead=self.lead,
            persona=self._persona,
            thread=self.thread,
            inputs=inputs,
            today=scenario.today,
            rates=sheet,
            knowledge=self._knowledge,
            misunderstood=self._misunderstood,
            brokerage=BROKERAGE,
            settled=self._settled,
            handoff=self._must_see,
            people_back=scenario.people_back,
        )

    def _write(self, author: Author, text: str, attachments: tuple[str, ...] = ()) -> None:
        number = self.thread.last_id + 1
        message = Message(
            id=number, author=author, text=mask(text).text, created_at=_at(number), attachments=attachments
        )
        self.thread = self.thread.model_copy(update={"messages": (*self.thread.messages, message)})

    def _show(self, status: Status) -> None:
        self.thread = self.thread.model_copy(update={"status": status})


def _persona(scenario: Scenario) -> Persona:
    if scenario.lead is None:
        return Persona.BALANCED
    return score(scenario.lead, today=scenario.today).persona


def _at(number: int) -> datetime:
    return datetime(2026, 11, 22, 1, 0, tzinfo=UTC) + timedelta(seconds=30 * number)
