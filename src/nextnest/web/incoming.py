"""From a webhook's event, in Chatwoot's words, to what the use cases receive, in ours."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from nextnest.adapters.chatwoot.payloads import (
    ConversationEvent,
    Event,
    MessageEvent,
    PayloadError,
    SenderKind,
)
from nextnest.domain.thread import Author, Message
from nextnest.service.receive import Incoming, Source

_STATUS_EVENTS = {"conversation_status_changed", "conversation_opened", "conversation_resolved"}
_HOLDER = {"assignee_id", "assignee_agent_bot_id"}


def incoming_of(source: Source, delivery_id: str | None, event: Event) -> Incoming | None:
    """The event as the use cases know it; None when it belongs to no conversation.

    Raises PayloadError for a message whose time cannot be read.
    """
    conversation_id = event.conversation_id
    if conversation_id is None:
        return None
    if isinstance(event, MessageEvent):
        return Incoming(
            source,
            delivery_id,
            event.event,
            conversation_id,
            message=_message(event),
            fingerprint=_fingerprint(event),
        )
    return Incoming(source, delivery_id, event.event, conversation_id, holder_changed=_holder_changed(event))


def _holder_changed(event: Event) -> bool:
    """Who holds it may have changed. A change of status comes as an event of its own as well."""
    if event.event in _STATUS_EVENTS:
        return True
    return (
        event.event == "conversation_updated"
        and isinstance(event, ConversationEvent)
        and bool(event.changed & _HOLDER)
    )


def _message(event: MessageEvent) -> Message:
    try:
        created_at = datetime.fromisoformat(event.created_at)
    except ValueError:
        raise PayloadError("created_at: no time") from None
    return Message(
        id=event.id,
        author=_author(event),
        text=event.content or "",
        created_at=created_at if created_at.tzinfo else created_at.replace(tzinfo=UTC),
        private=event.private,
        content_type=event.content_type,
        attachments=tuple(each.file_type or "file" for each in event.attachments),
        deleted=event.is_deleted,
        turn_id=_turn_id(event),
        author_name=event.sender.name if event.sender else None,
    )


def _author(event: MessageEvent) -> Author:
    """Only what carries our own mark is our bot's; any other bot is automation to us."""
    if event.is_incoming:
        return Author.CUSTOMER
    if event.message_type == "activity":
        return Author.SYSTEM
    if event.is_channel_echo or event.sender_kind is SenderKind.USER:
        return Author.PERSON
    if event.sender_kind is SenderKind.AGENT_BOT and _turn_id(event):
        return Author.BOT
    return Author.AUTOMATION


def _turn_id(event: MessageEvent) -> str | None:
    mark = event.content_attributes.get("nextnest")
    turn = mark.get("turn") if isinstance(mark, Mapping) else None
    return turn if isinstance(turn, str) else None


def _fingerprint(event: MessageEvent) -> bytes:
    """The same for one event whichever of the three routes brings it; another once its content changes."""
    what: tuple[Any, ...] = (
        event.event,
        event.account.id,
        event.id,
        event.content,
        event.is_deleted,
        event.submitted_values,
    )
    return hashlib.sha256(to_json(what)).digest()
