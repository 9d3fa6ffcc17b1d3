"""One installation: what every part of the desk needs to know about the whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nextnest.desk.chaos import Dice
from nextnest.desk.models import ACTIVITY, INCOMING, AgentBot, Contact, Conversation, Message, Record, User
from nextnest.desk.store import R, Store
from nextnest.desk.version import Version

if TYPE_CHECKING:
    from nextnest.desk.work import Work

    Listener = Callable[[Work, str, Conversation, Message | None], None]

ACCOUNT_ID = 1
# How long somebody counts as online after the last sign of life (Chatwoot's PRESENCE_DURATION).
PRESENCE_SECONDS = 20.0


@dataclass
class Installation:
    """Store, account, address, version, clock and luck; and who is online."""

    store: Store
    data_dir: Path
    base_url: str
    version: Version
    account_name: str
    dice: Dice
    inbox_events: bool = False
    clock: Callable[[], float] = time.time
    presence: dict[int, float] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)

    @property
    def account(self) -> dict[str, object]:
        return {"id": ACCOUNT_ID, "name": self.account_name}

    def is_online(self, user: User) -> bool:
        return self.availability(user) == "online"

    def availability(self, user: User) -> str:
        """What they have set, if they were seen lately (`presence`: seconds since 1970)."""
        seen = self.presence.get(user.id, 0)
        return user.availability if seen > self.clock() - PRESENCE_SECONDS else "offline"

    def need(self, cls: type[R], number: int | None) -> R:
        """A record that others point to: that it exists is an invariant."""
        record = self.store.get(cls, number)
        assert record is not None, f"{cls.kind} {number} is pointed to and gone"  # noqa: S101
        return record

    def sender(self, message: Message) -> Record | None:
        match message.sender_type:
            case "User":
                return self.store.get(User, message.sender_id)
            case "AgentBot":
                return self.store.get(AgentBot, message.sender_id)
            case "Contact":
                return self.store.get(Contact, message.sender_id)
            case _:
                return None

    def newest_first(self, conversation: Conversation) -> Iterator[Message]:
        return self.store.last_where(Message, "conversation_id", conversation.id)

    def last_chat_message(self, conversation: Conversation) -> Message | None:
        """The newest public message that is not an activity."""
        chat = (m for m in self.newest_first(conversation) if not m.private and m.message_type != ACTIVITY)
        return next(chat, None)

    def unread_count(self, conversation: Conversation) -> int:
        seen = conversation.agent_last_seen_at or 0
        count = 0
        for message in self.newest_first(conversation):
            if message.created_at <= seen:
                break
            count += message.message_type == INCOMING and not message.private
        return count
