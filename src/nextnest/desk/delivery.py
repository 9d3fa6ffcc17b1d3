"""Webhooks on their way: signed, timed out, tried again where Chatwoot does (`lib/webhooks/trigger.rb`).

Ten workers in parallel, as Sidekiq has: no order is promised. An agent bot is tried three times, and only
after 429 and 500; everybody else once. What waits for a bot is in the store, so it outlives the process.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import urlsplit

import httpx2
import structlog

from nextnest.desk.installation import Installation
from nextnest.desk.models import Delivery
from nextnest.desk.wire import sign

WORKERS = 10
TIMEOUT_SECONDS = 5.0
RETRIED = (429, 500)
ATTEMPTS = 3

log = structlog.get_logger("desk.delivery")

Failed = Callable[[Delivery, str], Awaitable[None]]


class Deliverer:
    """Sends what is handed to it; calls `failed(delivery, error)` when a receiver has finally refused."""

    def __init__(
        self,
        site: Installation,
        failed: Failed,
        *,
        retry_seconds: float,
        refuse_private_hosts: bool,
    ) -> None:
        self._site = site
        self._failed = failed
        self._retry_seconds = retry_seconds
        self._refuse_private_hosts = refuse_private_hosts
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._held: list[Delivery] = []  # swapped: they wait for the next one
        self._followers: dict[str, list[Delivery]] = {}  # they follow the delivery of this uuid
        self._open = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx2.AsyncClient | None = None

    async def start(self) -> None:
        """Begins with what an earlier process has left."""
        limits = httpx2.Limits(max_connections=WORKERS * 2, max_keepalive_connections=WORKERS)
        self._client = httpx2.AsyncClient(
            timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False, follow_redirects=False
        )
        for _ in range(WORKERS):
            self._spawn(self._work())
        for delivery in self._site.store.all(Delivery):
            self._put(delivery)

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.aclose()

    async def idle(self) -> None:
        """Waits until everything handed over so far has been sent, refused or given up."""
        await self._idle.wait()

    def hand_over(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            self._hand_over(delivery)

    def _hand_over(self, delivery: Delivery) -> None:
        befalls = self._site.dice.delivery()
        if "lose" in befalls:
            self._forget(delivery)
            return
        copies = [delivery, replace(delivery, id=0)] if "duplicate" in befalls else [delivery]
        for copy in copies:
            if "delay" in befalls:
                self._take_on()
                self._spawn(self._put_later(copy, self._site.dice.chaos.delay_seconds))
            elif "swap" in befalls:
                self._take_on()
                self._held.append(copy)
                self._spawn(self._let_go_later(copy))
            else:
                self._put(copy)
        if self._held and "swap" not in befalls:
            self._followers[delivery.uuid] = self._held
            self._held = []

    def _put(self, delivery: Delivery) -> None:
        self._take_on()
        self._queue.put_nowait(delivery)

    async def _let_go_later(self, delivery: Delivery) -> None:
        """If nothing follows that it could be swapped with, it goes by itself."""
        await asyncio.sleep(self._site.dice.chaos.delay_seconds)
        if delivery in self._held:
            self._held.remove(delivery)
            self._queue.put_nowait(delivery)

    async def _put_later(self, delivery: Delivery, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._queue.put_nowait(delivery)

    def _spawn(self, coroutine: Awaitable[None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take_on(self) -> None:
        self._open += 1
        self._idle.clear()

    def _done(self) -> None:
        self._open -= 1
        if not self._open:
            self._idle.set()

    async def _work(self) -> None:
        while True:
            delivery = await self._queue.get()
            try:
                await self._deliver(delivery)
            except Exception as error:  # a worker must outlive every delivery
                kind = type(error).__name__
                log.error("crashed", webhook=delivery.event, error=kind)  # noqa: TRY400  # one line is enough
            finally:
                for follower in self._followers.pop(delivery.uuid, ()):
                    self._queue.put_nowait(follower)
                self._done()

    async def _deliver(self, delivery: Delivery) -> None:
        status, error = await self._post(delivery)
        delivery.attempts += 1
        if error is None:
            self._forget(delivery)
            return
        log.info("refused", url=delivery.url, webhook=delivery.event, error=error, attempt=delivery.attempts)
        again = delivery.receiver == "agent_bot_webhook" and status in RETRIED
        if again and delivery.attempts < ATTEMPTS:
            self._take_on()
            self._spawn(self._put_later(delivery, self._retry_seconds))
            return
        self._forget(delivery)
        await self._failed(delivery, error)

    async def _post(self, delivery: Delivery) -> tuple[int | None, str | None]:
        """The status, and what was wrong; None when nothing was."""
        assert self._client is not None  # noqa: S101
        timestamp = int(self._site.clock())
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "Ruby"}
        if delivery.secret is not None:
            headers["X-Chatwoot-Delivery"] = delivery.uuid
            headers["X-Chatwoot-Timestamp"] = str(timestamp)
            headers["X-Chatwoot-Signature"] = sign(delivery.secret, timestamp, delivery.body)
        if self._refuse_private_hosts and await _is_private(delivery.url):
            return None, f"Hostname '{urlsplit(delivery.url).hostname}' has no public ip addresses"
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS * 2):  # to connect, and to answer
                answer = await self._client.post(
                    delivery.url, content=delivery.body.encode(), headers=headers
                )
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError) as error:
            return None, f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if answer.is_success:
            return answer.status_code, None
        return answer.status_code, f"{answer.status_code} {answer.reason_phrase}"

    def _forget(self, delivery: Delivery) -> None:
        if delivery.id and self._site.store.get(Delivery, delivery.id):
            self._site.store.delete(delivery)
            self._site.store.commit()


async def _is_private(url: str) -> bool:
    """Does every address of the host belong to a private network (`lib/safe_fetch`, since 4.14)?"""
    host = urlsplit(url).hostname or ""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return True
    return not any(ipaddress.ip_address(address[4][0]).is_global for address in found)
