"""A lead becomes a contact and a conversation in Chatwoot, with facts, labels, receipt and greeting.

Each step finds what an earlier attempt left behind, so the whole may be repeated at any point.
"""

from __future__ import annotations

import structlog

from nextnest.domain.score import Score
from nextnest.service.facts import show_attributes
from nextnest.service.failures import Failure, MaybeDone, NotDone
from nextnest.service.outbox import backoff
from nextnest.service.ports import ChatwootPort, Store
from nextnest.service.records import Guard, Kind, LeadRecord, NewIntent, said_on_page
from nextnest.service.voice import Voice

GIVE_UP_AFTER = 2000  # attempts of at most a minute: more than a day of an absent Chatwoot

log = structlog.get_logger()


class Sync:
    def __init__(self, store: Store, chatwoot: ChatwootPort, voice: Voice) -> None:
        self._store = store
        self._chatwoot = chatwoot
        self._voice = voice

    async def sync(self, lead_id: str) -> None:
        """Make the lead visible in Chatwoot, or leave a job that tries again."""
        async with self._store.work() as work:
            record = await work.leads.get(lead_id)
        if record is None or record.conversation_id is not None:
            return
        try:
            contact = await self._chatwoot.ensure_contact(lead_id, record.lead)
            conversation_id = await self._chatwoot.ensure_conversation(contact)
        except Failure as failure:
            await self._again(record, failure)
            return
        intents = self._first_intents(record, conversation_id, conflict=contact.conflict)
        async with self._store.work() as work:
            await work.conversations.adopt(conversation_id, lead_id, record.persona)
            await work.leads.synced(lead_id, contact.contact_id, conversation_id)
            await work.outbox.intend(conversation_id, intents[:1])
            await show_attributes(work, lead_id)
            said = [said_on_page(lead_id, kept) for kept in await work.leads.said_meanwhile(lead_id)]
            await work.outbox.intend(conversation_id, [*intents[1:], *said])
            await work.conversations.wake(conversation_id)  # they may have written before the greeting
            await work.jobs.attend(conversation_id)
            await work.jobs.carry(conversation_id)
        log.info("lead synchronised", lead=lead_id, conversation=conversation_id)

    def _first_intents(self, record: LeadRecord, conversation_id: int, *, conflict: bool) -> list[NewIntent]:
        scored = Score.model_validate(record.receipt)
        labels = ["nextnest", f"persona-{record.persona}", *(["check-contact"] if conflict else [])]
        note = scored.receipt_text()
        if record.flags or conflict:
            reasons = [
                *record.flags,
                *(["e-mail and phone belong to different contacts"] if conflict else []),
            ]
            note += "\n\nPlease check: " + ", ".join(reasons).replace("_", " ")
        prefix = f"{record.id}:first"
        return [
            NewIntent(
                f"greeting:{conversation_id}",
                Kind.MESSAGE,
                {"text": self._voice.greeting(record, conversation_id)},
                guard=Guard.OURS,
            ),
            NewIntent(f"{prefix}:labels", Kind.LABELS, {"labels": labels}),
            NewIntent(f"{prefix}:receipt", Kind.NOTE, {"text": note}),
        ]

    async def _again(self, record: LeadRecord, failure: Failure) -> None:
        transient = isinstance(failure, NotDone | MaybeDone)
        async with self._store.work() as work:
            attempts = await work.leads.sync_failed(record.id, failure.why, final=not transient)
            if attempts >= GIVE_UP_AFTER:
                await work.leads.sync_failed(record.id, failure.why, final=True)
            elif transient:
                wait = failure.wait if isinstance(failure, NotDone) and failure.wait else backoff(attempts)
                await work.jobs.sync(record.id, after=wait)
        log.warning("lead not synchronised yet", lead=record.id, why=failure.why, attempts=attempts)
