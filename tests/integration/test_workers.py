"""Workers as they run: several on one database, dying, stopping, losing it, and meeting jobs that break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import psycopg.sql
import pytest

from nextnest.adapters import queue as queue_module
from nextnest.adapters.queue import DEAD_AFTER_SECONDS, Handlers, JobRows, queue, work
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.events import QUIET_MESSAGES, EventRows, Quiet
from nextnest.adapters.store.operations import OperationRows
from nextnest.adapters.store.sweeping import SweepRows
from nextnest.domain.thread import Author, Message
from nextnest.service.receive import Incoming, Source, Wake
from tests.integration.test_main_corridor import customer_says, lead_in
from tests.integration.test_queue_order import fetched
from tests.integration.world import World, world


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


@asynccontextmanager
async def workers(
    database: Database, handlers: Handlers, *, number: int = 1, lanes: int = 4, drain_seconds: float = 5.0
) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Real workers on the real queue, told to stop at the end."""
    running = [
        asyncio.create_task(work(queue(handlers), database.pool, lanes=lanes, drain_seconds=drain_seconds))
        for _ in range(number)
    ]
    try:
        yield running
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def until(look: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not await look():  # noqa: ASYNC110  # what is looked at lies in the database
            await asyncio.sleep(0.02)


async def idle(conversation_id: int) -> None: ...


async def no_lead(lead_id: str) -> None: ...


def attending(attend: Callable[[int], Awaitable[None]]) -> Handlers:
    return Handlers(attend=attend, carry=idle, sync=no_lead)


async def queued(database: Database, conversation: int = 1) -> None:
    async with database.transaction() as connection:
        await JobRows(connection).attend(conversation)


async def jobs(database: Database, status: str) -> int:
    query = "SELECT count(*) AS n FROM procrastinate_jobs WHERE status::text = %(status)s"
    return int((await database.fetch(query, {"status": status}))[0]["n"])


async def none_left(database: Database) -> bool:
    return not (await database.fetch("SELECT 1 FROM procrastinate_jobs"))


async def made_due(database: Database) -> None:
    await database.run("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


async def test_two_workers_answer_each_conversation_once_and_in_order(small: World) -> None:
    conversations = [await lead_in(small, email=f"c{n}@example.com", phone=None) for n in range(3)]
    async with workers(small.database, small.handlers, number=2):
        for number in range(4):
            for conversation in conversations:
                await customer_says(small, conversation, f"question {number}")

        async def answered() -> bool:
            due = await small.database.fetch("SELECT 1 FROM conversations WHERE due_at IS NOT NULL")
            return not due and await none_left(small.database)

        await until(answered)
    for conversation in conversations:
        thread = [m for m in await small.thread(conversation) if not m["private"] and m["message_type"] != 2]
        answers = [m["content"] for m in thread if m["message_type"] == 1][1:]
        assert answers == sorted(set(answers)), "no answer twice, none overtaken by an earlier one"
        assert answers[-1] == "You said: question 3"


async def test_one_conversation_is_worked_on_by_one_at_a_time(database: Database) -> None:
    at_work: set[int] = set()
    together: list[int] = []
    done = 0

    async def attend(conversation: int) -> None:
        nonlocal done
        assert conversation not in at_work
        at_work.add(conversation)
        together.append(len(at_work))
        await asyncio.sleep(0)
        await database.fetch("SELECT pg_sleep(0.01)")
        at_work.discard(conversation)
        done += 1

    for _ in range(5):
        for conversation in (1, 2, 3):
            await queued(database, conversation)

    async def all_done() -> bool:
        return done == 15

    async with workers(database, attending(attend), number=2):
        await until(all_done)
    assert max(together) > 1, "different conversations go on side by side"


async def test_a_job_that_breaks_is_tried_again_and_then_listed_and_not_tried_for_ever(
    small: World,
) -> None:
    database, tries = small.database, 0

    async def attend(conversation: int) -> None:
        nonlocal tries
        tries += 1
        raise ZeroDivisionError

    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello?")
    async with workers(database, attending(attend)):

        async def failed() -> bool:
            await made_due(database)
            return await jobs(database, "failed") == 1

        await until(failed)
    assert tries == queue_module.ATTEMPTS
    (listed,) = (await OperationRows(database).overview()).failures
    assert (listed.kind, listed.what, listed.conversation_id) == ("job", "attend", conversation)
    assert listed.reason == "broke: ZeroDivisionError"
    await database.run("UPDATE conversations SET due_at = now() - interval '1 hour'")
    assert (await small.sweep.ours()).due == 0, "the sweep leaves it to the operator"

    await OperationRows(database).retry(listed.id)
    async with workers(database, small.handlers):
        await until(lambda: none_left(database))
    assert (await small.said_by_bot(conversation))[1:] == ["You said: hello?"]


async def test_a_failure_is_forgotten_when_the_customers_next_message_went_well(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "first")
    await small.database.run(
        "UPDATE procrastinate_jobs SET status = 'doing' WHERE lock LIKE 'conversation:%'"
    )
    await small.database.run("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'doing'")
    await small.sweep.ours()
    assert await jobs(small.database, "failed") == 1, "while the customer waits it stays"
    await customer_says(small, conversation, "second")
    await small.work_off()
    await small.sweep.ours()
    assert await jobs(small.database, "failed") == 0
    assert (await small.said_by_bot(conversation))[1:] == ["You said: second"]


async def test_a_worker_outlives_a_database_that_takes_nobody_for_a_while(
    database: Database, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    lost = asyncio.Event()
    until_lost = queue_module._work_until_database_is_lost

    async def watched(*arguments: Any) -> None:
        await until_lost(*arguments)
        lost.set()

    async def attend(conversation: int) -> None:
        done.append(conversation)

    monkeypatch.setattr(queue_module, "_work_until_database_is_lost", watched)
    database.pool.timeout = 0.5  # seconds, instead of ten
    async with workers(database, attending(attend)) as (worker,):
        await queued(database, 1)
        await until(lambda: has(done, 1))
        with psycopg.connect(postgres, autocommit=True) as outside:
            name = psycopg.sql.Identifier(name_of(database))
            outside.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
            connections = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
            outside.execute(
                f"SELECT pg_terminate_backend(pid, 5000) FROM ({connections}) AS c", (name_of(database),)
            )
            await asyncio.wait_for(lost.wait(), 30)
            outside.execute(psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
        database.pool.timeout = 10
        events = EventRows(database, Quiet(0, 0))
        assert await events.accept(message(2, 1), Wake.QUIET), "stored at once, over connections that died"
        await until(lambda: has(done, 2))
        assert not worker.done()


def name_of(database: Database) -> str:
    return urlsplit(database.url).path[1:]


async def has(done: list[int], conversation: int) -> bool:
    return conversation in done


async def dead_workers_job(database: Database, *, attempts: int = 0) -> None:
    """A job that a worker had begun when it was killed, a while ago."""
    await queued(database)
    await database.run(
        """WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)
             VALUES (now() - make_interval(secs => %(ago)s)) RETURNING id)
           UPDATE procrastinate_jobs SET status = 'doing', attempts = %(attempts)s, worker_id = dead.id
           FROM dead""",
        {"ago": DEAD_AFTER_SECONDS + 1, "attempts": attempts},
    )


async def test_the_work_of_a_dead_worker_is_taken_over_once_by_the_living(database: Database) -> None:
    done: list[int] = []

    async def attend(conversation: int) -> None:
        done.append(conversation)
        await database.fetch("SELECT pg_sleep(0.2)")

    await dead_workers_job(database)
    async with workers(database, attending(attend), number=3):
        await until(lambda: none_left(database))
    assert done == [1]


async def test_a_job_that_kills_each_worker_is_not_given_to_the_next_for_ever(database: Database) -> None:
    async def attend(conversation: int) -> None:
        raise AssertionError("it would kill this one too")

    await dead_workers_job(database, attempts=queue_module.DEATHS - 1)
    async with workers(database, attending(attend)):
        await until(lambda: is_(jobs(database, "failed"), 1))
    (listed,) = (await OperationRows(database).overview()).failures
    assert listed.reason == "broke: each worker that took it died"


async def is_(count: Awaitable[int], number: int) -> bool:
    return await count == number


async def test_a_worker_that_is_told_to_stop_ends_what_is_under_way(database: Database) -> None:
    begun, go, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def attend(conversation: int) -> None:
        begun.set()
        await go.wait()
        ended.set()

    await queued(database)
    async with workers(database, attending(attend)) as (worker,):
        await begun.wait()
        worker.cancel()
        await queued(database, 2)
        go.set()
        await asyncio.gather(worker, return_exceptions=True)
    assert ended.is_set()
    assert await jobs(database, "todo") == 1, "it takes on nothing new"


async def test_what_does_not_end_in_time_is_handed_back_at_once(database: Database) -> None:
    begun = asyncio.Event()

    async def attend(conversation: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    await queued(database)
    async with workers(database, attending(attend), drain_seconds=0.1) as (worker,):
        await begun.wait()
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert (await jobs(database, "todo"), await jobs(database, "doing")) == (1, 0)
    assert await fetched(database) == [1], "and is due now"


# --- floods and storms


def message(conversation: int, number: int) -> Incoming:
    said = Message(
        id=number,
        author=Author.CUSTOMER,
        text="hello",
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
        private=False,
    )
    fingerprint = number.to_bytes(8, "big")
    return Incoming(Source.AGENT_BOT, None, "message_created", conversation, said, fingerprint=fingerprint)


async def test_a_flood_from_one_contact_makes_nobody_else_wait(database: Database) -> None:
    events = EventRows(database, Quiet(0, 0))
    for number in range(QUIET_MESSAGES * 3):
        assert await events.accept(message(1, number), Wake.QUIET)
    assert await jobs(database, "todo") == 1, "the queue does not grow with the flood"
    assert await events.accept(message(2, 10_000), Wake.QUIET)
    order = await fetched(database)
    assert order == [1, 2], "one of the flood's is under way, and the other customer is next"


async def test_a_storm_is_stored_and_worked_off_by_waiting_time_a_few_at_once(database: Database) -> None:
    customers, each, lanes = 50, 10, 4
    events = EventRows(database, Quiet(0, 0))
    storm = [message(n % customers + 1, n) for n in range(customers * each)]
    half = customers // 2
    for first in (storm[:half], storm[half:customers], storm[customers:]):
        await asyncio.gather(*(events.accept(one, Wake.QUIET) for one in first))
    stored = await database.fetch("SELECT count(*) AS n FROM webhook_events")
    assert stored[0]["n"] == customers * each
    begun: list[int] = []
    at_once, most = 0, 0

    async def attend(conversation: int) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if conversation not in begun:
            begun.append(conversation)
        await database.fetch("SELECT 1")
        at_once -= 1

    async with workers(database, attending(attend), lanes=lanes):
        await until(lambda: none_left(database), 60)
    assert most <= lanes, "what waits, waits in the database"
    early, late = begun[: half - lanes], begun[half + lanes :]
    assert all(conversation <= half for conversation in early), "who wrote first is served first"
    assert all(conversation > half for conversation in late)


async def test_a_lost_job_is_found_again(database: Database) -> None:
    events = EventRows(database, Quiet(0, 0))
    await events.accept(message(1, 1), Wake.QUIET)
    await database.run("DELETE FROM procrastinate_jobs")
    await database.run("UPDATE conversations SET due_at = now() - interval '1 minute'")
    assert await SweepRows(database).requeue_due(10) == 1
