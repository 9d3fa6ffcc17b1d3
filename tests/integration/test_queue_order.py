"""Who waits longest is served first: the order in which the queue hands out work."""

from __future__ import annotations

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
