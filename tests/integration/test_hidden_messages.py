"""Faults that the bench found: what a lost webhook or a slow look would hide from us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from nextnest.adapters.store.database import Database
from nextnest.domain.lead import parse_lead
from nextnest.domain.thread import Thread
from nextnest.service import outbox
from tests.integration.test_main_corridor import LEAD, customer_says, ends, lead_in, person_says
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


async def test_a_message_seen_before_a_send_is_answered_although_its_webhook_was_lost(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    await small.database.run("UPDATE conversations SET superseded = 9")  # so the first answer goes out
    await customer_says(small, conversation, "one")
    read = small.gateway.thread

    async def and_then_they_write(conversation_id: int, *, since: int, history: bool = True) -> Thread:
        if not history:
            monkeypatch.setattr(small.gateway, "thread", read)
            await customer_says(small, conversation, "two", delivered=False)
        return await read(conversation_id, since=since, history=history)

    monkeypatch.setattr(small.gateway, "thread", and_then_they_write)
    await small.work_off()

    assert (await small.said_by_bot(conversation))[-2:] == ["You said: one", "You said: two"]


async def test_a_person_who_answers_during_a_slow_look_is_not_talked_over(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "one")
    read = small.gateway.thread

    async def slow(*args: Any, **kwargs: Any) -> Thread:
        seen = await read(*args, **kwargs)
        if not kwargs.get("history", True):
            monkeypatch.setattr(small.gateway, "thread", read)
            await person_says(small, conversation, "I will take this.")
        return seen

    monkeypatch.setattr(small.gateway, "thread", slow)
    monkeypatch.setattr(outbox, "FRESH_SECONDS", 0.0)
    await small.work_off()

    assert len(await small.said_by_bot(conversation)) == 1  # the greeting
    assert ("silent", "human_owns") in await ends(small)
