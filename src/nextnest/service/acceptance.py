"""A hand-off must be taken: who waits for longer than the set working time is brought up again, once."""

from __future__ import annotations

from datetime import timedelta

import structlog

from nextnest.domain.ownership import Owner, observe
from nextnest.service.custody import taken_by_person
from nextnest.service.failures import Refusal
from nextnest.service.office import Office
from nextnest.service.planning import TEAM
from nextnest.service.ports import ChatwootPort, Store, Work
from nextnest.service.records import Conversation, Handoff, Kind, NewIntent

log = structlog.get_logger()

LOOK_AGAIN = timedelta(minutes=1)  # when our record of who has a conversation was behind


class Acceptance:
    def __init__(self, store: Store, chatwoot: ChatwootPort, office: Office) -> None:
        self._store = store
        self._chatwoot = chatwoot
        self._office = office

    async def check(self) -> int:
        """Give new hand-offs their time, and escalate those whose time is up; how many.

        Raises:
            Failure: Chatwoot could not be read.
        """
        async with self._store.work() as work:
            new = await work.handoffs.unscheduled()
        for handoff in new:
            at = await self._office.escalate_at(handoff.inbox_id, handoff.opened_at)
            async with self._store.work() as work:
                await work.handoffs.schedule(handoff.id, at)
        async with self._store.work() as work:
            overdue = await work.handoffs.overdue()
        return sum([await self._escalate(handoff) for handoff in overdue])

    async def _escalate(self, handoff: Handoff) -> bool:
        """Escalate it, unless Chatwoot shows that somebody took it: then our record catches up."""
        async with self._store.work() as work:
            conversation = await work.conversations.get(handoff.conversation_id)
        if conversation is None:
            return False
        waits = await self._waits(conversation)
        async with self._store.work() as work:
            if not waits:
                await work.handoffs.schedule(handoff.id, conversation.read_at + LOOK_AGAIN)
                await work.conversations.wake(conversation.id)
                await work.jobs.attend(conversation.id)
                return False
            return await self._bring_up(work, handoff)

    async def _waits(self, conversation: Conversation) -> bool:
        try:
            thread = await self._chatwoot.thread(conversation.id, since=conversation.watermark)
        except Refusal as failure:
            # Deleted, most likely: its lane lets it go. Nobody else's hand-off waits for it.
            log.warning(
                "cannot see whether a hand-off was taken", conversation=conversation.id, why=failure.why
            )
            return False
        holder = observe(conversation.holding, thread).holding.owner
        return holder is Owner.PERSON and not taken_by_person(conversation.holding, thread)

    async def _bring_up(self, work: Work, handoff: Handoff) -> bool:
        if not await work.handoffs.escalate(handoff.id):
            return False
        minutes = self._office.acceptance_minutes
        text = f"nobody has taken this conversation in {minutes} minutes of working time; the customer waits."
        prefix = f"escalate:{handoff.id}"
        intents = [
            NewIntent(f"{prefix}:priority", Kind.PRIORITY, {"priority": "urgent"}),
            NewIntent(f"{prefix}:note", Kind.NOTE, {"text": text, "team": TEAM}),
        ]
        await work.outbox.intend(handoff.conversation_id, intents)
        await work.jobs.attend(handoff.conversation_id)
        return True
