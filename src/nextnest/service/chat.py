"""The customer's side of a conversation: what they may see, and what they say.

Public messages only. What the customer says is kept first and put into Chatwoot by the outbox, so it is
neither lost while Chatwoot is away nor said twice when the browser sends it again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from nextnest.domain.ownership import Owner
from nextnest.domain.thread import Author, Message
from nextnest.service.failures import Failure
from nextnest.service.ports import ChatwootPort
from nextnest.service.records import Kept, client_id_of


@dataclass(frozen=True)
class ChatMessage:
    """`id` is Chatwoot's, or `client:…` while the message is still on its way there.

    `client_id` is the page's own id of what was said there: it stays, so a page knows its words again.
    """

    id: str
    author: Literal["customer", "assistant", "person"]
    text: str
    at: datetime
    name: str | None
    state: Literal["sent", "sending"]
    client_id: str | None = None
    files: tuple[str, ...] = ()  # addresses in Chatwoot, for whoever has them


@dataclass(frozen=True)
class ChatView:
    """`ready` is false while Chatwoot has not been reached yet; what the customer says is kept meanwhile."""

    messages: tuple[ChatMessage, ...]
    holder: Literal["assistant", "person", "closed"]
    typing: bool
    ready: bool


@dataclass(frozen=True)
class ChatState:
    lead_id: str
    conversation_id: int | None
    owner: Owner
    answering: bool  # a customer's message waits and the bot is at it
    pending: tuple[
        Kept, ...
    ]  # said on the page, not known to be in Chatwoot; refused ones wait for an operator


class ChatStore(Protocol):
    async def state(self, lead_id: str) -> ChatState:
        """Raises LookupError for a lead that is not there."""

    async def keep(self, lead_id: str, client_id: str, text: str) -> Kept:
        """Keep what was said, once for each client id; returns what was kept the first time."""

    def changes(self, lead_id: str) -> AsyncIterator[None]: ...


_HOLDERS: dict[Owner, Literal["assistant", "person", "closed"]] = {
    Owner.BOT: "assistant",
    Owner.PERSON: "person",
    Owner.NOBODY: "closed",
}
_AUTHORS: dict[Author, Literal["customer", "assistant", "person"]] = {
    Author.CUSTOMER: "customer",
    Author.BOT: "assistant",
    Author.AUTOMATION: "assistant",
    Author.PERSON: "person",
}


class Chat:
    def __init__(self, chats: ChatStore, chatwoot: ChatwootPort) -> None:
        self._chats = chats
        self._chatwoot = chatwoot

    async def view(self, lead_id: str, *, after: str | None = None) -> ChatView:
        """Messages after `after` (an id of an earlier view), oldest first.

        Raises:
            LookupError: no such lead.
        """
        state = await self._chats.state(lead_id)
        since = int(after) if after and after.isdigit() else 0
        messages: tuple[ChatMessage, ...] = ()
        ready = state.conversation_id is not None
        if state.conversation_id is not None:
            try:
                thread = await self._chatwoot.thread(state.conversation_id, since=since, history=False)
                messages = tuple(_shown(m) for m in thread.messages if _public(m))
            except Failure:
                ready = False
        arrived = {message.client_id for message in messages}
        waiting = tuple(_waiting(kept) for kept in state.pending if kept.client_id not in arrived)
        return ChatView(
            messages=messages + waiting,
            holder=_HOLDERS[state.owner],
            typing=state.answering and state.owner is Owner.BOT,
            ready=ready,
        )

    async def say(self, lead_id: str, text: str, *, client_id: str) -> ChatMessage:
        """Keep a customer's message; the outbox puts it into the thread.

        Raises:
            LookupError: no such lead.
        """
        kept = await self._chats.keep(lead_id, client_id, text)
        return _waiting(kept)

    def changes(self, lead_id: str) -> AsyncIterator[None]:
        """Yields whenever the view may have changed, and now and then without a change."""
        return self._chats.changes(lead_id)


def _public(message: Message) -> bool:
    says = message.text.strip() or message.files
    return not message.private and message.author in _AUTHORS and bool(says)


def _waiting(kept: Kept) -> ChatMessage:
    return ChatMessage(
        f"client:{kept.client_id}", "customer", kept.text, kept.at, None, "sending", kept.client_id
    )


def _shown(message: Message) -> ChatMessage:
    name = message.author_name if message.author is Author.PERSON else None
    text = message.text if not message.deleted else "This message was deleted."
    return ChatMessage(
        str(message.id),
        _AUTHORS[message.author],
        text,
        message.created_at,
        name,
        "sent",
        client_id_of(message.part) if message.part else None,
        () if message.deleted else message.files,
    )
