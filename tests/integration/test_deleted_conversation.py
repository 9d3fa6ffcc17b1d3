"""A conversation that somebody deletes in Chatwoot ends quietly; one that cannot be read is tried again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from nextnest.adapters.chatwoot.errors import NotFound, Unavailable
from nextnest.adapters.store.database import Database
from tests.integration.test_main_corridor import customer_says, ends, lead_in, woken
from tests.integration.world import World, world


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def due(world: World) -> bool:
    rows = await world.database.fetch("SELECT due_at FROM conversations")
    jobs = await world.database.fetch("SELECT count(*) AS n FROM procrastinate_jobs")
    return rows[0]["due_at"] is not None or jobs[0]["n"] > 0


async def test_a_deleted_conversation_is_let_go_and_nothing_is_retried(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")
    await small.admin.conversations.delete(conversation)
    await small.work_off()
    assert not await due(small)
    await woken(small, conversation)  # its last webhooks arrive
    await small.work_off()
    assert not await due(small)


async def test_a_turn_whose_conversation_was_deleted_before_it_was_sent_says_so(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")
    assert await small.lane._turns.take(conversation)
    await small.admin.conversations.delete(conversation)
    await small.work_off()
    assert await ends(small) == [("failed", f"conversation {conversation} is no longer in Chatwoot")]
    open_intents = await small.database.fetch(
        "SELECT count(*) AS n FROM outbox WHERE state IN ('intended', 'unknown')"
    )
    assert open_intents[0]["n"] == 0


@pytest.mark.parametrize("failure", [NotFound, Unavailable])
async def test_a_404_of_a_chatwoot_that_does_not_know_us_either_loses_nothing(
    small: World, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")

    async def missing(*_: Any, **__: Any) -> Any:
        raise NotFound("GET", "/conversations", 404)

    async def away() -> Any:
        raise failure("GET", "/profile", 404)

    monkeypatch.setattr(small.admin.conversations, "get", missing)
    monkeypatch.setattr(small.admin, "profile", away)
    await small.work_off()
    assert await due(small)
    monkeypatch.undo()
    await small.database.run("UPDATE procrastinate_jobs SET scheduled_at = now()")
    await small.work_off()
    assert (await small.said_by_bot(conversation))[-1] == "You said: hello"
