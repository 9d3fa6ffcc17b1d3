"""From a brief to a reply that may be sent: policy, then model or playbook, and the checks after each.

policy says a person       -> hand over, in the words of the reason
the model, where there is one and its limits allow it
  refused by the checks    -> asked once more, with their reasons
  refused again, or failed -> the playbook
the playbook
  does not know            -> the reviewed entry that surely fits, where there is one
  refused by the checks    -> a person
  does not know, and the model failed -> a person, within a cap
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from nextnest.broker import policy
from nextnest.broker.brief import Brief
from nextnest.broker.budget import Spend, SpendInMemory
from nextnest.broker.composition import BrokerEvent, Composition
from nextnest.broker.intents import REMARK, UNKNOWN
from nextnest.broker.knowledge import SURE
from nextnest.broker.playbook import greeting, playbook
from nextnest.broker.ports import Circuit, Model, ModelFailed, ModelTurn
from nextnest.broker.technical import TechnicalHandoffs
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import Reply
from nextnest.domain.thread import Author
from nextnest.domain.trace import Record, discard

# Failures of the model's server; a refusal or a broken answer says nothing about the next question.
_TROUBLE = frozenset({"timeout", "rate_limited", "unreachable", "server_error", "misconfigured", "failed"})


def _ignore(event: BrokerEvent) -> None: ...


class Broker:
    """Composes replies. Without a model the playbook answers.

    `spend` is the account that the limits of conversation and day are read from; `on_event` must neither wait
    nor raise. `high_value_from` is the loan, in S$, from which a conversation goes to a person; None: never.
    """

    def __init__(
        self,
        model: Model | None = None,
        *,
        spend: Spend | None = None,
        circuit: Circuit | None = None,
        technical: TechnicalHandoffs | None = None,
        high_value_from: Decimal | None = None,
        on_event: Callable[[BrokerEvent], None] = _ignore,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._model = model
        self._spend = spend or SpendInMemory()
        self._circuit = circuit
        self._technical = technical or TechnicalHandoffs()
        self._high_value_from = high_value_from
        self._on_event = on_event
        self._clock = clock

    async def compose(self, brief: Brief, *, record: Record = discard) -> Reply:
        """The reply to the customer's unanswered messages, proven; or one with `handoff` set.

        Raises what the account of the spending and the search of the knowledge raise, and nothing else.
        """
        way = Composition(brief, record, self._clock, self._on_event)
        reason = brief.handoff or policy.decide(
            brief.inputs,
            lead=brief.lead,
            misunderstood=brief.misunderstood,
            turns=_turns(brief),
            high_value_from=self._high_value_from,
            earlier=way.earlier,
            settled=brief.settled,
        )
        if reason is not None:
            way.happened(BrokerEvent.POLICY_HANDOFF)
            return way.hand_over(reason)
        if self._model is not None:
            reply = await self._by_model(self._model, way)
            if reply is not None:
                return reply
        return await self._by_playbook(way)

    def greeting(self, brief: Brief, *, record: Record = discard) -> Reply:
        """The first message of a conversation."""
        way = Composition(brief, record, self._clock, self._on_event)
        reply = greeting(brief)
        findings = way.check(reply)
        if not findings:
            return reply
        return reply.model_copy(update={"text": policy.plain_greeting(brief.brokerage), "notes": way.notes})

    async def _by_model(self, model: Model, way: Composition) -> Reply | None:
        """The model's proven reply; None when it may not be asked, fails, or cannot prove what it says."""
        way.model_failure = HandoffReason.TECHNICAL
        conversation_id = way.brief.thread.conversation_id
        limit = model.limits.reached(
            conversation=await self._spend.spent_conversation(conversation_id),
            today=await self._spend.spent_today(),
        )
        if limit is not None:
            way.happened(BrokerEvent.MODEL_OVER_LIMIT, limit)
            return None
        if self._circuit is not None and not self._circuit.admits():
            way.happened(BrokerEvent.MODEL_RESTING)
            return None
        turn = model.start(way.brief, record=way.record)
        try:
            reply = await self._asked(turn, way)
        except ModelFailed as failed:
            way.happened(BrokerEvent.MODEL_FAILED, failed.reason)
            self._tell_circuit(working=failed.reason not in _TROUBLE)
            reply = None
        else:
            self._tell_circuit(working=True)
        way.use = turn.use
        await self._spend.record(conversation_id, turn.use)
        return way.finished(reply) if reply is not None else None

    async def _asked(self, turn: ModelTurn, way: Composition) -> Reply | None:
        reply = way.with_fixed_words(await turn.answer())
        findings = way.check(reply, turn.leaks(reply.text))
        if findings:
            way.happened(BrokerEvent.MODEL_REFUSED)
            reply = way.with_fixed_words(await turn.answer_again(findings))
            findings = way.check(reply, turn.leaks(reply.text))
        if findings:
            way.happened(BrokerEvent.MODEL_UNPROVEN)
            way.model_failure = HandoffReason.UNPROVEN
            return None
        way.happened(BrokerEvent.MODEL_PASSED)
        return reply

    async def _by_playbook(self, way: Composition) -> Reply:
        reply = playbook(way.brief)
        if reply.intent in (UNKNOWN, REMARK) and reply.handoff is None:
            reply = await _from_knowledge(way.brief, reply)
        reply = way.introduced(reply)
        if way.check(reply):
            way.happened(BrokerEvent.PLAYBOOK_UNPROVEN)
            return way.hand_over(HandoffReason.UNPROVEN)
        if reply.intent == UNKNOWN and reply.handoff is None and self._nobody_knows(way):
            way.happened(BrokerEvent.NOBODY_KNOWS)
            return way.hand_over(way.model_failure or HandoffReason.NOT_UNDERSTOOD)
        way.happened(BrokerEvent.PLAYBOOK_PASSED)
        return way.finished(reply)

    def _nobody_knows(self, way: Composition) -> bool:
        """Without a model the playbook asks again by itself; a failed model makes it a person's turn."""
        if way.model_failure is HandoffReason.TECHNICAL:
            return self._technical.admit()
        return way.model_failure is not None

    def _tell_circuit(self, *, working: bool) -> None:
        if self._circuit is not None:
            (self._circuit.succeeded if working else self._circuit.failed)()


async def _from_knowledge(brief: Brief, unknown: Reply) -> Reply:
    """The entry that surely answers what the playbook did not understand, or its own reply."""
    asked = "\n".join(message.text for message in brief.inputs)
    found = await brief.knowledge(asked, today=brief.today, least=SURE, limit=1)
    entry = next((entry for entry in found if entry.current(brief.today)), None)
    if entry is None:
        return unknown
    said = {"text": entry.answer, "intent": "knowledge", "evidence": (entry.evidence(),), "asks_for": None}
    return unknown.model_copy(update=said)


def _turns(brief: Brief) -> int:
    """How often the bot has spoken in this conversation."""
    return sum(1 for m in brief.thread.messages if m.author is Author.BOT and not m.private)
