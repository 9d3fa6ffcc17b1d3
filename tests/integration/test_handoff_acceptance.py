"""Hand-offs that nobody takes, and what a customer is told when nobody is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.responses import JSONResponse

from nextnest.adapters.store.database import Database
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import Reply
from tests.integration.test_main_corridor import (
    customer_says,
    ends,
    lead_in,
    person_says,
    status_of,
    status_set,
    woken,
)
from tests.integration.test_outages import Line, time_passes_by_sweeps
from tests.integration.world import World, world

SGT = ZoneInfo("Asia/Singapore")


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def handed_over(world: World, **more: Any) -> int:
    conversation = await lead_in(world, **more)
    world.broker.script = lambda brief: Reply(
        text="A colleague will take over.", intent="person", handoff=HandoffReason.COMPLAINT
    )
    await customer_says(world, conversation, "this is unacceptable")
    await world.work_off()
    return conversation


async def state_of(world: World) -> str:
    rows = await world.database.fetch("SELECT state::text AS state FROM handoffs ORDER BY id DESC LIMIT 1")
    return str(rows[0]["state"])


async def opened_ago(world: World, ago: timedelta) -> None:
    await world.database.run("UPDATE handoffs SET opened_at = now() - %(ago)s", {"ago": ago})


async def set_hours(world: World, **changes: Any) -> None:
    await world.admin.inboxes.update(world.inbox_id, {"timezone": "Asia/Singapore", **changes})


async def notes_of(world: World, conversation: int) -> list[str]:
    return [m["content"] for m in await world.thread(conversation) if m["private"]]


async def test_a_hand_off_that_nobody_takes_is_brought_up_once_with_priority_and_the_team(
    small: World,
) -> None:
    conversation = await handed_over(small)
    await opened_ago(small, timedelta(minutes=16))
    assert (await small.sweep.handoffs()).escalated == 1
    assert (await small.sweep.handoffs()).escalated == 0
    await small.work_off()
    assert await state_of(small) == "escalated"
    assert (await small.admin.conversations.get(conversation)).priority == "urgent"
    team = next(t for t in await small.admin.teams.all() if t.name == "mortgage brokers")
    mention = f"[@mortgage brokers](mention://team/{team.id}/mortgage%20brokers)"
    assert (
        sum(note.startswith(f"{mention} nobody has taken") for note in await notes_of(small, conversation))
        == 1
    )


async def test_a_hand_off_has_its_time_before_it_is_escalated(small: World) -> None:
    await handed_over(small)
    await opened_ago(small, timedelta(minutes=14))
    assert (await small.sweep.handoffs()).escalated == 0
    assert await state_of(small) == "open"


async def test_a_person_who_answers_has_taken_the_hand_off(small: World) -> None:
    conversation = await handed_over(small)
    await person_says(small, conversation, "Mei here, I am reading this now.")
    await small.work_off()
    assert await state_of(small) == "accepted"


async def test_a_person_who_is_assigned_has_taken_the_hand_off_even_when_no_webhook_said_so(
    small: World,
) -> None:
    conversation = await handed_over(small)
    agent = (await small.admin.agents())[0]
    await small.admin.conversations.assign_agent(conversation, agent.id)
    await opened_ago(small, timedelta(minutes=16))
    assert (await small.sweep.handoffs()).escalated == 0  # Chatwoot is asked before anybody is called
    await small.work_off()
    assert await state_of(small) == "accepted"


async def test_a_hand_off_that_was_given_back_is_over(small: World) -> None:
    conversation = await handed_over(small)
    small.broker.script = None
    await status_set(small, conversation, "pending")
    await small.work_off()
    assert await state_of(small) == "returned"


async def test_the_time_runs_in_working_hours_only(small: World) -> None:
    await set_hours(small, working_hours_enabled=True)  # Monday to Friday, nine to five
    await handed_over(small)
    friday_evening = datetime(2026, 11, 20, 16, 50, tzinfo=SGT)
    await small.database.run("UPDATE handoffs SET opened_at = %(at)s", {"at": friday_evening})
    await small.sweep.handoffs()
    rows = await small.database.fetch("SELECT escalate_at FROM handoffs")
    assert rows[0]["escalate_at"] == datetime(2026, 11, 23, 9, 5, tzinfo=SGT)


async def test_the_broker_knows_when_people_are_back(small: World) -> None:
    closed = [{"day_of_week": day, "closed_all_day": True} for day in range(7)]
    tomorrow = datetime.now(SGT) + timedelta(days=1)
    opens = {
        "closed_all_day": False,
        "open_hour": 9,
        "open_minutes": 30,
        "close_hour": 17,
        "close_minutes": 0,
    }
    closed[tomorrow.isoweekday() % 7] |= opens
    await set_hours(small, working_hours_enabled=True, working_hours=closed)
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")
    await small.work_off()
    said = small.broker.briefs[-1].people_back
    assert said is not None
    # On the eve of a public holiday people are back a week later.
    assert said == "tomorrow at 9:30 am" or said.startswith(f"on {tomorrow:%A}")


async def test_an_inbox_without_working_hours_promises_nothing(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")
    await small.work_off()
    assert small.broker.briefs[-1].people_back is None


async def test_a_hand_off_counts_again_after_the_bot_had_the_conversation_back(small: World) -> None:
    conversation = await handed_over(small)
    await person_says(small, conversation, "Mei here.")
    await small.work_off()
    await status_set(small, conversation, "pending")
    await small.work_off()
    await customer_says(small, conversation, "I want a person again")
    await small.work_off()
    assert await state_of(small) == "open"
    await opened_ago(small, timedelta(minutes=16))
    assert (await small.sweep.handoffs()).escalated == 1
    await woken(small, conversation)
    await small.work_off()
    assert await state_of(small) == "escalated"  # what Mei said before does not count


async def test_a_deleted_conversation_keeps_no_other_hand_off_from_being_brought_up(small: World) -> None:
    deleted = await handed_over(small)
    await opened_ago(small, timedelta(minutes=1))
    other = await handed_over(small, email="other@example.com", phone=None)
    await small.database.run("UPDATE handoffs SET opened_at = opened_at - interval '20 minutes'")
    await small.admin.conversations.delete(deleted)
    assert (await small.sweep.handoffs()).escalated == 1
    await small.work_off()
    assert (await small.admin.conversations.get(other)).priority == "urgent"
    states = "SELECT conversation_id AS id, state::text AS state FROM handoffs"
    assert {row["id"]: row["state"] for row in await small.database.fetch(states)} == {
        deleted: "returned",  # there is nobody to answer any more
        other: "escalated",
    }


async def test_a_team_that_cannot_be_written_keeps_nobody_waiting_after_a_hand_back(small: World) -> None:
    def fate(method: str, path: str) -> JSONResponse | None:
        return JSONResponse({}, 500) if method == "POST" and path.endswith("/assignments") else None

    Line(small, fate)
    conversation = await handed_over(small)
    await time_passes_by_sweeps(small, 6)
    assert await status_of(small, conversation) == "open"
    small.broker.script = None
    await status_set(small, conversation, "pending")
    await customer_says(small, conversation, "one more question")
    await time_passes_by_sweeps(small, 3)
    assert (await small.said_by_bot(conversation))[-1] == "You said: one more question"
    assert await ends(small) == [("handed_off", "complaint"), ("replied", None)]
