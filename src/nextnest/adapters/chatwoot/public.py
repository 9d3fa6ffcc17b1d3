"""The public client API of one API inbox: the customer's side, without a token.

The inbox identifier and a contact's `source_id` are the only keys to a thread, so neither shows in an error.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx2

from nextnest.adapters.chatwoot.attributes import storable
from nextnest.adapters.chatwoot.circuit import Circuit
from nextnest.adapters.chatwoot.connection import Connection
from nextnest.adapters.chatwoot.models import Message, PublicContact, PublicConversation
from nextnest.adapters.closing import Closing


class PublicInbox(Closing):
    def __init__(
        self,
        base_url: str,
        inbox_identifier: str,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        circuit: Circuit | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._connection = Connection(
            base_url, None, transport=transport, circuit=circuit, sleep=sleep, jitter=jitter
        )
        self._path = f"/public/api/v1/inboxes/{quote(inbox_identifier, safe='')}/contacts"

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def create_contact(
        self,
        *,
        source_id: str | None = None,
        identifier: str | None = None,
        identifier_hash: str | None = None,
        name: str | None = None,
        email: str | None = None,
        phone_number: str | None = None,
    ) -> PublicContact:
        """Make a contact, or enter with the existing one that has this identifier, e-mail or phone.

        Beware: an existing contact is reused unchanged, so anyone who types someone's e-mail becomes that
        contact. A wrong `identifier_hash` answers 500, so UnknownOutcome.
        """
        fields = {
            "source_id": source_id,
            "identifier": identifier,
            "identifier_hash": identifier_hash,
            "name": name,
            "email": email,
            "phone_number": phone_number,
        }
        body = {key: value for key, value in fields.items() if value is not None}
        return await self._connection.write(PublicContact, "POST", self._path, body)

    async def contact(self, source_id: str) -> PublicContact:
        return await self._connection.read(PublicContact, self._of(source_id))

    async def create_conversation(
        self, source_id: str, custom_attributes: Mapping[str, Any] | None = None
    ) -> PublicConversation:
        body = {"custom_attributes": storable(custom_attributes or {})}
        path = f"{self._of(source_id)}/conversations"
        return await self._connection.write(PublicConversation, "POST", path, body)

    async def conversations(self, source_id: str) -> list[PublicConversation]:
        return await self._connection.read(list[PublicConversation], f"{self._of(source_id)}/conversations")

    async def say(
        self, source_id: str, conversation_id: int, content: str, *, echo_id: str | None = None
    ) -> Message:
        """A message of the customer's, whatever else is asked for."""
        body = {"content": content.replace("\0", "")} | ({"echo_id": echo_id} if echo_id else {})
        return await self._connection.write(Message, "POST", self._messages(source_id, conversation_id), body)

    async def messages(
        self, source_id: str, conversation_id: int, *, before: int | None = None
    ) -> list[Message]:
        """The newest 20 that the customer may see, oldest first: no private notes, no activities."""
        params = None if before is None else {"before": before}
        path = self._messages(source_id, conversation_id)
        return await self._connection.read(list[Message], path, params=params)

    async def submit(
        self, source_id: str, conversation_id: int, message_id: int, values: list[dict[str, Any]]
    ) -> None:
        """Answer a form or select message."""
        path = f"{self._messages(source_id, conversation_id)}/{message_id}"
        await self._connection.order("PATCH", path, {"submitted_values": values})

    async def set_typing(self, source_id: str, conversation_id: int, *, on: bool) -> None:
        path = f"{self._of(source_id)}/conversations/{conversation_id}/toggle_typing"
        await self._connection.order("POST", path, {"typing_status": "on" if on else "off"})

    async def mark_seen(self, source_id: str, conversation_id: int) -> None:
        path = f"{self._of(source_id)}/conversations/{conversation_id}/update_last_seen"
        await self._connection.order("POST", path)

    def _of(self, source_id: str) -> str:
        return f"{self._path}/{quote(source_id, safe='')}"

    def _messages(self, source_id: str, conversation_id: int) -> str:
        return f"{self._of(source_id)}/conversations/{conversation_id}/messages"
