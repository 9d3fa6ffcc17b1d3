"""A server of answers laid down beforehand, reached through the real HTTP machinery in-process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from nextnest.adapters.chatwoot.circuit import Circuit
from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.public import PublicInbox
from tests.unit.chatwoot.recording import exchange

BASE = "http://chatwoot.test"
TOKEN = "CWADMINTOKEN000000000001"


@dataclass(frozen=True)
class Seen:
    method: str
    target: str
    headers: dict[str, str]
    body: Any


@dataclass
class Server:
    """Answers in turn with what was laid down: (status, body) or (status, body, headers), or an exception."""

    answers: list[Any]
    seen: list[Seen] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        raw = b""
        while True:
            part = await receive()
            raw += part.get("body", b"")
            if not part.get("more_body"):
                break
        query = scope["query_string"].decode()
        self.seen.append(
            Seen(
                scope["method"],
                scope["raw_path"].decode() + (f"?{query}" if query else ""),
                {name.decode(): value.decode() for name, value in scope["headers"]},
                json.loads(raw) if raw else None,
            )
        )
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, body, *more = answer
        headers = {"content-type": "application/json", **(more[0] if more else {})}
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            }
        )
        text = body if isinstance(body, str) else json.dumps(body)
        await send({"type": "http.response.body", "body": text.encode()})


@dataclass
class Pauses:
    """Sleeping, written down instead of done."""

    taken: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


def client(server: Server, *, circuit: Circuit | None = None, pauses: Pauses | None = None) -> Chatwoot:
    return Chatwoot(
        BASE,
        1,
        TOKEN,
        transport=httpx2.ASGITransport(app=server),
        circuit=circuit,
        sleep=pauses or Pauses(),
        jitter=lambda: 0.5,
    )


def public(server: Server, identifier: str) -> PublicInbox:
    return PublicInbox(BASE, identifier, transport=httpx2.ASGITransport(app=server), sleep=Pauses())


def recorded_answer(name: str) -> tuple[int, str]:
    response = exchange(name)["response"]
    return response["status"], response["body"] or ""
