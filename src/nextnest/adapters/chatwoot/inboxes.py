"""Inboxes and the agent bots that are attached to them. Writes need an administrator's token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nextnest.adapters.chatwoot.collection import Collection
from nextnest.adapters.chatwoot.connection import Connection
from nextnest.adapters.chatwoot.models import Agent, AgentBot, Answer, Inbox


class _Attached(Answer):
    agent_bot: AgentBot | None = None  # the answer is {} when there is none


class Inboxes:
    def __init__(self, connection: Connection, account: str) -> None:
        self._connection = connection
        self._account = account
        self._path = f"{account}/inboxes"

    async def all(self) -> list[Inbox]:
        return await self._connection.read(list[Inbox], self._path, at=("payload",))

    async def get(self, inbox_id: int) -> Inbox:
        return await self._connection.read(Inbox, f"{self._path}/{inbox_id}")

    async def create_api(self, name: str, *, webhook_url: str = "", **settings: Any) -> Inbox:
        """An API inbox; an empty `webhook_url` sends its events nowhere."""
        body = {"name": name, "channel": {"type": "api", "webhook_url": webhook_url}, **settings}
        return await self._connection.write(Inbox, "POST", self._path, body)

    async def update(self, inbox_id: int, changes: Mapping[str, Any]) -> Inbox:
        return await self._connection.write(Inbox, "PATCH", f"{self._path}/{inbox_id}", changes)

    async def reset_secret(self, inbox_id: int) -> None:
        """A new webhook secret for an API inbox; the old one stops signing at once."""
        await self._connection.order("POST", f"{self._path}/{inbox_id}/reset_secret")

    async def agent_bot(self, inbox_id: int) -> AgentBot | None:
        return (await self._connection.read(_Attached, f"{self._path}/{inbox_id}/agent_bot")).agent_bot

    async def set_agent_bot(self, inbox_id: int, bot_id: int | None) -> None:
        """Attach, in place of any other; None detaches."""
        await self._connection.order("POST", f"{self._path}/{inbox_id}/set_agent_bot", {"agent_bot": bot_id})

    async def members(self, inbox_id: int) -> list[Agent]:
        path = f"{self._account}/inbox_members/{inbox_id}"
        return await self._connection.read(list[Agent], path, at=("payload",))

    async def add_members(self, inbox_id: int, user_ids: Sequence[int]) -> None:
        body = {"inbox_id": inbox_id, "user_ids": list(user_ids)}
        await self._connection.order("POST", f"{self._account}/inbox_members", body)


class AgentBots(Collection[AgentBot]):
    """Fields: name, description, outgoing_url. The token and the secret are shown to administrators only."""

    def __init__(self, connection: Connection, account: str) -> None:
        super().__init__(connection, f"{account}/agent_bots", AgentBot)

    async def reset_access_token(self, bot_id: int) -> AgentBot:
        """The old token stops working at once."""
        path = f"{self._path}/{bot_id}/reset_access_token"
        return await self._connection.write(AgentBot, "POST", path)

    async def reset_secret(self, bot_id: int) -> AgentBot:
        """The old secret stops signing at once."""
        return await self._connection.write(AgentBot, "POST", f"{self._path}/{bot_id}/reset_secret")
