"""From Chatwoot's shapes to ours: who wrote a message, what a thread is, what an event asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from nextnest.adapters.chatwoot.models import Conversation as ApiConversation
from nextnest.adapters.chatwoot.models import Message as ApiMessage
from nextnest.adapters.chatwoot.models import MessageType
from nextnest.adapters.chatwoot.payloads import ConversationEvent, Event, MessageEvent
from nextnest.domain.thread import Assignee, Author, Message, Status, Thread
from nextnest.service.receive import Incoming, Source

MARK = "nextnest"  # our key in a message's content attributes

_HOLDER_EVENTS = {"conversation_status_changed", "conversation_opened", "conversation_resolved"}
_HOLDER_CHANGES = {"status", "assignee_id", "assignee_agent_bot_id", "ai_assignee_id"}  # the last from 4.17


def author_of(
    message_type: str | int,
    *,
    sender_type: str | None,
    sender_id: int | None,
    attributes: Mapping[str, Any],
    bot_id: int | None,
) -> Author:
    """Who wrote it, by type and origin, never by its text."""
    if message_type in ("incoming", MessageType.INCOMING):
        return Author.CUSTOMER
    if message_type in ("activity", MessageType.ACTIVITY):
        return Author.SYSTEM
    if isinstance(attributes.get(MARK), dict):
        return Author.BOT  # ours, even where a person's token had to speak
    if message_type not in ("outgoing", MessageType.OUTGOING):
        return Author.AUTOMATION
    if sender_type == "agent_bot":
        return Author.BOT if bot_id is None or sender_id == bot_id else Author.AUTOMATION
    if sender_type == "user":
        return Author.PERSON  # a macro's message too: somebody pressed the button
    if sender_type is None and attributes.get("external_echo"):
        return Author.PERSON  # answered in the channel's own app
    return Author.AUTOMATION


def _turn_id(attributes: Mapping[str, Any]) -> str | None:
    mark = attributes.get(MARK)
    turn = mark.get("turn") if isinstance(mark, dict) else None
    return turn if isinstance(turn, str) else None


def _text(content: str | None, attributes: Mapping[str, Any]) -> str:
    """The words, or what was chosen or filled in where the message is a form that was answered."""
    submitted = attributes.get("submitted_values")
    if isinstance(submitted, list):
        values = [str(v.get("value") or v.get("title") or "") for v in submitted if isinstance(v, dict)]
        return ", ".join(filter(None, values))
    return content or ""


def message_of(message: ApiMessage, bot_id: int | None) -> Message:
    sender = message.sender
    attributes = message.content_attributes
    return Message(
        id=message.id,
        author=author_of(
            message.message_type,
            sender_type=sender.type if sender else None,
            sender_id=sender.id if sender else None,
            attributes=attributes,
            bot_id=bot_id,
        ),
        text=_text(message.content, attributes),
        created_at=datetime.fromtimestamp(message.created_at, UTC),
        private=message.private,
        content_type=message.content_type,
        attachments=tuple(a.file_type or "file" for a in message.attachments),
        deleted=bool(attributes.get("deleted")),
        turn_id=_turn_id(attributes),
        author_name=sender.name if sender else None,
    )


def thread_of(conversation: ApiConversation, messages: Sequence[ApiMessage], bot_id: int | None) -> Thread:
    meta = conversation.meta
    return Thread(
        conversation_id=conversation.id,
        status=Status(conversation.status),
        assignee=_assignee(meta.assignee is not None, meta.assignee_type),
        assignee_id=meta.assignee.id if meta.assignee else None,
        messages=tuple(message_of(m, bot_id) for m in messages),
        channel=meta.channel or "Channel::Api",
        can_reply=conversation.can_reply,
        contact_blocked=bool(meta.sender and meta.sender.blocked),
        contact_id=meta.sender.id if meta.sender else None,
        inbox_id=conversation.inbox_id,
    )


def _assignee(assigned: bool, kind: str | None) -> Assignee:
    if not assigned:
        return Assignee.NOBODY
    # Before 4.16 there is no assignee_type, and only people can be assigned.
    return Assignee.PERSON if kind in ("User", None) else Assignee.BOT


def incoming_of(source: Source, delivery_id: str | None, event: Event, bot_id: int | None) -> Incoming | None:
    """What an event is to us; None when it belongs to no conversation."""
    if isinstance(event, MessageEvent):
        return _of_message(source, delivery_id, event, bot_id)
    if isinstance(event, ConversationEvent):
        changed = event.event in _HOLDER_EVENTS or bool(event.changed & _HOLDER_CHANGES)
        # Nothing dedupes these by content: the same status may truly come twice.
        return Incoming(source, delivery_id, event.event, event.conversation_id, holder_changed=changed)
    return None


def _of_message(source: Source, delivery_id: str | None, event: MessageEvent, bot_id: int | None) -> Incoming:
    sender, attributes = event.sender, event.content_attributes
    message = Message(
        id=event.id,
        author=author_of(
            event.message_type,
            sender_type=sender.type if sender else None,
            sender_id=sender.id if sender else None,
            attributes=attributes,
            bot_id=bot_id,
        ),
        text=_text(event.content, attributes),
        created_at=datetime.now(UTC),
        private=event.private,
        content_type=event.content_type,
        attachments=tuple(a.file_type or "file" for a in event.attachments),
        deleted=event.is_deleted,
    )
    said = f"{event.event}\0{event.id}\0{message.text}\0{message.deleted}\0{event.content_type}"
    return Incoming(
        source,
        delivery_id,
        event.event,
        event.conversation_id,
        message=message,
        fingerprint=hashlib.sha256(said.encode()).digest(),
    )
