"""`nextnest check --live`: a marked test lead through the whole loop, timed, and cleared away."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

import httpx2

from nextnest.adapters.chatwoot.check import CheckLine
from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.errors import ChatwootError, NotFound
from nextnest.adapters.chatwoot.models import Message
from nextnest.adapters.chatwoot.reading import turn_id_of
from nextnest.bootstrap.assembly import chatwoot_of
from nextnest.bootstrap.persons import with_privacy
from nextnest.settings import Settings

T = TypeVar("T")

LONGEST_WAIT = 30.0  # seconds, for each thing that is waited for
LOOK_EVERY = 0.25
QUESTION = "nextnest check --live: a test, please ignore. Who pays you?"


async def probe(settings: Settings) -> AsyncGenerator[CheckLine, None]:
    """One line for each leg of the way; it stops at the first that fails, and clears up whatever happened."""
    chatwoot = chatwoot_of(settings)
    key = chatwoot.api_key.get_secret_value()
    async with (
        httpx2.AsyncClient(base_url=settings.public_url, timeout=15) as web,
        Chatwoot(chatwoot.base_url, chatwoot.account_id, key) as admin,
    ):
        walk = _Walk(settings, web, admin)
        try:
            for leg in (walk.send_lead, walk.be_greeted, walk.be_answered):
                line = await leg()
                yield line
                if not line.ok:
                    break
        finally:
            left = await walk.clear_up()
        yield CheckLine("live: cleared up", not left, "; ".join(left) or "nothing is left of the test")


class _Walk:
    def __init__(self, settings: Settings, web: httpx2.AsyncClient, admin: Chatwoot) -> None:
        self._settings = settings
        self._web = web
        self._admin = admin
        self._lead_id: str | None = None
        self._conversation: int | None = None
        self._contact: int | None = None
        self._clock = asyncio.get_running_loop().time

    async def send_lead(self) -> CheckLine:
        name = "live: lead taken in"
        tag = secrets.token_hex(6)
        lead = {
            "purpose": "new_purchase",
            "name": "nextnest check (a test, please ignore)",
            "email": f"nextnest-check-{tag}@example.com",
            "source": "nextnest check --live",
        }
        key = self._settings.api_key.get_secret_value()
        headers = {"authorization": f"Bearer {key}", "idempotency-key": f"check-{tag}"}
        began = self._clock()
        try:
            answer = await self._web.post("/api/leads", json=lead, headers=headers)
        except httpx2.HTTPError as error:
            detail = f"nothing answers at {self._settings.public_url} ({type(error).__name__})"
            return CheckLine(name, False, detail, "NEXTNEST_PUBLIC_URL")
        if answer.status_code == 401:
            return CheckLine(name, False, "the key is not the one that runs there", "NEXTNEST_API_KEY")
        if answer.status_code not in {201, 202}:
            return CheckLine(name, False, f"/api/leads answered {answer.status_code}", "NEXTNEST_PUBLIC_URL")
        self._lead_id = str(answer.json()["lead_id"])
        return CheckLine(name, True, f"{self._lead_id}, {self._since(began)}")

    async def be_greeted(self) -> CheckLine:
        name = "live: greeted in Chatwoot"
        began = self._clock()
        if await self._until(self._find_conversation) is None:
            return CheckLine(name, False, await self._blame("no conversation in Chatwoot"))
        greeting = await self._until(lambda: self._said_by_us(after=0))
        if greeting is None:
            return CheckLine(name, False, await self._blame("a conversation, but no greeting"))
        return CheckLine(name, True, f"conversation {self._conversation}, {self._since(began)}")

    async def be_answered(self) -> CheckLine:
        name = "live: answered"
        if self._conversation is None:
            return CheckLine(name, False, "there is no conversation")
        began = self._clock()
        try:
            asked = await self._admin.messages.create(self._conversation, QUESTION, message_type="incoming")
        except ChatwootError as error:
            return CheckLine(name, False, f"the question was not taken: {error}", "CHATWOOT_INBOX_ID")
        reply = await self._until(lambda: self._said_by_us(after=asked.id))
        if reply is None:
            why = await self._blame("no reply: Chatwoot's webhook does not reach us, or no worker runs")
            return CheckLine(name, False, why, "NEXTNEST_PUBLIC_URL")
        how = "as a draft to approve, " if reply.private else ""
        return CheckLine(name, True, f"{how}{self._since(began)} after the question")

    async def clear_up(self) -> list[str]:
        """Remove the test; what could not be removed."""
        left = []
        if self._lead_id is not None:
            try:
                async with with_privacy(self._settings) as privacy:
                    await privacy.erase(self._lead_id)
            except Exception as error:  # whatever it is, the rest must be cleared up too
                left.append(f"lead {self._lead_id}: {type(error).__name__}; `nextnest lead erase` removes it")
        try:
            if self._conversation is not None:
                await self._admin.conversations.set_status(self._conversation, "resolved")
                await self._admin.conversations.delete(self._conversation)
            if self._contact is not None:
                await self._admin.contacts.delete(self._contact)
        except NotFound:
            pass
        except ChatwootError as error:
            left.append(f"conversation {self._conversation}, contact {self._contact}: {error}")
        return left

    async def _find_conversation(self) -> int | None:
        found = await self._admin.conversations.list(source_id=self._lead_id)
        if found:
            self._conversation = found[0].id
            self._contact = found[0].meta.sender.id if found[0].meta.sender else None
        return self._conversation

    async def _said_by_us(self, *, after: int) -> Message | None:
        """A reply, or the note that shows it as a draft."""
        said = await self._admin.messages.latest(self._conversation or 0)
        ours = (m for m in said if m.id > after and turn_id_of(m.content_attributes) is not None)
        return next((m for m in ours if not m.private or "draft" in (m.content or "").lower()), None)

    async def _until(self, look: Callable[[], Awaitable[T | None]]) -> T | None:
        deadline = self._clock() + LONGEST_WAIT
        while self._clock() < deadline:
            try:
                found = await look()
            except ChatwootError:
                found = None
            if found is not None:
                return found
            await asyncio.sleep(LOOK_EVERY)
        return None

    async def _blame(self, what: str) -> str:
        """What was missed, with what the readiness of the running nextnest says to it."""
        try:
            checks = (await self._web.get("/readyz")).json().get("checks", {})
        except (httpx2.HTTPError, ValueError):
            return f"{what} within {LONGEST_WAIT:.0f} s"
        wrong = [f"{name}: {state}" for name, state in checks.items() if state != "ok"]
        return f"{what} within {LONGEST_WAIT:.0f} s" + (f" ({'; '.join(wrong)})" if wrong else "")

    def _since(self, began: float) -> str:
        return f"{self._clock() - began:.1f} s"
