"""What leaves in webhooks: Chatwoot's `webhook_data` and `push_event_data`, key for key.

Sources: `models/message.rb#webhook_data`, `presenters/conversations/event_data_presenter.rb`,
`models/contact.rb#webhook_data`, and the recording of 4.14.2.
"""

from __future__ import annotations

from typing import Any

from nextnest.desk.installation import ACCOUNT_ID, Installation
from nextnest.desk.models import (
    MESSAGE_TYPES,
    AgentBot,
    Attachment,
    Contact,
    ContactInbox,
    Conversation,
    Inbox,
    Json,
    Message,
    Record,
    Team,
    User,
)
from nextnest.desk.store import Changes
from nextnest.desk.times import iso, whole

TIME_COLUMNS = {
    "created_at", "updated_at", "waiting_since", "first_reply_created_at", "snoozed_until",
    "last_activity_at",
}  # fmt: skip

# The order in which a model lists what changed is the order of its columns.
CHANGE_ORDER = (
    "name", "email", "phone_number", "status", "assignee_id", "updated_at", "display_id",
    "additional_attributes", "identifier", "team_id", "snoozed_until", "custom_attributes",
    "last_activity_at", "blocked", "first_reply_created_at", "priority", "waiting_since",
    "cached_label_list", "assignee_agent_bot_id", "label_list",
)  # fmt: skip


def changed_attributes(changes: Changes) -> list[Json]:
    """`[{"status": {"previous_value": ..., "current_value": ...}}, ...]`"""
    ordered = sorted(changes, key=lambda name: CHANGE_ORDER.index(name) if name in CHANGE_ORDER else 99)
    return [{name: _change(name, *changes[name])} for name in ordered]


def _change(name: str, before: Any, after: Any) -> Json:
    if name in TIME_COLUMNS:
        before, after = iso(before), iso(after)
    return {"previous_value": before, "current_value": after}


# -- people


def user_push(site: Installation, user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "available_name": user.name,
        "avatar_url": "",
        "type": "user",
        "availability_status": site.availability(user),
        "thumbnail": "",
    }


def bot_push(bot: AgentBot) -> Json:
    return {"id": bot.id, "name": bot.name, "avatar_url": "", "type": "agent_bot"}


def contact_push(contact: Contact) -> Json:
    return {
        "additional_attributes": contact.additional_attributes,
        "custom_attributes": contact.custom_attributes,
        "email": contact.email,
        "id": contact.id,
        "identifier": contact.identifier,
        "name": contact.name,
        "phone_number": contact.phone_number,
        "thumbnail": "",
        "blocked": contact.blocked,
        "type": "contact",
    }


def sender_push(site: Installation, sender: Record | None) -> Json | None:
    match sender:
        case User():
            return user_push(site, sender)
        case AgentBot():
            return bot_push(sender)
        case Contact():
            return contact_push(sender)
        case _:
            return None


def contact_webhook(site: Installation, contact: Contact) -> Json:
    """At the root of contact events, and as the root sender of messages: without `type`."""
    return {
        "account": site.account,
        "additional_attributes": contact.additional_attributes,
        "avatar": "",
        "custom_attributes": contact.custom_attributes,
        "email": contact.email,
        "id": contact.id,
        "identifier": contact.identifier,
        "name": contact.name,
        "phone_number": contact.phone_number,
        "thumbnail": "",
        "blocked": contact.blocked,
    }


def sender_webhook(site: Installation, sender: Record | None) -> Json | None:
    match sender:
        case User():
            return {"id": sender.id, "name": sender.name, "email": sender.email, "type": "user"}
        case AgentBot():
            return {"id": sender.id, "name": sender.name, "type": "agent_bot"}
        case Contact():
            return contact_webhook(site, sender)
        case _:
            return None


# -- messages


def attachment_push(site: Installation, attachment: Attachment) -> Json:
    extension = attachment.file_name.rpartition(".")[2] if "." in attachment.file_name else None
    return {
        "id": attachment.id,
        "message_id": attachment.message_id,
        "file_type": file_type(attachment.content_type),
        "account_id": ACCOUNT_ID,
        "extension": extension,
        "content_type": attachment.content_type,
        "data_url": data_url(site, attachment),
        "thumb_url": data_url(site, attachment) if file_type(attachment.content_type) == "image" else "",
        "file_size": attachment.file_size,
        "width": None,
        "height": None,
    }


