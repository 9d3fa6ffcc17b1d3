"""The gate: what a message asks of the bot. One pure function, a closed list of reasons for silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from nextnest.domain.handoff import HandoffReason
from nextnest.domain.ownership import Owner
from nextnest.domain.thread import Author, Message, Status, Thread

STALE_AFTER = timedelta(days=7)  # an answer a week late helps nobody; a person looks at it instead

_NOTHING_TO_READ = {"sticker"}


class Silence(StrEnum):
    """Why a turn ends without a word. Nothing else does, and the list is written nowhere else."""

    NOT_INCOMING = "not_incoming"
    PRIVATE = "private"
    OWN_MESSAGE = "own_message"
    DUPLICATE = "duplicate"
    HUMAN_OWNS = "human_owns"
    NOT_PENDING = "not_pending"
    BLOCKED_CONTACT = "blocked_contact"
    EMPTY = "empty"
    STALE = "stale"
    BOT_OFF = "bot_off"
    ALREADY_ANSWERED = "already_answered"
    DRAFT_WAITING = "draft_waiting"


class Act(StrEnum):
    REPLY = "reply"
    HAND_OVER = "hand_over"
    YIELD = "yield"  # a person of the brokerage spoke: the conversation is theirs
    SILENT = "silent"


class Decision(BaseModel):
    model_config = ConfigDict(frozen=True)

    act: Act
    silence: Silence | None = None
    handoff: HandoffReason | None = None


def _silent(reason: Silence) -> Decision:
    return Decision(act=Act.SILENT, silence=reason)


class Standing(BaseModel):
    """What the gate needs to know of the conversation a message stands in."""

    model_config = ConfigDict(frozen=True)

    owner: Owner = Owner.BOT
    status: Status = Status.PENDING
    contact_blocked: bool = False
    bot_off: bool = False
    watermark: int = 0  # the last message whose turn has ended
    last_said_by_person: int = 0
    draft_waiting: bool = False


def wakes(message: Message) -> Decision:
    """What a message asks before anything is known of its conversation: the webhook's first sieve."""
    if message.private:
        return _silent(Silence.PRIVATE)
    match message.author:
        case Author.BOT:
            return _silent(Silence.OWN_MESSAGE)
        case Author.PERSON:
            return Decision(act=Act.YIELD)
        case Author.AUTOMATION | Author.SYSTEM:
            return _silent(Silence.NOT_INCOMING)
    readable = [kind for kind in message.attachments if kind not in _NOTHING_TO_READ]
    if message.deleted or message.content_type == "sticker" or not (message.text.strip() or readable):
        return _silent(Silence.EMPTY)
    return Decision(act=Act.REPLY)


def decide(message: Message, standing: Standing, *, now: datetime) -> Decision:
    """What one message asks of the bot, given who holds the conversation.

    The order of the rules is the order of their weight: what the message is, whether it is new, who may
    answer, and only then what it holds.
    """
    first = wakes(message)
    if first.act is not Act.REPLY and first.silence is not Silence.EMPTY:
        return first
    if message.id <= standing.watermark:
        return _silent(Silence.DUPLICATE)
    if standing.contact_blocked:
        return _silent(Silence.BLOCKED_CONTACT)
    if standing.bot_off:
        return _silent(Silence.BOT_OFF)
    if standing.owner is Owner.PERSON:
        return _silent(Silence.HUMAN_OWNS)
    if standing.status is not Status.PENDING:
        return _silent(Silence.NOT_PENDING)
    if first.silence is Silence.EMPTY:
        return first
    if message.id < standing.last_said_by_person:
        return _silent(Silence.ALREADY_ANSWERED)
    if now - message.created_at > STALE_AFTER:
        return _silent(Silence.STALE)
    if standing.draft_waiting:
        return _silent(Silence.DRAFT_WAITING)
    if not message.text.strip():
        return Decision(act=Act.HAND_OVER, handoff=HandoffReason.ATTACHMENT)
    return Decision(act=Act.REPLY)


def standing_in(thread: Thread, owner: Owner, *, watermark: int) -> Standing:
    """The standing of a thread as it was read just now."""
    return Standing(
        owner=owner,
        status=thread.status,
        contact_blocked=thread.contact_blocked or thread.muted,
        bot_off=not thread.bot_here,
        watermark=watermark,
        last_said_by_person=thread.last_said_by_person,
    )
