"""The sweep finds who waits in Chatwoot, whatever stands behind their words, on however many pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from nextnest.adapters.store.database import Database
from nextnest.desk.models import Message
from tests.integration.test_handoff_acceptance import set_hours
from tests.integration.test_main_corridor import customer_says, ends, lead_in
from tests.integration.world import World, world

AWAY = "Thank you for writing. We are back on Monday."


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def greeted(world: World, conversation: int) -> None:
    await set_hours(world, greeting_enabled=True, greeting_message=AWAY)
    await customer_says(world, conversation, "anybody there?", delivered=False)


async def out_of_office(world: World, conversation: int) -> None:
    for message in world.desk.store.where(Message, "conversation_id", conversation):
        # Chatwoot says it only where nobody has spoken for five minutes
        world.desk.store.update(message, created_at=message.created_at - 600)
    closed = [{"day_of_week": day, "closed_all_day": True} for day in range(7)]
    await set_hours(world, working_hours_enabled=True, working_hours=closed, out_of_office_message=AWAY)
    await customer_says(world, conversation, "anybody there?", delivered=False)


async def noted(world: World, conversation: int) -> None:
    await customer_says(world, conversation, "anybody there?", delivered=False)
    await note(world, conversation)


async def note(world: World, conversation: int) -> None:
    path = f"/api/v1/accounts/1/conversations/{conversation}/messages"
    assert (await world.http.post(path, json={"content": AWAY, "private": True})).status_code == 200


@pytest.mark.parametrize("arrive", [greeted, out_of_office, noted])
async def test_who_waits_behind_words_that_answer_nobody_is_found_and_answered(
    small: World, arrive: Callable[[World, int], Awaitable[None]]
) -> None:
    conversation = await lead_in(small)
    await arrive(small, conversation)
    assert (await small.thread(conversation))[-1]["content"] == AWAY
    assert (await small.sweep.theirs(within=3600)).unanswered == 1
    await small.work_off()
    assert (await small.said_by_bot(conversation))[1:] == ["You said: anybody there?"]
    assert await ends(small) == [("replied", None)]
    assert (await small.sweep.theirs(within=3600)).unanswered == 0


async def test_who_was_answered_before_a_note_is_left_alone(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")
    await small.work_off()
    await note(small, conversation)
    assert (await small.sweep.theirs(within=3600)).unanswered == 0


@pytest.mark.parametrize("length", [1, 2])
async def test_everybody_is_found_however_short_the_operator_made_the_pages(
    small: World, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr("nextnest.desk.routes.conversations.PAGE", length)
    for number in range(3):
        conversation = await lead_in(small, email=f"n{number}@example.com", phone=None)
        await customer_says(small, conversation, "hello?", delivered=False)
    assert (await small.sweep.theirs(within=3600)).unanswered == 3
