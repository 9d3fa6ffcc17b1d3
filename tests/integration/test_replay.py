"""Everything that a real Chatwoot sent, in any order, repeated and in parallel, leaves the same behind.

Left behind, that is: which message events and which status or assignment events are on record, which
conversations are known, how often each was woken, whether somebody must look, and that a job will.
By which of the three routes a message came first, and when, is chance and no part of it.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from nextnest.adapters.chatwoot.inbound import Inbound
from nextnest.adapters.chatwoot.payloads import Event, parse_event
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.events import EventRows, Quiet
from nextnest.service.receive import Receive, Source
from tests.unit.chatwoot.recording import webhooks

SOURCES = {
    "agent_bot_webhook": Source.AGENT_BOT,
    "account_webhook": Source.ACCOUNT,
    "api_inbox_webhook": Source.INBOX,
}
AT_ONCE = 8
Delivery = tuple[Source, str, Event]


def recorded() -> list[Delivery]:
    return [
        (SOURCES[hook["target"]], _delivery_id(hook), parse_event(hook["request"]["body"].encode()))
        for hook in webhooks()
        if hook["target"] in SOURCES
    ]


def _delivery_id(hook: dict[str, Any]) -> str:
    return str(dict(hook["request"]["headers"])["X-Chatwoot-Delivery"])


async def deliver(database: Database, deliveries: list[Delivery]) -> int:
    """Hand them in, some at a time as Chatwoot's workers do; how many were new and asked for something."""
    inbound = Inbound(Receive(EventRows(database, Quiet(0, 0))), account_id=1)
    waiting = iter(deliveries)

    async def worker(waiting: Iterator[Delivery]) -> int:
        return sum([await inbound.store(*delivery) for delivery in waiting])

    return sum(await asyncio.gather(*(worker(waiting) for _ in range(AT_ONCE))))


async def left_behind(database: Database) -> dict[str, Any]:
    messages = await database.fetch(
        "SELECT event, message_id, fingerprint FROM webhook_events WHERE message_id IS NOT NULL"
    )
    others = await database.fetch(
        "SELECT source, delivery_id, event, conversation_id FROM webhook_events WHERE message_id IS NULL"
    )
    conversations = await database.fetch(
        "SELECT id, wakes, watermark, due_at IS NOT NULL AS due FROM conversations"
    )
    jobs = await database.fetch("SELECT DISTINCT task_name, args FROM procrastinate_jobs")
    return {
        "messages": Counter(tuple(row.values()) for row in messages),
        "others": Counter(tuple(row.values()) for row in others),
        "conversations": {row["id"]: tuple(row.values()) for row in conversations},
        "jobs": {(row["task_name"], row["args"]["conversation_id"]) for row in jobs},
    }


async def _empty(database: Database) -> None:
    await database.run("TRUNCATE webhook_events, conversations, procrastinate_jobs CASCADE")


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_order_with_any_repeats_leaves_the_same_behind(database: Database, seed: int) -> None:
    once = recorded()
    await deliver(database, once)
    expected = await left_behind(database)
    await _empty(database)

    dice = random.Random(seed)
    repeated = [delivery for delivery in once for _ in range(dice.choice([1, 1, 2, 3]))]
    dice.shuffle(repeated)
    assert len(repeated) > len(once)
    new = await deliver(database, repeated)

    found = await left_behind(database)
    assert found == expected
    assert new == sum(expected["messages"].values()) + sum(expected["others"].values())
    assert await deliver(database, repeated) == 0  # and all of it once more changes nothing
    assert await left_behind(database) == expected


async def test_what_is_left_behind_is_what_the_recording_holds(database: Database) -> None:
    """Counted in the raw bodies, not by our own reading of them."""
    await deliver(database, recorded())
    found = await left_behind(database)

    bodies = [(hook, json.loads(hook["request"]["body"])) for hook in webhooks() if hook["target"] in SOURCES]
    public = {
        (body["event"], body["id"])
        for _, body in bodies
        if body["event"].startswith("message_") and not body["private"]
    }
    assert {(event, number) for event, number, _ in found["messages"]} == public

    status = {
        (hook["target"], _delivery_id(hook))
        for hook, body in bodies
        if body["event"] in ("conversation_status_changed", "conversation_opened", "conversation_resolved")
    }
    stored = {(source, delivery) for source, delivery, _, _ in found["others"]}
    assert {delivery for _, delivery in status} <= {delivery for _, delivery in stored}
    assert all(row[3] for row in found["conversations"].values())  # each is due: somebody must look
    assert found["jobs"] == {("attend", conversation) for conversation in found["conversations"]}


async def test_as_many_customer_messages_wait_as_were_sent(database: Database) -> None:
    """Twenty of them end the quiet time."""
    await deliver(database, recorded())
    rows = await database.fetch("SELECT id, waiting_count FROM conversations")
    sent = {
        (body["id"], body["conversation"]["id"])
        for body in (json.loads(hook["request"]["body"]) for hook in webhooks())
        if body["event"] == "message_created" and body["message_type"] == "incoming"
    }
    expected = Counter(conversation for _, conversation in sent)
    assert {row["id"]: row["waiting_count"] for row in rows} == {
        row["id"]: expected[row["id"]] for row in rows
    }
