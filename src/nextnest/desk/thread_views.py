"""What the API answers about conversations and messages, key for key, absent keys included."""

from __future__ import annotations

from nextnest.desk import views
from nextnest.desk.installation import ACCOUNT_ID, Installation
from nextnest.desk.models import (
    ACTIVITY,
    AgentBot,
    Contact,
    ContactInbox,
    Conversation,
    Inbox,
    Json,
    Message,
    Team,
    User,
)
from nextnest.desk.payloads import attachments_push, can_reply, message_push, sender_push
from nextnest.desk.times import iso, whole
from nextnest.desk.work import Work


def conversation(work: Work, conversation: Conversation) -> Json:
    """`conversations/partials/_conversation.json.jbuilder`: empty owner and team are absent."""
    site = work.site
    subject = site.need(Contact, conversation.contact_id)
    newest = next(site.newest_first(conversation), None)
    chat = (m for m in site.newest_first(conversation) if m.message_type != ACTIVITY)
    newest_chat = next(chat, None)
    return {
        "meta": _meta(work, conversation, subject),
        "id": conversation.id,
        "messages": [message_push(site, newest)] if newest else [],
        "account_id": ACCOUNT_ID,
        "uuid": conversation.uuid,
        "additional_attributes": conversation.additional_attributes,
        "agent_last_seen_at": whole(conversation.agent_last_seen_at),
        "assignee_last_seen_at": whole(conversation.assignee_last_seen_at),
        "can_reply": can_reply(site, conversation),
        "contact_last_seen_at": whole(conversation.contact_last_seen_at),
        "custom_attributes": conversation.custom_attributes,
        "inbox_id": conversation.inbox_id,
        "labels": conversation.label_list,
        "muted": subject.blocked,
        "snoozed_until": iso(conversation.snoozed_until),
        "status": conversation.status,
        "created_at": whole(conversation.created_at),
        "updated_at": conversation.updated_at,
        "timestamp": whole(conversation.last_activity_at),
        "first_reply_created_at": whole(conversation.first_reply_created_at),
        "unread_count": site.unread_count(conversation),
        "last_non_activity_message": message_push(site, newest_chat) if newest_chat else None,
        "last_activity_at": whole(conversation.last_activity_at),
        "priority": conversation.priority,
        "waiting_since": whole(conversation.waiting_since),
        "sla_policy_id": None,
    }


def _meta(work: Work, conversation: Conversation, subject: Contact) -> Json:
    site = work.site
    meta: Json = {
        "sender": views.contact(subject),
        "channel": site.need(Inbox, conversation.inbox_id).channel_type,
    }
    owner_bot = site.store.get(AgentBot, conversation.assignee_agent_bot_id)
    owner = site.store.get(User, conversation.assignee_id)
    if owner_bot:
        meta |= {"assignee": views.bot_slim(owner_bot), "assignee_type": "AgentBot"}
    elif owner:
        meta |= {"assignee": views.agent(site, owner), "assignee_type": "User"}
    team_of = site.store.get(Team, conversation.team_id)
    if team_of:
        meta["team"] = views.team(team_of, work.actor)
    meta["hmac_verified"] = site.need(ContactInbox, conversation.contact_inbox_id).hmac_verified
    return meta


def found_conversation(work: Work, conversation: Conversation, hits: list[Message]) -> Json:
    """What `conversations/search` answers: a reduced shape."""
    site = work.site
    inbox_of = site.need(Inbox, conversation.inbox_id)
    subject = site.need(Contact, conversation.contact_id)
    return {
        "id": conversation.id,
        "uuid": conversation.uuid,
        "created_at": whole(conversation.created_at),
        "contact": {"id": subject.id, "name": subject.name},
        "inbox": {"id": inbox_of.id, "name": inbox_of.name, "channel_type": inbox_of.channel_type},
        "messages": [
            {
                "content": hit.content,
                "id": hit.id,
                "sender_name": getattr(site.sender(hit), "name", None),
                "message_type": hit.message_type,
                "created_at": whole(hit.created_at),
            }
            for hit in hits
        ],
        "account_id": ACCOUNT_ID,
    }


def message(site: Installation, message: Message, echo_id: str | None = None) -> Json:
    shape: Json = {"id": message.id, "content": message.content, "inbox_id": message.inbox_id}
    if echo_id is not None:
        shape["echo_id"] = echo_id
    shape |= {
        "conversation_id": message.conversation_id,
        "message_type": message.message_type,
        "content_type": message.content_type,
        "status": message.status,
        "content_attributes": message.content_attributes,
        "created_at": whole(message.created_at),
        "private": message.private,
        "source_id": message.source_id,
    }
    sender = sender_push(site, site.sender(message))
    if sender:
        shape["sender"] = sender
    if message.attachment_ids:
        shape["attachments"] = attachments_push(site, message)
    return shape
