"""The durable queue: procrastinate on the same PostgreSQL, deferred in the transaction that caused the job.

A job is a wake-up; our tables decide what there is to do. Jobs of one conversation share a lane (`lock`).
A waiting job holds up later jobs of its lane unless its priority is lower, so retries and timers get -1.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import procrastinate
import procrastinate.exceptions
import psycopg_pool
import structlog

from nextnest.adapters.store.connection import Connection

NORMAL, RETRY = 0, -1
HEARTBEAT_SECONDS = 3.0
POLL_SECONDS = 0.2  # a job that was scheduled is found by looking; one that is due at once is announced
DEAD_AFTER_SECONDS = 12.0  # without a heartbeat; then the living take over

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


def queue(handlers: Handlers) -> procrastinate.App:
    """The queue's application: each kind of job and who does it."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector())

    @app.task(name="attend")
    async def attend(conversation_id: int) -> None:
        await handlers.attend(conversation_id)

    @app.task(name="carry")
    async def carry(conversation_id: int) -> None:
        await handlers.carry(conversation_id)

    @app.task(name="sync")
    async def sync(lead_id: str) -> None:
        await handlers.sync(lead_id)

    return app


async def work(app: procrastinate.App, pool: Pool, *, lanes: int, drain_seconds: float) -> None:
    """Work jobs off until cancelled, `lanes` conversations at once; then let those under way end."""
    await app.open_async(pool)
    async with asyncio.TaskGroup() as group:
        reaper = group.create_task(_take_over(app))
        try:
            await app.run_worker_async(
                concurrency=lanes,
                install_signal_handlers=False,
                listen_notify=True,
                fetch_job_polling_interval=POLL_SECONDS,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=DEAD_AFTER_SECONDS,
                shutdown_graceful_timeout=drain_seconds,
                delete_jobs="always",
            )
        finally:
            reaper.cancel()


async def _take_over(app: procrastinate.App) -> None:
    """Give the jobs of a dead worker to the living, for ever."""
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
                log.warning("taking over the job of a dead worker", job=job.id, task=job.task_name)
                await app.job_manager.retry_job(job)
        except (procrastinate.exceptions.ConnectorException, psycopg_pool.PoolTimeout) as error:
            log.warning("could not look for stalled jobs", error=type(error).__name__)
        await asyncio.sleep(HEARTBEAT_SECONDS)
