"""The customers and the brokerage's people at work. They repeat what failed, as browsers and persons do."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2

from bench.chaos.script import Customer, Person
from bench.site import API_KEY, Site

PAUSE = 0.3  # seconds between tries
PATIENCE = 300.0  # seconds until a customer or a person gives up, which the judge is told


@dataclass
class Said:
    """A customer's message that was accepted: by the desk, or with 201 by our chat page."""

    customer: int
    text: str
    at: float
    lead_id: str


@dataclass
class Takeover:
    """A person's act; theirs from `done_at` (answered) to `given_back_at` (asked). Wall-clock seconds."""

    conversation_id: int
    kind: str
    asked_at: float
    done_at: float | None = None
    given_back_at: float | None = None
    text: str | None = None


@dataclass
class Record:
    """What truly happened on the outside."""

    said: list[Said] = field(default_factory=list)
    takeovers: list[Takeover] = field(default_factory=list)
    leads: set[str] = field(default_factory=set)
    gave_up: list[str] = field(default_factory=list)


class People:
    def __init__(self, site: Site, record: Record) -> None:
        self._site = site
        self._record = record
        limits = httpx2.Limits(max_connections=100, max_keepalive_connections=50)
        self._http = httpx2.AsyncClient(timeout=10.0, limits=limits, trust_env=False)
        self._staff = httpx2.AsyncClient(
            base_url=f"{site.desk_url}/api/v1",
            headers={"Api-Access-Token": site.agent_token},
            timeout=10.0,
            trust_env=False,
        )
        self._agent_id = 0

    async def close(self) -> None:
        await self._http.aclose()
        await self._staff.aclose()

    async def live(self, customer: Customer) -> None:
        """One customer from form to last word, and whoever of the brokerage meets them."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._live(customer)
        except (TimeoutError, RuntimeError) as error:  # the latter: refused, which the script never earns
            self._record.gave_up.append(f"customer {customer.number} ({error or 'waited'})")

    async def _live(self, customer: Customer) -> None:
        if customer.twice:
            first, _ = await asyncio.gather(self._submit(customer), self._submit(customer))
        else:
            first = await self._submit(customer)
        lead_id, chat = first["lead_id"], first["chatUrl"]
        self._record.leads.add(lead_id)
        conversation = None if customer.hasty else await self._conversation(lead_id)
        meeting: asyncio.Task[None] | None = None
        for number, line in enumerate(customer.lines):
            await asyncio.sleep(line.pause)
            if customer.by_page:
                await self._say_on_page(chat, f"c{customer.number:05d}m{number:03d}", line.text)
            else:
                await self._say_at_desk(lead_id, conversation, line.text)
            self._record.said.append(Said(customer.number, line.text, time.time(), lead_id))
            if customer.person is not None and customer.person.line == number:
                meeting = asyncio.create_task(self._meet(customer.person, lead_id, customer.number))
        if meeting is not None:
            await meeting

    async def _submit(self, customer: Customer) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": f"form-{customer.number}"}
        return await self._insist("POST", f"{self._site.web_url}/api/leads", customer.lead, headers)

    async def _say_on_page(self, chat: str, client_id: str, text: str) -> None:
        await self._insist("POST", f"{chat}/messages", {"text": text, "client_id": client_id})

    async def _say_at_desk(self, lead_id: str, conversation: int | None, text: str) -> None:
        place = f"{self._contact(lead_id)}/conversations/{conversation}/messages"
        await self._insist("POST", place, {"content": text})

    def _contact(self, lead_id: str) -> str:
        inbox = self._site.inbox_identifier
        return f"{self._site.desk_url}/public/api/v1/inboxes/{inbox}/contacts/{lead_id}"

    async def _conversation(self, lead_id: str) -> int:
        """The lead's conversation, once it is there."""
        while True:
            try:
                answer = await self._http.get(f"{self._contact(lead_id)}/conversations")
                if answer.status_code == 200 and answer.json():
                    return int(answer.json()[0]["id"])
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(0.5)

    async def _insist(
        self, method: str, url: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        while True:
            try:
                answer = await self._http.request(method, url, json=body, headers=headers)
            except httpx2.HTTPError:
                await asyncio.sleep(PAUSE)
                continue
            if answer.is_success:
                found: dict[str, Any] = answer.json()
                return found
            if answer.status_code < 500 and answer.status_code != 429:
                raise RuntimeError(f"{method} {url}: {answer.status_code} {answer.text[:200]}")
            await asyncio.sleep(PAUSE)

    # -- people of the brokerage

    async def _meet(self, person: Person, lead_id: str, number: int) -> None:
        conversation = await self._conversation(lead_id)
        await asyncio.sleep(person.wait)
        takeover = Takeover(conversation, person.kind, time.time())
        self._record.takeovers.append(takeover)
        path = f"/accounts/1/conversations/{conversation}"
        if person.kind == "reply":
            takeover.text = f"Mei Lin here, I will help you with this. [person {number}]"
            await self._reply(path, takeover.text)
        elif person.kind == "assign":
            await self._act(f"{path}/assignments", {"assignee_id": await self._agent()})
        else:
            await self._act(f"{path}/toggle_status", {"status": "open"})
        takeover.done_at = time.time()
        if person.give_back_after is not None:
            await asyncio.sleep(person.give_back_after)
            await self._give_back(path, takeover)

    async def _give_back(self, path: str, takeover: Takeover) -> None:
        """When the inbox shows it as ours; a person cannot give back what is not shown to be theirs."""
        for _ in range(60):
            if (await self._look(path)).get("status") == "open":
                takeover.given_back_at = time.time()
                await self._act(f"{path}/toggle_status", {"status": "pending"})
                return
            await asyncio.sleep(0.5)

    async def _reply(self, path: str, text: str) -> None:
        """A person who gets an error looks whether it is there before writing it again."""
        while True:
            try:
                answer = await self._staff.post(f"{path}/messages", json={"content": text})
                if answer.is_success:
                    return
                shown = await self._look(f"{path}/messages")
                if any(message["content"] == text for message in shown.get("payload", [])):
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(PAUSE)

    async def _act(self, path: str, body: dict[str, Any]) -> None:
        while True:
            try:
                if (await self._staff.post(path, json=body)).is_success:
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(PAUSE)

    async def _look(self, path: str) -> dict[str, Any]:
        while True:
            try:
                answer = await self._staff.get(path)
                if answer.is_success:
                    found: dict[str, Any] = answer.json()
                    return found
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(PAUSE)

    async def _agent(self) -> int:
        if not self._agent_id:
            self._agent_id = int((await self._look("/profile"))["id"])
        return self._agent_id
