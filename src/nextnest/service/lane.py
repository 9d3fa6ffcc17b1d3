"""One lane a conversation: first what the outbox still owes, then the customer's next turn."""

from __future__ import annotations

from nextnest.service.failures import Failure, Gone, NotDone
from nextnest.service.outbox import Outbox, backoff
from nextnest.service.ports import Store
from nextnest.service.records import Outcome
from nextnest.service.turn import Turns

ROUNDS = 12  # a lane gives others their turn after this many; its next job goes on


class Lane:
    def __init__(self, store: Store, outbox: Outbox, turns: Turns) -> None:
        self._store = store
        self._outbox = outbox
        self._turns = turns

    async def attend(self, conversation_id: int) -> None:
        """Do all that may be done now; leave a job for what may be done later."""
        wait: float | None = 0.0
        try:
            for _ in range(ROUNDS):
                wait = await self._outbox.flush(conversation_id)
                if wait is not None or not await self._turns.take(conversation_id):
                    break
            else:
                wait = 0.0  # others have waited long enough
        except NotDone as failure:
            wait = failure.wait if failure.wait is not None else backoff(4)
        except Gone as gone:
            await self._let_go(conversation_id, gone.why)
            wait = None
        except Failure:
            wait = backoff(7)
        if wait is not None:
            async with self._store.work() as work:
                await work.jobs.attend(conversation_id, after=max(wait, 0.05), retry=True)

    async def _let_go(self, conversation_id: int, why: str) -> None:
        """Somebody deleted the conversation: nothing can be written or answered there any more."""
        async with self._store.work() as work:
            await work.outbox.cancel_all(conversation_id)
            current = await work.turns.current(conversation_id)
            if current is not None:
                await work.turns.end(current.id, Outcome.FAILED, why)
            draft = await work.drafts.latest(conversation_id)
            if draft is not None and draft.waits:
                await work.drafts.lapse(draft.turn_id, rewind=False)
            await work.handoffs.returned(conversation_id)
            await work.conversations.gone(conversation_id)

    async def carry(self, conversation_id: int) -> None:
        """Put the customer's own messages from the chat page into the thread."""
        wait = await self._outbox.flush(conversation_id, customer=True)
        if wait is not None:
            async with self._store.work() as work:
                await work.jobs.carry(conversation_id, after=max(wait, 0.05), retry=True)