def file_type(content_type: str) -> str:
    kind = content_type.partition("/")[0]
    return kind if kind in ("image", "audio", "video") else "file"


def data_url(site: Installation, attachment: Attachment) -> str:
    return f"{site.base_url}/rails/active_storage/blobs/redirect/{attachment.key}/{attachment.file_name}"


def attachments_push(site: Installation, message: Message) -> list[Json]:
    return [attachment_push(site, site.need(Attachment, number)) for number in message.attachment_ids]


def message_push(site: Installation, message: Message) -> Json:
    """`Message#push_event_data`: integer `message_type`, integer `created_at`."""
    conversation = site.need(Conversation, message.conversation_id)
    contact_inbox = site.need(ContactInbox, conversation.contact_inbox_id)
    shape: Json = {
        "id": message.id,
        "content": message.content,
        "account_id": ACCOUNT_ID,
        "inbox_id": message.inbox_id,
        "conversation_id": message.conversation_id,
        "message_type": message.message_type,
        "created_at": whole(message.created_at),
        "updated_at": iso(message.updated_at),
        "private": message.private,
        "status": message.status,
        "source_id": message.source_id,
        "content_type": message.content_type,
        "content_attributes": message.content_attributes,
        "sender_type": message.sender_type,
        "sender_id": message.sender_id,
        "external_source_ids": {},
        "additional_attributes": message.additional_attributes,
        "processed_message_content": message.processed_message_content,
        "sentiment": {},
        "conversation": {
            "assignee_id": conversation.assignee_id,
            "unread_count": site.unread_count(conversation),
            "last_activity_at": whole(conversation.last_activity_at),
            "contact_inbox": {"source_id": contact_inbox.source_id},
        },
    }
    if message.attachment_ids:
        shape["attachments"] = attachments_push(site, message)
    sender = sender_push(site, site.sender(message))
    if sender:
        shape["sender"] = sender
    return shape


def normalized(text: str | None) -> str | None:
    """`WebhookContentNormalizer`: the text as webhooks give it, not as it is stored."""
    return text.replace("\\\n", "\n").rstrip("\n") if text else text


def _webhook_content(site: Installation, message: Message) -> str | None:
    """A survey goes out as a link to it."""
    if message.content_type == "input_csat":
        conversation = site.need(Conversation, message.conversation_id)
        link = f"{site.base_url}/survey/responses/{conversation.uuid}"
        return f"Please rate this conversation, {link}"
    return normalized(message.content)


def message_webhook(site: Installation, message: Message) -> Json:
    """`Message#webhook_data`: `message_type` is a word, `created_at` ISO."""
    inbox = site.need(Inbox, message.inbox_id)
    shape: Json = {
        "account": site.account,
        "additional_attributes": message.additional_attributes,
        "content_attributes": message.content_attributes,
        "content_type": message.content_type,
        "content": _webhook_content(site, message),
        "conversation": conversation_webhook(site, site.need(Conversation, message.conversation_id)),
        "created_at": iso(message.created_at),
        "id": message.id,
        "inbox": {"id": inbox.id, "name": inbox.name},
        "message_type": MESSAGE_TYPES[message.message_type],
        "private": message.private,
        "sender": sender_webhook(site, site.sender(message)),
        "source_id": message.source_id,
    }
    if message.attachment_ids:
        shape["attachments"] = attachments_push(site, message)
    return shape


# -- conversations


def assignee_push(site: Installation, conversation: Conversation) -> tuple[Json | None, str | None]:
    """Who owns the conversation, and the type of owner."""
    if conversation.assignee_agent_bot_id:
        return bot_push(site.need(AgentBot, conversation.assignee_agent_bot_id)), "AgentBot"
    if conversation.assignee_id:
        return user_push(site, site.need(User, conversation.assignee_id)), "User"
    return None, None


