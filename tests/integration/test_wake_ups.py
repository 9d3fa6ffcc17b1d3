"""One job of a lane stands for all that wake it: none comes too late, none is lost, whoever takes it when."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import psycopg
from psycopg.rows import DictRow, dict_row

from nextnest.adapters.queue import JobRows
from nextnest.adapters.store.conversations import ConversationRows
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.events import QUIET_MESSAGES, EventRows, Quiet
from nextnest.domain.thread import Author, Message
from nextnest.service.receive import Incoming, Source, Wake
from tests.integration.test_queue_order import fetched
from tests.integration.test_workers import attending, until, workers

LONG = Quiet(seconds=60, cap_seconds=600)
FETCH = "SELECT id FROM procrastinate_fetch_job_v2(NULL, %(worker)s)"


def said(conversation: int, number: int) -> Incoming:
    message = Message(
        id=number,
        author=Author.CUSTOMER,
        text="hello",
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
        private=False,
    )
    mark = number.to_bytes(8, "big")
    return Incoming(Source.AGENT_BOT, None, "message_created", conversation, message, fingerprint=mark)


def assigned(conversation: int) -> Incoming:
    return Incoming(Source.ACCOUNT, None, "conversation_updated", conversation, holder_changed=True)


async def waiting(database: Database) -> list[tuple[int, bool]]:
    """Of each job that waits: its conversation, and whether its time is when that is due."""
    rows = await database.fetch(
        """SELECT c.id, j.scheduled_at = c.due_at AS on_time FROM procrastinate_jobs j
           JOIN conversations c ON j.lock = 'conversation:' || c.id WHERE j.status = 'todo' ORDER BY j.id"""
    )
    return [(row["id"], row["on_time"]) for row in rows]


async def a_worker(database: Database) -> int:
    return int(
        (await database.fetch("SELECT worker_id FROM procrastinate_register_worker_v1()"))[0]["worker_id"]
    )


@asynccontextmanager
async def aside(database: Database) -> AsyncIterator[psycopg.AsyncConnection[DictRow]]:
    """A connection whose transaction is open until somebody commits it."""
    connection = await psycopg.AsyncConnection.connect(database.url, row_factory=dict_row)
    async with connection:
        yield connection


class Held:
    """Stands for the database: its statements are in a transaction that is still open."""

    def __init__(self, connection: psycopg.AsyncConnection[DictRow]) -> None:
        self._connection = connection

    async def fetch(self, query: str, arguments: dict[str, Any]) -> list[DictRow]:
        return await (await self._connection.execute(query, arguments)).fetchall()

    async def run(self, query: str, arguments: dict[str, Any]) -> int:
        return 0


async def test_one_job_waits_however_often_its_conversation_is_woken(database: Database) -> None:
    events = EventRows(database, LONG)
    for number in range(5):
        await events.accept(said(1, number), Wake.QUIET)
    await events.accept(said(2, 100), Wake.QUIET)
    assert await waiting(database) == [(1, True), (2, True)]


async def test_a_flood_does_not_make_the_queue_grow(database: Database) -> None:
    events = EventRows(database, LONG)
    for number in range(QUIET_MESSAGES * 3):
        await events.accept(said(1, number), Wake.QUIET)
    assert len(await waiting(database)) == 1
    assert await fetched(database) == [1]


async def test_a_change_of_holder_is_looked_at_at_once_although_a_quiet_time_runs(database: Database) -> None:
    events = EventRows(database, LONG)
    await events.accept(said(1, 1), Wake.QUIET)
    assert await fetched(database) == []
    await events.accept(assigned(1), Wake.NOW)
    assert await fetched(database) == [1]


async def test_work_that_is_due_is_not_put_off_by_a_new_message(database: Database) -> None:
    async with database.transaction() as connection:
        await JobRows(connection).attend(1)  # such as a draft that was approved
    await EventRows(database, LONG).accept(said(1, 1), Wake.QUIET)
    assert await fetched(database) == [1]
    assert await waiting(database) == [(1, True)], "and the message has a job at its own time"


async def test_a_job_that_broke_before_is_not_relied_on(database: Database) -> None:
    """It may be at its last attempt, and is then left to an operator."""
    async with database.transaction() as connection:
        await JobRows(connection).attend(1)
        await connection.execute("UPDATE procrastinate_jobs SET attempts = 4")
    await EventRows(database, Quiet(0, 0)).accept(said(1, 1), Wake.QUIET)
    assert len(await waiting(database)) == 2


async def test_a_message_that_comes_while_its_lanes_job_is_taken_has_one_of_its_own(
    database: Database,
) -> None:
    events = EventRows(database, Quiet(0, 0))
    await events.accept(said(1, 1), Wake.QUIET)
    worker = await a_worker(database)
    async with aside(database) as taking:
        await taking.execute(FETCH, {"worker": worker})
        assert await events.accept(said(1, 2), Wake.QUIET), "and waits for nobody"
        await taking.commit()
    assert await waiting(database) == [(1, True)]


async def test_a_job_is_not_taken_while_a_message_relies_on_it_that_is_not_stored_yet(
    database: Database,
) -> None:
    await EventRows(database, Quiet(0, 0)).accept(said(1, 1), Wake.QUIET)
    async with aside(database) as storing:
        await EventRows(cast(Database, Held(storing)), Quiet(0, 0)).accept(said(1, 2), Wake.QUIET)
        assert await fetched(database) == [], "whoever took it now would not see the message"
        await storing.commit()
    assert await fetched(database) == [1]


async def test_a_conversation_that_somebody_has_locked_holds_up_no_other(database: Database) -> None:
    events = EventRows(database, Quiet(0, 0))
    await events.accept(said(1, 1), Wake.QUIET)
    async with aside(database) as turn:
        await turn.execute("UPDATE conversations SET turns = turns + 1 WHERE id = 1")
        flood = [asyncio.create_task(events.accept(said(1, number), Wake.QUIET)) for number in range(2, 100)]
        others = (events.accept(said(number, number * 1_000), Wake.QUIET) for number in range(2, 50))
        assert all(await asyncio.gather(*others))
        assert not any(task.done() for task in flood)
        await turn.commit()
        assert all(await asyncio.gather(*flood))


async def test_a_flood_from_one_contact_holds_up_no_other(database: Database) -> None:
    events = EventRows(database, Quiet(0, 0))
    flood = [asyncio.create_task(events.accept(said(1, number), Wake.QUIET)) for number in range(500)]
    for number in range(2, 12):
        assert await events.accept(said(number, number * 1_000), Wake.QUIET)
    assert sum(task.done() for task in flood) < 50, "ten others were stored one after the other meanwhile"
    assert all(await asyncio.gather(*flood))


async def test_one_event_by_two_routes_at_two_web_processes_is_stored_once(database: Database) -> None:
    processes = [EventRows(database, LONG) for _ in range(2)]
    came = [said(number % 20, number) for number in range(200)]
    backwards = [replace(each, source=Source.ACCOUNT) for each in reversed(came)]
    both = zip(processes, (came, backwards), strict=True)
    new = await asyncio.gather(*(web.accept(each, Wake.QUIET) for web, events in both for each in events))
    assert sum(new) == len(came)
    woken = await database.fetch("SELECT id, wakes FROM conversations ORDER BY id")
    assert [(row["id"], row["wakes"]) for row in woken] == [(number, 10) for number in range(20)]


async def test_no_wake_up_is_lost_while_workers_take_jobs_and_messages_come(database: Database) -> None:
    """A lost one leaves its conversation due without a job; no sweep runs here that would find it."""
    events = EventRows(database, Quiet(seconds=0.02, cap_seconds=0.1))
    dice = random.Random(5)

    async def attend(conversation: int) -> None:
        async with database.transaction() as connection:
            rows = ConversationRows(connection)
            found = await rows.get(conversation)
            if found is not None and found.due:
                await rows.rest(conversation, found.wakes)

    async def customer(conversation: int) -> None:
        for number in range(30):
            if dice.random() < 0.2:
                await events.accept(assigned(conversation), Wake.NOW)
            await events.accept(said(conversation, conversation * 1_000 + number), Wake.QUIET)

    async def all_is_looked_at() -> bool:
        left = await database.fetch(
            "SELECT 1 FROM procrastinate_jobs UNION ALL SELECT 1 FROM conversations WHERE due_at IS NOT NULL"
        )
        return not left

    async with workers(database, attending(attend), number=2):
        await asyncio.gather(*(customer(conversation) for conversation in range(1, 21)))
        await until(all_is_looked_at)
