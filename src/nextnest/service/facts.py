"""Facts that a customer told in the chat, put into the lead; and the lead scored again."""

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


async def learn(work: Work, record: LeadRecord, facts: Sequence[LearnedFact], *, today: date) -> None:
    """Store each valid fact with the message it came from, score again, and show it in Chatwoot."""
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
        await work.outbox.intend(
            record.conversation_id, [attributes_intent(record, lead, scored, revision=record.revision + 1)]
        )
    return scored


def attributes_intent(record: LeadRecord, lead: Lead, scored: Score, *, revision: int) -> NewIntent:
    """The full document of the lead's custom attributes, once for each revision of the lead."""
    document = attributes_of(lead, scored) | {"broker_persona": str(record.persona)}
    return NewIntent(f"{record.id}:attributes:{revision}", Kind.ATTRIBUTES, {"attributes": document})
