"""The client: one server, one account, one identity.

    async with Chatwoot("https://chat.example.com", 1, token) as chatwoot:
        await chatwoot.messages.create(conversation_id, "Hello")

A person's token and a bot's token are two identities, so two clients; give the second the first one's
`circuit`. What failed is an error of `errors.py`; what Chatwoot answers is a model of `models.py`.
"""

from __future__ import annotations

import asyncio
import hmac
import random
from collections.abc import Awaitable, Callable, Sequence

import httpx2
from pydantic import SecretStr

from nextnest.adapters.chatwoot.circuit import Circuit
from nextnest.adapters.chatwoot.collection import Collection
from nextnest.adapters.chatwoot.connection import Connection
from nextnest.adapters.chatwoot.contacts import Contacts
from nextnest.adapters.chatwoot.conversations import Conversations
from nextnest.adapters.chatwoot.inboxes import AgentBots, Inboxes
from nextnest.adapters.chatwoot.messages import Messages
from nextnest.adapters.chatwoot.models import (
    Account,
    Agent,
    ApiRoot,
    AttributeDefinition,
    AutomationRule,
    CannedResponse,
    CustomFilter,
    DashboardApp,
    Label,
    Profile,
    Team,
    Webhook,
)
from nextnest.adapters.closing import Closing


class Chatwoot(Closing):
    """`token` is a user's or an agent bot's; it is never shown, logged or part of an error.

    `attempts`: how often a call is made when it was certainly not processed. One for whoever must look at
    the conversation again before each try.
    """

    def __init__(
        self,
        base_url: str,
        account_id: int,
        token: str,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        circuit: Circuit | None = None,
        attempts: int = 3,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.account_id = account_id
        self._token = SecretStr(token)
        self._connection = connection = Connection(
            base_url,
            token,
            transport=transport,
            circuit=circuit,
            attempts=attempts,
            sleep=sleep,
            jitter=jitter,
        )
        self._account = account = f"/api/v1/accounts/{account_id}"
        self.contacts = Contacts(connection, account)
        self.conversations = Conversations(connection, account)
        self.messages = Messages(connection, account)
        self.inboxes = Inboxes(connection, account)
        self.agent_bots = AgentBots(connection, account)
        self.teams = Teams(connection, f"{account}/teams", Team, wrapper="team")
        self.webhooks = Collection(
            connection,
            f"{account}/webhooks",
            Webhook,
            wrapper="webhook",
            list_at=("payload", "webhooks"),
            created_at=("payload", "webhook"),
            updated_at=("payload", "webhook"),
        )
        self.attribute_definitions = Collection(
            connection,
            f"{account}/custom_attribute_definitions",
            AttributeDefinition,
            wrapper="custom_attribute_definition",
        )
        self.labels = Collection(
            connection, f"{account}/labels", Label, wrapper="label", list_at=("payload",)
        )
        self.canned_responses = Collection(
            connection, f"{account}/canned_responses", CannedResponse, wrapper="canned_response"
        )
        self.automation_rules = Collection(
            connection,
            f"{account}/automation_rules",
            AutomationRule,
            list_at=("payload",),
            updated_at=("payload",),  # created: bare; read and updated: wrapped (recorded on 4.14.2)
        )
        self.dashboard_apps = Collection(
            connection, f"{account}/dashboard_apps", DashboardApp, wrapper="dashboard_app"
        )
        self.custom_filters = Collection(
            connection, f"{account}/custom_filters", CustomFilter, wrapper="custom_filter"
        )

    def __repr__(self) -> str:
        return f"Chatwoot({self.base_url!r}, {self.account_id})"

    @property
    def circuit(self) -> Circuit:
        return self._connection.circuit

    def speaks_with(self, token: str) -> bool:
        """Whether this is the identity of `token`."""
        return hmac.compare_digest(self._token.get_secret_value(), token)

    async def aclose(self) -> None:
        await self._connection.aclose()

    async def version(self) -> str:
        """Chatwoot's version, such as "4.14.2"; asks without regard to the token."""
        return (await self._connection.read(ApiRoot, "/api")).version

    async def profile(self) -> Profile:
        """Who the token belongs to. Not for bots."""
        return await self._connection.read(Profile, "/api/v1/profile")

    async def account(self) -> Account:
        return await self._connection.read(Account, self._account)

    async def agents(self) -> list[Agent]:
        return await self._connection.read(list[Agent], f"{self._account}/agents")


class Teams(Collection[Team]):
    async def members(self, team_id: int) -> list[Agent]:
        return await self._connection.read(list[Agent], f"{self._path}/{team_id}/team_members")

    async def add_members(self, team_id: int, user_ids: Sequence[int]) -> None:
        await self._connection.order(
            "POST", f"{self._path}/{team_id}/team_members", {"user_ids": list(user_ids)}
        )
