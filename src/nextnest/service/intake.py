"""Taking a lead in: stored, scored and queued in one transaction; Chatwoot comes later.

One rule for repeats: the same idempotency key is the same lead, whatever else it says. A new submission of a
known case (same phone or e-mail, same purpose) updates that lead when the sender proves it may: by the API
key, or by the chat link it got the first time. Without proof it becomes a lead of its own, flagged, because
its answer holds a chat link and a thread is shown to nobody who merely knows a phone number.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from nextnest.domain.lead import Lead, parse_lead
from nextnest.domain.lead_errors import LeadErrors
from nextnest.domain.persona import Persona
from nextnest.domain.score import score
from nextnest.service.facts import show_attributes
from nextnest.service.ports import Store, Work
from nextnest.service.records import Kind, LeadRecord, NewIntent


@dataclass(frozen=True)
class Submission:
    lead_id: str
    score: int
    persona: Persona
    repeated: bool


class Intake:
    def __init__(self, store: Store, *, today: Callable[[], date]) -> None:
        self._store = store
        self._today = today

    async def submit(
        self,
        lead: Lead,
        *,
        idempotency_key: str | None,
        flags: tuple[str, ...] = (),
        trusted: bool = False,
        proven_lead_id: str | None = None,
    ) -> Submission:
        """Store a lead and queue all that follows, in one transaction.

        `trusted`: the caller holds the API key. `proven_lead_id`: the lead of the chat link that the
        browser still has.
        """
        async with self._store.work() as work:
            if idempotency_key is not None:
                await work.lock(f"submission:{idempotency_key}")
                known = await work.leads.by_key(idempotency_key)
                if known is not None:
                    return await self._repeat(work, known)
            for contact in filter(None, (lead.phone, lead.email)):
                await work.lock(f"contact:{contact}")  # two tabs at once are one case
            earlier = await work.leads.same_case(lead)
            if earlier is not None:
                earlier = await work.leads.get(earlier.id, to_change=True)
            if earlier is not None and (trusted or proven_lead_id == earlier.id):
                submission = await self._update(work, earlier, lead)
            else:
                submission = await self._add(work, lead, flags, earlier)
            if idempotency_key is not None:
                await work.leads.remember_key(idempotency_key, submission.lead_id)
            return submission

    async def _repeat(self, work: Work, lead_id: str) -> Submission:
        record = await work.leads.get(lead_id)
        if record is None:
            raise LookupError(lead_id)
        return Submission(record.id, record.score, record.persona, repeated=True)

    async def _add(
        self, work: Work, lead: Lead, flags: tuple[str, ...], earlier: LeadRecord | None
    ) -> Submission:
        lead_id = "ld_" + secrets.token_urlsafe(12)
        scored = score(lead, today=self._today())
        all_flags = (*flags, *lead.flags, *(("same_contact",) if earlier else ()))
        await work.leads.add(lead_id, lead, scored, all_flags)
        await work.leads.event(lead_id, "submitted", lead.facts())
        await work.jobs.sync(lead_id)
        return Submission(lead_id, scored.points, scored.persona, repeated=False)

    async def _update(self, work: Work, earlier: LeadRecord, lead: Lead) -> Submission:
        merged = _merged(earlier.lead, lead)
        if merged == earlier.lead:
            return Submission(earlier.id, earlier.score, earlier.persona, repeated=True)
        scored = score(merged, today=self._today())
        await work.leads.update(earlier.id, merged, scored)
        await work.leads.event(earlier.id, "resubmitted", lead.facts())
        if earlier.conversation_id is None:
            await work.jobs.sync(earlier.id)
        else:
            line = f"Form sent again. Lead score now {scored.points}; the facts beside are up to date."
            key = f"{earlier.id}:resubmitted:{earlier.revision + 1}"
            await show_attributes(work, earlier.id)
            await work.outbox.intend(earlier.conversation_id, [NewIntent(key, Kind.NOTE, {"text": line})])
            await work.jobs.attend(earlier.conversation_id)
        return Submission(earlier.id, scored.points, earlier.persona, repeated=True)

    async def conversation_of(self, lead_id: str, *, wait: float) -> int | None:
        """The lead's conversation in Chatwoot; waits for it at most `wait` seconds."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + wait
        pause = 0.02
        while True:
            async with self._store.work() as work:
                record = await work.leads.get(lead_id)
            if record is None or record.conversation_id is not None:
                return record.conversation_id if record else None
            if clock() + pause > deadline:
                return None
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.25)


def _merged(earlier: Lead, now: Lead) -> Lead:
    """What is said now, and what was said before as far as the two do not contradict each other."""
    try:
        return parse_lead({**earlier.facts(), **now.facts()})
    except LeadErrors:
        merged = now
    for field, fact in earlier.facts().items():
        with suppress(LeadErrors):
            merged = parse_lead({field: fact, **merged.facts()})
    return merged
