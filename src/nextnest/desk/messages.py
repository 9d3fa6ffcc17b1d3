"""Messages: what may be said, and what saying it sets off (`message_builder.rb`, `models/message.rb`)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from nextnest.desk import contacts, events, greetings, lifecycle, liquid
from nextnest.desk.errors import Invalid
from nextnest.desk.installation import Installation
from nextnest.desk.models import (
    INCOMING,
    MESSAGE_TYPES,
    OUTGOING,
    TEMPLATE,
    AgentBot,
    Attachment,
    Contact,
    Conversation,
    Inbox,
    Json,
    Message,
    User,
)
from nextnest.desk.work import Work

MAX_CONTENT = 150_000
MAX_PER_MINUTE = 200
CONTENT_TYPES = (
    "text", "input_text", "input_textarea", "input_email", "input_select", "cards", "form", "article",
    "incoming_email", "input_csat", "integrations", "sticker", "voice_call",
)  # fmt: skip
# `content_attribute_validator.rb`: the keys an item may have.
ITEM_KEYS = {
    "input_select": {"title", "value"},
    "cards": {"title", "description", "media_url", "actions"},
    "form": {
        "type", "placeholder", "label", "name", "options", "default", "required", "pattern", "title",
        "pattern_error",
    },
    "article": {"title", "description", "link"},
}  # fmt: skip


class Rejected(ValueError):  # noqa: N818  # an answer, not a fault
    """Refused before any validation: Chatwoot answers 422 with these words."""


@dataclass
class File:
    """An upload: its name, its media type and its bytes."""

    name: str
    content_type: str
    data: bytes


@dataclass
class Draft:
    """A message that somebody wants to add."""

    content: str | None = None
    message_type: int = OUTGOING
    content_type: str = "text"
    content_attributes: Json = field(default_factory=dict)
    additional_attributes: Json = field(default_factory=dict)
    private: bool = False
    source_id: str | None = None
    sender: User | AgentBot | Contact | None = None
    files: list[File] = field(default_factory=list)


def draft(work: Work, conversation: Conversation, params: Json, files: list[File]) -> Draft:
    """Reads the API's parameters; raises Rejected for a type that is none or may not be here."""
    kind = params.get("message_type") or "outgoing"
    inbox = work.site.need(Inbox, conversation.inbox_id)
    if kind == "incoming" and inbox.channel_type != "Channel::Api":
        raise Rejected("Incoming messages are only allowed in Api inboxes")
    if kind not in MESSAGE_TYPES:
        raise Rejected(f"'{kind}' is not a valid message_type")
    content_type = params.get("content_type") or "text"
    if content_type not in CONTENT_TYPES:
        raise Rejected(f"'{content_type}' is not a valid content_type")
    content = params.get("content")
    return Draft(
        content=None if content is None else str(content),
        message_type=MESSAGE_TYPES.index(kind),
        content_type=content_type,
        content_attributes=_content_attributes(work, params),
        private=params.get("private") in (True, "true", "1", 1),
        source_id=params.get("source_id"),
        sender=_sender(work, conversation, kind, params),
        files=files,
    )


def _sender(
    work: Work, conversation: Conversation, kind: str, params: Json
) -> User | AgentBot | Contact | None:
    """Outgoing: the named bot, else who holds the token. Anything else: the contact."""
    if kind != "outgoing":
        return work.site.need(Contact, conversation.contact_id)
    if params.get("sender_type") == "AgentBot":
        bot = work.store.get(AgentBot, contacts.as_id(params.get("sender_id")))
        if bot:
            return bot
    return work.actor


def _content_attributes(work: Work, params: Json) -> Json:
    given = params.get("content_attributes") or {}
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = {}
    attributes: Json = dict(given) if isinstance(given, dict) else {}
    if params.get("external_created_at"):
        attributes["external_created_at"] = params["external_created_at"]
    if attributes.get("in_reply_to"):
        original = work.store.get(Message, contacts.as_id(attributes["in_reply_to"]))
        attributes["in_reply_to_external_id"] = original.source_id if original else None
    return attributes


def create(work: Work, conversation: Conversation, draft: Draft) -> Message:
    """Saves the message and runs its callbacks in Chatwoot's order; raises Invalid."""
    _validate(work, conversation, draft)
    content = draft.content
    if content and draft.message_type in (OUTGOING, TEMPLATE):
        content = liquid.render(content, drops(work.site, conversation, draft.sender))
    now = work.now()
    message = Message(
        conversation_id=conversation.id,
        inbox_id=conversation.inbox_id,
        message_type=draft.message_type,
        content=content,
        processed_message_content=draft.content,
        content_type=draft.content_type,
        content_attributes=draft.content_attributes,
        additional_attributes=draft.additional_attributes,
        private=draft.private,
        source_id=draft.source_id,
        sender_type=type(draft.sender).__name__ if draft.sender else None,
        sender_id=draft.sender.id if draft.sender else None,
    )
    work.store.add(message, now)
    _attach(work, message, draft.files)
    _after_create(work, conversation, message, draft.sender)
    return message


