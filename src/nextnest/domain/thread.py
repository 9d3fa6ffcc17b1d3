"""A conversation's thread, as the broker reads it: who said what, and who holds it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Author(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"  # our own agent bot
    PERSON = "person"  # somebody of the brokerage, macros and phone echoes included
    AUTOMATION = "automation"  # greeting, out-of-office, automation rule, CSAT, another bot
    SYSTEM = "system"  # activity lines


def author_of(message_type: str, sender: str | None, *, marked: bool, channel_echo: bool) -> Author:
    """Who wrote a message, by its type and origin, never by its text.

    `message_type` is incoming, outgoing, activity or template; `sender` is user, agent_bot, … or None.
    Only what carries our own mark is our bot's: any other bot is automation to us.
    """
    if message_type == "incoming":
        return Author.CUSTOMER
    if message_type == "activity":
        return Author.SYSTEM
    if marked:
        return Author.BOT
    if message_type == "outgoing" and (sender == "user" or channel_echo):
        return Author.PERSON  # a macro's message too (somebody pressed the button), and a phone's echo
    return Author.AUTOMATION


class Status(StrEnum):
    """Chatwoot's four statuses. `pending` means the bot has it, `open` means people have it."""

    OPEN = "open"
    PENDING = "pending"
    RESOLVED = "resolved"
    SNOOZED = "snoozed"


class Assignee(StrEnum):
    NOBODY = "nobody"
    BOT = "bot"
    PERSON = "person"


class Message(BaseModel):
    """One message. `id` is Chatwoot's and grows within a thread."""

    model_config = ConfigDict(frozen=True)

    id: int
    author: Author
    text: str
    created_at: datetime
    private: bool = False
    content_type: str = "text"
    attachments: tuple[str, ...] = ()  # file types: image, audio, file, sticker, location, …
    files: tuple[str, ...] = ()  # where the attachments can be fetched, of those that are files
    deleted: bool = False
    turn_id: str | None = None  # content_attributes.nextnest.turn of what we sent ourselves
    part: str | None = None  # content_attributes.nextnest.part: each message of ours has its own
    author_name: str | None = None


class Thread(BaseModel):
    """What Chatwoot says of a conversation at one moment; messages are oldest first."""

    model_config = ConfigDict(frozen=True)

    conversation_id: int  # Chatwoot's display id
    status: Status
    assignee: Assignee
    assignee_id: int | None = None
    messages: tuple[Message, ...]
    channel: str = "Channel::Api"
    can_reply: bool = True
    contact_blocked: bool = False
    muted: bool = False
    contact_id: int | None = None
    contact_name: str | None = None
    inbox_id: int | None = None
    bot_here: bool = True  # whether our bot sits on this inbox

    @property
    def last_id(self) -> int:
        return self.messages[-1].id if self.messages else 0

    @property
    def last_said_by_us(self) -> int:
        """Id of the last public message of the brokerage's side, bot or person; 0 when there is none."""
        ours = (Author.BOT, Author.PERSON)
        return max((m.id for m in self.messages if m.author in ours and not m.private), default=0)

    @property
    def last_said_by_person(self) -> int:
        """Id of the last public message of a person of the brokerage; 0 when there is none."""
        return max((m.id for m in self.messages if m.author is Author.PERSON and not m.private), default=0)

    @property
    def customer_waits(self) -> bool:
        """Whether the customer has the last public word."""
        spoken = (Author.CUSTOMER, Author.BOT, Author.PERSON)
        last = next((m for m in reversed(self.messages) if m.author in spoken and not m.private), None)
        return last is not None and last.author is Author.CUSTOMER

    def since(self, watermark: int) -> tuple[Message, ...]:
        return tuple(m for m in self.messages if m.id > watermark)
