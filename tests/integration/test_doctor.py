"""The doctor on real tables and a desk: it finds what was broken on purpose, and changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from nextnest.adapters.store.database import Database
from nextnest.adapters.store.drifting import DriftRows
from nextnest.service.drift import Doctor, DriftKind
from nextnest.service.failures import NotDone
from tests.integration.test_main_corridor import customer_says, lead_in
from tests.integration.world import World, world

DAY = timedelta(days=1)


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


def doctor_of(world: World) -> Doctor:
    return Doctor(DriftRows(world.database), world.gateway)


async def found(world: World) -> set[tuple[DriftKind, int | None]]:
    return {(drift.kind, drift.conversation_id) for drift in await doctor_of(world).examine(within=DAY)}


async def test_a_house_in_order_has_nothing_wrong(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")
    await small.work_off()
    assert await found(small) == set()


async def test_a_turn_and_an_intent_that_do_not_end_are_stuck(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")
    assert await small.lane._turns.take(conversation)
    assert await found(small) == set()
    await small.database.run("UPDATE turns SET started_at = now() - interval '6 minutes'")
    assert await found(small) == {(DriftKind.STUCK, conversation)}


async def test_a_conversation_that_people_opened_behind_our_back_is_told_and_left_as_it_is(
    small: World,
) -> None:
    conversation = await lead_in(small)
    await small.admin.conversations.set_status(conversation, "open")  # its webhook never came
    assert await found(small) == {(DriftKind.STATUS, conversation)}
    assert (await small.admin.conversations.get(conversation)).status == "open"
    rows = await small.database.fetch("SELECT owner::text AS owner, due_at FROM conversations")
    assert rows == [{"owner": "bot", "due_at": None}]


async def test_the_same_mark_twice_is_found(small: World) -> None:
    conversation = await lead_in(small)
    greeting = (await small.thread(conversation))[0]
    path = f"/api/v1/accounts/1/conversations/{conversation}/messages"
    again = {"content": "again", "content_attributes": greeting["content_attributes"]}
    assert (await small.http.post(path, json=again)).status_code == 200
    assert (DriftKind.DOUBLED, conversation) in await found(small)


async def test_no_more_conversations_are_read_than_allowed(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await lead_in(small, phone=f"+659123456{number}", email=f"c{number}@example.com")
    read: list[int] = []
    latest = small.gateway.latest

    async def counting(conversation_id: int) -> object:
        read.append(conversation_id)
        return await latest(conversation_id)

    monkeypatch.setattr(small.gateway, "latest", counting)
    await doctor_of(small).examine(within=DAY, limit=2)
    assert len(read) == 2


async def test_workers_compare_in_turns_and_keep_the_counts(small: World) -> None:
    conversation = await lead_in(small)
    await small.admin.conversations.set_status(conversation, "open")
    first = await doctor_of(small).round(timedelta(minutes=10), within=DAY)
    assert [drift.kind for drift in first] == [DriftKind.STATUS]
    assert await doctor_of(small).round(timedelta(minutes=10), within=DAY) == []
    rows = await small.database.fetch("SELECT counts FROM drift")
    assert rows[0]["counts"]["status"] == 1
    assert rows[0]["counts"]["doubled"] == 0
    assert "second_route" not in rows[0]["counts"]  # not looked for: no number, rather than 0


async def test_a_chatwoot_that_cannot_be_read_is_no_clean_bill(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(within: float, limit: int) -> list[int]:
        raise NotDone("connection refused")

    monkeypatch.setattr(small.gateway, "active", down)
    with pytest.raises(NotDone):
        await doctor_of(small).examine(within=DAY)
