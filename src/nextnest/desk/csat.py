"""The survey after a conversation is resolved, and its answers."""

from __future__ import annotations

from nextnest.desk import messages
from nextnest.desk.models import TEMPLATE, Contact, Conversation, CsatResponse, Inbox, Message
from nextnest.desk.work import Work

QUESTION = "Please rate the conversation"


def listen(work: Work, event: str, conversation: Conversation, message: Message | None) -> None:
    """`CsatSurveyListener`: one survey a conversation."""
    del message
    inbox = work.site.need(Inbox, conversation.inbox_id)
    if event != "conversation_resolved" or not inbox.csat_survey_enabled:
        return
    if work.site.need(Contact, conversation.contact_id).blocked:
        return
    if any(sent.content_type == "input_csat" for sent in work.site.newest_first(conversation)):
        return
    question = str(inbox.csat_config.get("message") or QUESTION)
    look = {"display_type": inbox.csat_config.get("display_type") or "emoji"}
    survey = messages.Draft(question, TEMPLATE, content_type="input_csat", content_attributes=look)
    messages.create(work, conversation, survey)


def record(work: Work, message: Message) -> None:
    """Stores the answer that a customer has submitted, once a message."""
    values = message.content_attributes.get("submitted_values")
    submitted = values.get("csat_survey_response") if isinstance(values, dict) else None
    if message.content_type != "input_csat" or not isinstance(submitted, dict) or not submitted.get("rating"):
        return
    rating, feedback = int(submitted["rating"]), submitted.get("feedback_message")
    known = work.store.find(CsatResponse, message_id=message.id)
    if known:
        work.store.update(known, now=work.now(), rating=rating, feedback_message=feedback)
        return
    conversation = work.site.need(Conversation, message.conversation_id)
    response = CsatResponse(conversation.id, message.id, conversation.contact_id, rating, feedback)
    work.store.add(response, work.now())
