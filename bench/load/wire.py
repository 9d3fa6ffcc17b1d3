"""Signed webhooks, made beforehand, over plain sockets: the load must cost less than what it measures."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx2

from bench.site import Site

Event = dict[str, Any]
CHATWOOT_GIVES_UP = 5.0  # seconds


class Line:
    """One kept-alive connection; one request at a time."""

    def __init__(self, url: str) -> None:
        self._at = urlsplit(url)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: bytes, *, seconds: float = CHATWOOT_GIVES_UP) -> int:
        """The status; 0 when no answer came in time or the connection broke."""
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(request)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            self.close()
            return 0

    async def _exchange(self, request: bytes) -> int:
        if self._streams is None or self._streams[0].at_eof():  # at rest, the other end may have closed it
            self.close()
            self._streams = await asyncio.open_connection(self._at.hostname, self._at.port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        if length:
            await reader.readexactly(int(length))
        elif b"transfer-encoding: chunked" in head:
            await reader.readuntil(b"0\r\n\r\n")
        return int(head[9:12])

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def recorded(site: Site, conversation_id: int, source_id: str) -> Event:
    """What the desk truly sends when a customer writes, taken from the wire."""
    caught: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        event = json.loads(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()
        if event.get("message_type") == "incoming" and not caught.done():
            caught.set_result(event)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    headers = {"Api-Access-Token": site.admin_token}
    async with (
        server,
        httpx2.AsyncClient(base_url=site.desk_url, headers=headers, trust_env=False) as http,
    ):
        body = {"url": f"http://127.0.0.1:{port}/", "subscriptions": ["message_created"]}
        made = (await http.post("/api/v1/accounts/1/webhooks", json=body)).json()
        contact = f"/public/api/v1/inboxes/{site.inbox_identifier}/contacts/{source_id}"
        text = {"content": "What documents do you need from me?"}
        await http.post(f"{contact}/conversations/{conversation_id}/messages", json=text)
        try:
            return await asyncio.wait_for(caught, 10)
        finally:
            hook = made["payload"]["webhook"]["id"]
            await http.delete(f"/api/v1/accounts/1/webhooks/{hook}")


def requests(
    url: str, event: Event, *, secret: str, conversations: Sequence[int], first_id: int, count: int
) -> list[bytes]:
    """`count` signed deliveries of new messages, spread over the conversations; good for five minutes."""
    at = urlsplit(url)
    made = []
    for number in range(count):
        each = copy.copy(event)
        each["id"] = first_id + number
        each["conversation"] = {**event["conversation"], "id": conversations[number % len(conversations)]}
        body = json.dumps(each, separators=(",", ":")).encode()
        stamp = str(int(time.time()))
        mac = hmac.digest(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hex()
        head = (
            f"POST {at.path or '/'} HTTP/1.1\r\nhost: {at.netloc}\r\ncontent-type: application/json\r\n"
            f"x-chatwoot-delivery: {uuid.uuid4()}\r\nx-chatwoot-timestamp: {stamp}\r\n"
            f"x-chatwoot-signature: sha256={mac}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made
