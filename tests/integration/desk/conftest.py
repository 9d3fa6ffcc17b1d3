"""A desk with an inbox, a bot and a contact, and a real server that receives its webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from nextnest.desk import Chaos, Desk
from tests.integration.desk.replay import Receiver, receiving

ACCOUNT = "/api/v1/accounts/1"


class Office:
    """A desk and the ways to talk to it: as administrator, as agent, as bot, as customer."""

    def __init__(self, desk: Desk, receiver: Receiver) -> None:
        self.desk = desk
        self.receiver = receiver
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(desk.app), base_url="http://desk.test"
        )
        self.bot: dict[str, Any] = {}

    async def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> httpx2.Response:
        headers = {"Api-Access-Token": token or self.desk.admin_token}
        path = path if path.startswith("/desk") else ACCOUNT + path
        return await self.client.request(method, path, json=body, headers=headers)

    async def post(self, path: str, body: Any = None, *, token: str | None = None) -> Any:
        answer = await self.ask("POST", path, body or {}, token=token)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.text else None

    async def get(self, path: str, *, token: str | None = None) -> Any:
        answer = await self.ask("GET", path, token=token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def say(self, content: str, *, token: str | None = None, **more: Any) -> Any:
        body = {"content": content, **more}
        return await self.post("/conversations/1/messages", body, token=token)

    async def hear(self, content: str) -> Any:
        return await self.say(content, message_type="incoming")

    async def conversation(self) -> Any:
        return await self.get("/conversations/1")

    async def thread(self) -> list[str]:
        """Contents, oldest first, activity messages included."""
        return [m["content"] for m in (await self.get("/conversations/1/messages"))["payload"]]

    async def to_bot(self) -> list[str]:
        """The events that the bot has got, sorted, since the last time."""
        await self.desk.deliverer.idle()
        events = sorted(hook.event for hook in self.receiver.hooks if hook.path == "/bot")
        self.receiver.hooks.clear()
        return events

    @property
    def bot_token(self) -> str:
        return str(self.bot["access_token"])


MakeOffice = Callable[..., Awaitable[Office]]


@pytest.fixture
async def open_office(tmp_path: Path) -> AsyncIterator[MakeOffice]:
    """Makes an office: API inbox 1 with bot 1 attached, contact 1, conversation 1 (pending)."""
    async with AsyncExitStack() as stack:

        async def make(*, bot: bool = True, chaos: Chaos | None = None, **options: Any) -> Office:
            receiver = await stack.enter_async_context(receiving())
            desk = Desk(tmp_path / "desk", base_url="http://desk.test", retry_seconds=0.01, **options)
            await desk.start()
            stack.push_async_callback(desk.stop)
            office = Office(desk, receiver)
            stack.push_async_callback(office.client.aclose)
            address = f"http://127.0.0.1:{receiver.port}"
            await office.post("/inboxes", {"name": "Leads", "channel": {"type": "api"}})
            office.bot = await office.post(
                "/agent_bots", {"name": "Broker", "outgoing_url": f"{address}/bot"}
            )
            if bot:
                await office.post("/inboxes/1/set_agent_bot", {"agent_bot": 1})
            contact = {"name": "Jane", "email": "jane@example.com", "inbox_id": 1, "source_id": "lead-1"}
            await office.post("/contacts", contact)
            await office.post("/conversations", {"contact_id": 1, "inbox_id": 1, "source_id": "lead-1"})
            await office.to_bot()
            if chaos:
                desk.site.dice.throw_anew(chaos)
            return office

        yield make
