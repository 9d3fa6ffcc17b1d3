"""What runs in a process that may be killed: the real command, with its doors wrapped and a diary kept.

The diary is one line of JSON an event, written before the event's effect, so that it is there after the kill.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bench.chaos.points import Counted, Order, install
from bench.processes import command

Tell = Callable[[dict[str, Any]], None]


def run(line: tuple[str, ...], order: Order, diary: str) -> None:
    """`nextnest LINE`, to be killed as ordered."""
    tell = _diary(Path(diary), line[0])
    tell({"e": "born", "point": order.point, "nth": order.nth})
    install(Counted(order, tell))
    _keep_diary(tell)
    command(*line)


def _diary(path: Path, role: str) -> Tell:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    pid = os.getpid()

    def tell(event: dict[str, Any]) -> None:
        line = {"t": round(time.time(), 4), "pid": pid, "role": role, **event}
        os.write(file, json.dumps(line).encode() + b"\n")

    return tell


def _keep_diary(tell: Tell) -> None:
    """Lanes as they begin and end, the last look before each send, and each send."""
    from nextnest.adapters.chatwoot.gateway import Gateway
    from nextnest.service.lane import Lane
    from nextnest.service.outbox import Outbox
    from nextnest.service.sync import Sync

    _around(Lane, "attend", tell, "conversation")
    _around(Lane, "carry", tell, "customer")
    _around(Sync, "sync", tell, "lead")

    looked = Outbox._still_wanted

    async def look(self: Any, intent: Any) -> bool:
        tell({"e": "look", "key": intent.key, "guard": str(intent.guard)})
        return await looked(self, intent)

    said = Gateway.say

    async def say(self: Any, conversation_id: int, text: str, mark: Any) -> int:
        tell({"e": "say", "key": mark.part})
        return await said(self, conversation_id, text, mark)

    flushed = Outbox.flush

    async def flush(self: Any, conversation_id: int, *, customer: bool = False) -> float | None:
        wait = await flushed(self, conversation_id, customer=customer)
        line = "customer" if customer else "conversation"
        tell({"e": "flushed", "lane": f"{line}:{conversation_id}", "wait": wait})
        return wait

    Outbox._still_wanted = look  # type: ignore[method-assign]
    Gateway.say = say  # type: ignore[method-assign]
    Outbox.flush = flush  # type: ignore[method-assign]


def _around(owner: Any, method: str, tell: Tell, lane: str) -> None:
    original: Callable[..., Awaitable[None]] = getattr(owner, method)

    async def wrapped(self: Any, subject: Any) -> None:
        name = f"{lane}:{subject}"
        tell({"e": "begin", "lane": name})
        await original(self, subject)
        tell({"e": "end", "lane": name})

    setattr(owner, method, wrapped)
