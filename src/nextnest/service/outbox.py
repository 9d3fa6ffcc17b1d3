"""The outbox: every write to Chatwoot is intended first, carried out once, and settled when in doubt.

An intent is marked as attempted in the database before the call, so whatever dies afterwards leaves
`unknown`, never a silent resend. An unknown message is looked for in the thread by its mark; only when it is
not there after Chatwoot can no longer be working on it is it sent again.
"""

from __future__ import annotations

import asyncio
import random
from typing import assert_never

from nextnest.domain.gate import Act, Silence, wakes
from nextnest.domain.ownership import Owner, may_go_back, still_held
from nextnest.domain.thread import Author, Status, Thread
from nextnest.service import drafts
from nextnest.service.custody import keep
from nextnest.service.facts import show_holder
from nextnest.service.failures import Failure, Gone, MaybeDone, NotDone, Refusal
from nextnest.service.ports import ChatwootPort, Mark, Store, Work
from nextnest.service.records import Guard, Intent, Kind, Outcome

SETTLE_SECONDS = 20.0  # Chatwoot's own request limit is 15 s: after this nothing can still be stored
GIVE_UP_SECONDS = 24 * 3600.0
SUPERSEDE_AT_MOST = 3  # a customer who keeps writing still gets an answer
WINDOW_CLOSED = "the channel takes no free text so long after the customer's last message"
FRESH_SECONDS = 2.0  # a look that took longer is old before it is over: look again,
LOOKS = 3  # but a Chatwoot that is always slow still gets its answers
STALL_SECONDS = 8.0  # a worker that slept this long between look and send must look again
MARKED = frozenset({Kind.MESSAGE, Kind.NOTE, Kind.CUSTOMER_MESSAGE})


def backoff(attempts: int) -> float:
    """Seconds to wait after that many attempts: doubling from half a second to a minute, with jitter."""
    return min(60.0, 0.5 * 2.0 ** min(attempts, 8)) * random.uniform(0.6, 1.0)  # noqa: S311


