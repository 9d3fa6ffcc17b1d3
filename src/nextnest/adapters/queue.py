"""The durable queue: procrastinate on the same PostgreSQL, deferred in the transaction that caused the job.

A job is a wake-up; our tables decide what there is to do. Jobs of one conversation share a lane (`lock`).
A waiting job holds up later jobs of its lane unless its priority is lower, so retries and timers get -1.
A job that breaks by a defect of ours is tried again a few times and then kept as failed, for an operator.
All times are the database's: the clock of a worker's machine may step.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import procrastinate
import procrastinate.exceptions
import psycopg
import psycopg_pool
import structlog

from nextnest.adapters.store.connection import Connection

NORMAL, RETRY = 0, -1
HEARTBEAT_SECONDS = 3.0
POLL_SECONDS = 0.2  # a job that was scheduled is found by looking; one that is due at once is announced
DEAD_AFTER_SECONDS = 12.0  # without a heartbeat; then the living take over
ATTEMPTS = 5  # at a job that breaks; 15 s and jitter in all
RESTART_SECONDS = 0.5  # between the end of a worker that lost the database and the next
DEATHS = 10  # of workers, one after the other, at the same job: it is the job that kills them

Pool = psycopg_pool.AsyncConnectionPool[Connection]

log = structlog.get_logger()

DEFER = """SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
  'default', %(task)s, %(priority)s, %(lock)s, NULL, %(args)s,
  now() + make_interval(secs => %(after)s))::procrastinate_job_to_defer_v1])"""


class JobRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def attend(self, conversation_id: int, *, after: float = 0, retry: bool = False) -> None:
        args = {"conversation_id": conversation_id}
        await self._defer("attend", f"conversation:{conversation_id}", args, after, retry)

    async def carry(self, conversation_id: int, *, after: float = 0, retry: bool = False) -> None:
        args = {"conversation_id": conversation_id}
        await self._defer("carry", f"customer:{conversation_id}", args, after, retry)

    async def sync(self, lead_id: str, *, after: float = 0) -> None:
        await self._defer("sync", f"lead:{lead_id}", {"lead_id": lead_id}, after, after > 0)

    async def _defer(self, task: str, lock: str, args: dict[str, Any], after: float, retry: bool) -> None:
        await self._connection.execute(
            DEFER,
            {
                "task": task,
                "priority": RETRY if retry else NORMAL,
                "lock": lock,
                "args": json.dumps(args),
                "after": after,
            },
        )


@dataclass(frozen=True)
class Handlers:
    """What a worker does for each kind of job."""

    attend: Callable[[int], Awaitable[None]]
    carry: Callable[[int], Awaitable[None]]
    sync: Callable[[str], Awaitable[None]]


class _Broken(Exception):  # noqa: N818  what happened, not what is wrong
    """A job broke; `again_at` is when to try it once more, None: never."""

    def __init__(self, again_at: datetime | None) -> None:
        super().__init__()
        self.again_at = again_at


class _Retries(procrastinate.BaseRetryStrategy):
    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        """What was stopped or lost the database goes on at once, here or elsewhere, however often."""
        del job
        if not isinstance(exception, _Broken):
            return procrastinate.RetryDecision()
        if exception.again_at is None:
            return None
        return procrastinate.RetryDecision(retry_at=exception.again_at, priority=RETRY)


def queue(handlers: Handlers) -> procrastinate.App:
    """The queue's application: each kind of job and who does it."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector())
    retries = _Retries()

    @app.task(name="attend", pass_context=True, retry=retries)
    async def attend(context: procrastinate.JobContext, conversation_id: int) -> None:
        await _carefully(app, context.job, handlers.attend(conversation_id))

    @app.task(name="carry", pass_context=True, retry=retries)
    async def carry(context: procrastinate.JobContext, conversation_id: int) -> None:
        await _carefully(app, context.job, handlers.carry(conversation_id))

    @app.task(name="sync", pass_context=True, retry=retries)
    async def sync(context: procrastinate.JobContext, lead_id: str) -> None:
        await _carefully(app, context.job, handlers.sync(lead_id))

    return app


