"""Messages of a conversation: read in order, written with care."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal

from nextnest.adapters.chatwoot.connection import Connection
from nextnest.adapters.chatwoot.errors import NotSent
from nextnest.adapters.chatwoot.inert import inert, inert_values
from nextnest.adapters.chatwoot.models import Message

LONGEST_CONTENT = 150_000  # characters
_PAGE_BEFORE, _PAGE_AFTER = 20, 100  # finders/message_finder.rb


class Messages:
    def __init__(self, connection: Connection, account: str) -> None:
        self._connection = connection
        self._account = account

    def _path(self, conversation_id: int) -> str:
        return f"{self._account}/conversations/{conversation_id}/messages"

    async def create(
        self,
        conversation_id: int,
        content: str,
        *,
        message_type: Literal["outgoing", "incoming"] = "outgoing",
        private: bool = False,
        content_type: str = "text",
        content_attributes: Mapping[str, Any] | None = None,
        template_params: dict[str, Any] | None = None,
        echo_id: str | None = None,
    ) -> Message:
        """Say something. With a bot's token the bot says it.

        `incoming` is said by the contact, and for API inboxes only. Chatwoot has no idempotency key:
        `echo_id` is not stored, and `source_id` is not unique and stops the delivery of an outgoing
        message, so it cannot be passed here. Put an id of ours into `content_attributes`, and after
        UnknownOutcome look for it before saying it again. Outgoing text is made inert, notes included.
        """
        if len(content) > LONGEST_CONTENT:
            raise NotSent("POST", self._path(conversation_id), detail=f"over {LONGEST_CONTENT} characters")
        text = content.replace("\0", "")
        body: dict[str, Any] = {
            "content": inert(text) if message_type == "outgoing" else text,
            "message_type": message_type,
            "private": private,
            "content_type": content_type,
        }
        optional = {
            "content_attributes": content_attributes,
            "template_params": inert_values(template_params),
            "echo_id": echo_id,
        }
        body |= {key: value for key, value in optional.items() if value is not None}
        return await self._connection.write(Message, "POST", self._path(conversation_id), body)

    async def add_note(
        self, conversation_id: int, content: str, *, content_attributes: Mapping[str, Any] | None = None
    ) -> Message:
        """A private note: seen by agents only, and delivered to every webhook like a message."""
        return await self.create(
            conversation_id, content, private=True, content_attributes=content_attributes
        )

    async def latest(self, conversation_id: int, *, before: int | None = None) -> list[Message]:
        """The newest 20 (older than message `before`), oldest first. Not for bots."""
        params = None if before is None else {"before": before}
        path = self._path(conversation_id)
        return await self._connection.read(list[Message], path, params=params, at=("payload",))

    async def since(self, conversation_id: int, after: int) -> AsyncIterator[Message]:
        """All with an id greater than `after`, in order, however many pages that takes. Not for bots."""
        path = self._path(conversation_id)
        while True:
            page = await self._connection.read(list[Message], path, params={"after": after}, at=("payload",))
            for each in page:
                yield each
            if len(page) < _PAGE_AFTER:
                return
            after = page[-1].id

    async def backwards(self, conversation_id: int) -> AsyncIterator[Message]:
        """The whole thread from the newest message to the oldest. Not for bots."""
        before: int | None = None
        while True:
            page = await self.latest(conversation_id, before=before)
            for each in reversed(page):
                yield each
            if len(page) < _PAGE_BEFORE:
                return
            before = page[0].id

    async def delete(self, conversation_id: int, message_id: int) -> None:
        """Soft: the content is replaced and `content_attributes.deleted` set."""
        await self._connection.order("DELETE", f"{self._path(conversation_id)}/{message_id}")
