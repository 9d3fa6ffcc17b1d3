"""Faults that the bench found: what a lost webhook or a slow look would hide from us."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from nextnest.adapters.chatwoot.conversations import Conversations
from nextnest.adapters.chatwoot.messages import Messages
from nextnest.adapters.store.database import Database
from nextnest.desk.models import Delivery
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.lead import parse_lead
from nextnest.domain.ownership import opened_by_bot_failure
from nextnest.domain.reply import Reply
from nextnest.domain.thread import Status, Thread
from nextnest.service import outbox
from tests.integration.test_main_corridor import (
    LEAD,
    customer_says,
    ends,
    lead_in,
    person_says,
    status_of,
)
from tests.integration.world import World, world


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def test_a_message_before_the_greeting_is_answered_although_its_webhook_was_lost(small: World) -> None:
    submission = await small.intake.submit(parse_lead(LEAD), idempotency_key=None)
    await small.sync.sync(submission.lead_id)
    conversation = await small.intake.conversation_of(submission.lead_id, wait=0)
    assert conversation is not None
    await customer_says(small, conversation, "hello?", delivered=False)

    await small.work_off()

    assert (await small.said_by_bot(conversation))[-1] == "You said: hello?"


def at_the_look(
    world: World, monkeypatch: pytest.MonkeyPatch, act: Callable[[Thread], Awaitable[Thread]]
) -> None:
    """Let `act` happen at the first glance, which is the last look before the send."""
    read, count = world.gateway.glance, iter(range(1, 1000))

    async def glance(conversation_id: int) -> Thread:
        seen = await read(conversation_id)
        return await act(seen) if next(count) == 1 else seen

    monkeypatch.setattr(world.gateway, "glance", glance)


async def test_a_message_seen_before_a_send_is_answered_although_its_webhook_was_lost(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    await small.database.run("UPDATE conversations SET superseded = 9")  # so the first answer goes out
    await customer_says(small, conversation, "one")
    read = small.gateway.glance

    async def with_more(_: Thread) -> Thread:
        await customer_says(small, conversation, "two", delivered=False)
        return await read(conversation)

    at_the_look(small, monkeypatch, with_more)
    await small.work_off()

    assert (await small.said_by_bot(conversation))[-2:] == ["You said: one", "You said: two"]


async def test_a_person_who_answers_during_a_slow_look_is_not_talked_over(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "one")

    async def slow(seen: Thread) -> Thread:
        await person_says(small, conversation, "I will take this.")
        return seen

    at_the_look(small, monkeypatch, slow)
    monkeypatch.setattr(outbox, "FRESH_SECONDS", 0.0)
    await small.work_off()

    assert len(await small.said_by_bot(conversation)) == 1  # the greeting
    assert ("silent", "human_owns") in await ends(small)


async def test_an_open_by_the_bots_failure_before_what_is_answered_is_not_taken_for_a_person(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "one")
    await opened_by_failure(small, conversation)
    read = small.gateway.thread

    async def with_the_status_of_a_moment_ago(
        conversation_id: int, *, since: int, history: bool = True
    ) -> Thread:
        monkeypatch.setattr(small.gateway, "thread", read)
        seen = await read(conversation_id, since=since, history=history)
        return seen.model_copy(update={"status": Status.PENDING})

    monkeypatch.setattr(small.gateway, "thread", with_the_status_of_a_moment_ago)
    await small.work_off()

    assert (await small.said_by_bot(conversation))[-1] == "You said: one"
    assert await status_of(small, conversation) == "pending"


async def test_an_open_by_the_bots_failure_between_two_reads_is_not_taken_for_a_person(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "one")
    latest = small.admin.messages.latest.__func__  # type: ignore[attr-defined]
    count, opened = iter(range(1, 1000)), asyncio.Event()

    async def just_before(self: Any, conversation_id: int, *, before: int | None = None) -> Any:
        page = await latest(self, conversation_id, before=before)
        if next(count) == 1:  # the messages are read, the status is not
            await opened_by_failure(small, conversation)
            opened.set()
        return page

    get = small.admin.conversations.get.__func__  # type: ignore[attr-defined]

    async def afterwards(self: Any, conversation_id: int) -> Any:
        await opened.wait()
        return await get(self, conversation_id)

    with monkeypatch.context() as patch:
        patch.setattr(Messages, "latest", just_before)
        patch.setattr(Conversations, "get", afterwards)
        thread = await small.gateway.thread(conversation, since=0)

    assert thread.status is Status.OPEN
    assert opened_by_bot_failure(thread)


async def test_a_hand_off_is_not_undone_by_a_status_that_was_meant_before_it(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    small.broker.script = lambda _: Reply(
        text="Of course.", intent="person", handoff=HandoffReason.ASKED_FOR_PERSON
    )
    await customer_says(small, conversation, "a person, please")
    read = small.gateway.glance

    async def after_a_failure(_: Thread) -> Thread:
        await opened_by_failure(small, conversation)
        return await read(conversation)

    at_the_look(small, monkeypatch, after_a_failure)
    await small.work_off()

    assert await ends(small) == [("handed_off", "asked_for_person")]
    assert await status_of(small, conversation) == "open"


async def test_an_open_by_hand_is_not_undone_by_a_status_that_was_meant_before_it(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "one")
    await opened_by_failure(small, conversation)
    latest = small.gateway.latest

    async def opened_by_hand_meanwhile(conversation_id: int) -> Thread:
        monkeypatch.setattr(small.gateway, "latest", latest)
        await small.admin.conversations.set_status(conversation_id, "pending")
        await small.admin.conversations.set_status(conversation_id, "open")
        return await latest(conversation_id)

    monkeypatch.setattr(small.gateway, "latest", opened_by_hand_meanwhile)
    await small.work_off()

    assert await status_of(small, conversation) == "open"
    assert len(await small.said_by_bot(conversation)) == 1  # the greeting


async def test_who_waits_in_a_conversation_that_somebody_opened_and_left_is_brought_up(small: World) -> None:
    conversation = await lead_in(small)
    await small.admin.conversations.set_status(conversation, "open")
    await customer_says(small, conversation, "hello?")
    await small.work_off()

    assert await ends(small) == [("silent", "human_owns")]
    handoffs = await small.database.fetch("SELECT reason, state::text FROM handoffs")
    assert handoffs == [{"reason": "person_stepped_in", "state": "open"}]


async def opened_by_failure(world: World, conversation: int) -> None:
    """What Chatwoot does with a pending conversation when the bot's address does not answer."""
    failed = Delivery("agent_bot_webhook", "message_created", "", "", "", conversation_id=conversation)
    await world.desk._delivery_failed(failed, "ConnectError")
