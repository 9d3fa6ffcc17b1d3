"""The turn: from a customer's unanswered messages to what the outbox must write.

A turn that died half-way is taken up again: without a stored answer it composes anew under the same id, with
one it is left to the outbox. Nothing here writes to Chatwoot.
"""

from __future__ import annotations

import secrets
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from nextnest.broker.brief import Brief
from nextnest.domain.drafting import DraftRules
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import Reply
from nextnest.domain.thread import Author, Thread
from nextnest.domain.trace import Record, Step
from nextnest.service.drafts import draft_intent, obey
from nextnest.service.facts import learn
from nextnest.service.failures import NotDone
from nextnest.service.office import Office
from nextnest.service.planning import intents_of, planned
from nextnest.service.ports import ChatwootPort, Store, Work
from nextnest.service.reading import Reading, masked, read
from nextnest.service.records import Conversation, DraftRecord, LeadRecord, Outcome, Turn
from nextnest.service.summary import summary_of
from nextnest.service.typing_indicator import TypingIndicator
from nextnest.service.voice import Voice

ATTEMPTS = 3  # at composing one turn, when it breaks for reasons of our own

log = structlog.get_logger()


class Turns:
    def __init__(
        self,
        store: Store,
        chatwoot: ChatwootPort,
        voice: Voice,
        office: Office,
        *,
        rules_version: str,
        draft_for: DraftRules,
        typing: TypingIndicator | None = None,
    ) -> None:
        self._store = store
        self._chatwoot = chatwoot
        self._voice = voice
        self._office = office
        self._rules_version = rules_version
        self._draft_for = draft_for
        self._typing = typing

    async def take(self, conversation_id: int) -> bool:
        """Take the customer's waiting messages into a turn. True: the outbox has something to write.

        Raises:
            NotDone: Chatwoot could not be read; try again later.
        """
        async with self._store.work() as work:
            conversation = await work.conversations.get(conversation_id)
            if conversation is None or not conversation.due:
                return False
            current = await work.turns.current(conversation_id)
            draft = await work.drafts.latest(conversation_id)
        if current is not None and current.answered_at is not None:
            return False
        since = conversation.watermark
        if draft is not None and draft.waits:
            since = min(since, draft.first_input - 1)
        as_written = await self._chatwoot.thread(conversation_id, since=since)
        thread = masked(as_written)
        async with self._store.work() as work:
            if draft is not None and await obey(work, self._chatwoot, draft, as_written):
                return True
            reading = await read(work, conversation, thread, draft)
            if not reading.inputs:
                await self._stay_silent(work, reading, current)
                return reading.seen.project is not None
            turn, attempts = await self._start(work, reading, current)
            lead = await work.leads.get(conversation.lead_id) if conversation.lead_id else None
            rates = await work.rates.current(self._voice.today())
            settled = await work.handoffs.settled(conversation_id)
        people_back = await self._office.people_back(thread.inbox_id, datetime.now(UTC))
        brief = self._voice.brief(reading, lead, rates=rates, settled=settled, people_back=people_back)
        steps: list[Step] = []
        try:
            reply = await self._compose(brief, steps.append)
        except Exception as error:
            await self._break(turn, attempts, error)
            return True
        await self._answer(
            replace(turn, reply=reply, steps=tuple(s.to_json() for s in steps)), reading, brief, lead
        )
        return True

    async def _compose(self, brief: Brief, record: Record) -> Reply:
        if not self._chatwoot.may_write(brief.thread):
            reason = HandoffReason.WINDOW_CLOSED
            return Reply(text="", intent=reason, author="policy", handoff=reason)
        with self._typing.shown(brief.thread.conversation_id) if self._typing else nullcontext():
            return await self._voice.compose(brief, record=record)

    async def _break(self, turn: Turn, attempts: int, error: Exception) -> None:
        """A defect of ours: try again a few times, then let an operator see it."""
        log.exception("turn broke", turn=turn.id, attempts=attempts)
        if attempts < ATTEMPTS:
            raise NotDone(type(error).__name__, wait=2.0 * attempts) from error
        async with self._store.work() as work:
            await work.turns.end(turn.id, Outcome.FAILED, f"internal: {type(error).__name__}")
            await work.traces.add(turn.id)

    async def _stay_silent(self, work: Work, reading: Reading, current: Turn | None) -> None:
        if reading.silence is not None:
            turn, _ = await self._start(work, reading, current)  # with all that came since it began
            await work.turns.end(turn.id, Outcome.SILENT, reading.silence)
            await work.traces.add(turn.id)
        await work.conversations.rest(reading.conversation.id, reading.conversation.wakes)

    async def _start(self, work: Work, reading: Reading, current: Turn | None) -> tuple[Turn, int]:
        """The turn, begun, and how often it was begun so far."""
        customers = [m for m, _ in reading.new if m.author is Author.CUSTOMER and not m.private]
        conversation = reading.conversation
        lead = await work.leads.get(conversation.lead_id) if conversation.lead_id else None
        turn = Turn(
            id=current.id if current else _new_id(conversation),
            conversation_id=conversation.id,
            input_ids=tuple(m.id for m in customers),
            inputs=tuple(m.text for m in customers),
            first_input_at=conversation.waiting_since or customers[0].created_at,
            started_at=datetime.now(UTC),
            answered_at=None,
            plan=None,
            reason=None,
            last_message=reading.thread.last_id,
            reply=None,
            persona=conversation.persona,
            lead_score=lead.score if lead else None,
            rule_version=self._rules_version,
        )
        attempts = await work.turns.start(turn)
        await work.notify(conversation.id)
        return turn, attempts

    async def _answer(self, turn: Turn, reading: Reading, brief: Brief, lead: LeadRecord | None) -> None:
        reply = turn.reply
        if reply is None:
            return
        thread = reading.thread
        draft = self._draft(turn, reply, thread)
        outcome, reason = planned(reply, drafted=draft is not None)
        if draft is not None:
            intents = [draft_intent(draft)]
        else:
            parts = self._chatwoot.parts(reply.text, channel=thread.channel, contact_name=thread.contact_name)
            summary = summary_of(brief, reply, lead) if reply.handoff else ""
            intents = intents_of(turn.id, reply, parts, summary=summary, after=thread.last_id)
        if not intents:
            await self._break(turn, ATTEMPTS, ValueError("an empty reply"))
            return
        answered = replace(turn, answered_at=datetime.now(UTC), plan=outcome, reason=reason)
        async with self._store.work() as work:
            await work.turns.answer(answered)
            if draft is not None:
                await work.drafts.add(draft)
            await work.outbox.intend(turn.conversation_id, intents)
            if reply.handoff is not None:
                await work.handoffs.request(
                    turn.conversation_id, turn.id, reply.handoff, inbox_id=thread.inbox_id
                )
            if lead is not None and reply.facts:
                await learn(work, lead.id, reply.facts, today=brief.today)
            await work.conversations.rest(turn.conversation_id, reading.conversation.wakes)
        log.info("turn answered", turn=turn.id, by=reply.author, intent=reply.intent, handoff=reply.handoff)

    def _draft(self, turn: Turn, reply: Reply, thread: Thread) -> DraftRecord | None:
        """What must be approved before it is sent; a hand-over never waits."""
        waits = self._draft_for.match(inbox_id=thread.inbox_id, persona=turn.persona, score=turn.lead_score)
        if not waits or reply.handoff is not None or not reply.text.strip():
            return None
        return DraftRecord(
            turn_id=turn.id,
            conversation_id=turn.conversation_id,
            text=reply.text,
            channel=thread.channel,
            contact_name=thread.contact_name,
            after=thread.last_id,
            first_input=min(turn.input_ids),
            last_input=max(turn.input_ids),
        )


def _new_id(conversation: Conversation) -> str:
    """Unique everywhere: traces of several installations may meet in one project."""
    return f"{conversation.id}-{conversation.turns + 1}-{secrets.token_hex(4)}"