def can_reply(site: Installation, conversation: Conversation) -> bool:
    """Only an API channel with `agent_reply_time_window` (hours) has a window here."""
    channel = site.need(Inbox, conversation.inbox_id).channel
    hours = (channel.get("additional_attributes") or {}).get("agent_reply_time_window")
    if not hours:
        return True
    incoming = (m for m in site.newest_first(conversation) if m.sender_type == "Contact")
    last = next(incoming, None)
    return last is not None and site.clock() - last.created_at < float(hours) * 3600


def conversation_webhook(site: Installation, conversation: Conversation) -> Json:
    """`EventDataPresenter#webhook_data`."""
    last = site.last_chat_message(conversation)
    message = message_push(site, last) if last else None
    if message:
        for text in ("content", "processed_message_content"):
            message[text] = normalized(message[text])
    contact_inbox = site.need(ContactInbox, conversation.contact_inbox_id)
    assignee, assignee_type = assignee_push(site, conversation)
    team = site.store.get(Team, conversation.team_id)
    return {
        "additional_attributes": conversation.additional_attributes,
        "can_reply": can_reply(site, conversation),
        "channel": site.need(Inbox, conversation.inbox_id).channel_type,
        "contact_inbox": _contact_inbox(contact_inbox),
        "id": conversation.id,
        "inbox_id": conversation.inbox_id,
        "messages": [message] if message else [],
        "labels": conversation.label_list,
        "meta": {
            "sender": contact_push(site.need(Contact, conversation.contact_id)),
            "assignee": assignee,
            "assignee_type": assignee_type,
            "team": {"id": team.id, "name": team.name} if team else None,
            "hmac_verified": contact_inbox.hmac_verified,
        },
        "status": conversation.status,
        "custom_attributes": conversation.custom_attributes,
        "snoozed_until": iso(conversation.snoozed_until),
        "unread_count": site.unread_count(conversation),
        "first_reply_created_at": iso(conversation.first_reply_created_at),
        "priority": conversation.priority,
        "waiting_since": whole(conversation.waiting_since),
        "agent_last_seen_at": whole(conversation.agent_last_seen_at),
        "contact_last_seen_at": whole(conversation.contact_last_seen_at),
        "last_activity_at": whole(conversation.last_activity_at),
        "timestamp": whole(conversation.last_activity_at),
        "created_at": whole(conversation.created_at),
        "updated_at": conversation.updated_at,
        "account": site.account,
    }


def _contact_inbox(contact_inbox: ContactInbox) -> Json:
    return {
        "id": contact_inbox.id,
        "contact_id": contact_inbox.contact_id,
        "inbox_id": contact_inbox.inbox_id,
        "source_id": contact_inbox.source_id,
        "created_at": iso(contact_inbox.created_at),
        "updated_at": iso(contact_inbox.updated_at),
        "hmac_verified": contact_inbox.hmac_verified,
        "pubsub_token": contact_inbox.pubsub_token,
    }


# -- inboxes


def inbox_webhook(site: Installation, inbox: Inbox) -> Json:
    """Neither the inbox's id nor its name is in it, as in Chatwoot."""
    own = ("allow_messages_after_resolved", "lock_to_single_conversation", "auto_assignment_config",
           "enable_auto_assignment", "enable_email_collect", "greeting_enabled", "greeting_message",
           "csat_survey_enabled", "business_name", "sender_name_type", "timezone", "out_of_office_message",
           "working_hours_enabled")  # fmt: skip
    times = {"created_at": iso(inbox.created_at), "updated_at": iso(inbox.updated_at)}
    hours = [
        {"id": (inbox.id - 1) * 7 + day + 1, "inbox_id": inbox.id, "account_id": ACCOUNT_ID, **row, **times}
        for day, row in enumerate(inbox.working_hours)
    ]
    channel = {"id": inbox.channel_id, "account_id": ACCOUNT_ID, **inbox.channel, **times}
    return {
        **{name: getattr(inbox, name) for name in own},
        "working_hours": hours,
        **times,
        "channel": channel,
        "account": site.account,
    }
