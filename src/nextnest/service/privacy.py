"""What a person may ask for their data: to see it, to withdraw consent, to have it erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from nextnest.domain.lead import with_fact
from nextnest.service.facts import rescore
from nextnest.service.ports import Store
from nextnest.service.records import Erased, Kind, LeadRecord, NewIntent


class Privacy:
    def __init__(self, store: Store, *, today: Callable[[], date]) -> None:
        self._store = store
        self._today = today

    async def find(
        self, *, lead_id: str | None = None, email: str | None = None, phone: str | None = None
    ) -> list[LeadRecord]:
        """Leads with this id, e-mail address or phone number (E.164), the newest first."""
        async with self._store.work() as work:
            return await work.leads.find(lead_id=lead_id, email=email, phone=phone)

    async def withdraw_consent(self, lead_id: str, *, channel: str) -> LeadRecord:
        """Record that the person may no longer be contacted; people in Chatwoot are told.

        `channel` is how they said so, such as "phone".

        Raises:
            LookupError: no such lead.
        """
        async with self._store.work() as work:
            record = await work.leads.get(lead_id, to_change=True)
            if record is None:
                raise LookupError(lead_id)
            before = record.lead.facts().get("consent")
            lead = record.lead
            if lead.consent is not None:
                lead = with_fact(with_fact(lead, "consent.contact", False), "consent.marketing", False)
            await work.leads.event(lead_id, "consent_withdrawn", {"channel": channel, "before": before})
            await rescore(work, record, lead, today=self._today())
            if record.conversation_id is not None:
                text = f"Consent withdrawn (by {channel}): do not contact this person of our own accord."
                key = f"{lead_id}:withdrawn:{record.revision + 1}"
                note = NewIntent(key, Kind.NOTE, {"text": text})
                await work.outbox.intend(record.conversation_id, [note])
                await work.jobs.attend(record.conversation_id)
            return record

    async def erase(self, lead_id: str) -> Erased:
        """Erase a lead and every word of its conversation from our tables, in one transaction.

        Raises:
            LookupError: no such lead.
        """
        async with self._store.work() as work:
            erased = await work.leads.erase(lead_id)
        if erased is None:
            raise LookupError(lead_id)
        return erased