class Outbox:
    def __init__(self, store: Store, chatwoot: ChatwootPort) -> None:
        self._store = store
        self._chatwoot = chatwoot

    async def flush(self, conversation_id: int, *, customer: bool = False) -> float | None:
        """Carry out what is intended, in order. None: all done; else seconds until it may go on.

        With `customer`, the line of the customer's own messages; it never waits for the brokerage's.
        """
        while True:
            async with self._store.work() as work:
                intent = await work.outbox.next(conversation_id, customer=customer)
            if intent is None or intent.stands_back:  # the sweep brings that one back when it is time
                return None
            if intent.wait > 0:
                return intent.wait
            try:
                if intent.unknown and intent.kind in MARKED and await self._settle(intent):
                    continue
                await self._carry_out(intent)
            except NotDone as failure:
                await self._later(intent, failure)
            except Gone:
                raise
            except Refusal as failure:
                await self._give_up(intent, failure)

    async def _settle(self, intent: Intent) -> bool:
        """Look for what may have been sent. True: found, or too early to tell."""
        found = await self._chatwoot.find(intent.conversation_id, _mark(intent), after=intent.after)
        waited = intent.since_attempt or 0.0
        async with self._store.work() as work:
            if found is not None:
                await work.outbox.settled(intent.id, message_id=found)
                await self._close(work, intent)
                return True
            if waited < SETTLE_SECONDS:
                again = min(max(waited, 0.25), SETTLE_SECONDS - waited)
                await work.outbox.later(intent.id, seconds=again, why="looking for it", unknown=True)
                return True
        if intent.age > GIVE_UP_SECONDS:
            await self._give_up(intent, Refusal("sent again and again, and never found in the thread"))
            return True
        return False

    async def _carry_out(self, intent: Intent) -> None:
        if intent.kind is Kind.STATUS and await self._overtaken(intent):
            return
        looked = await self._look(intent)
        if looked is None:
            return
        if intent.kind in MARKED:
            async with self._store.work() as work:
                if not await work.outbox.attempt(intent):
                    return
        if asyncio.get_running_loop().time() - looked > STALL_SECONDS:
            raise NotDone("this worker stood still between the look and the send", wait=SETTLE_SECONDS)
        try:
            message_id = await self._perform(intent)
        except MaybeDone as failure:
            await self._unsure(intent, failure)
            return
        except Refusal as failure:
            await self._give_up(intent, failure)
            return
        window = (asyncio.get_running_loop().time() - looked) * 1000
        async with self._store.work() as work:
            await work.outbox.sent(intent.id, message_id=message_id, window_ms=window)
            if intent.kind is Kind.ATTRIBUTES:
                await work.outbox.outdated(intent)
            await self._close(work, intent)

    async def _perform(self, intent: Intent) -> int | None:
        to, payload = intent.conversation_id, intent.payload
        match intent.kind:
            case Kind.MESSAGE:
                return await self._chatwoot.say(to, payload["text"], _mark(intent))
            case Kind.NOTE:
                return await self._chatwoot.note(to, payload["text"], _mark(intent), team=payload.get("team"))
            case Kind.CUSTOMER_MESSAGE:
                return await self._chatwoot.relay(to, payload["text"], _mark(intent))
            case Kind.STATUS:
                await self._chatwoot.set_status(to, Status(payload["status"]))
            case Kind.LABELS:
                await self._chatwoot.add_labels(to, payload["labels"])
            case Kind.ATTRIBUTES:
                await self._chatwoot.set_attributes(to, payload["attributes"])
            case Kind.PRIORITY:
                await self._chatwoot.set_priority(to, payload["priority"])
            case Kind.TEAM:
                await self._chatwoot.assign_team(to, payload["team"])
            case _:
                assert_never(intent.kind)
        return None

    async def _overtaken(self, intent: Intent) -> bool:
        """Whether somebody has moved the conversation on since a status was intended: then theirs stands."""
        holder = intent.payload.get("owner")
        thread = await self._chatwoot.latest(intent.conversation_id)
        async with self._store.work() as work:
            conversation = await work.conversations.get(intent.conversation_id)
            if conversation is None or (holder and conversation.holding.owner != holder):
                await work.outbox.settled(intent.id, message_id=None)
                return True
            if thread.status not in intent.payload["from"]:
                await work.outbox.settled(intent.id, message_id=None)
                await self._close(work, intent, status=thread.status)
                return True
            if holder == Owner.BOT and not may_go_back(conversation.holding, thread):
                await keep(work, conversation, thread)
                await work.outbox.settled(intent.id, message_id=None)
                return True
        return False

    async def _look(self, intent: Intent) -> float | None:
        """When the last look began, if the intent is still wanted; one that hung half way is not trusted."""
        clock = asyncio.get_running_loop().time
        began = clock()
        for _ in range(LOOKS):
            began = clock()
            if not await self._still_wanted(intent):
                return None
            if clock() - began < FRESH_SECONDS:
                break
        return began

    async def _still_wanted(self, intent: Intent) -> bool:
        """The last look before a send: is the conversation still ours, and the customer still quiet?"""
        if intent.guard is Guard.NONE or await self._undisturbed(intent):
            return True
        # With history: the line that says who opened it may lie before what this intent answers.
        thread = await self._chatwoot.thread(intent.conversation_id, since=intent.after)
        async with self._store.work() as work:
            conversation = await work.conversations.get(intent.conversation_id)
            if conversation is None:
                return False
            seen = await keep(work, conversation, thread)
            silence = _not_ours(seen.holding.owner, thread)
            if silence is not None:
                await self._withdraw(work, intent, Outcome.SILENT, silence)
                return False
            if intent.kind is Kind.MESSAGE and not self._chatwoot.may_write(thread):
                await self._withdraw(work, intent, Outcome.FAILED, WINDOW_CLOSED)
                return False
            if _wrote_again(thread, since=intent.after):
                # Their webhook may be lost, and once we have written the sweep no longer sees them wait.
                await work.conversations.wake(intent.conversation_id)
                if intent.guard is Guard.REPLY and conversation.superseded < SUPERSEDE_AT_MOST:
                    await self._withdraw(work, intent, Outcome.SUPERSEDED, None)
                    return False
        return True

    async def _undisturbed(self, intent: Intent) -> bool:
        """Whether nothing has happened since the intent; most often so, and seen in one read."""
        glance = await self._chatwoot.glance(intent.conversation_id)
        if not glance.messages or glance.last_id > intent.after or glance.contact_blocked:
            return False
        async with self._store.work() as work:
            conversation = await work.conversations.get(intent.conversation_id)
        ours = conversation is not None and still_held(conversation.holding, glance)
        return ours and glance.bot_here and self._chatwoot.may_write(glance)

    async def _withdraw(self, work: Work, intent: Intent, outcome: Outcome, reason: str | None) -> None:
        if intent.turn_id is None:  # a greeting: nobody misses it where a person was faster
            await work.outbox.settled(intent.id, message_id=None)
            return
        await work.outbox.cancel_turn(intent.turn_id)
        why = "the customer wrote again" if outcome is Outcome.SUPERSEDED else str(reason)
        if await work.outbox.said_of_turn(intent.turn_id):  # a person stepped in between two parts
            outcome, reason = Outcome.REPLIED, None
        else:
            rewind = outcome is Outcome.SUPERSEDED
            await drafts.withdrawn(work, intent.conversation_id, intent.turn_id, why, rewind=rewind)
        await work.turns.end(intent.turn_id, outcome, reason)
        await work.traces.add(intent.turn_id)

    async def _later(self, intent: Intent, failure: NotDone) -> None:
        if intent.age > GIVE_UP_SECONDS:
            await self._give_up(intent, failure)
            return
        async with self._store.work() as work:
            seconds = failure.wait if failure.wait is not None else backoff(intent.attempts)
            await work.outbox.later(intent.id, seconds=seconds, why=failure.why, unknown=intent.unknown)

    async def _unsure(self, intent: Intent, failure: MaybeDone) -> None:
        """What carries our mark is looked for; anything else does no harm when it is done twice."""
        marked = intent.kind in MARKED
        if not marked and intent.age > GIVE_UP_SECONDS:
            await self._give_up(intent, failure)
            return
        async with self._store.work() as work:
            wait = 0.2 if marked else backoff(intent.attempts)
            await work.outbox.later(intent.id, seconds=wait, why=failure.why, unknown=marked)

    async def _give_up(self, intent: Intent, failure: Failure) -> None:
        async with self._store.work() as work:
            await work.outbox.failed(intent.id, failure.why)
            await self._close(work, intent)

    async def _close(self, work: Work, intent: Intent, *, status: Status | None = None) -> None:
        """After an intent: the hand-off it opened, and the turn it was the last of."""
        await work.notify(intent.conversation_id)
        if intent.kind is Kind.STATUS and (status or intent.payload["status"]) == Status.OPEN:
            await work.handoffs.opened(intent.conversation_id)
            await work.conversations.opened(intent.conversation_id)
            await show_holder(work, intent.conversation_id)
        if intent.turn_id is None or await work.outbox.open_of_turn(intent.turn_id):
            return
        turn = await work.turns.get(intent.turn_id)
        if turn is None or turn.plan is None:
            return
        why = await work.outbox.failed_of_turn(intent.turn_id)
        if why is None:
            await work.turns.end(turn.id, turn.plan, turn.reason)
        else:
            await work.turns.end(turn.id, Outcome.FAILED, why)
        await work.traces.add(turn.id)


def _mark(intent: Intent) -> Mark:
    return Mark(turn_id=intent.turn_id or intent.key, part=intent.key)


def _not_ours(owner: Owner, thread: Thread) -> Silence | None:
    if owner is Owner.PERSON:
        return Silence.HUMAN_OWNS
    if owner is Owner.NOBODY:
        return Silence.NOT_PENDING
    return Silence.BLOCKED_CONTACT if thread.contact_blocked or thread.muted else None


def _wrote_again(thread: Thread, *, since: int) -> bool:
    return any(m.author is Author.CUSTOMER and wakes(m).act is Act.REPLY for m in thread.since(since))
