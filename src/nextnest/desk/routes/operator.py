"""Not Chatwoot's: what tests and verification tools ask of the desk itself, as administrator."""

from __future__ import annotations

from pydantic import ValidationError

from nextnest.desk.api import Call, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.chaos import Chaos
from nextnest.desk.contacts import as_id
from nextnest.desk.errors import NotFound, Unprocessable
from nextnest.desk.installation import Installation
from nextnest.desk.models import (
    MESSAGE_TYPES,
    AgentBot,
    Contact,
    Conversation,
    Inbox,
    Json,
    Message,
    Team,
    User,
)
from nextnest.desk.times import iso


def dump(call: Call) -> Json:
    """Every conversation with every message, private ones and activities too; times in ms."""
    site = call.work.site
    return {
        "version": site.version.number,
        "inboxes": [{"id": inbox.id, "name": inbox.name} for inbox in site.store.all(Inbox)],
        "conversations": [_conversation(site, c) for c in site.store.all(Conversation)],
    }


def _conversation(site: Installation, conversation: Conversation) -> Json:
    contact = site.need(Contact, conversation.contact_id)
    team = site.store.get(Team, conversation.team_id)
    bot = site.store.get(AgentBot, conversation.assignee_agent_bot_id)
    user = site.store.get(User, conversation.assignee_id)
    return {
        "id": conversation.id,
        "inbox_id": conversation.inbox_id,
        "status": conversation.status,
        "assignee": bot.name if bot else user.name if user else None,
        "assignee_type": "AgentBot" if bot else "User" if user else None,
        "team": team.name if team else None,
        "priority": conversation.priority,
        "labels": conversation.label_list,
        "custom_attributes": conversation.custom_attributes,
        "waiting_since": iso(conversation.waiting_since),
        "created_at": iso(conversation.created_at),
        "contact": {
            "id": contact.id,
            "name": contact.name,
            "email": contact.email,
            "phone_number": contact.phone_number,
            "identifier": contact.identifier,
            "custom_attributes": contact.custom_attributes,
        },
        "messages": [
            _message(site, message)
            for message in site.store.where(Message, "conversation_id", conversation.id)
        ],
    }


def _message(site: Installation, message: Message) -> Json:
    return {
        "id": message.id,
        "message_type": MESSAGE_TYPES[message.message_type],
        "content": message.content,
        "content_type": message.content_type,
        "content_attributes": message.content_attributes,
        "private": message.private,
        "status": message.status,
        "source_id": message.source_id,
        "sender_type": message.sender_type,
        "sender_id": message.sender_id,
        "sender_name": getattr(site.sender(message), "name", None),
        "created_at": iso(message.created_at),
        "updated_at": iso(message.updated_at),
    }


def show_chaos(call: Call) -> Json:
    return call.work.site.dice.chaos.model_dump()


def set_chaos(call: Call) -> Json:
    """Replaces the settings and begins both streams of chance anew."""
    try:
        chaos = Chaos.model_validate(call.body)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Unprocessable(wrong) from None
    call.work.site.dice.throw_anew(chaos)
    return chaos.model_dump()


def set_presence(call: Call) -> Json:
    """Says that somebody is online, for 20 seconds, as an open browser would."""
    user = call.work.store.get(User, as_id(call.params.get("user_id")))
    if user is None:
        raise NotFound
    online = call.params.get("online", True) in (True, "true")
    call.work.site.presence[user.id] = call.work.now() if online else 0.0
    return {"user_id": user.id, "availability": call.work.site.availability(user)}


ROOT = [
    Endpoint("GET", "/desk/dump", dump, Access.ADMIN),
    Endpoint("GET", "/desk/chaos", show_chaos, Access.ADMIN),
    Endpoint("POST", "/desk/chaos", set_chaos, Access.ADMIN),
    Endpoint("POST", "/desk/presence", set_presence, Access.ADMIN),
]
