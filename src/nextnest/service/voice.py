"""How the brokerage speaks: its broker, what it may quote, its name, and what day it is in Singapore."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from nextnest.broker.brief import Brief, KnowledgeSearch
from nextnest.broker.rates import RateSheet
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import Reply
from nextnest.domain.thread import Assignee, Status, Thread
from nextnest.domain.trace import Record
from nextnest.service.ports import BrokerPort
from nextnest.service.reading import Reading
from nextnest.service.records import LeadRecord


@dataclass(frozen=True)
class Voice:
    broker: BrokerPort
    knowledge: KnowledgeSearch
    brokerage: str
    today: Callable[[], date]

    async def compose(self, brief: Brief, *, record: Record) -> Reply:
        return await self.broker.compose(brief, record=record)

    def brief(
        self,
        reading: Reading,
        lead: LeadRecord | None,
        *,
        rates: RateSheet | None,
        settled: frozenset[HandoffReason],
        people_back: str | None,
    ) -> Brief:
        """Everything the broker may know for this turn."""
        conversation = reading.conversation
        return Brief(
            lead=lead.lead if lead else None,
            persona=conversation.persona,
            thread=reading.thread,
            inputs=reading.inputs,
            today=self.today(),
            rates=rates,
            knowledge=self.knowledge,
            misunderstood=conversation.misunderstood,
            brokerage=self.brokerage,
            people_back=people_back,
            settled=settled,
            handoff=reading.handoff,
        )

    def greeting(self, record: LeadRecord, conversation_id: int) -> str:
        """The first words of a conversation, in the persona that the lead has for good."""
        nothing_said = Thread(
            conversation_id=conversation_id, status=Status.PENDING, assignee=Assignee.NOBODY, messages=()
        )
        brief = Brief(
            lead=record.lead,
            persona=record.persona,
            thread=nothing_said,
            inputs=(),
            today=self.today(),
            rates=None,
            knowledge=self.knowledge,
            brokerage=self.brokerage,
        )
        return self.broker.greeting(brief).text
