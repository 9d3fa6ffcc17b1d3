"""Between nextnest and the desk: its webhooks kept until a test delivers them, and requests that go wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse

from nextnest.adapters.chatwoot.inbound import incoming_of
from nextnest.adapters.chatwoot.payloads import parse_event
from nextnest.adapters.store.work import PostgresStore
from nextnest.desk import Desk
from nextnest.desk.models import Delivery
from nextnest.service.ports import Work
from nextnest.service.receive import Receive, Source

Receiver = Callable[[], Awaitable[MutableMapping[str, Any]]]
Sender = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[MutableMapping[str, Any], Receiver, Sender], Awaitable[None]]


class Crash(BaseException):
    """The worker's process dies here; like a signal, nothing of ours may catch it."""


class Fault(StrEnum):
    """What befalls one write to the desk."""

    DIES_BEFORE = "dies_before"  # killed before the request left
    DIES_AFTER = "dies_after"  # killed when it was stored and its answer not read
    NOT_STORED = "not_stored"  # 500, nothing stored
    STORED = "stored"  # 500, and stored all the same
    TOO_MANY = "too_many"  # 429


class Cable:
    """In front of the desk's application. Armed, it lets `writes` requests pass and spoils the next one."""

    def __init__(self, application: Asgi) -> None:
        self._application = application
        self._fault: Fault | None = None
        self._writes = 0

    def arm(self, fault: Fault, *, writes: int) -> None:
        self._fault, self._writes = fault, writes

    def mend(self) -> None:
        self._fault = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receiver, send: Sender) -> None:
        fault = None
        if self._fault is not None and scope["method"] != "GET":
            self._writes -= 1
            if self._writes < 0:
                fault, self._fault = self._fault, None
        match fault:
            case None:
                await self._application(scope, receive, send)
            case Fault.DIES_BEFORE:
                raise Crash
            case Fault.DIES_AFTER:
                await self._application(scope, receive, _nowhere)
                raise Crash
            case Fault.NOT_STORED:
                await JSONResponse({"error": "Internal Server Error"}, 500)(scope, receive, send)
            case Fault.STORED:
                await self._application(scope, receive, _nowhere)
                await JSONResponse({"error": "Internal Server Error"}, 500)(scope, receive, send)
            case Fault.TOO_MANY:
                await PlainTextResponse("Retry later\n", 429)(scope, receive, send)


async def _nowhere(message: MutableMapping[str, Any]) -> None:
    del message


class Disk:
    """In front of the store. Armed, it lets `commits` transactions pass; the worker dies at the next one."""

    def __init__(self, store: PostgresStore) -> None:
        self._work = store.work
        self._commits: int | None = None
        self._before = False
        store.work = self._watched  # type: ignore[method-assign, assignment]

    def arm(self, *, commits: int, before: bool) -> None:
        self._commits, self._before = commits, before

    def mend(self) -> None:
        self._commits = None

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[Work]:
        dies = self._commits == 0
        if self._commits is not None:
            self._commits -= 1
        async with self._work() as work:
            yield work
            if dies and self._before:
                raise Crash
        if dies:
            raise Crash


class Post:
    """The desk's webhooks to the bot, in the order in which they were sent, until they are delivered."""

    def __init__(self, desk: Desk) -> None:
        self.waiting: list[Delivery] = []
        desk.deliverer.hand_over = self._keep  # type: ignore[method-assign]

    def _keep(self, deliveries: list[Delivery]) -> None:
        self.waiting += [d for d in deliveries if d.receiver == "agent_bot_webhook"]


async def hand_in(receive: Receive, delivery: Delivery) -> None:
    """What the webhook route does with a verified delivery."""
    incoming = incoming_of(Source.AGENT_BOT, delivery.uuid, parse_event(delivery.body.encode()))
    if incoming is not None:
        await receive.store(incoming)
