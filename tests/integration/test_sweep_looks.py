"""A worker's looks at Chatwoot reach back over all that the looks before did not see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.responses import JSONResponse

from nextnest.adapters.store.database import Database
from nextnest.bootstrap import running
from nextnest.desk.models import Conversation
from nextnest.service import sweep as sweep_module
from tests.integration.test_main_corridor import customer_says, lead_in
from tests.integration.test_outages import Line
from tests.integration.test_workers import until
from tests.integration.world import World, world

HOUR = 3600.0  # longer than one look reaches back over the one before


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def unheard(world: World, number: int) -> int:
    """A conversation whose customer has waited for an hour, without a webhook."""
    conversation = await lead_in(world, email=f"c{number}@example.com", phone=None)
    await customer_says(world, conversation, "hello?", delivered=False)
    record = world.desk.store.get(Conversation, conversation)
    assert record is not None
    world.desk.store.update(record, last_activity_at=record.last_activity_at - HOUR)
    world.desk.store.commit()
    return conversation


@asynccontextmanager
async def looking(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The worker's loop of looks, with short pauses."""
    monkeypatch.setattr(running, "THEIRS_EVERY", 0.1)
    looks = asyncio.create_task(running._look(world.sweep))
    try:
        yield
    finally:
        looks.cancel()
        await asyncio.gather(looks, return_exceptions=True)


async def all_are_woken(world: World, conversations: list[int]) -> bool:
    query = "SELECT id FROM conversations WHERE due_at IS NOT NULL"
    return {row["id"] for row in await world.database.fetch(query)} == set(conversations)


async def all_are_answered(world: World, conversations: list[int]) -> None:
    await world.work_off()
    for conversation in conversations:
        assert (await world.said_by_bot(conversation))[1:] == ["You said: hello?"]


async def test_who_waited_while_a_look_failed_is_found_by_a_later_one(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [await unheard(small, 0)]
    await lead_in(small)  # newer: looks count from Chatwoot's latest activity
    failures = iter([JSONResponse({"error": "Invalid Access Token"}, 401)] * 2)
    Line(small, lambda method, path: next(failures, None))
    async with looking(small, monkeypatch):
        await until(lambda: all_are_woken(small, waiting))
    await all_are_answered(small, waiting)


async def test_whom_a_look_did_not_get_to_is_found_by_a_later_one(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_module, "AT_MOST", 1)
    waiting = [await unheard(small, number) for number in range(3)]
    await lead_in(small)
    async with looking(small, monkeypatch):
        await until(lambda: all_are_woken(small, waiting))
    await all_are_answered(small, waiting)


@pytest.mark.parametrize(
    ("at_most", "status", "whole"),
    [
        (200, None, True),
        (200, 401, False),  # Chatwoot did not say who waits
        (1, None, False),  # it broke off, and there may be more
    ],
)
async def test_a_sweep_says_whether_it_looked_at_all(
    small: World, monkeypatch: pytest.MonkeyPatch, at_most: int, status: int | None, whole: bool
) -> None:
    for number in range(2):
        await unheard(small, number)
    monkeypatch.setattr(sweep_module, "AT_MOST", at_most)
    Line(small, lambda method, path: JSONResponse({}, status) if status else None)
    assert (await small.sweep.theirs(within=2 * HOUR)).whole is whole
