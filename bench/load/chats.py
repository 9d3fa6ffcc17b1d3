"""Real conversations at the desk: leads that come in, customers who write, and how long the answer took."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx2

from bench.chaos.account import read
from bench.site import API_KEY, Site

SAID = (
    "What documents do you need from me?",
    "What is TDSR?",
    "Is a fixed package better than floating?",
    "How long does it take to refinance?",
)


@dataclass(frozen=True)
class Chat:
    conversation_id: int
    source_id: str


class Chats:
    def __init__(self, site: Site) -> None:
        self._site = site
        limits = httpx2.Limits(max_connections=40, max_keepalive_connections=40)
        self._http = httpx2.AsyncClient(timeout=30.0, limits=limits, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def begin(self, count: int) -> tuple[list[Chat], float]:
        """So many leads, through the form's API until each has its conversation; and leads/s."""
        began, places = time.perf_counter(), asyncio.Semaphore(8)

        async def one(number: int) -> Chat:
            async with places:
                return await self._begin(number)

        chats = await asyncio.gather(*(one(number) for number in range(count)))
        return list(chats), count / (time.perf_counter() - began)

    async def _begin(self, number: int) -> Chat:
        lead = {
            "purpose": "refinance",
            "name": "Tan Wei Ming",
            "email": f"load{number}@example.com",
            "phone": f"+65 9{number:07d}",
            "property_type": "hdb",
        }
        headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": f"load-{number}"}
        while True:
            answer = await self._http.post(f"{self._site.web_url}/api/leads", json=lead, headers=headers)
            answer.raise_for_status()
            url = answer.json()["conversationUrl"]
            if url is not None:
                return Chat(int(url.rpartition("/")[2]), answer.json()["lead_id"])

    async def say(self, chat: Chat, text: str) -> int:
        """The message's id."""
        inbox = self._site.inbox_identifier
        contact = f"{self._site.desk_url}/public/api/v1/inboxes/{inbox}/contacts/{chat.source_id}"
        place = f"{contact}/conversations/{chat.conversation_id}/messages"
        answer = await self._http.post(place, json={"content": text})
        answer.raise_for_status()
        return int(answer.json()["id"])

    async def at_rate(self, chats: list[Chat], *, per_second: float, count: int) -> list[int]:
        """Messages spread evenly over the chats, on time; their ids."""
        began = time.perf_counter()
        tasks = []
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            chat, text = chats[number % len(chats)], SAID[number // len(chats) % len(SAID)]
            tasks.append(asyncio.create_task(self.say(chat, text)))
        return await asyncio.gather(*tasks)

    async def bot(self, **changes: Any) -> dict[str, Any]:
        """Change the agent bot at the desk, such as where its webhooks go."""
        headers = {"Api-Access-Token": self._site.admin_token}
        bots = f"{self._site.desk_url}/api/v1/accounts/1/agent_bots"
        found = (await self._http.get(bots, headers=headers)).json()[0]
        answer = await self._http.patch(f"{bots}/{found['id']}", json=changes, headers=headers)
        answer.raise_for_status()
        result: dict[str, Any] = answer.json()
        return result

    async def pace(self, model_url: str, *, slowest: float) -> None:
        await self._http.post(f"{model_url}/pace", json={"slowest": slowest})


async def answered(site: Site, asked: list[int], *, seconds: float) -> list[float]:
    """ms from each message to its answer, by the desk's own times; of those answered within `seconds`."""
    wanted, deadline = set(asked), time.monotonic() + seconds
    while True:
        found = await asyncio.to_thread(_answers, site, wanted)
        if len(found) == len(wanted) or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.5)


def _answers(site: Site, wanted: set[int]) -> list[float]:
    """The first public answer after each message; with one message at a time that is its own."""
    found = []
    for thread in read(site).messages.values():
        open_since: list[float] = []
        for message in thread:
            if message.kind == "incoming" and message.id in wanted:
                open_since.append(message.at)
            elif message.kind == "outgoing" and not message.private and message.sender == "AgentBot":
                found += [(message.at - at) * 1000 for at in open_since]
                open_since = []
    return found
