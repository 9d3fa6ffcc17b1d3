"""Chatwoot's events on their way in: read into our terms and handed to the use case."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from pydantic_core import to_json

from nextnest.adapters.chatwoot.payloads import ConversationEvent, Event, MessageEvent
from nextnest.adapters.chatwoot.reading import text_of, turn_id_of
from nextnest.domain.thread import Message, author_of
from nextnest.service.receive import Incoming, Receive, Source

_HOLDER_EVENTS = {"conversation_status_changed", "conversation_opened", "conversation_resolved"}
_HOLDER_CHANGES = {"status", "assignee_id", "assignee_agent_bot_id", "ai_assignee_id"}  # the last from 4.17


class Inbound:
    def __init__(self, receive: Receive, *, account_id: int) -> None:
        self._receive = receive
        self._account_id = account_id

    async def store(self, source: Source, delivery_id: str | None, event: Event) -> bool:
        """Store an event of our account. True: it was new and asks for something."""
        if event.account_id not in (None, self._account_id):
            return False
        incoming = incoming_of(source, delivery_id, event)
        return incoming is not None and await self._receive.store(incoming)


def incoming_of(source: Source, delivery_id: str | None, event: Event) -> Incoming | None:
    """What an event is to us; None when it belongs to no conversation."""
    if isinstance(event, MessageEvent):
        message = _message(event)
        return Incoming(
            source, delivery_id, event.event, event.conversation_id, message, fingerprint=_fingerprint(event)
        )
    if isinstance(event, ConversationEvent):
        changed = event.event in _HOLDER_EVENTS or bool(event.changed & _HOLDER_CHANGES)
        # Nothing dedupes these by content: the same status may truly come twice.
        return Incoming(source, delivery_id, event.event, event.conversation_id, holder_changed=changed)
    return None


def _message(event: MessageEvent) -> Message:
    return Message(
        id=event.id,
        author=author_of(
            event.message_type,
            event.sender.type if event.sender else None,
            marked=turn_id_of(event.content_attributes) is not None,
            channel_echo=event.is_channel_echo,
        ),
        text=text_of(event.content, event.content_attributes),
        created_at=datetime.now(UTC),  # when we heard of it: only the thread's own times are compared
        private=event.private,
        content_type=event.content_type,
        attachments=tuple(each.file_type or "file" for each in event.attachments),
        deleted=event.is_deleted,
        turn_id=turn_id_of(event.content_attributes),
    )


def _fingerprint(event: MessageEvent) -> bytes:
    """The same for one event whichever of the three routes brings it; another once its content changes."""
    said = (event.event, event.id, event.content, event.is_deleted, event.submitted_values)
    return hashlib.sha256(to_json(said)).digest()
