"""Prompts managed in Langfuse, with the files of the release wherever Langfuse does not answer.

A turn waits only for the first look at a prompt, and for that only shortly; afterwards what is known is used
and renewed beside the turns.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import structlog

from nextnest.adapters.langfuse.client import Langfuse, Verdict
from nextnest.broker.prompts import Prompt, local_prompt, prompt_name
from nextnest.domain.persona import Persona

log = structlog.get_logger(__name__)

FRESH_SECONDS = 300.0
WAIT_SECONDS = 0.5
_NOT_FOUND = 404


class ManagedPrompts:
    """Each persona's prompt with the label "production"; `clock` is monotonic seconds."""

    def __init__(
        self,
        langfuse: Langfuse,
        *,
        fresh: float = FRESH_SECONDS,
        wait: float = WAIT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._langfuse = langfuse
        self._fresh = fresh
        self._wait = wait
        self._clock = clock
        self._known: dict[Persona, Prompt] = {}
        self._looked_at: dict[Persona, float] = {}
        self._looking: dict[Persona, asyncio.Task[None]] = {}

    async def prompt(self, persona: Persona) -> Prompt:
        looked_at = self._looked_at.get(persona)
        if looked_at is None or self._clock() - looked_at >= self._fresh:
            look = self._look(persona)
            if looked_at is None:
                await asyncio.wait({look}, timeout=self._wait)
        return self._known.get(persona) or local_prompt(persona)

    async def aclose(self) -> None:
        for look in self._looking.values():
            look.cancel()
        await asyncio.gather(*self._looking.values(), return_exceptions=True)

    def _look(self, persona: Persona) -> asyncio.Task[None]:
        """Look once, however many turns ask; and whatever comes of it, not again before it is stale."""
        running = self._looking.get(persona)
        if running is None:
            self._looked_at[persona] = self._clock()
            running = self._looking[persona] = asyncio.create_task(self._read(persona))
            running.add_done_callback(lambda _: self._looking.pop(persona, None))
        return running

    async def _read(self, persona: Persona) -> None:
        name = prompt_name(persona)
        path = f"/api/public/v2/prompts/{name}"
        answer = await self._langfuse.call("GET", path, params={"label": "production"})
        if answer.status == _NOT_FOUND:
            self._known.pop(persona, None)  # it was taken out of production
            return
        found = _prompt(name, answer.body) if answer.verdict is Verdict.TAKEN else None
        if found is None:
            log.warning("prompt_not_read", prompt=name, reason=answer.reason or "not a text prompt")
            return
        self._known[persona] = found


def _prompt(name: str, body: Any) -> Prompt | None:
    if not isinstance(body, dict) or body.get("type") != "text":
        return None
    text, version = body.get("prompt"), body.get("version")
    if not isinstance(text, str) or not text.strip() or not isinstance(version, int):
        return None
    return Prompt(name, str(version), text, managed=True)
