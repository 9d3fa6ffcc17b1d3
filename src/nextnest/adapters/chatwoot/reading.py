"""From Chatwoot's shapes to ours: who wrote a message, and what a thread is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from nextnest.adapters.chatwoot.models import Conversation as ApiConversation
from nextnest.adapters.chatwoot.models import Message as ApiMessage
from nextnest.adapters.chatwoot.models import MessageType
from nextnest.domain.thread import Assignee, Message, Status, Thread, author_of

MARK = "nextnest"  # our key in a message's content attributes

_TYPES = {kind.value: kind.name.lower() for kind in MessageType}


def turn_id_of(attributes: Mapping[str, Any]) -> str | None:
    mark = attributes.get(MARK)
    turn = mark.get("turn") if isinstance(mark, dict) else None
    return turn if isinstance(turn, str) else None


def _part_of(attributes: Mapping[str, Any]) -> str | None:
    mark = attributes.get(MARK)
    part = mark.get("part") if isinstance(mark, dict) else None
    return part if isinstance(part, str) else None


def text_of(content: str | None, attributes: Mapping[str, Any]) -> str:
    """The words; of a form that was answered also what was chosen or filled in, marked as such."""
    submitted = attributes.get("submitted_values")
    if isinstance(submitted, list):
        values = [str(v.get("value") or v.get("title") or "") for v in submitted if isinstance(v, dict)]
        if answer := ", ".join(filter(None, values)):
            return f"{content or ''}\n[answered: {answer}]".strip()
    return content or ""


def message_of(message: ApiMessage) -> Message:
    sender = message.sender
    attributes = message.content_attributes
    return Message(
        id=message.id,
        author=author_of(
            _TYPES.get(message.message_type, "template"),
            sender.type if sender else None,
            marked=turn_id_of(attributes) is not None,
            channel_echo=bool(attributes.get("external_echo")),
        ),
        text=text_of(message.content, attributes),
        created_at=datetime.fromtimestamp(message.created_at, UTC),
        private=message.private,
        content_type=message.content_type,
        attachments=tuple(a.file_type or "file" for a in message.attachments),
        files=tuple(a.data_url for a in message.attachments if a.data_url),
        deleted=bool(attributes.get("deleted")),
        turn_id=turn_id_of(attributes),
        part=_part_of(attributes),
        author_name=sender.name if sender else None,
    )


def thread_of(
    conversation: ApiConversation, messages: Sequence[ApiMessage], *, bot_here: bool = True
) -> Thread:
    meta = conversation.meta
    return Thread(
        conversation_id=conversation.id,
        status=Status(conversation.status),
        assignee=_assignee(meta.assignee is not None, meta.assignee_type),
        assignee_id=meta.assignee.id if meta.assignee else None,
        messages=tuple(message_of(m) for m in messages),
        channel=meta.channel or "Channel::Api",
        can_reply=conversation.can_reply,
        contact_blocked=bool(meta.sender and meta.sender.blocked),
        contact_id=meta.sender.id if meta.sender else None,
        contact_name=meta.sender.name if meta.sender else None,
        inbox_id=conversation.inbox_id,
        bot_here=bot_here,
    )


def _assignee(assigned: bool, kind: str | None) -> Assignee:
    # Before 4.16 there is no assignee_type, and only people can be assigned.
    if not assigned:
        return Assignee.NOBODY
    # Captain, from 4.17 on, is neither a person nor us: assigning it gives the conversation to neither.
    return {"User": Assignee.PERSON, None: Assignee.PERSON, "AgentBot": Assignee.BOT}.get(
        kind, Assignee.NOBODY
    )
