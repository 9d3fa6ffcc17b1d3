"""The sweep: what was missed is found and taken up, gently and oldest first.

Jobs are wake-ups and webhooks too; either may be lost. Our tables say what is due, and Chatwoot says who
waits, so both are asked now and then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import structlog

from nextnest.domain.thread import Status
from nextnest.service.acceptance import Acceptance
from nextnest.service.failures import Failure
from nextnest.service.ports import ChatwootPort

AT_MOST = 200  # conversations woken in one sweep, so that an outage ends in a queue and not in a flood

log = structlog.get_logger()


@dataclass(frozen=True)
class Healed:
    """What one sweep took up again."""

    due: int = 0  # conversations, intents and leads of ours whose job was lost
    unanswered: int = 0  # customers whose webhook never came
    escalated: int = 0  # hand-offs that nobody took
    whole: bool = True  # everything was looked at: the next look need not go as far back


class SweepStore(Protocol):
    async def requeue_due(self, limit: int) -> int:
        """Queue again what should have been done already; the number of jobs."""

    async def wake_unanswered(self, conversation_id: int, message_id: int, *, pending: bool) -> bool:
        """Wake a conversation whose message no turn has taken, unless people hold it."""

    async def forget_old(self) -> None:
        """Drop the wake-ups of long ago."""


class Sweep:
    def __init__(self, store: SweepStore, chatwoot: ChatwootPort, acceptance: Acceptance) -> None:
        self._store = store
        self._chatwoot = chatwoot
        self._acceptance = acceptance

    async def ours(self) -> Healed:
        """What our own tables say is due."""
        healed = Healed(due=await self._store.requeue_due(AT_MOST))
        await self._store.forget_old()
        return healed

    async def handoffs(self) -> Healed:
        """Hand-offs that nobody has taken in time."""
        escalated = 0
        try:
            escalated = await self._acceptance.check()
        except Failure as failure:
            log.warning("could not see whether hand-offs were taken", why=failure.why)
        if escalated:
            log.warning("hand-offs that nobody took", conversations=escalated)
        return Healed(escalated=escalated)

    async def theirs(self, *, within: float) -> Healed:
        """Who waits in Chatwoot, among the conversations active in the last `within` seconds."""
        unanswered, whole = 0, True
        try:
            async for waiting in self._chatwoot.waiting(within):
                pending = waiting.status is Status.PENDING
                if pending or waiting.status is Status.OPEN:
                    unanswered += await self._store.wake_unanswered(
                        waiting.conversation_id, waiting.message_id, pending=pending
                    )
                if unanswered >= AT_MOST:
                    whole = False
                    break
        except Failure as failure:
            whole = False
            log.warning("could not ask Chatwoot who waits", why=failure.why)
        if unanswered:
            log.warning("customers waited without a webhook", conversations=unanswered)
        return Healed(unanswered=unanswered, whole=whole)
