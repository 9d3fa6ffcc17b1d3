"""The points at which a process may be killed, and the count of how often it has passed each.

Nothing in nextnest knows of them. In the process that shall die, psycopg's statements and transactions, and
the HTTP client's `send`, are wrapped; each call is named for the function of ours that made it. A point is
`before` or `after` such a call: `after sql …` of a statement outside a transaction is after its commit.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

import httpx2
import psycopg

_PLUMBING = (
    "nextnest.adapters.store.connection",
    "nextnest.adapters.store.database",
    "nextnest.adapters.store.work",
    "nextnest.adapters.chatwoot.connection",
    "nextnest.adapters.chatwoot.client",
)
_NAMELESS = ("_read", "<listcomp>", "<genexpr>")
_QUEUE = "procrastinate.manager"
_BOTTOM = (
    "nextnest.commands.terminal"  # every stack stands on it; a request of a library's own task is the model's
)


@dataclass(frozen=True)
class Order:
    """Die at the `nth` passing of `point`, counted from `after` seconds after the start; "" lets it live."""

    point: str = ""
    nth: int = 1
    after: float = 0.0


class Counted:
    """Counts the points that this process passes and ends it at the ordered one."""

    def __init__(self, order: Order, tell: Callable[[dict[str, Any]], None]) -> None:
        self._order = order
        self._tell = tell
        self._armed_at = time.monotonic() + order.after
        self._left = order.nth
        self.passed: Counter[str] = Counter()

    def __call__(self, point: str) -> None:
        self.passed[point] += 1
        if self.passed[point] == 1:
            self._tell({"e": "passed", "point": point})
        if point != self._order.point or time.monotonic() < self._armed_at:
            return
        self._left -= 1
        if self._left == 0:
            self._tell({"e": "killed", "point": point})
            os.kill(os.getpid(), signal.SIGKILL)


def install(count: Counted) -> None:
    """Wrap the doors to the database and to the network, in this process."""
    _wrap(psycopg.AsyncCursor, "execute", count, "sql")
    _wrap(psycopg.AsyncCursor, "executemany", count, "sql")
    _wrap(psycopg.AsyncTransaction, "__aexit__", count, "commit")
    _wrap(httpx2.AsyncClient, "send", count, "http")


def _wrap(owner: Any, method: str, count: Counted, kind: str) -> None:
    original = getattr(owner, method)

    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        name = _caller(http=kind == "http")
        if name is None:
            return await original(self, *args, **kwargs)
        count(f"before {kind} {name}")
        result = await original(self, *args, **kwargs)
        count(f"after {kind} {name}")
        return result

    setattr(owner, method, wrapped)


def _caller(*, http: bool) -> str | None:
    """The nearest function of ours (or the queue's) on the stack; for HTTP also the gateway's."""
    frame: FrameType | None = sys._getframe(2)
    inner: str | None = None
    while frame is not None and (module := frame.f_globals.get("__name__", "")) != _BOTTOM:
        name = frame.f_code.co_name
        frame = frame.f_back
        if module == _QUEUE:
            return f"queue.{name}"
        if not module.startswith("nextnest.") or module in _PLUMBING or name in _NAMELESS:
            continue
        here = f"{module.removeprefix('nextnest.').removeprefix('adapters.')}.{name}"
        if not http:
            return here
        if module.endswith("chatwoot.gateway"):
            return f"{here}/{inner.removeprefix('chatwoot.')}" if inner else here
        inner = inner or here
    return inner or ("model" if http else None)
