"""The lead's facts after the form: told in the chat, scored again, shown in Chatwoot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from nextnest.domain.attributes import attributes_of
from nextnest.domain.lead import Lead, with_fact
from nextnest.domain.lead_errors import LeadErrors
from nextnest.domain.reply import LearnedFact
from nextnest.domain.score import Score, score
from nextnest.service.ports import Work
from nextnest.service.records import Kind, LeadRecord, NewIntent


async def learn(work: Work, lead_id: str, facts: Sequence[LearnedFact], *, today: date) -> None:
    """Store each valid fact with the message it came from, score again, and show it in Chatwoot."""
    record = await work.leads.get(lead_id, to_change=True)  # it may have changed while the reply was made
    if record is None:
        return
    lead = record.lead
    for fact in facts:
        try:
            lead = with_fact(lead, fact.field, fact.value)
        except LeadErrors:
            continue  # said, but not a value this field can hold: the words stay in the thread
        await work.leads.event(record.id, "fact_learned", fact.model_dump(mode="json"))
    if lead != record.lead:
        await rescore(work, record, lead, today=today)


async def rescore(work: Work, record: LeadRecord, lead: Lead, *, today: date) -> Score:
    """Store the lead with its new score. The persona stays: it was fixed before the first word."""
    scored = score(lead, today=today)
    await work.leads.update(record.id, lead, scored)
    if record.conversation_id is not None:
        await show_attributes(work, record.id)
    return scored


async def show_holder(work: Work, conversation_id: int) -> None:
    """Show in Chatwoot who holds the conversation now, where it belongs to a lead."""
    conversation = await work.conversations.get(conversation_id)
    if conversation is not None and conversation.lead_id is not None:
        await show_attributes(work, conversation.lead_id)


async def show_attributes(work: Work, lead_id: str) -> None:
    """Intend the full document of the lead's custom attributes, as it stands in this transaction."""
    record = await work.leads.get(lead_id)
    if record is None or record.conversation_id is None:
        return
    conversation = await work.conversations.get(record.conversation_id)
    if conversation is None:
        return
    holder = conversation.holding.owner
    document = attributes_of(
        record.lead, Score.model_validate(record.receipt), lead_id=record.id, owner=holder
    ) | {"broker_persona": str(record.persona)}
    key = f"{record.id}:attributes:{record.revision}:{holder}:{conversation.wakes}"
    await work.outbox.intend(conversation.id, [NewIntent(key, Kind.ATTRIBUTES, {"attributes": document})])
