"""The typing indicator: on while a model composes, off after, and in nobody's way.

It runs beside the turn and is bounded; what fails about it is not told to anybody but the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from nextnest.service.failures import Failure
from nextnest.service.ports import ChatwootPort

LONGEST_CALL = 2.0  # seconds
SHORTEST = 0.3  # seconds of composing that are worth showing

log = structlog.get_logger()


class TypingIndicator:
    def __init__(self, chatwoot: ChatwootPort) -> None:
        self._chatwoot = chatwoot
        self._showing: set[asyncio.Task[None]] = set()

    @contextmanager
    def shown(self, conversation_id: int) -> Iterator[None]:
        """Show it while the block runs; entering and leaving wait for nothing."""
        over = asyncio.Event()
        task = asyncio.create_task(self._show(conversation_id, over))
        self._showing.add(task)
        task.add_done_callback(self._showing.discard)
        try:
            yield
        finally:
            over.set()

    async def _show(self, conversation_id: int, over: asyncio.Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SHORTEST):
                await over.wait()
                return
        await self._set(conversation_id, on=True)
        await over.wait()
        await self._set(conversation_id, on=False)

    async def _set(self, conversation_id: int, *, on: bool) -> None:
        try:
            async with asyncio.timeout(LONGEST_CALL):
                await self._chatwoot.typing(conversation_id, on)
        except (
            Failure,
            TimeoutError,
            RuntimeError,
        ) as error:  # RuntimeError: the client was closed meanwhile
            log.debug("typing indicator not set", error=type(error).__name__)