async def _carefully(app: procrastinate.App, job: procrastinate.jobs.Job, work: Awaitable[None]) -> None:
    """Do the work; when it breaks, say when to try again or leave it to an operator."""
    try:
        await work
    except psycopg.OperationalError:  # the database's trouble, not this job's
        raise
    except Exception as error:
        log.exception("job broke", job=job.id, task=job.task_name, attempt=job.attempts + 1)
        raise _Broken(await _after_breaking(app, job, error)) from None


async def _after_breaking(
    app: procrastinate.App, job: procrastinate.jobs.Job, error: Exception
) -> datetime | None:
    if job.attempts + 1 < ATTEMPTS:
        seconds = 2.0**job.attempts * random.uniform(0.8, 1.2)  # noqa: S311
        query = "SELECT now() + make_interval(secs => %(seconds)s) AS at"
        at: datetime = (await app.connector.execute_query_one_async(query, seconds=seconds))["at"]
        return at
    await app.connector.execute_query_async(_NOTE_ERROR, id=job.id, lock=job.lock, error=type(error).__name__)
    return None


_NOTE_ERROR = """
WITH earlier AS (DELETE FROM procrastinate_jobs WHERE lock = %(lock)s AND status = 'failed')
UPDATE procrastinate_jobs SET args = args || jsonb_build_object('error', %(error)s::text) WHERE id = %(id)s
"""

# One statement that names the dead worker, so that of several living ones one alone takes a job over.
_TAKE_OVER = """
WITH stalled AS (
  SELECT id, worker_id FROM procrastinate_jobs AS job
  WHERE status = 'doing' AND NOT EXISTS (SELECT 1 FROM procrastinate_workers AS worker
    WHERE worker.id = job.worker_id AND worker.last_heartbeat > now() - make_interval(secs => %(dead)s))
)
UPDATE procrastinate_jobs AS job SET
  status = (CASE WHEN attempts + 1 < %(deaths)s THEN 'todo' ELSE 'failed' END)::procrastinate_job_status,
  args = CASE WHEN attempts + 1 < %(deaths)s THEN args
    ELSE args || '{"error": "each worker that took it died"}' END,
  attempts = attempts + 1, scheduled_at = now(), worker_id = NULL
FROM stalled
WHERE job.id = stalled.id AND job.status = 'doing' AND job.worker_id IS NOT DISTINCT FROM stalled.worker_id
RETURNING job.id, task_name
"""


async def work(app: procrastinate.App, pool: Pool, *, lanes: int, drain_seconds: float) -> None:
    """Work jobs off until cancelled, `lanes` conversations at once; then let those under way end.

    A worker ends when it loses the database; another one begins here as soon as it is back.
    """
    await app.open_async(pool)
    async with asyncio.TaskGroup() as group:
        reaper = group.create_task(_take_over(pool))
        try:
            while True:
                await _work_until_database_is_lost(app, lanes, drain_seconds)
                await asyncio.sleep(RESTART_SECONDS)
        finally:
            reaper.cancel()


async def _work_until_database_is_lost(app: procrastinate.App, lanes: int, drain_seconds: float) -> None:
    try:
        await app.run_worker_async(
            concurrency=lanes,
            install_signal_handlers=False,
            listen_notify=True,
            fetch_job_polling_interval=POLL_SECONDS,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=DEAD_AFTER_SECONDS,
            shutdown_graceful_timeout=drain_seconds,
            delete_jobs="successful",
        )
    except (procrastinate.exceptions.ConnectorException, psycopg.OperationalError) as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # told to stop, and could not even say goodbye
            raise asyncio.CancelledError from error
    log.warning("the worker lost the database; trying again")


async def _take_over(pool: Pool) -> None:
    """Give the jobs of a dead worker to the living, for ever."""
    while True:
        try:
            async with pool.connection() as connection:
                arguments = {"dead": DEAD_AFTER_SECONDS, "deaths": DEATHS}
                for job in await (await connection.execute(_TAKE_OVER, arguments)).fetchall():
                    log.warning("taking over the job of a dead worker", job=job["id"], task=job["task_name"])
        except psycopg.Error as error:  # a server that is only read from while another takes over, too
            log.warning("could not look for stalled jobs", error=type(error).__name__)
        await asyncio.sleep(HEARTBEAT_SECONDS)