def _validate(work: Work, conversation: Conversation, draft: Draft) -> None:
    if draft.content and len(draft.content) > MAX_CONTENT:
        raise Invalid(("content", f"is too long (maximum is {MAX_CONTENT} characters)"))
    minute_ago = work.now() - 60
    recent = 0
    for message in work.site.newest_first(conversation):
        if message.created_at < minute_ago:
            break
        recent += 1
    if recent >= MAX_PER_MINUTE:
        raise Invalid(("base", "Too many messages"))
    if allowed := ITEM_KEYS.get(draft.content_type):
        items = draft.content_attributes.get("items") or []
        wrong = [key for item in items if isinstance(item, dict) for key in item if key not in allowed]
        if wrong:
            names = ", ".join(f":{key}" for key in wrong)
            raise Invalid(("content_attributes", f"contains invalid keys for items : [{names}]"))


def _after_create(
    work: Work, conversation: Conversation, message: Message, sender: User | AgentBot | Contact | None
) -> None:
    if message.message_type == INCOMING:
        lifecycle.reopen(work, conversation)
    work.store.touch(conversation, message.created_at)
    work.store.update(conversation, last_activity_at=message.created_at)
    events.message_event(work, "message_created", message)
    _update_waiting(work, conversation, message)
    greetings.send(work, conversation, message, post=post_template)
    if isinstance(sender, Contact):
        contacts.touch(work, sender)


def _update_waiting(work: Work, conversation: Conversation, message: Message) -> None:
    """Who waits since when: a public answer ends it, a customer's message begins it."""
    by_human = (
        message.message_type == OUTGOING
        and message.sender_type == "User"
        and "automation_rule_id" not in message.content_attributes
    )
    by_bot = message.message_type == OUTGOING and message.sender_type == "AgentBot"
    if by_human and not message.private and conversation.first_reply_created_at is None:
        replied = message.created_at
        lifecycle.change(work, conversation, first_reply_created_at=replied, waiting_since=None)
    elif (by_human or by_bot) and not message.private and conversation.waiting_since is not None:
        lifecycle.change(work, conversation, waiting_since=None)
    elif message.message_type == INCOMING and conversation.waiting_since is None:
        lifecycle.change(work, conversation, waiting_since=message.created_at)


def post_template(work: Work, conversation: Conversation, content: str) -> None:
    """A text of the inbox's own: no sender."""
    create(work, conversation, Draft(content=content, message_type=TEMPLATE))


def _attach(work: Work, message: Message, files: list[File]) -> None:
    numbers: list[int] = []
    for file in files:
        key = f"{message.id}-{len(numbers) + 1}"
        attachment = Attachment(
            message_id=message.id,
            conversation_id=message.conversation_id,
            file_name=file.name,
            content_type=file.content_type,
            file_size=len(file.data),
            key=key,
        )
        work.store.add(attachment, work.now())
        numbers.append(attachment.id)
        folder = work.site.data_dir / "files"
        folder.mkdir(exist_ok=True)
        (folder / key).write_bytes(file.data)
    if numbers:
        work.store.update(message, attachment_ids=numbers)


def save(work: Work, message: Message, **columns: Any) -> None:
    """Changes a message and says so."""
    if work.store.update(message, now=work.now(), **columns):
        events.message_event(work, "message_updated", message)


def set_status(work: Work, message: Message, status: str, external_error: str | None = None) -> None:
    """`Messages::StatusUpdateService`: unknown words and read -> delivered are passed over."""
    if status not in ("sent", "delivered", "read", "failed"):
        return
    if message.status == "read" and status == "delivered":
        return
    attributes = dict(message.content_attributes)
    if external_error is not None or "external_error" in attributes:
        attributes["external_error"] = external_error if status == "failed" else None
    save(work, message, status=status, content_attributes=attributes)


def drops(
    site: Installation, conversation: Conversation, sender: User | AgentBot | Contact | None
) -> liquid.Drops:
    """What Liquid may name in a message (`liquidable.rb#message_drops`)."""
    contact = site.need(Contact, conversation.contact_id)
    return {
        "contact": {
            **_person(contact.name, contact.email),
            "id": contact.id,
            "phone_number": contact.phone_number,
            "custom_attribute": contact.custom_attributes,
        },
        "agent": _person(sender.name, getattr(sender, "email", None)) if sender else None,
        "conversation": {
            "display_id": conversation.id,
            "contact_name": contact.name,
            "custom_attribute": conversation.custom_attributes,
        },
        "inbox": {"name": site.need(Inbox, conversation.inbox_id).name},
        "account": {"name": site.account_name},
    }


def _person(name: str, email: str | None) -> Json:
    words = [word[:1].upper() + word[1:] for word in name.split()]
    return {
        "name": " ".join(words),
        "available_name": name,
        "first_name": words[0] if words else None,
        "last_name": words[-1] if len(words) > 1 else None,
        "email": email,
    }
