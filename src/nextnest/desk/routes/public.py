"""The client API of an API inbox: the customer's side, without a token (`public/api/v1/inboxes/*`)."""

from __future__ import annotations

import hmac
import secrets

from nextnest.desk import contacts, conversations, csat, events, lifecycle, messages, views
from nextnest.desk.api import Call, Empty, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.contacts import as_id
from nextnest.desk.errors import Crash, NotFound, NotRouted
from nextnest.desk.models import ACTIVITY, INCOMING, Contact, ContactInbox, Conversation, Inbox, Json, Message
from nextnest.desk.payloads import attachments_push, sender_push
from nextnest.desk.routes.messages import PAGE, mark_read
from nextnest.desk.times import whole
from nextnest.desk.wire import hmac_sha256

_ADJECTIVES = ("quiet", "sparkling", "silent", "golden", "winter", "gentle", "bright", "misty")
_NOUNS = ("frost", "river", "meadow", "star", "leaf", "dawn", "cloud", "forest")


def _inbox(call: Call) -> Inbox:
    for inbox in call.work.store.all(Inbox):
        if inbox.channel.get("identifier") == call.path["identifier"]:
            return inbox
    raise NotRouted


def _way(call: Call) -> ContactInbox:
    """Whose browser this is; from here on the contact acts."""
    way = contacts.way_by_source(call.work, _inbox(call), call.path["source_id"])
    if way is None:
        raise NotRouted
    call.work.actor = call.work.site.need(Contact, way.contact_id)
    return way


def _conversation(call: Call) -> Conversation:
    way = _way(call)
    conversation = call.work.store.get(Conversation, as_id(call.path["conversation_id"]))
    if conversation is None or conversation.contact_inbox_id != way.id:
        raise NotRouted
    return conversation


def show_inbox(call: Call) -> Json:
    inbox = _inbox(call)
    return {
        "identifier": inbox.channel["identifier"],
        "identity_validation_enabled": inbox.channel["hmac_mandatory"],
        "name": inbox.name,
        "timezone": inbox.timezone,
        "working_hours": inbox.working_hours,
        "working_hours_enabled": inbox.working_hours_enabled,
        "csat_survey_enabled": inbox.csat_survey_enabled,
        "greeting_enabled": inbox.greeting_enabled,
    }


# -- contacts


def create_contact(call: Call) -> Json:
    """Finds by source id, identifier, e-mail, phone in this order; one who is found is not changed."""
    inbox = _inbox(call)
    params = call.params
    _check_hash(inbox, params)
    source_id = params.get("source_id")
    way = contacts.way_by_source(call.work, inbox, str(source_id)) if source_id else None
    if way is None:
        contact = _known(call, params) or contacts.create(call.work, {"name": _any_name(), **params})
        way = contacts.join(call.work, contact, inbox, source_id)
    return _contact(call, way)


def _any_name() -> str:
    return f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_NOUNS)}-{secrets.randbelow(900) + 100}"


def _known(call: Call, params: Json) -> Contact | None:
    wanted = contacts.permitted(params)
    for column in ("identifier", "email", "phone_number"):
        found = call.work.store.where(Contact, column, wanted[column]) if wanted.get(column) else []
        if found:
            return found[0]
    return None


def _check_hash(inbox: Inbox, params: Json) -> None:
    """A wrong identifier hash, or none where one must be, crashes the public API."""
    given = params.get("identifier_hash")
    if not given and not inbox.channel["hmac_mandatory"]:
        return
    right = hmac_sha256(inbox.channel["hmac_token"], str(params.get("identifier") or ""))
    if not hmac.compare_digest(right.encode(), str(given).encode()):
        raise Crash


def _contact(call: Call, way: ContactInbox) -> Json:
    contact = call.work.site.need(Contact, way.contact_id)
    return {
        "source_id": way.source_id,
        "pubsub_token": way.pubsub_token,
        "id": contact.id,
        "name": contact.name,
        "email": contact.email,
        "phone_number": contact.phone_number,
    }


def show_contact(call: Call) -> Json:
    return _contact(call, _way(call))


def update_contact(call: Call) -> Json:
    way = _way(call)
    inbox = _inbox(call)
    contact = call.work.site.need(Contact, way.contact_id)
    if call.params.get("identifier_hash"):
        _check_hash(inbox, call.params)
        call.work.store.update(way, now=call.work.now(), hmac_verified=True)
    contacts.update(call.work, contact, call.params)
    return views.contact_row(contact)


# -- conversations


def _shape(call: Call, conversation: Conversation) -> Json:
    site = call.work.site
    thread = [m for m in call.work.store.where(Message, "conversation_id", conversation.id) if _is_seen(m)]
    return {
        "id": conversation.id,
        "uuid": conversation.uuid,
        "inbox_id": conversation.inbox_id,
        "contact_last_seen_at": whole(conversation.contact_last_seen_at),
        "status": conversation.status,
        "agent_last_seen_at": whole(conversation.agent_last_seen_at),
        "messages": [_message(call, message) for message in thread],
        "contact": views.contact_row(site.need(Contact, conversation.contact_id)),
    }


