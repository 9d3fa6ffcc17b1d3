"""Who waits longest is served first: the order in which the queue hands out work."""

from __future__ import annotations

import json

import psycopg

from nextnest.adapters.queue import JobRows
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.sweeping import SweepRows


async def fetched(database: Database) -> list[int]:
    """The conversations of all due jobs, in the order in which a worker gets them."""
    worker = (await database.fetch("SELECT worker_id AS id FROM procrastinate_register_worker_v1()"))[0]["id"]
    fetch = "SELECT id, args FROM procrastinate_fetch_job_v2(NULL, %(worker)s)"
    order = []
    while (row := (await database.fetch(fetch, {"worker": worker}))[0])["id"] is not None:
        order.append(row["args"]["conversation_id"])
    return order


async def test_a_retry_that_is_due_is_not_overtaken_by_newer_work(database: Database) -> None:
    async with database.transaction() as connection:
        await JobRows(connection).attend(1, after=-5, retry=True)  # has waited for five seconds
        await JobRows(connection).attend(2, after=60, retry=True)  # its time has not come
        await JobRows(connection).attend(3)

    await SweepRows(database).requeue_due(100)

    assert await fetched(database) == [1, 3]


async def test_a_retry_that_waits_does_not_hold_up_its_lane(database: Database) -> None:
    async with database.transaction() as connection:
        await JobRows(connection).attend(1, after=60, retry=True)
        await JobRows(connection).attend(1)

    await SweepRows(database).requeue_due(100)

    assert await fetched(database) == [1]


async def test_workers_are_told_of_a_job_that_is_due_and_of_no_other(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as worker:
        await worker.execute('LISTEN "procrastinate_any_queue_v1"')
        for conversation, after in ((1, 60.0), (2, 0.0), (3, 60.0)):
            async with database.transaction() as connection:
                await JobRows(connection).attend(conversation, after=after)
        told = [notice async for notice in worker.notifies(timeout=10, stop_after=1)]
        told += [notice async for notice in worker.notifies(timeout=0)]
    due = await database.fetch("SELECT id FROM procrastinate_jobs WHERE scheduled_at <= now()")
    assert [json.loads(notice.payload)["job_id"] for notice in told] == [row["id"] for row in due]
    assert len(told) == 1


async def test_no_second_record_of_the_jobs_is_kept(database: Database) -> None:
    async with database.transaction() as connection:
        await JobRows(connection).attend(1)
    assert await fetched(database) == [1]
    assert await database.fetch("SELECT 1 FROM procrastinate_events") == []
