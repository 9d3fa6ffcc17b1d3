"""Conversations: made, found, and moved through their states.

A conversation is always named by its display id. A bot's token may call what is marked [bot]; beware that
`get` and `create` with a bot's token answer 500 once the conversation has a team (4.14 to 4.18), so read
with a user's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal

from nextnest.adapters.chatwoot.attributes import storable
from nextnest.adapters.chatwoot.connection import Connection
from nextnest.adapters.chatwoot.models import (
    Conversation,
    ConversationCounts,
    ConversationPage,
    CustomAttributes,
    StatusChange,
)

Status = Literal["open", "resolved", "pending", "snoozed"]
Priority = Literal["low", "medium", "high", "urgent"]


class Conversations:
    def __init__(self, connection: Connection, account: str) -> None:
        self._connection = connection
        self._path = f"{account}/conversations"

    async def create(
        self,
        *,
        contact_id: int,
        inbox_id: int,
        source_id: str,
        custom_attributes: Mapping[str, Any] | None = None,
    ) -> Conversation:
        """Always a new one, unless the inbox locks to a single conversation. [bot]

        `source_id` is required here although Chatwoot would invent one: it would also invent another place in
        the inbox each time. No status: with a bot attached Chatwoot makes it pending whatever is asked for.
        """
        body: dict[str, Any] = {"contact_id": contact_id, "inbox_id": inbox_id, "source_id": source_id}
        if custom_attributes:
            body["custom_attributes"] = storable(custom_attributes)
        return await self._connection.write(Conversation, "POST", self._path, body)

    async def get(self, conversation_id: int) -> Conversation:
        """[bot since 4.14.2]"""
        return await self._connection.read(Conversation, f"{self._path}/{conversation_id}")

    async def delete(self, conversation_id: int) -> None:
        """Needs an administrator."""
        await self._connection.order("DELETE", f"{self._path}/{conversation_id}")

    async def list(
        self,
        *,
        status: Status | Literal["all"] = "all",
        inbox_id: int | None = None,
        source_id: str | None = None,
        assignee_type: Literal["me", "unassigned", "assigned", "all"] = "all",
        updated_within: int | None = None,
        page: int = 1,
    ) -> list[Conversation]:
        """One page, the latest activity first; `updated_within` seconds is not paged.

        A page has 25 unless Chatwoot's operator set CONVERSATION_RESULTS_PER_PAGE.
        Chatwoot's own default for `status` is open, which hides what the bot holds.
        """
        params = {
            "status": status,
            "assignee_type": assignee_type,
            "inbox_id": inbox_id,
            "source_id": source_id,
            "updated_within": updated_within,
            "page": page,
        }
        given = {key: value for key, value in params.items() if value is not None}
        found = await self._connection.read(ConversationPage, self._path, params=given, at=("data",))
        return found.payload

    async def all(
        self, *, status: Status | Literal["all"] = "all", inbox_id: int | None = None
    ) -> AsyncIterator[Conversation]:
        """Every conversation once, page after page; one that moves meanwhile may be missed."""
        seen: set[int] = set()
        page = 1
        while True:
            found = await self.list(status=status, inbox_id=inbox_id, page=page)
            new = [each for each in found if each.id not in seen]
            for each in new:
                yield each
            if not new:
                return
            seen |= {each.id for each in new}
            page += 1

    async def filter(self, conditions: Sequence[Mapping[str, Any]], page: int = 1) -> Sequence[Conversation]:
        """One page of 25 by Chatwoot's filter conditions, the form that saved views have."""
        found = await self._connection.read(
            ConversationPage,
            f"{self._path}/filter",
            params={"page": page},
            search={"payload": [dict(each) for each in conditions]},
        )
        return found.payload

    async def counts(self, *, status: Status | Literal["all"] = "all") -> ConversationCounts:
        """Chatwoot allows 30 of these a minute for each user."""
        path = f"{self._path}/meta"
        return await self._connection.read(ConversationCounts, path, params={"status": status}, at=("meta",))

    async def set_status(
        self, conversation_id: int, status: Status, *, snoozed_until: int | None = None
    ) -> StatusChange:
        """Set, never toggle: without a status Chatwoot opens a pending one, and that is no hand-off. [bot]

        `open` with the bot's token on a pending conversation is the hand-off. `snoozed_until` is unix
        seconds.
        """
        body: dict[str, Any] = {"status": status}
        if snoozed_until is not None:
            body["snoozed_until"] = snoozed_until
        path = f"{self._path}/{conversation_id}/toggle_status"
        return await self._connection.write(StatusChange, "POST", path, body, at=("payload",))

    async def set_priority(self, conversation_id: int, priority: Priority | None) -> None:
        """[bot]"""
        path = f"{self._path}/{conversation_id}/toggle_priority"
        await self._connection.order("POST", path, {"priority": priority})

    async def set_typing(self, conversation_id: int, *, on: bool) -> None:
        """[bot since 4.11.2]"""
        path = f"{self._path}/{conversation_id}/toggle_typing_status"
        body = {"typing_status": "on" if on else "off", "is_private": False}
        await self._connection.order("POST", path, body)

    async def assign_agent(self, conversation_id: int, agent_id: int | None) -> None:
        """None unassigns, and so does an id that Chatwoot does not know. [bot]

        Before 4.17 the status stays as it is; since then a person on a pending conversation opens it.
        """
        await self._assign(conversation_id, {"assignee_id": agent_id})

    async def assign_team(self, conversation_id: int, team_id: int | None) -> None:
        """[bot]"""
        await self._assign(conversation_id, {"team_id": team_id or 0})

    async def assign_bot(self, conversation_id: int, bot_id: int) -> None:
        """[bot] Since 4.17 this also makes the conversation pending; before, set the status too."""
        await self._assign(conversation_id, {"assignee_type": "AgentBot", "assignee_id": bot_id})

    async def _assign(self, conversation_id: int, body: dict[str, Any]) -> None:
        await self._connection.order("POST", f"{self._path}/{conversation_id}/assignments", body)

    async def labels(self, conversation_id: int) -> Sequence[str]:
        """[bot since 4.14.2]"""
        path = f"{self._path}/{conversation_id}/labels"
        return await self._connection.read(tuple[str, ...], path, at=("payload",))

    async def set_labels(self, conversation_id: int, labels: Sequence[str]) -> Sequence[str]:
        """Replaces the list. [bot since 4.14.2]"""
        path = f"{self._path}/{conversation_id}/labels"
        body = {"labels": [*labels]}
        return await self._connection.write(tuple[str, ...], "POST", path, body, at=("payload",))

    async def set_custom_attributes(
        self, conversation_id: int, attributes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Replaces them all: pass the whole document, from one writer only. [bot since 4.2]

        `merge` exists only after 4.16.2, so it is not used.
        """
        path = f"{self._path}/{conversation_id}/custom_attributes"
        body = {"custom_attributes": storable(attributes)}
        answer = await self._connection.write(CustomAttributes, "POST", path, body)
        return answer.custom_attributes
