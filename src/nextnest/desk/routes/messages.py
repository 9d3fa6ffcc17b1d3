"""Messages of a conversation (`api/v1/accounts/conversations/messages_controller.rb`)."""

from __future__ import annotations

from nextnest.desk import messages, thread_views
from nextnest.desk.api import Call, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.contacts import as_id
from nextnest.desk.conversations import need_message
from nextnest.desk.errors import Invalid, Refused, Unprocessable
from nextnest.desk.models import ACTIVITY, Contact, Inbox, Json, Message, User
from nextnest.desk.payloads import contact_push, user_push
from nextnest.desk.times import iso
from nextnest.desk.work import Work

PAGE, PAGE_AFTER, PAGE_BETWEEN = 20, 100, 1000


def page_of(thread: list[Message], before: int | None, after: int | None) -> list[Message]:
    """`message_finder.rb`: newest 20, 20 before a message, 100 after one, up to 1000 between two."""
    if before and after:
        return [m for m in thread if after <= m.id < before][:PAGE_BETWEEN]
    if before:
        return [m for m in thread if m.id < before][-PAGE:]
    if after:
        return [m for m in thread if m.id > after][:PAGE_AFTER]
    return thread[-PAGE:]


def index(call: Call) -> Json:
    conversation = call.conversation
    thread = call.work.store.where(Message, "conversation_id", conversation.id)
    if call.query.get("filter_internal_messages"):
        thread = [m for m in thread if not m.private and m.message_type != ACTIVITY]
    page = page_of(thread, as_id(call.query.get("before")), as_id(call.query.get("after")))
    site = call.work.site
    subject = site.need(Contact, conversation.contact_id)
    meta: Json = {
        "labels": conversation.label_list,
        "additional_attributes": conversation.additional_attributes,
        "contact": contact_push(subject),
    }
    assignee = site.store.get(User, conversation.assignee_id)
    if assignee:
        meta["assignee"] = user_push(site, assignee)
    meta["agent_last_seen_at"] = iso(conversation.agent_last_seen_at)
    meta["assignee_last_seen_at"] = iso(conversation.assignee_last_seen_at)
    return {"meta": meta, "payload": [thread_views.message(site, message) for message in page]}


def create(call: Call) -> Json:
    """Whatever goes wrong is a 422 with one text."""
    conversation = call.conversation
    try:
        draft = messages.draft(call.work, conversation, call.params, call.files)
        message = messages.create(call.work, conversation, draft)
    except messages.Rejected as rejected:
        raise Unprocessable(str(rejected)) from None
    except Invalid as invalid:
        raise Unprocessable(f"Validation failed: {invalid.text}") from None
    return thread_views.message(call.work.site, message, call.params.get("echo_id"))


def _message(call: Call) -> Message:
    return need_message(call.work, call.conversation, call.path["id"])


def update(call: Call) -> Json:
    """The status of a message that an API inbox has carried."""
    message = _message(call)
    inbox = call.work.site.need(Inbox, message.inbox_id)
    if inbox.channel_type != "Channel::Api":
        raise Refused(403, {"error": "Message status update is only allowed for API inboxes"})
    status = str(call.params.get("status"))
    messages.set_status(call.work, message, status, call.params.get("external_error"))
    return thread_views.message(call.work.site, message)


def retry(call: Call) -> Json:
    message = _message(call)
    messages.set_status(call.work, message, "sent")
    messages.save(call.work, message, content_attributes={})
    return thread_views.message(call.work.site, message)


def delete(call: Call) -> Json:
    message = _message(call)
    gone = "This message was deleted"
    messages.save(call.work, message, content=gone, content_attributes={"deleted": True})
    return thread_views.message(call.work.site, message)


def mark_read(work: Work, thread: list[Message], until: float) -> None:
    """The customer has seen everything up to then (seconds since 1970)."""
    for message in thread:
        if message.created_at <= until and message.message_type and message.status in ("sent", "delivered"):
            messages.set_status(work, message, "read")


_ALL = "/conversations/{conversation_id}/messages"
ENDPOINTS = [
    Endpoint("GET", _ALL, index),
    Endpoint("POST", _ALL, create, Access.BOT),
    Endpoint("PATCH", _ALL + "/{id}", update),
    Endpoint("PUT", _ALL + "/{id}", update),
    Endpoint("DELETE", _ALL + "/{id}", delete),
    Endpoint("POST", _ALL + "/{id}/retry", retry),
]