def _is_seen(message: Message) -> bool:
    return not message.private and message.message_type != ACTIVITY


def conversations_of(call: Call) -> list[Json]:
    way = _way(call)
    held = [c for c in call.work.store.all(Conversation) if c.contact_inbox_id == way.id]
    return [_shape(call, conversation) for conversation in held]


def create_conversation(call: Call) -> Json:
    way = _way(call)
    known = {"custom_attributes": call.params.get("custom_attributes") or {}}
    return _shape(call, conversations.start(call.work, way, known))


def show_conversation(call: Call) -> Json:
    return _shape(call, _conversation(call))


def toggle_status(call: Call) -> Json:
    """The customer closes an open conversation, or opens a closed one."""
    conversation = _conversation(call)
    status = "resolved" if conversation.status == "open" else "open"
    lifecycle.change(call.work, conversation, status=status)
    return _shape(call, conversation)


def toggle_typing(call: Call) -> Empty:
    conversation = _conversation(call)
    if call.params.get("typing_status") in ("on", "off"):
        on = call.params["typing_status"] == "on"
        events.typing_event(call.work, conversation, on=on, private=False)
    return Empty.OK


def update_last_seen(call: Call) -> Empty:
    conversation = _conversation(call)
    now = call.work.now()
    call.work.store.update(conversation, now=now, contact_last_seen_at=now)
    mark_read(call.work, call.work.store.where(Message, "conversation_id", conversation.id), now)
    return Empty.OK


# -- messages


def _message(call: Call, message: Message) -> Json:
    site = call.work.site
    shape: Json = {
        "id": message.id,
        "content": message.content,
        "message_type": message.message_type,
        "content_type": message.content_type,
        "content_attributes": message.content_attributes,
        "created_at": whole(message.created_at),
        "conversation_id": message.conversation_id,
    }
    if message.attachment_ids:
        shape["attachments"] = attachments_push(site, message)
    sender = sender_push(site, site.sender(message))
    if sender:
        shape["sender"] = sender
    return shape


def messages_of(call: Call) -> list[Json]:
    conversation = _conversation(call)
    thread = call.work.store.where(Message, "conversation_id", conversation.id)
    before = as_id(call.query.get("before"))
    seen = [m for m in thread if _is_seen(m) and (before is None or m.id < before)]
    return [_message(call, message) for message in seen[-PAGE:]]


def create_message(call: Call) -> Json:
    """Always incoming, always public, whatever else is sent."""
    conversation = _conversation(call)
    content = call.params.get("content")
    draft = messages.Draft(
        content=None if content is None else str(content),
        message_type=INCOMING,
        sender=call.work.site.need(Contact, conversation.contact_id),
        files=call.files,
    )
    return _message(call, messages.create(call.work, conversation, draft))


def update_message(call: Call) -> Json:
    """What the customer has chosen or typed into a form that was sent."""
    conversation = _conversation(call)
    try:
        message = conversations.need_message(call.work, conversation, call.path["id"])
    except NotFound:
        raise NotRouted from None
    if "submitted_values" in call.params:
        submitted = {"submitted_values": call.params["submitted_values"]}
        attributes = {**message.content_attributes, **submitted}
        messages.save(call.work, message, content_attributes=attributes)
        csat.record(call.work, message)
    return _message(call, message)


_INBOX = "/public/api/v1/inboxes/{identifier}"
_CONTACT = _INBOX + "/contacts/{source_id}"
_CONVERSATION = _CONTACT + "/conversations/{conversation_id}"
ROOT = [
    Endpoint("GET", _INBOX, show_inbox, Access.PUBLIC),
    Endpoint("POST", _INBOX + "/contacts", create_contact, Access.PUBLIC),
    Endpoint("GET", _CONTACT, show_contact, Access.PUBLIC),
    Endpoint("PATCH", _CONTACT, update_contact, Access.PUBLIC),
    Endpoint("PUT", _CONTACT, update_contact, Access.PUBLIC),
    Endpoint("GET", _CONTACT + "/conversations", conversations_of, Access.PUBLIC),
    Endpoint("POST", _CONTACT + "/conversations", create_conversation, Access.PUBLIC),
    Endpoint("GET", _CONVERSATION, show_conversation, Access.PUBLIC),
    Endpoint("POST", _CONVERSATION + "/toggle_status", toggle_status, Access.PUBLIC),
    Endpoint("POST", _CONVERSATION + "/toggle_typing", toggle_typing, Access.PUBLIC),
    Endpoint("POST", _CONVERSATION + "/update_last_seen", update_last_seen, Access.PUBLIC),
    Endpoint("GET", _CONVERSATION + "/messages", messages_of, Access.PUBLIC),
    Endpoint("POST", _CONVERSATION + "/messages", create_message, Access.PUBLIC),
    Endpoint("PATCH", _CONVERSATION + "/messages/{id}", update_message, Access.PUBLIC),
    Endpoint("PUT", _CONVERSATION + "/messages/{id}", update_message, Access.PUBLIC),
]
